//! One page for a family: its files inside, drawn by the reader's browser, without a network.
//!
//! The page holds the files as they are. So what it shows is what they say, and what it offers to download has the
//! digests of `run.json`. Its parts lie in `page/` as what they are: HTML, CSS and JavaScript, each script with one
//! purpose. The charts are drawn by [Observable Plot](https://observablehq.com/plot/) on [D3](https://d3js.org),
//! which lie in `vendor/` as their authors published them.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Serialize, Serializer};

/// What a page is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Family {
    /// Its name, the title of the page.
    pub family: String,
    /// Its scenarios, in the order in which they are offered.
    pub scenarios: Vec<Member>,
    /// Files that are of no single scenario, such as `comparison.csv`.
    pub files: Files,
}

/// The files of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Name of the folder that they lie in.
    pub folder: String,
    /// The files.
    pub files: Files,
}

/// Files by name, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(pub Vec<(String, String)>);

impl Serialize for Files {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

/// The files of a scenario that the page shows. It cannot do without the first three.
pub const SHOWN: [&str; 14] = [
    "projection.csv",
    "quantiles.csv",
    "run.json",
    "distribution.csv",
    "targets.csv",
    "first_passage.csv",
    "history.csv",
    "observations.csv",
    "drivers.csv",
    "inputs.csv",
    "growth.csv",
    "attribution.csv",
    "sensitivity.csv",
    "variance.csv",
];

/// How many of [`SHOWN`] each scenario has to have.
pub const NEEDED: usize = 3;

/// The files of a family that the page shows, by their paths in its folder.
pub const SHARED: [&str; 5] =
    ["compare/comparison.csv", "backtest.csv", "pit.csv", "backtest/backtest.csv", "backtest/pit.csv"];

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const VENDOR: [&str; 2] = [include_str!("vendor/d3-7.9.2.min.js"), include_str!("vendor/plot-0.6.17.umd.min.js")];

/// In the order in which they need each other.
const SCRIPTS: [&str; 21] = [
    include_str!("page/js/text.js"),
    include_str!("page/js/dom.js"),
    include_str!("page/js/csv.js"),
    include_str!("page/js/model.js"),
    include_str!("page/js/state.js"),
    include_str!("page/js/figure.js"),
    include_str!("page/js/marks.js"),
    include_str!("page/js/glance.js"),
    include_str!("page/js/fan.js"),
    include_str!("page/js/scenarios.js"),
    include_str!("page/js/distribution.js"),
    include_str!("page/js/targets.js"),
    include_str!("page/js/explain.js"),
    include_str!("page/js/drivers.js"),
    include_str!("page/js/growth.js"),
    include_str!("page/js/inputs.js"),
    include_str!("page/js/skill.js"),
    include_str!("page/js/manifest.js"),
    include_str!("page/js/controls.js"),
    include_str!("page/js/keep.js"),
    include_str!("page/js/main.js"),
];

/// Writes the page.
///
/// # Errors
/// If `out` cannot be written to.
///
/// ```
/// use tradewinds::report::html::{Family, Files, Member, page};
///
/// let files = Files(vec![("projection.csv".to_owned(), "scenario,measure\n".to_owned())]);
/// let baseline = Member { folder: "baseline".to_owned(), files };
/// let family = Family { family: "norway-vietnam".to_owned(), scenarios: vec![baseline], files: Files::default() };
/// let mut bytes = Vec::new();
/// page(&family, &mut bytes)?;
/// assert!(bytes.starts_with(b"<!doctype html>"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn page(family: &Family, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("the page closes its marks");
        out.write_all(before.as_bytes())?;
        fill(name, family, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn fill(name: &str, family: &Family, out: &mut dyn Write) -> io::Result<()> {
    match name {
        "title" => out.write_all(escaped(&family.family).as_bytes()),
        "version" => out.write_all(env!("CARGO_PKG_VERSION").as_bytes()),
        "style" => out.write_all(STYLE.as_bytes()),
        "vendor" => write_all(&VENDOR, out),
        "scripts" => write_all(&SCRIPTS, out),
        "data" => data(family, out),
        other => unreachable!("the page has no mark {other}"),
    }
}

fn write_all(texts: &[&str], out: &mut dyn Write) -> io::Result<()> {
    for text in texts {
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// JSON, packed: a tenth of the size, and letters that mean nothing in HTML whatever the files hold.
fn data(family: &Family, out: &mut dyn Write) -> io::Result<()> {
    let letters = EncoderWriter::new(out, &STANDARD);
    let mut packed = GzEncoder::new(letters, Compression::best());
    serde_json::to_writer(&mut packed, family)?;
    let mut letters = packed.finish()?;
    letters.finish().map(drop)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
