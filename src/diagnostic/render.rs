//! Diagnostics as text, in the form that rustc has made familiar.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::excerpt::{are_far_apart_in_a_line, excerpt};
use super::{Diagnostic, FileId, Place, Severity, Sources};

/// How many characters of a message or hint are shown. It may quote what the file says, and files can say a lot.
const MAX_MESSAGE: usize = 1000;

/// All diagnostics as text, each with its source line and the place marked. They come in the order of files and places,
/// errors before warnings where both have one place; the same thing is told once.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by(|a, b| position(a).cmp(&position(b)).then_with(|| a.message.cmp(&b.message)));
    sorted.dedup();
    sorted.into_iter().map(|diagnostic| format!("{}\n\n", renderer.render(&[group(diagnostic, sources)]))).collect()
}

/// What it is sorted by; what has no place comes first.
fn position(diagnostic: &Diagnostic) -> (Option<(FileId, usize, usize)>, Severity) {
    let place = diagnostic.labels.first().map(|(place, _)| (place.file, place.span.start, place.span.end));
    (place, diagnostic.severity)
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let hints = diagnostic.hints.iter().map(|hint| Level::HELP.with_name("hint").message(clipped(hint)));
    level
        .primary_title(clipped(&diagnostic.message))
        .elements(together(&diagnostic.labels, sources).iter().map(|marks| snippet(marks, sources)))
        .elements(hints)
}

/// A label, and whether it is the main one.
type Mark<'a> = (&'a Place, &'a str, bool);

/// The labels that are shown together: those of one file, unless they are far apart in a long line. The main label is
/// in the first group.
fn together<'a>(labels: &'a [(Place, String)], sources: &Sources) -> Vec<Vec<Mark<'a>>> {
    let fits = |place: &Place, other: &Place| {
        place.file == other.file && !are_far_apart_in_a_line(&sources.file(place.file).text, &place.span, &other.span)
    };
    let mut groups: Vec<Vec<Mark<'_>>> = Vec::new();
    for (index, (place, text)) in labels.iter().enumerate() {
        let mark = (place, text.as_str(), index == 0);
        match groups.iter_mut().find(|marks| marks.iter().all(|(other, ..)| fits(place, other))) {
            Some(marks) => marks.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}

fn snippet<'a>(marks: &[Mark<'a>], sources: &'a Sources) -> Snippet<'a, Annotation<'a>> {
    let file = sources.file(marks[0].0.file);
    let spans: Vec<Range<usize>> = marks.iter().map(|(place, ..)| place.span.clone()).collect();
    let excerpt = excerpt(&file.text, &spans);
    let marks = excerpt.spans.into_iter().zip(marks);
    Snippet::source(excerpt.text)
        .path(file.path.as_str())
        .line_start(excerpt.first_line + file.first_line - 1)
        .annotations(marks.map(|(span, (_, text, is_main))| annotation(span, text, *is_main)))
}

fn annotation(span: Range<usize>, text: &str, is_main: bool) -> Annotation<'static> {
    let kind = if is_main { AnnotationKind::Primary } else { AnnotationKind::Context };
    let label = (!text.is_empty()).then(|| clipped(text));
    kind.span(span).label(label)
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sources(texts: &[&str]) -> Sources {
        let mut sources = Sources::default();
        for (index, text) in texts.iter().enumerate() {
            sources.add(format!("dir/{index}.toml"), text.to_string());
        }
        sources
    }

    fn place(file: FileId, span: Range<usize>) -> Place {
        Place { file, span }
    }

    fn check(diagnostic: Diagnostic, texts: &[&str], expected: &str) {
        let text = render(&[diagnostic], &sources(texts), false);
        assert_eq!(text.trim_end(), expected.trim_start_matches('\n').trim_end(), "\n{text}");
    }

    #[test]
    fn a_fault_shows_its_line_and_its_cure() {
        check(
            Diagnostic::error(place(0, 20..29), "unknown flow `exports.x`")
                .here("no such flow")
                .hint("did you mean `exports.y`?")
                .hint("flows are listed in `[[flow]]`"),
            &["id = \"a\"\nexposure = 'exports.x'\n"],
            r#"
error: unknown flow `exports.x`
 --> dir/0.toml:2:12
  |
2 | exposure = 'exports.x'
  |            ^^^^^^^^^ no such flow
  |
  = hint: did you mean `exports.y`?
  = hint: flows are listed in `[[flow]]`
"#,
        );
    }

    #[test]
    fn both_places_of_a_conflict_are_shown() {
        check(
            Diagnostic::error(place(0, 14..15), "key `a` is set twice").label(place(0, 0..1), "first here"),
            &["a = 1\nb = 2\n\n\na = 3\n"],
            r#"
error: key `a` is set twice
 --> dir/0.toml:5:1
  |
1 | a = 1
  | - first here
...
5 | a = 3
  | ^
"#,
        );
    }

    #[test]
    fn places_may_be_in_several_files() {
        check(
            Diagnostic::warning(place(1, 2..3), "odd")
                .label(place(0, 0..1), "since this")
                .label(place(1, 6..7), "and that"),
            &["x = 1\n", "\n\ny = 2\nz = 3\n"],
            "
warning: odd
 --> dir/1.toml:3:1
  |
3 | y = 2
  | ^   - and that
  |
 ::: dir/0.toml:1:1
  |
1 | x = 1
  | - since this
",
        );
    }

    #[test]
    fn what_has_no_place_has_no_lines() {
        let fault = Diagnostic {
            severity: Severity::Error,
            message: "gone".into(),
            labels: vec![],
            hints: vec!["look".into()],
        };
        check(fault, &[], "error: gone\n |\n = hint: look\n");
    }

    #[test]
    fn empty_files_and_ends_have_places() {
        check(
            Diagnostic::error(place(0, 0..0), "missing"),
            &[""],
            "error: missing\n --> dir/0.toml:1:1\n  |\n1 |\n  | ^\n",
        );
        check(
            Diagnostic::error(place(0, 4..4), "missing"),
            &["a = "],
            "error: missing\n --> dir/0.toml:1:5\n  |\n1 | a = \n  |     ^\n",
        );
        check(
            Diagnostic::error(place(0, 6..6), "missing"),
            &["a = 1\n"],
            "error: missing\n --> dir/0.toml:2:1\n  |\n2 |\n  | ^\n",
        );
        check(
            Diagnostic::error(place(0, 99..199), "missing"),
            &["a = 1\r\n"],
            "error: missing\n --> dir/0.toml:2:1\n  |\n2 |\n  | ^\n",
        );
    }

    #[test]
    fn of_several_lines_the_first_is_marked() {
        check(
            Diagnostic::error(place(0, 4..13), "bad"),
            &["a = [\r\n  1,\r\n]\r\n"],
            "error: bad\n --> dir/0.toml:1:5\n  |\n1 | a = [\n  |     ^\n",
        );
    }

    #[test]
    fn tabs_and_wide_letters_keep_the_mark_in_place() {
        check(
            Diagnostic::error(place(0, 15..16), "bad"),
            &["\t\"貿易\" = { é }\n"],
            "error: bad\n --> dir/0.toml:1:11\n  |\n1 |     \"貿易\" = { é }\n  |                ^\n",
        );
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_around_the_mark() {
        let line = format!("a = [{} oops, {}]", "1, ".repeat(200_000), "2, ".repeat(200_000));
        let at = line.find("oops").unwrap();
        let fault = Diagnostic::error(place(0, at..at + 4), format!("bad {}", "x".repeat(1_000_000)))
            .here("here")
            .label(place(0, 0..1), "far away")
            .label(place(0, 0..line.len()), "all of it");
        let text = render(&[fault], &sources(&[&line]), false);
        assert!(text.len() < 4000, "{}", text.len());
        let fault = Diagnostic::error(place(0, at..at + 4), "bad").here("here");
        let text = render(&[fault], &sources(&[&line]), false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], " --> dir/0.toml:1:600007");
        let mark = lines[4].find("^^^^").unwrap();
        assert_eq!(&lines[3][mark..mark + 4], "oops");
        assert!(text.len() < 700, "{text}");
    }

    #[test]
    fn many_faults_come_in_order_and_once() {
        let fault = |file, at, message: &str| Diagnostic::error(place(file, at..at), message);
        let nowhere = Diagnostic { severity: Severity::Error, message: "0".into(), labels: vec![], hints: vec![] };
        let faults = [
            fault(1, 0, "5"),
            Diagnostic::warning(place(0, 2..2), "4"),
            fault(0, 2, "3"),
            fault(0, 0, "1"),
            fault(0, 0, "2"),
            fault(0, 0, "1"),
            nowhere,
        ];
        let text = render(&faults, &sources(&["abc", "x"]), false);
        let messages: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once("r: ").or(line.split_once("g: "))?.1)).collect();
        assert_eq!(messages, ["0", "1", "2", "3", "4", "5"]);
    }

    #[test]
    fn color_is_for_those_who_ask() {
        let faults = [Diagnostic::error(place(0, 0..1), "bad")];
        assert!(!render(&faults, &sources(&["a"]), false).contains('\u{1b}'));
        assert!(render(&faults, &sources(&["a"]), true).contains('\u{1b}'));
    }

    proptest! {
        #[test]
        fn any_places_in_any_text_can_be_shown(
            text in "[ab\té貿\r\n]{0,40}|\\PC{0,300}",
            spans in proptest::collection::vec((0..60usize, 0..60usize), 1..4),
        ) {
            let label = |(index, &(a, b)): (usize, &(usize, usize))| (place(0, a.min(b)..a.max(b)), format!("<{index}>"));
            let labels: Vec<_> = spans.iter().enumerate().map(label).collect();
            for n in 0..labels.len() {
                let fault = Diagnostic { severity: Severity::Error, message: "bad".into(), labels: labels[..=n].to_vec(), hints: vec![] };
                let shown = render(&[fault], &sources(&[&text]), false);
                // Marks that overlap hide each other, what is said of them stays.
                prop_assert!(n > 0 || shown.contains('^'));
                let are_told = labels[..=n].iter().all(|(_, text)| shown.contains(text));
                prop_assert!(are_told);
            }
        }
    }
}
