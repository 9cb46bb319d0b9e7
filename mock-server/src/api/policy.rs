//! The policy: Base64 of a JSON object that says what may be uploaded where.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};
use upyun_client::protocol::ErrorCode;

use crate::refusal::{Explanation, Refusal};

/// The standard alphabet; padding may be missing (`[choice F-7]`).
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A decoded policy.
#[derive(Clone, Debug)]
pub(in crate::api) struct Policy(Map<String, Value>);

impl Policy {
    pub(in crate::api) fn decode(text: &str) -> Result<Self, Refusal> {
        let wrong = |why: String| {
            Refusal::new(ErrorCode::DECODE_POLICY_ERROR).because(
                Explanation::new(why)
                    .remedy("the policy is the standard Base64 of one JSON object in UTF-8."),
            )
        };
        let compact: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let json = TOLERANT
            .decode(compact)
            .map_err(|error| wrong(format!("The policy is no Base64: {error}.")))?;
        match serde_json::from_slice(&json) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(wrong("The policy is JSON, but no object.".into())),
            Err(_) if has_bad_save_key(&json) => {
                Err(Refusal::new(ErrorCode::SAVE_KEY_ENCODING_SHOULD_BE_UTF8)
                    .because("The save-key of the policy is not UTF-8."))
            }
            Err(error) => Err(wrong(format!("The policy is no JSON: {error}."))),
        }
    }

    /// The text of a member; numbers count as their digits, `null` as absent.
    pub(in crate::api) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A member that is there, whatever it is.
    pub(in crate::api) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A member that is there and not empty.
    pub(in crate::api) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Whether the member is there at all.
    pub(in crate::api) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The names of all members.
    pub(in crate::api) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All members whose names begin so.
    pub(in crate::api) fn beginning(&self, prefix: &str) -> impl Iterator<Item = (&str, String)> {
        self.0.keys().filter_map(move |name| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, self.text(name)?))
        })
    }

    /// All members that are texts or numbers, by name, as text.
    pub(in crate::api) fn texts(&self) -> Vec<(String, String)> {
        let members = self.0.keys();
        let text = |name: &String| Some((name.clone(), self.text(name)?));
        members.filter_map(text).collect()
    }

    /// `min,max`, inclusive.
    pub(in crate::api) fn range(
        &self,
        name: &str,
        malformed: ErrorCode,
    ) -> Result<Option<std::ops::RangeInclusive<u64>>, Refusal> {
        let Some(text) = self.filled(name) else {
            return Ok(None);
        };
        let range = text.split_once(',').and_then(|(min, max)| {
            let number = |text: &str| text.trim().parse::<u64>().ok();
            Some(number(min)?..=number(max)?)
        });
        range.map(Some).ok_or_else(|| {
            Refusal::new(malformed)
                .because(format!("{name} is {text:?}; it is two numbers, min,max."))
        })
    }
}

/// Whether the save-key is what keeps a policy from being JSON.
fn has_bad_save_key(json: &[u8]) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_str(&String::from_utf8_lossy(json)) else {
        return false;
    };
    let is_replaced = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    members
        .get("save-key")
        .and_then(Value::as_str)
        .is_some_and(is_replaced)
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn numbers_and_strings_are_the_same() {
        let text = BASE64_STANDARD.encode(r#"{"a":1,"b":"1","c":null,"d":true,"e":""}"#);
        let policy = Policy::decode(&text).unwrap();
        assert_eq!(policy.text("a"), policy.text("b"));
        assert_eq!((policy.text("c"), policy.text("d")), (None, None));
        assert_eq!(
            (policy.text("e"), policy.filled("e")),
            (Some(String::new()), None)
        );
        assert!(policy.has("d") && !policy.has("c"));
        let loose = format!("{}\r\n", text.trim_end_matches('='));
        assert!(Policy::decode(&loose).is_ok());
    }

    #[test]
    fn what_is_no_policy() {
        for json in ["[]", "1", "{", "\u{ff}"] {
            assert!(
                Policy::decode(&BASE64_STANDARD.encode(json)).is_err(),
                "{json}"
            );
        }
        for text in ["", "%%%", "e30-", "{}"] {
            assert!(Policy::decode(text).is_err(), "{text}");
        }
    }
}
