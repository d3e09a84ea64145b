//! What is said about faulty tables.

use tradewinds::history::Layout;

use super::{read_with_faults, shown};

fn check(text: &str, expected: &str) {
    let (_, said, _) = read_with_faults(text, &Layout::default());
    assert_eq!(said.trim_end(), expected.trim_matches('\n'), "\n{said}");
}

#[test]
fn all_faults_come_at_once_each_with_its_line() {
    check(
        "from,to,year,value\nPAK,KAZ,2020,-3\nPAK,KAZ,20x1,3\nPAK,KAZ,2022,three\nPAK,KAZ,1066,3\n,KAZ,2020,3\nPAK,KAZ\n",
        r#"
error: the value of trade cannot be negative: -3
 --> trade.csv:2:14
  |
2 | PAK,KAZ,2020,-3
  |              ^^
  |
  = hint: a correction belongs to the value that it corrects; leave the cell empty if that is unknown

error: `20x1` is not a year
 --> trade.csv:3:9
  |
3 | PAK,KAZ,20x1,3
  |         ^^^^
  |
  = hint: a year such as 2022, a quarter such as 2022-Q1 or a month such as 2022-01 is needed

error: `three` is not a number
 --> trade.csv:4:14
  |
4 | PAK,KAZ,2022,three
  |              ^^^^^

error: the year 1066 is not between 1900 and 2200
 --> trade.csv:5:9
  |
5 | PAK,KAZ,1066,3
  |         ^^^^

error: this row does not say between which countries
 --> trade.csv:6:1
  |
6 | ,KAZ,2020,3
  | ^

error: this row has 2 cells and the header 4
 --> trade.csv:7:1
  |
7 | PAK,KAZ
  | ^
  |
  = hint: the file may have been cut off here
"#,
    );
}

#[test]
fn doubles_are_told_apart() {
    let text = "from,to,year,value\nPAK,KAZ,2020,3\nPAK,KAZ,2020,3\nPAK,KAZ,2020,4\n";
    check(
        text,
        r#"
warning: this value of PAK to KAZ stands in line 2 already
 --> trade.csv:3:14
  |
3 | PAK,KAZ,2020,3
  |              ^
  |
  = hint: it counts once

error: line 2 has another value of PAK to KAZ for this period, 3 million
 --> trade.csv:4:14
  |
4 | PAK,KAZ,2020,4
  |              ^
  |
  = hint: keep one of them; if a column tells them apart, name it as `reporter` or `product`
"#,
    );
    let (history, ..) = read_with_faults(text, &Layout::default());
    assert_eq!(shown(&history), ["PAK|KAZ||| 2020=3"]);
}

#[test]
fn units_that_change_are_shown_and_currencies_may_not() {
    check(
        "from,to,year,value,unit\nPAK,KAZ,2020,3,USD million\nPAK,KAZ,2021,3000,USD thousand\nPAK,KAZ,2022,3,EUR\nPAK,KAZ,2023,3,kg\n",
        r#"
warning: values are in thousand USD here and in million USD before
 --> trade.csv:3:19
  |
3 | PAK,KAZ,2021,3000,USD thousand
  |                   ^^^^^^^^^^^^
  |
  = hint: each is converted; check that the table means it

error: this value is in EUR and those before in million USD
 --> trade.csv:4:16
  |
4 | PAK,KAZ,2022,3,EUR
  |                ^^^
  |
  = hint: keep the rows of one currency

error: `kg` is not a unit of money that is known
 --> trade.csv:5:16
  |
5 | PAK,KAZ,2023,3,kg
  |                ^^
  |
  = hint: say it: `--unit "USD million"`, or `unit` in `[history]`
"#,
    );
}

#[test]
fn a_wrong_unit_gives_itself_away() {
    check(
        "from,to,year,value\nPAK,KAZ,2020,59085251\n",
        r#"
error: 59085251 million USD is more than all countries export together
 --> trade.csv:2:14
  |
2 | PAK,KAZ,2020,59085251
  |              ^^^^^^^^
  |
  = hint: values are taken to be in million USD; if that is wrong, say `--unit`
"#,
    );
}

#[test]
fn a_year_in_another_unit_is_warned_of() {
    check(
        "from,to,year,value\nPAK,KAZ,2019,83.2\nPAK,KAZ,2020,59085.3\nPAK,KAZ,2021,71\nPAK,KAZ,2022,0\nPAK,UZB,2020,1e-5\n\
         PAK,UZB,2021,0.01\nPAK,UZB,2022,1e-5\n",
        r#"
warning: the value of PAK to KAZ in 2020 is about a thousand times those of the years beside it (trade.csv:3)
 |
 = hint: it may be in another unit than the rest
"#,
    );
}

#[test]
fn of_many_faults_the_first_are_shown_and_the_rest_counted() {
    let rows: String = (0..1000).map(|row| format!("PAK,KAZ,{},x\n", 1900 + row % 300)).collect();
    let (_, said, _) = read_with_faults(&format!("from,to,year,value\n{rows}"), &Layout::default());
    assert_eq!(said.matches("error: `x` is not a number").count(), 5, "{said}");
    assert!(said.contains("= hint: 995 more of this kind, the last in line 1001"), "{said}");
}

#[test]
fn what_cannot_be_read_at_all_says_what_would_help() {
    for (text, message, cure) in [
        ("", "it is empty", "names the columns"),
        ("PK\x03\x04", "it is a workbook or a zip archive", "save it as CSV"),
        ("a,b,c\n1,2,3\n", "it has no column for year; its columns are `a`, `b`, `c`", "--columns"),
        ("year,reporter,partner,value\n", "whether the reporter exports or imports", "--columns"),
    ] {
        let (_, said, has_errors) = read_with_faults(text, &Layout::default());
        assert!(has_errors && said.contains(message) && said.contains(cure), "{said}");
    }
    let layout: Layout = "value=worth".parse().unwrap();
    let (_, said, _) = read_with_faults("from,to,year,value\n", &layout);
    assert!(said.contains("it has no column `worth`; its columns are `from`, `to`, `year`, `value`"), "{said}");
}

#[test]
fn a_quotation_mark_that_is_never_closed_does_not_take_all_memory() {
    let text =
        "from,to,year,value\nPAK,KAZ,2020,1\n\"PAK,KAZ,2021,1\n".to_owned() + &"PAK,KAZ,2022,1\n".repeat(1_200_000);
    let (_, said, has_errors) = read_with_faults(&text, &Layout::default());
    assert!(has_errors && said.contains("a row is longer than 16 MiB"), "{said}");
    assert!(said.contains("look for a quotation mark that is not closed"), "{said}");
    let (_, said, _) = read_with_faults(&text[..200], &Layout::default());
    assert!(said.contains("--> trade.csv:3:1") && said.contains("may not be closed"), "{said}");
}

#[test]
fn latin_1_is_read() {
    let mut sources = tradewinds::diagnostic::Sources::default();
    let bytes = b"from,to,year,value\nC\xf4te,PAK,2020,1\n";
    let reading = tradewinds::history::read_named("t", &bytes[..], &Layout::default(), &mut sources);
    assert_eq!(reading.history.series[0].from, "Côte");
}
