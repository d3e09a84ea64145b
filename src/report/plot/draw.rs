//! The marks of a chart, drawn with `plotters`.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::FanChart;
use super::axis::{label, ticks, years};
use super::render::FAMILY;

/// Width and height in points of the picture.
pub const SIZE: (u32, u32) = (720, 450);

/// `plotters` places things on whole dots; so many of them make a point.
pub const DOTS: u32 = 20;

const HUE: RGBColor = RGBColor(0x12, 0x67, 0xad);
const INK: RGBColor = RGBColor(0x16, 0x20, 0x2b);
const MUTED: RGBColor = RGBColor(0x5b, 0x67, 0x73);
const RULE: RGBColor = RGBColor(0xdd, 0xe2, 0xe6);

/// Where the axes end, in points from the left and the top.
const LEFT: i32 = 62;
const RIGHT: i32 = SIZE.0 as i32 - 66;
const TOP: i32 = 92;
const BOTTOM: i32 = SIZE.1 as i32 - 62;

/// A level with a line, its name at the right, and how it is drawn: dash and gap in points.
type Line = (f64, &'static str, Option<(i32, i32)>);

const LINES: [Line; 6] = [
    (0.95, "95 %", Some((2, 3))),
    (0.9, "90 %", Some((6, 3))),
    (0.75, "75 %", None),
    (0.25, "25 %", None),
    (0.1, "10 %", Some((6, 3))),
    (0.05, "5 %", Some((2, 3))),
];

/// An axis with marks where we want them.
struct Axis {
    low: f64,
    high: f64,
    marks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + ((value - self.low) / (self.high - self.low) * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => Vec::new(),
            false => self.marks.clone(),
        }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'b, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// SVG with letters as text. Writing to memory does not fail.
pub fn marks(chart: &FanChart) -> String {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (SIZE.0 * DOTS, SIZE.1 * DOTS)).into_drawing_area();
        draw(chart, &area).expect("memory takes it");
        area.present().expect("memory takes it");
    }
    text
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(chart: &FanChart, area: &Area<'_>) -> Drawn {
    area.fill(&WHITE)?;
    write(area, &chart.title, (20, 18), 17.0, INK, true, HPos::Left)?;
    write(area, &chart.subtitle, (20, 42), 11.5, MUTED, false, HPos::Left)?;
    write(area, &chart.unit, (20, 70), 10.5, MUTED, false, HPos::Left)?;
    write(area, &chart.source, (20, SIZE.1 as i32 - 20), 9.0, MUTED, false, HPos::Left)?;
    let reading = "Line: median. Shades: central bands of 10, 20, \u{2026} 90 % of the futures; edges of the 50, 80 and 90 % bands are drawn.";
    let coarse = "Line: median. Shades: central bands of 50, 80 and 90 % of the futures.";
    let words = format!("{}{}", if is_fine(chart) { reading } else { coarse }, observers(chart));
    write(area, &words, (20, SIZE.1 as i32 - 34), 9.0, MUTED, false, HPos::Left)?;
    let mut axes = axes(chart, area)?;
    fan(chart, &mut axes)?;
    observed(chart, &mut axes)?;
    names(chart, area, &axes)
}

/// Signs of reporters, in their order.
const SIGNS: [&str; 3] = ["Dots", "Triangles", "Crosses"];

/// What the signs mean.
fn observers(chart: &FanChart) -> String {
    let told = chart.observed.iter().enumerate().map(|(at, it)| match &it.reporter[..] {
        "" => format!(" {}: observed.", SIGNS[at % SIGNS.len()]),
        reporter => format!(" {}: observed by {reporter}.", SIGNS[at % SIGNS.len()]),
    });
    told.collect()
}

/// Text whose top left or top right corner is at a place in points.
fn write(area: &Area<'_>, text: &str, (x, y): (i32, i32), size: f64, color: RGBColor, bold: bool, side: HPos) -> Drawn {
    let weight = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = (FAMILY, size * f64::from(DOTS), weight).into_font();
    let style = TextStyle::from(font).color(&color).pos(Pos::new(side, VPos::Top));
    area.draw(&Text::new(text.to_owned(), (dots(x), dots(y)), style))?;
    Ok(())
}

fn dots(points: i32) -> i32 {
    points * DOTS as i32
}

fn axes<'a, 'b>(chart: &FanChart, area: &'b Area<'a>) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let all = |level: f64| chart.points.iter().map(move |point| point.quantile(level));
    let low = all(0.05).fold(0.0, f64::min);
    let high =
        all(0.95).chain(chart.observed.iter().flat_map(|it| &it.values).map(|&(_, value)| value)).fold(0.0, f64::max);
    let values = ticks(low, high, 7);
    let seen = || chart.observed.iter().flat_map(|it| &it.values);
    let first = seen().map(|&(year, _)| f64::from(year)).fold(chart.points[0].at, f64::min);
    let last = chart.points[chart.points.len() - 1].at;
    let (bottom, top) = (values[0], values[values.len() - 1]);
    let times = years(first, last, 12);
    let plot = area.clone().shrink((dots(0), dots(TOP)), (dots(RIGHT), dots(BOTTOM + 24 - TOP)));
    let mut axes = ChartBuilder::on(&plot)
        .set_label_area_size(LabelAreaPosition::Left, dots(LEFT))
        .set_label_area_size(LabelAreaPosition::Bottom, dots(24))
        .build_cartesian_2d(
            Axis { low: first, high: last, marks: times },
            Axis { low: bottom, high: top, marks: values },
        )?;
    let font = || TextStyle::from((FAMILY, 10.5 * f64::from(DOTS)).into_font()).color(&INK);
    axes.configure_mesh()
        .disable_x_mesh()
        .max_light_lines(0)
        .bold_line_style(RULE.stroke_width(DOTS * 3 / 4))
        .light_line_style(TRANSPARENT)
        .axis_style(RULE.stroke_width(DOTS * 3 / 4))
        .set_tick_mark_size(LabelAreaPosition::Left, dots(5))
        .set_tick_mark_size(LabelAreaPosition::Bottom, dots(4))
        .x_label_formatter(&|year| format!("{year:.0}"))
        .y_label_formatter(&|value| label(*value))
        .x_label_style(font())
        .y_label_style(font())
        .draw()?;
    Ok(axes)
}

/// Whether there are bands in steps of 10 %, or only those of 50, 80 and 90 %.
fn is_fine(chart: &FanChart) -> bool {
    let is_there = |point: &super::Point| point.quantiles.iter().any(|(level, _)| (level - 0.45).abs() < 1e-9);
    chart.points.iter().filter(|point| !point.is_base).all(is_there)
}

fn fan(chart: &FanChart, axes: &mut Chart<'_, '_>) -> Drawn {
    let path = |level: f64| chart.points.iter().map(move |point| (point.at, point.quantile(level)));
    let tens = (1..10).map(|step| f64::from(step) * 0.05).collect();
    let (lows, opacity): (Vec<f64>, f64) = if is_fine(chart) { (tens, 0.105) } else { (vec![0.05, 0.1, 0.25], 0.2) };
    for low in lows {
        let outline: Vec<(f64, f64)> = path(low).chain(path(1.0 - low).collect::<Vec<_>>().into_iter().rev()).collect();
        axes.draw_series([Polygon::new(outline, HUE.mix(opacity).filled())])?;
    }
    for (level, _, dash) in LINES {
        let style = HUE.mix(0.8).stroke_width(DOTS * 3 / 4);
        match dash {
            None => axes.draw_series(LineSeries::new(path(level), style))?,
            Some((on, off)) => axes.draw_series(DashedLineSeries::new(path(level), dots(on), dots(off), style))?,
        };
    }
    axes.draw_series(LineSeries::new(path(0.5), HUE.stroke_width(DOTS * 5 / 2)))?;
    let base = chart.points.iter().filter(|point| point.is_base).map(|point| (point.at, point.quantile(0.5)));
    axes.draw_series(base.map(|at| Circle::new(at, dots(4), HUE.filled())))?;
    Ok(())
}

/// A sign for each observation, and a line between years that follow each other.
fn observed(chart: &FanChart, axes: &mut Chart<'_, '_>) -> Drawn {
    for (at, it) in chart.observed.iter().enumerate() {
        let places: Vec<(f64, f64)> = it.values.iter().map(|&(year, value)| (f64::from(year), value)).collect();
        let joined = places.windows(2).filter(|pair| pair[1].0 - pair[0].0 == 1.0);
        let line = INK.mix(0.5).stroke_width(DOTS * 3 / 4);
        axes.draw_series(joined.map(|pair| PathElement::new(pair.to_vec(), line)))?;
        let (size, style) = (dots(3), INK.filled());
        match SIGNS[at % SIGNS.len()] {
            "Dots" => axes.draw_series(places.iter().map(|&place| Circle::new(place, size, style)))?,
            "Triangles" => axes.draw_series(places.iter().map(|&place| TriangleMarker::new(place, dots(4), style)))?,
            _ => axes.draw_series(places.iter().map(|&place| Cross::new(place, size, INK.stroke_width(DOTS))))?,
        };
    }
    Ok(())
}

/// The names of the lines at their right ends, moved until none covers another.
fn names(chart: &FanChart, area: &Area<'_>, axes: &Chart<'_, '_>) -> Drawn {
    const GAP: i32 = 12 * DOTS as i32;
    let last = &chart.points[chart.points.len() - 1];
    let lines = LINES.iter().map(|&(level, name, _)| (level, name)).chain([(0.5, "median")]);
    let mut placed: Vec<(i32, &str)> =
        lines.map(|(level, name)| (axes.backend_coord(&(last.at, last.quantile(level))).1, name)).collect();
    placed.sort_by_key(|&(y, name)| (y, LINES.iter().position(|line| line.1 == name)));
    for at in 1..placed.len() {
        placed[at].0 = placed[at].0.max(placed[at - 1].0 + GAP);
    }
    let mut lowest = dots(BOTTOM + 4);
    for (y, _) in placed.iter_mut().rev() {
        *y = (*y).min(lowest);
        lowest = *y - GAP;
    }
    for (y, name) in placed {
        let weight = if name == "median" { FontStyle::Bold } else { FontStyle::Normal };
        let font = (FAMILY, 10.5 * f64::from(DOTS), weight).into_font();
        let style = TextStyle::from(font).color(&HUE).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(name.to_owned(), (dots(RIGHT + 7), y), style))?;
    }
    Ok(())
}
