//! Workbooks of results.

use tradewinds::report::{FinishedRun, Report, Table};
use tradewinds::scenario::Statement;

use super::failure::Failure;
use super::folder::{Folder, Staged};

/// The file's name. Spreadsheet programs do not open two files of the same name at once, so it says what it is of.
pub fn name(of: &str) -> String {
    format!("{of}.xlsx")
}

/// What a workbook needs of a run.
pub fn finished(
    report: &Report<'_>,
    resolved: &str,
    growth: bool,
    observed: &[Statement],
) -> Result<FinishedRun, Failure> {
    FinishedRun::of(report, resolved, growth, observed)
        .map_err(|error| Failure::Failed(format!("cannot prepare the workbook: {error}")))
}

/// Fails in a program that was built without workbooks.
pub fn refuse_if_left_out() -> Result<(), Failure> {
    match cfg!(feature = "xlsx") {
        true => Ok(()),
        false => Err(left_out()),
    }
}

fn left_out() -> Failure {
    Failure::Input(
        "this program was built without workbooks\n  = hint: build it with `--features xlsx`, or read the CSV files with \
         --excel"
            .to_owned(),
    )
}

/// Writes a workbook under a passing name, and warns if a sheet cannot hold its table.
#[cfg(feature = "xlsx")]
pub fn stage(
    folder: &Folder,
    file: &str,
    title: &str,
    runs: &[FinishedRun],
    comparison: Option<&Table>,
) -> Result<Staged, Failure> {
    let book = tradewinds::report::Book { name: title, runs, comparison };
    let mut shortened = Vec::new();
    let staged = folder.stage(file, |out| {
        shortened = tradewinds::report::workbook(&book, out)?;
        Ok(())
    })?;
    for sheet in shortened {
        super::terminal::note(&format!(
            "warning: sheet `{}` of `{}` has the first {} of {} rows: a sheet holds no more\n  = hint: the CSV files have \
             all rows, and the workbook of one scenario has fewer than that of a family\n",
            sheet.sheet,
            folder.path().join(file).display(),
            sheet.kept,
            sheet.rows
        ));
    }
    Ok(staged)
}

#[cfg(not(feature = "xlsx"))]
pub fn stage(_: &Folder, _: &str, _: &str, _: &[FinishedRun], _: Option<&Table>) -> Result<Staged, Failure> {
    Err(left_out())
}
