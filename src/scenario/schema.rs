//! The JSON Schema of scenario files, for editors.

use schemars::generate::SchemaSettings;

use super::draft::Top;

/// The JSON Schema (2020-12) of scenario files, from the declarations that files are read by.
///
/// It knows all keys, their types and descriptions, and takes no others. It asks for no key of a scenario, since
/// the file of an overlay is only a part of one; what is missing, out of range or unknown by name is found by
/// [`load`](super::load) alone. A date stands for a text, as a TOML reader hands it to a validator.
pub fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Top>();
    schema.insert("title".to_string(), "tradewinds scenario".into());
    schema.to_value()
}
