//! The few lines of a text that a diagnostic shows.

use std::ops::Range;

/// Bytes of a line that are shown after the first mark. Marks that are further apart make two excerpts.
const MAX_LINE: usize = 200;

/// Some lines of a text, from the first that has a mark to the last.
#[derive(Debug, PartialEq)]
pub(super) struct Excerpt {
    /// The lines. Those without mark are empty, only their number counts; long ones end early.
    pub(super) text: String,
    /// Number of the first of them, from 1.
    pub(super) first_line: usize,
    /// The marks, as bytes of the excerpt, none beyond its line.
    pub(super) spans: Vec<Range<usize>>,
}

/// Cuts out the lines of the marks; of a mark over several lines the first counts.
pub(super) fn excerpt(text: &str, marks: &[Range<usize>]) -> Excerpt {
    let marks: Vec<Mark> = marks.iter().map(|span| Mark::new(text, span)).collect();
    let first = marks.iter().map(|mark| mark.line.start).min().unwrap_or(0);
    let last = marks.iter().map(|mark| mark.line.start).max().unwrap_or(0);
    let mut shown = String::new();
    let mut spans = vec![0..0; marks.len()];
    let mut start = first;
    while start <= last {
        let line = line_at(text, start);
        let on_line: Vec<usize> = (0..marks.len()).filter(|&index| marks[index].line.start == start).collect();
        if let Some(end) = shown_end(text, &line, on_line.iter().map(|&index| &marks[index])) {
            let offset = shown.len();
            shown.push_str(&text[start..end]);
            for index in on_line {
                let span = &marks[index].span;
                spans[index] = span.start.min(end) - start + offset..span.end.min(end) - start + offset;
            }
            shown.push_str(if end < line.end { "..." } else { "" });
        }
        shown.push('\n');
        // A last line without a break ends the text, and the loop with it.
        start = text[line.end..].find('\n').map_or(text.len() + 1, |to_break| line.end + to_break + 1);
    }
    Excerpt { text: shown, first_line: 1 + text[..first].matches('\n').count(), spans }
}

/// Whether two places are in one line, but too far apart to be shown in it together.
pub(super) fn are_far_apart_in_a_line(text: &str, a: &Range<usize>, b: &Range<usize>) -> bool {
    let [a, b] = [a, b].map(|span| char_start(text, span.start));
    a.abs_diff(b) > MAX_LINE && !text[a.min(b)..a.max(b)].contains('\n')
}

/// A mark within one line.
struct Mark {
    line: Range<usize>,
    span: Range<usize>,
}

impl Mark {
    fn new(text: &str, span: &Range<usize>) -> Mark {
        let start = char_start(text, span.start);
        let line = line_at(text, text[..start].rfind('\n').map_or(0, |at| at + 1));
        let start = start.min(line.end);
        let end = char_start(text, span.end).clamp(start, line.end);
        Mark { span: start..end, line }
    }
}

/// The start of the character that a byte belongs to; the end of the text if it is beyond.
fn char_start(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The line that starts at a byte, without its break.
fn line_at(text: &str, start: usize) -> Range<usize> {
    let line = text[start..].split('\n').next().unwrap_or_default();
    start..start + line.strip_suffix('\r').unwrap_or(line).len()
}

/// Where the part of a line that is shown ends; none if it has no marks.
fn shown_end<'a>(text: &str, line: &Range<usize>, marks: impl Iterator<Item = &'a Mark>) -> Option<usize> {
    let first_mark = marks.map(|mark| mark.span.start).min()?;
    Some(char_start(text, first_mark + MAX_LINE).min(line.end))
}
