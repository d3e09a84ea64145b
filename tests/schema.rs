//! `scenarios/scenario.schema.json` is the schema of the format as it is now.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tradewinds::scenario::schema;

const FILE: &str = "scenarios/scenario.schema.json";

#[test]
fn the_file_is_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "run the tests with UPDATE=1 to rewrite {FILE}");
}

/// Every table closed, every key explained.
#[test]
fn no_table_takes_unknown_keys_and_every_key_has_a_description() {
    let schema = schema();
    let mut n_keys = 0;
    visit(&schema, &mut |table| {
        let Some(properties) = table.get("properties").and_then(Value::as_object) else { return };
        assert!(table.contains_key("additionalProperties"), "{table:?}");
        let is_closed = table["additionalProperties"] == Value::Bool(false);
        for (key, value) in properties.iter().filter(|_| is_closed) {
            // `dist` explains itself by its one value.
            let is_explained = value["description"].as_str().is_some_and(|text| !text.is_empty()) || key == "dist";
            assert!(is_explained, "{key}: {value}");
            n_keys += 1;
        }
    });
    assert!(n_keys > 150, "{n_keys}");
}

fn visit(value: &Value, check: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            check(map);
            map.values().for_each(|value| visit(value, check));
        }
        Value::Array(items) => items.iter().for_each(|value| visit(value, check)),
        _ => {}
    }
}
