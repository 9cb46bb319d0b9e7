//! JSON whose numbers may be texts.

use serde_json::{Map, Value};

use crate::protocol::image::Rgb;

pub(super) type Members = Map<String, Value>;

/// Why an answer about a picture cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not what was asked of the picture: {why}")]
pub struct ImageAnswerError {
    why: &'static str,
}

impl ImageAnswerError {
    pub(super) const MISSING_SIZE: Self = Self {
        why: "it has no width and height",
    };
    const NO_JSON: Self = Self {
        why: "it is no JSON",
    };
    const NO_OBJECT: Self = Self {
        why: "it is no JSON object",
    };
    const NO_COLORS: Self = Self {
        why: "it is no list of colours",
    };
    pub(super) const NO_FACES: Self = Self {
        why: "it has no size or no list of faces",
    };
}

pub(super) fn value(body: &[u8]) -> Result<Value, ImageAnswerError> {
    serde_json::from_slice(body).map_err(|_| ImageAnswerError::NO_JSON)
}

pub(super) fn object(body: &[u8]) -> Result<Members, ImageAnswerError> {
    match value(body)? {
        Value::Object(members) => Ok(members),
        _ => Err(ImageAnswerError::NO_OBJECT),
    }
}

/// A whole number that is not negative, or such a text.
pub(super) fn number(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

pub(super) fn colors(value: &Value) -> Result<Vec<Rgb>, ImageAnswerError> {
    let colors = value.as_array().ok_or(ImageAnswerError::NO_COLORS)?;
    let colors = colors.iter().map(color).collect::<Option<_>>();
    colors.ok_or(ImageAnswerError::NO_COLORS)
}

fn color(value: &Value) -> Option<Rgb> {
    let hex = value
        .as_str()
        .and_then(|text| text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")));
    let number = match hex {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => number(value)?,
    };
    Rgb::from_u32(u32::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_of_both_formats() {
        let read = |text: &str| colors(&value(text.as_bytes()).unwrap());
        let two = Ok(vec![Rgb::new(255, 0, 170), Rgb::new(16, 32, 48)]);
        assert_eq!(read(r#"["0xff00aa","0x102030"]"#), two);
        assert_eq!(read("[16711850,1056816]"), two);
        assert_eq!(read(r#"["16711850","1056816"]"#), two);
        assert_eq!(read("[]"), Ok(vec![]));
        for wrong in ["{}", "[-1]", "[16777216]", r#"["0x"]"#, "[null]"] {
            assert_eq!(read(wrong), Err(ImageAnswerError::NO_COLORS), "{wrong}");
        }
    }
}
