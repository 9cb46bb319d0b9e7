//! EXIF, as the service tells it: texts by the names of their tags.

use std::io::{BufRead, Seek};

use exif::{Exif, In, Reader, Value};
use serde_json::Map;

/// The tags of a picture; none if it has no EXIF.
pub(crate) fn read(mut content: impl BufRead + Seek) -> Map<String, serde_json::Value> {
    match Reader::new().read_from_container(&mut content) {
        Ok(exif) => tags(&exif),
        Err(_) => Map::new(),
    }
}

fn tags(exif: &Exif) -> Map<String, serde_json::Value> {
    let mut tags = Map::new();
    for field in exif.fields().filter(|field| field.ifd_num == In::PRIMARY) {
        let tag = field.tag;
        // Tags whose names came with later revisions are told by number.
        let name = match tag.to_string() {
            name if name.starts_with("Tag(") => format!("0x{:04X}", tag.number()),
            name if LATE.contains(&&*name) => format!("0x{:04X}", tag.number()),
            name if name == "PhotographicSensitivity" => "ISOSpeedRatings".to_owned(),
            name => name,
        };
        if let Some(text) = text(&field.value) {
            tags.insert(name, text.into());
        }
    }
    tags
}

/// Names that programs have seen as numbers.
const LATE: [&str; 4] = [
    "LensSpecification",
    "LensMake",
    "LensModel",
    "LensSerialNumber",
];

/// A value as a text: lists are joined by commas, fractions stay fractions.
fn text(value: &Value) -> Option<String> {
    fn joined<T>(values: &[T], show: impl Fn(&T) -> String) -> String {
        values.iter().map(show).collect::<Vec<_>>().join(",")
    }
    Some(match value {
        Value::Ascii(texts) => joined(texts, |text| {
            let text = String::from_utf8_lossy(text);
            text.trim_end_matches(['\0', ' ']).to_owned()
        }),
        Value::Byte(numbers) => joined(numbers, ToString::to_string),
        Value::SByte(numbers) => joined(numbers, ToString::to_string),
        Value::Short(numbers) => joined(numbers, ToString::to_string),
        Value::SShort(numbers) => joined(numbers, ToString::to_string),
        Value::Long(numbers) => joined(numbers, ToString::to_string),
        Value::SLong(numbers) => joined(numbers, ToString::to_string),
        Value::Rational(numbers) => joined(numbers, |it| format!("{}/{}", it.num, it.denom)),
        Value::SRational(numbers) => joined(numbers, |it| format!("{}/{}", it.num, it.denom)),
        Value::Float(numbers) => joined(numbers, ToString::to_string),
        Value::Double(numbers) => joined(numbers, ToString::to_string),
        // Notes of makers and the like: bytes that say nothing.
        Value::Undefined(..) | Value::Unknown(..) => return None,
    })
}
