//! What holds for any table.

use proptest::prelude::*;
use tradewinds::history::{History, Layout, read};
use tradewinds::report::{self, Dialect};

use super::{read_with_faults, shown};

/// From, to, year, and value or gap.
type Row = (&'static str, &'static str, i32, Option<f64>);

/// Rows that differ in flow or year, in any order.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    const FROM: [&str; 4] = ["PAK", "KAZ", "UZB", "Atlantis"];
    const TO: [&str; 4] = ["USA", "DEU", "Burma", "x y"];
    let value = prop_oneof![1 => Just(None), 1 => Just(Some(0.0)), 4 => (1e-9..1e6_f64).prop_map(Some)];
    let cells = proptest::collection::btree_map((0..4_usize, 0..4_usize, 1990..2020_i32), value, 0..60);
    cells
        .prop_map(|cells| {
            let row = |((from, to, year), value)| (FROM[from], TO[to], year, value);
            cells.into_iter().map(row).collect::<Vec<Row>>()
        })
        .prop_shuffle()
}

fn table(rows: &[Row], separator: char) -> String {
    let mut text = ["from", "to", "year", "value"].join(&separator.to_string()) + "\n";
    for (from, to, year, value) in rows {
        let value = value.map_or_else(String::new, |value| value.to_string());
        let value = if separator == ';' { value.replace('.', ",") } else { value };
        text += &([*from, *to, &year.to_string(), &value].join(&separator.to_string()) + "\n");
    }
    text
}

fn count(history: &History) -> usize {
    history.series.iter().map(|series| series.observations.len()).sum()
}

proptest! {
    #[test]
    fn every_value_is_found_and_no_gap_becomes_one(rows in rows(), separator in prop_oneof![Just(','), Just(';'), Just('\t')]) {
        let history = read(table(&rows, separator).as_bytes(), None).unwrap();
        prop_assert_eq!(count(&history), rows.iter().filter(|row| row.3.is_some()).count());
        prop_assert_eq!(history.about.empty_cells as usize, rows.iter().filter(|row| row.3.is_none()).count());
        for (at, (from, to, year, value)) in rows.iter().enumerate() {
            let found = history.series.iter().filter(|it| (it.from.as_str(), it.to.as_str()) == (*from, *to)).flat_map(|it| &it.observations);
            let found: Vec<(f64, usize)> = found.filter(|it| it.year == *year).map(|it| (it.value, it.line)).collect();
            let expected: Vec<(f64, usize)> = value.iter().map(|value| (*value, at + 2)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn series_and_years_are_in_order(rows in rows()) {
        let history = read(table(&rows, ',').as_bytes(), None).unwrap();
        prop_assert!(history.series.windows(2).all(|two| (&two[0].from, &two[0].to) < (&two[1].from, &two[1].to)));
        for series in &history.series {
            prop_assert!(series.observations.windows(2).all(|two| two[0].year < two[1].year));
        }
    }

    #[test]
    fn the_tidy_table_reads_back(rows in rows()) {
        let history = read(table(&rows, ',').as_bytes(), None).unwrap();
        let mut bytes = Vec::new();
        report::history(&history, Dialect::Plain, &mut bytes).unwrap();
        let again = read(&bytes[..], None).unwrap();
        prop_assert_eq!(shown(&again), shown(&history));
    }

    #[test]
    fn nothing_makes_it_panic(text in "(from|to|year|value|2020|2020-Q1|PAK|KAZ|1,5|-1|\"|'|[,;\t\n]|\\PC){0,80}") {
        read_with_faults(&text, &Layout::default());
        read_with_faults(&format!("from,to,year,value\n{text}"), &Layout::default());
        read_with_faults(&format!("t,i,j,k,v,q\n{text}"), &Layout::default());
    }
}

/// Not a test of time: how long it takes is said in docs/history.md, with the command.
#[test]
#[ignore = "a million rows; run by hand with --release"]
fn a_million_rows() {
    let mut text = String::from("t,i,j,k,v,q\n");
    for row in 0..1_000_000_u32 {
        let (exporter, product) = ([586, 398, 842, 276][row as usize / 250_000], 10_000 + row % 5000);
        text += &format!(
            "{},{exporter},{},{product:06},{}.5,1\n",
            2000 + row / 5000 % 5,
            100 + row / 25_000 % 10 * 4,
            row % 977
        );
    }
    let history = read(text.as_bytes(), None).unwrap();
    assert_eq!(history.about.rows, 1_000_000);
}
