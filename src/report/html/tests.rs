use std::io::Read;

use base64::Engine;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::*;

fn family(name: &str, text: &str) -> Family {
    let files = |name: &str| Files(vec![(name.to_owned(), text.to_owned())]);
    let member = Member { folder: "a".to_owned(), files: files("projection.csv") };
    Family { family: name.to_owned(), scenarios: vec![member], files: files("compare/comparison.csv") }
}

fn written(family: &Family) -> String {
    let mut bytes = Vec::new();
    page(family, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn data_of(page: &str) -> Value {
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let packed = STANDARD.decode(data.split_once('<').unwrap().0).unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn files_come_out_as_they_went_in() {
    let text = "\u{feff}a;b\r\n\"</script><script>alert(1)</script>\";1,5\r\n";
    let page = written(&family("f", text));
    let expected = json!({
        "family": "f",
        "scenarios": [{ "folder": "a", "files": { "projection.csv": text } }],
        "files": { "compare/comparison.csv": text },
    });
    assert_eq!(data_of(&page), expected);
    assert!(!page.contains("alert(1)"));
}

#[test]
fn a_name_stays_a_name() {
    let page = written(&family("a & b </title><script>alert(1)</script> {{data}}", "x"));
    assert!(page.contains("<title>a &amp; b &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; {{data}}</title>"));
    assert_eq!(data_of(&page)["scenarios"][0]["folder"], "a");
}

#[test]
fn the_page_names_no_address_to_fetch_from() {
    let page = written(&family("f", "x"));
    for part in ["src=", "href=\"http", "@import", "url(", "<link"] {
        // The libraries hold such texts as parts of programs; what is ours must not.
        let ours = [PAGE, STYLE, &SCRIPTS.concat()].concat();
        assert!(!ours.contains(part), "{part}");
    }
    assert!(page.contains("default-src 'none'"), "the browser is told to fetch nothing");
    for script in VENDOR.iter().chain(&SCRIPTS) {
        assert!(!script.contains("</script"), "a script would end early");
    }
}

#[test]
fn the_same_files_make_the_same_page() {
    let one = family("f", "x");
    assert_eq!(written(&one), written(&one.clone()));
}
