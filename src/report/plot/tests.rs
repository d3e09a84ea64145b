use super::*;

const HEADER: &str = "scenario,measure,from,to,product,period,unit,mean,sd,p01,p05,p10,p25,p50,p75,p90,p95,p99,status,\
                      title,year,period_start,period_end,prices,metric,as_of\n";

fn row(measure: &str, period: &str, year: &str, middle: f64, spread: f64, status: &str) -> String {
    let [p01, p05, p10, p25, p75, p90, p95, p99] =
        [-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0].map(|step| middle + step * spread);
    format!(
        "a,{measure},,,,{period},USD million,{middle},1,{p01},{p05},{p10},{p25},{middle},{p75},{p90},{p95},{p99},{status},,\
         {year},{year}-01-01,{year}-12-31,nominal,customs,2023-03-01\n"
    )
}

fn projection() -> String {
    let rows = [
        row("total", "2022", "2022", 100.0, 0.0, "base"),
        row("total", "2023", "2023", 110.0, 10.0, "projected"),
        row("total", "2024", "2024", 120.0, 20.0, "projected"),
        row("alone", "2022", "2022", 1.0, 0.0, "base"),
    ];
    format!("{HEADER}{}", rows.concat())
}

fn quantiles() -> String {
    let mut text = "scenario,measure,period,unit,statistic,level,value,standard_error\n".to_owned();
    for (period, middle) in [("2023", 110.0), ("2024", 120.0)] {
        text += &format!("a,total,{period},USD million,mean,,{middle},\n");
        for step in 1..20 {
            let level = f64::from(step * 5) / 100.0;
            text += &format!("a,total,{period},USD million,quantile,{level},{},0.1\n", middle + 40.0 * (level - 0.5));
        }
    }
    text
}

const RUN: &str = r#"{"version": "0.1.0", "title": "A <b> & a title", "trials": 100000, "seed": 1}"#;

fn chart() -> FanChart {
    let (projection, quantiles) = (projection(), quantiles());
    let files = Finished { projection: &projection, quantiles: Some(&quantiles), history: None, run: Some(RUN) };
    fan(&files, "total").unwrap()
}

#[test]
fn a_chart_shows_what_the_files_say() {
    let chart = chart();
    assert_eq!(chart.title, "Total trade");
    assert_eq!(chart.subtitle, "A <b> & a title");
    assert_eq!(chart.unit, "USD million, nominal");
    assert_eq!(
        chart.source,
        "Source: tradewinds 0.1.0, scenario a, customs, information of 2023-03-01, 100,000 trials, seed 1"
    );
    let places: Vec<(f64, bool)> = chart.points.iter().map(|point| (point.at, point.is_base)).collect();
    assert_eq!(places, [(2022.0, true), (2023.0, false), (2024.0, false)]);
    // From `quantiles.csv`, and for the base year from `projection.csv`.
    assert_eq!([0.05, 0.45, 0.5].map(|level| chart.points[1].quantile(level)), [92.0, 108.0, 110.0]);
    assert_eq!(chart.points[0].quantile(0.45), 100.0);
}

#[test]
fn without_quantiles_there_are_the_percentiles_of_the_projection() {
    let projection = projection();
    let files = Finished { projection: &projection, quantiles: None, history: None, run: None };
    let chart = fan(&files, "total").unwrap();
    assert_eq!([0.05, 0.25, 0.5, 0.9].map(|level| chart.points[2].quantile(level)), [60.0, 100.0, 120.0, 160.0]);
    assert_eq!(chart.subtitle, "a");
    assert!(svg(&chart).len() < svg(&super::tests::chart()).len(), "it has fewer bands");
}

#[test]
fn european_files_say_the_same() {
    let european = |text: String| format!("\u{feff}{}", text.replace(',', ";").replace('.', ",").replace('\n', "\r\n"));
    let (projection, quantiles) = (european(projection()), european(quantiles()));
    let files = Finished { projection: &projection, quantiles: Some(&quantiles), history: None, run: Some(RUN) };
    assert_eq!(fan(&files, "total").unwrap().points, chart().points);
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let check = |projection: &str, quantiles: Option<&str>, measure: &str, expected: &str| {
        let files = Finished { projection, quantiles, history: None, run: None };
        assert_eq!(fan(&files, measure).unwrap_err(), expected);
    };
    let whole = projection();
    check(&whole, None, "fish", "there is no measure `fish`; there are total, alone");
    check(&whole, None, "alone", "measure `alone` has a single period, which makes no chart");
    check("a,b\n1,2\n", None, "total", "projection.csv: it has no column `scenario`");
    check(&whole.replace("110", "x"), None, "total", "`x` in line 3, column `p50`, is not a number");
    check(&whole, Some("measure,period,statistic,level\n"), "total", "quantiles.csv: it has no column `value`");
    check(
        &whole,
        Some("measure,period,statistic,level,value\n"),
        "total",
        "quantiles.csv has no row for `total` in 2023",
    );
}

#[test]
fn steps_stand_in_the_middle_of_their_time() {
    for (period, expected) in [("2023-Q1", 2023.125), ("2023-H2", 2023.75), ("2023-07", 2023.0 + 6.5 / 12.0)] {
        let rows =
            [row("total", "2022", "2022", 1.0, 0.0, "base"), row("total", period, "2023", 1.0, 0.1, "projected")];
        let projection = format!("{HEADER}{}", rows.concat());
        let files = Finished { projection: &projection, quantiles: None, history: None, run: None };
        assert_eq!(fan(&files, "total").unwrap().points[1].at, expected, "{period}");
    }
}

#[test]
fn a_picture_needs_no_font_and_is_the_same_each_time() {
    let first = svg(&chart());
    assert_eq!(first, svg(&chart()));
    assert!(first.starts_with("<svg ") && first.ends_with("</svg>\n"), "{}", &first[..80]);
    assert!(first.contains("<title>Total trade: A &lt;b&gt; &amp; a title</title>"));
    for trace in ["<text", "font", "href", "<b>"] {
        assert!(!first.contains(trace), "{trace}");
    }
    // White, 9 bands, their edges, the median, the base year, and the words: 6 lines of text, 7 names, the axes'
    // labels.
    assert!(first.matches("<path").count() > 9 + 6 + 2 + 6 + 7, "{}", first.matches("<path").count());
}

#[test]
fn dots_have_the_size_that_was_asked_for() {
    let picture = png(&chart(), 1.0);
    assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
    let size = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((size(16), size(20)), (720, 450));
    assert_eq!(picture, png(&chart(), 1.0));
}

#[test]
fn axes_have_round_numbers() {
    use super::axis::{label, ticks, years};
    assert_eq!(ticks(0.0, 953.0, 7), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
    assert_eq!(
        ticks(-0.7, 0.3, 7),
        [-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4].map(|tick: f64| (tick / 0.2).round() * 0.2)
    );
    assert_eq!(ticks(0.0, 0.0, 7).len(), 2);
    assert_eq!(years(2022.0, 2032.0, 12), (2022..=2032).map(f64::from).collect::<Vec<_>>());
    assert_eq!(years(2022.0, 2060.0, 12), [2025.0, 2030.0, 2035.0, 2040.0, 2045.0, 2050.0, 2055.0, 2060.0]);
    let cases = [(0.0, "0"), (1000.0, "1,000"), (0.1 + 0.2, "0.3"), (-1234567.5, "\u{2212}1,234,567.5"), (-0.0, "0")];
    for (value, expected) in cases {
        assert_eq!(label(value), expected);
    }
}

#[test]
fn what_was_observed_is_drawn_before_and_in_the_fan() {
    let (projection, quantiles) = (projection(), quantiles());
    let history = "scenario,measure,reporter,period,unit,observed\n\
                   a,total,KAZ,2001,USD million,70\na,total,KAZ,2019,USD million,80\na,total,KAZ,2020,USD million,85\n\
                   a,total,PAK,2023,USD million,300\na,exports,PAK,2021,USD million,1\n";
    let files =
        Finished { projection: &projection, quantiles: Some(&quantiles), history: Some(history), run: Some(RUN) };
    let chart = fan(&files, "total").unwrap();
    let of = |reporter: &str, values: &[(i32, f64)]| Observed { reporter: reporter.into(), values: values.to_vec() };
    // 2001 is more than ten years before the base year.
    assert_eq!(chart.observed, [of("KAZ", &[(2019, 80.0), (2020, 85.0)]), of("PAK", &[(2023, 300.0)])]);
    let drawn = draw::marks(&chart);
    let signs = |name: &str| drawn.matches(name).count();
    let without = draw::marks(&FanChart { observed: Vec::new(), ..chart.clone() });
    assert_eq!(signs("<circle") - without.matches("<circle").count(), 2);
    assert!(drawn.contains("Dots: observed by KAZ. Triangles: observed by PAK."));
    // The axes reach the first year and the highest value.
    assert!(drawn.contains(">\n2019\n<") && drawn.contains(">\n300\n<"), "{drawn}");
    assert!(!without.contains(">\n2019\n<"));

    let quarters = projection.replace("a,total,,,,2023,", "a,total,,,,2023-Q1,");
    let files = Finished { projection: &quarters, quantiles: None, history: Some(history), run: None };
    assert_eq!(fan(&files, "total").unwrap().observed, [], "a quarter is no year");
}
