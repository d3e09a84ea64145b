"""Sets what LibreOffice, pandas, openpyxl, pyam and pyarrow read against the CSV files of a run.

check.py RESULTS PDF CSV: the results of a family with its exports, and the folders of what LibreOffice made of its
workbooks. Ends with status 1 and the first difference, or says how much was compared.
"""

import re
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pyam

results, pdfs, sheets = map(Path, sys.argv[1:])
SCENARIOS = sorted(file.parent.name for file in results.glob("*/run.json"))
TABLES = {
    "Projection": "projection.csv",
    "Targets": "targets.csv",
    "First passage": "first_passage.csv",
    "Drivers": "drivers.csv",
    "Inputs": "inputs.csv",
    "Growth rates": "growth.csv",
}
EXPLAINED = {"Attribution": "attribution.csv", "Sensitivity": "sensitivity.csv", "Variance": "variance.csv"}
HEADER = 3


def check(condition, words):
    if not condition:
        sys.exit(f"failed: {words}")


def read_csv(path, **more):
    return pd.read_csv(path, keep_default_na=False, na_values=[""], float_precision="round_trip", **more)


def stacked(file, scenarios):
    return pd.concat([read_csv(results / scenario / file) for scenario in scenarios], ignore_index=True)


def number(cell):
    """LibreOffice writes shares as it would have them typed in: 4.9%. Dividing by 100 rounds in the last digit."""
    if isinstance(cell, str) and cell.endswith("%"):
        return float(f"{float(cell[:-1]) / 100:.12g}")
    return float(cell)


def same(shown, expected, what):
    """All columns of the files but `title`, which stands beside its id, are there with the same cells."""
    columns = [column for column in expected.columns if column != "title"]
    check(len(expected) > 0, f"{what}: there is nothing to compare")
    check(not set(columns) - set(shown.columns), f"{what}: columns {list(shown.columns)}")
    check(len(shown) == len(expected), f"{what}: {len(shown)} rows for {len(expected)}")
    for column in columns:
        for at, (a, b) in enumerate(zip(shown[column], expected[column])):
            if pd.isna(b):
                alike = pd.isna(a)
            elif isinstance(b, str):
                alike = str(a) == b.removeprefix("'")
            else:
                alike = number(a) == float(b)
            check(alike, f"{what}: {column} of row {at + 1} is {a!r} and should be {b!r}")
    return len(expected) * len(columns)


def expected_sheets(book):
    """Sheet by sheet, what the files say."""
    of_family = book.stem == results.name
    scenarios = SCENARIOS if of_family else [book.stem]
    files = TABLES if of_family else TABLES | EXPLAINED
    tables = {sheet: stacked(file, scenarios) for sheet, file in files.items()}
    if of_family:
        tables["Comparison"] = read_csv(results / "compare" / "comparison.csv")
    return tables


def check_pandas(book):
    cells = 0
    for sheet, expected in expected_sheets(book).items():
        shown = pd.read_excel(book, sheet_name=sheet, header=HEADER, keep_default_na=False, na_values=[""])
        cells += same(shown, expected, f"pandas, {book.name}, {sheet}")
    return cells


def check_libreoffice(book):
    """LibreOffice names its files <book>-<sheet>.csv."""
    cells = 0
    for sheet, expected in expected_sheets(book).items():
        shown = read_csv(sheets / f"{book.stem}-{sheet}.csv", skiprows=HEADER)
        cells += same(shown, expected, f"LibreOffice, {book.name}, {sheet}")
    pages = (pdfs / f"{book.stem}.pdf").read_bytes()
    check(pages.startswith(b"%PDF-") and len(pages) > 50_000, f"{book.name} makes no PDF")
    return cells


def check_openpyxl(book):
    """Frozen headers, named tables over the right cells, charts with series, no formula, the fixed date."""
    file = openpyxl.load_workbook(book)
    for sheet in expected_sheets(book):
        tables = file[sheet].tables
        check(len(tables) == 1, f"{book.name}: {sheet} has {len(tables)} tables")
        (table,) = tables.values()
        check(table.ref == f"A4:{file[sheet].dimensions.split(':')[1]}", f"{book.name}: {sheet}: table {table.ref}")
        frozen = re.fullmatch(r"[B-H]5", file[sheet].freeze_panes or "")
        check(frozen, f"{book.name}: {sheet} is frozen at {file[sheet].freeze_panes}")
    for sheet in file:
        formulas = [cell.coordinate for row in sheet for cell in row if cell.data_type == "f"]
        check(not formulas, f"{book.name}: {sheet.title} has formulas in {formulas[:3]}")
    check(file.properties.created.isoformat() == "2023-03-01T00:00:00", f"{book.name}: {file.properties.created}")
    return check_charts(book)


def check_charts(book):
    """The invisible base and five parts of the bands in each fan, stacked, and the median across them."""
    space = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    fans = 0
    with zipfile.ZipFile(book) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
        for name in names:
            chart = ElementTree.fromstring(archive.read(name))
            areas = chart.findall(".//c:areaChart/c:ser", space)
            if areas:
                check(len(areas) == 6, f"{book.name}: {name} has {len(areas)} areas")
                check(chart.find(".//c:areaChart/c:grouping", space).get("val") == "stacked", f"{name} is not stacked")
                check(len(chart.findall(".//c:lineChart/c:ser", space)) == 1, f"{name} has no median")
                fans += 1
            values = chart.findall(".//c:ser/c:val//c:pt", space)
            check(values, f"{book.name}: {name} draws nothing")
    check(fans >= 4, f"{book.name} has {fans} fan charts")
    return fans


def check_pyam():
    """Both layouts give the same data, and the figures are those of projection.csv."""
    wide = pyam.IamDataFrame(results / "export" / "iamc.csv")
    long = pyam.IamDataFrame(results / "export" / "iamc-long.csv")
    check(wide.equals(long), "pyam reads other data from the wide layout than from the long one")
    check(sorted(wide.scenario) == SCENARIOS and wide.model == ["tradewinds"], f"{wide.scenario}, {wide.model}")
    for column, suffix in [("mean", ""), ("p05", "|5.0th Percentile"), ("p95", "|95.0th Percentile")]:
        shown = wide.filter(variable=f"Trade|Total{suffix}", scenario="baseline", region="PAK-KAZ")
        projection = read_csv(results / "baseline" / "projection.csv")
        expected = projection[projection.measure == "total"].set_index("year")[column]
        series = shown.timeseries().iloc[0]
        check(list(series) == list(expected) and list(series.index) == list(expected.index), f"pyam: {column}")
    return len(wide)


def check_hub():
    (file,) = (results / "export" / "model-output" / "own-tradewinds").glob("*.csv")
    check(file.name == "2023-03-01-own-tradewinds.csv", file.name)
    # `NA` is a text there: the id of what has none.
    table = pd.read_csv(file, keep_default_na=False, dtype={"output_type_id": str})
    check(set(table.output_type) == {"mean", "median", "quantile", "sample"}, set(table.output_type))
    check(set(table[table.output_type == "mean"].output_type_id) == {"NA"}, "the id of a mean is not NA")
    levels = table[table.output_type == "quantile"].output_type_id.astype(float)
    check(levels.between(0, 1).all() and levels.nunique() == 23, "quantile levels")
    key = [column for column in table.columns if column != "value"]
    check(not table.duplicated(key).any(), "a row is there twice")
    samples = table[table.output_type == "sample"]
    joint = samples.groupby("output_type_id").size()
    check(joint.nunique() == 1 and len(joint) == 5, "samples are not joint")
    # Within each trial the total is the sum of the two directions: the rows belong to one future.
    sums = samples.pivot(index=["scenario_id", "output_type_id", "horizon"], columns="target", values="value")
    check(((sums.exports + sums.imports - sums.total).abs() < 1e-9 * sums.total).all(), "samples do not add up")
    seen = pd.read_csv(results / "export" / "target-data" / "time-series.csv")
    check(list(seen.columns) == ["target_date", "location", "target", "observation"], list(seen.columns))
    # Two regions of one observation would be two rows.
    check(sorted(seen.observation) == [120.5, 150], list(seen.observation))
    return len(table)


def check_un():
    rows = 0
    for scenario in SCENARIOS:
        for file in sorted((results / "export" / "un" / scenario).glob("*.csv")):
            table = pd.read_csv(file).set_index("variant")
            check(list(table.columns[:2]) == ["country_name", "country_code"], list(table.columns))
            values = table.iloc[:, 2:]
            order = ["lower 95", "lower 80", "median", "upper 80", "upper 95"]
            check((values.loc[order].diff().dropna() >= 0).all(axis=None), f"{file}: variants are out of order")
            rows += len(table)
    check(rows > 0, "there is no UN table")
    return rows


def check_scoringutils():
    quantiles = pd.read_csv(results / "export" / "scoringutils-quantile.csv")
    check(list(quantiles.columns[-3:]) == ["observed", "predicted", "quantile_level"], list(quantiles.columns))
    seen = quantiles[(quantiles.measure == "total") & (quantiles.period == 2023)]
    check((seen.observed == 150).all() and quantiles.observed.isna().any(), "observed")
    samples = pd.read_csv(results / "export" / "scoringutils-sample.csv")
    check(list(samples.columns[-3:]) == ["observed", "predicted", "sample_id"], list(samples.columns))
    unit = list(quantiles.columns[:7])
    check((quantiles.groupby(unit).size() == 23).all() and (samples.groupby(unit).size() == 5).all(), "forecasts")
    return len(quantiles) + len(samples)


def check_parquet():
    rows = 0
    for name in ["projection", "quantiles", "distribution", "targets", "first_passage", "drivers", "inputs", "growth", "trials"]:
        table = pd.read_parquet(results / "export" / f"{name}.parquet")
        expected = stacked(f"{name}.csv", SCENARIOS)
        check(list(table.columns) == list(expected.columns), f"{name}.parquet: {list(table.columns)}")
        same(table, expected, f"{name}.parquet")
        rows += len(table)
    return rows


books = [results / f"{results.name}.xlsx", results / "baseline" / "baseline.xlsx"]
print(f"pandas: {sum(map(check_pandas, books))} cells of {len(books)} workbooks are those of the CSV files")
print(f"LibreOffice: {sum(map(check_libreoffice, books))} cells, and a PDF of each")
print(f"openpyxl: tables, frozen headers, {sum(map(check_openpyxl, books))} fan charts")
print(f"pyam: {check_pyam()} values; hub: {check_hub()} rows; UN: {check_un()} rows")
print(f"scoringutils: {check_scoringutils()} rows; parquet: {check_parquet()} rows")
