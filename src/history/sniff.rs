//! The first bytes of a table: what separates its cells, and whether it is text at all.

use std::io::{self, Read};

/// How many bytes are looked at.
const LOOKED_AT: u64 = 64 * 1024;

/// A table's bytes from its header on, and what separates its cells.
pub(super) struct Sniffed<R> {
    pub(super) reader: io::Chain<io::Cursor<Vec<u8>>, R>,
    pub(super) separator: u8,
}

/// Why bytes are no table.
#[derive(Debug)]
pub(super) enum NoTable {
    /// Message and cure.
    Unfit(String, &'static str),
    /// The bytes could not be had.
    Io(io::Error),
}

pub(super) fn sniff<R: Read>(mut reader: R) -> Result<Sniffed<R>, NoTable> {
    let mut first = Vec::new();
    reader.by_ref().take(LOOKED_AT).read_to_end(&mut first).map_err(NoTable::Io)?;
    if let Some((what, cure)) = disguise(&first) {
        return Err(NoTable::Unfit(what.to_owned(), cure));
    }
    if first.starts_with(b"\xef\xbb\xbf") {
        first.drain(..3);
    }
    let separator = separator(&first);
    Ok(Sniffed { reader: io::Cursor::new(first).chain(reader), separator })
}

/// What the bytes are, if they are no text with cells, and what would help.
fn disguise(first: &[u8]) -> Option<(&'static str, &'static str)> {
    let start = first.trim_ascii_start();
    if first.starts_with(b"PK\x03\x04") {
        Some(("it is a workbook or a zip archive", "save it as CSV, or unpack it first"))
    } else if first.starts_with(b"\x1f\x8b") || first.starts_with(b"BZh") || first.starts_with(b"\xfd7zXZ") {
        Some(("it is compressed", "unpack it first: `gzip -dc FILE | tradewinds history -`"))
    } else if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") || first.contains(&0) {
        Some(("it is not UTF-8 or Latin-1 text", "save it as CSV in UTF-8"))
    } else if start.starts_with(b"<") {
        Some(("it is a web page or XML", "download the CSV form of the table"))
    } else if start.starts_with(b"{") || start.starts_with(b"[") {
        Some(("it is JSON", "download the CSV form of the table"))
    } else if start.is_empty() {
        Some(("it is empty", "the first line names the columns, such as `from,to,year,value`"))
    } else {
        None
    }
}

/// What the first line that has any separator has most of, outside of quotes.
fn separator(first: &[u8]) -> u8 {
    const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
    for line in first.split(|byte| *byte == b'\n') {
        let mut counts = [0_usize; 4];
        let mut is_quoted = false;
        for byte in line {
            is_quoted ^= *byte == b'"';
            if let Some(at) = SEPARATORS.iter().position(|it| it == byte)
                && !is_quoted
            {
                counts[at] += 1;
            }
        }
        let most = (0..4).rev().max_by_key(|at| counts[*at]).expect("there are four");
        if counts[most] >= 2 {
            return SEPARATORS[most];
        }
    }
    b','
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found() {
        for (text, expected) in [
            ("a,b,c\n", b','),
            ("a;b;c\n", b';'),
            ("a\tb\tc\n", b'\t'),
            ("a|b|c", b'|'),
            ("A title\na;\"b,,,,\";c;d\n", b';'),
            ("", b','),
        ] {
            assert_eq!(separator(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_table_is_named() {
        for (bytes, what) in [
            (&b"PK\x03\x04xx"[..], "workbook"),
            (b"\x1f\x8bxx", "compressed"),
            (b"\xff\xfea\0", "UTF-8"),
            (b"\n <html>", "web page"),
            (b"{\"a\": 1}", "JSON"),
            (b" \n", "empty"),
        ] {
            match sniff(bytes) {
                Err(NoTable::Unfit(found, _)) => assert!(found.contains(what), "{found}"),
                _ => panic!("{what}"),
            }
        }
    }
}
