//! Rules as a line of text: `PUT /demo/** nth=3 => status=503 times=1`.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::{Fault, FaultError};

/// Members of the rule itself, which may stand on either side.
const OF_THE_RULE: [(&str, &str); 5] = [
    ("times", "times"),
    ("for", "for_seconds"),
    ("for_seconds", "for_seconds"),
    ("label", "label"),
    ("seed", "seed"),
];

/// A rule as JSON, or as words: conditions, `=>`, actions. A word that begins with `/` is the path; a
/// word of letters alone is the method before the arrow and a flag behind it; `header.x-date=*` asks
/// for a header.
impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let rule = if text.trim_start().starts_with('{') {
            serde_json::from_str(text)
        } else {
            serde_json::from_value(Value::Object(words(text)?))
        };
        let rule: Self = rule.map_err(|error| FaultError(format!("{text:?}: {error}")))?;
        rule.check()?;
        Ok(rule)
    }
}

fn words(text: &str) -> Result<Map<String, Value>, FaultError> {
    let Some((conditions, actions)) = text.split_once("=>") else {
        return Err(FaultError(format!(
            "{text:?} has no =>: a rule is JSON, or like \"PUT /demo/** nth=3 => status=503\""
        )));
    };
    let (mut rule, mut when, mut action) = (Map::new(), Map::new(), Map::new());
    for word in conditions.split_whitespace() {
        match word.split_once('=') {
            Some(("times" | "for" | "for_seconds" | "label", _)) => of_rule(&mut rule, word),
            Some((name, value)) => match name.strip_prefix("header.") {
                Some(name) => {
                    let headers = when.entry("header").or_insert_with(|| Map::new().into());
                    if let Value::Object(headers) = headers {
                        headers.insert(name.to_owned(), plain(value));
                    }
                }
                None => drop(when.insert(name.to_owned(), condition(name, value))),
            },
            None if word.starts_with('/') => drop(when.insert("path".into(), word.into())),
            None if word == "callback" => drop(when.insert("callback".into(), true.into())),
            None if word == "*" => {}
            None => drop(when.insert("method".into(), word.to_ascii_uppercase().into())),
        }
    }
    for word in actions.split_whitespace() {
        match word.split_once('=') {
            Some(("times" | "for" | "for_seconds" | "label", _)) => of_rule(&mut rule, word),
            Some(("seed", value)) => drop(when.insert("seed".into(), plain(value))),
            Some((name, value)) => drop(action.insert(name.to_owned(), plain(value))),
            None => drop(action.insert(word.to_owned(), true.into())),
        }
    }
    rule.insert("match".into(), when.into());
    rule.insert("action".into(), action.into());
    Ok(rule)
}

fn of_rule(rule: &mut Map<String, Value>, word: &str) {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    let member = OF_THE_RULE.iter().find(|(short, _)| *short == name);
    let member = member.map_or(name, |(_, member)| member);
    let value = match member {
        "label" => value.into(),
        _ => plain(value),
    };
    rule.insert(member.to_owned(), value);
}

/// Texts stay texts, even if they look like numbers.
fn condition(name: &str, value: &str) -> Value {
    match name {
        "nth" if value.contains(',') => value.split(',').map(plain).collect(),
        "nth" | "every" | "part" | "probability" | "seed" | "callback" => plain(value),
        _ => value.into(),
    }
}

/// JSON, or a text.
fn plain(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(short: &str, json: &str) {
        let short: Fault = short.parse().unwrap();
        let json: Fault = serde_json::from_str(json).unwrap();
        assert_eq!(short, json);
    }

    #[test]
    fn short_rules_mean_what_json_means() {
        check("=> status=503", r#"{"action":{"status":503}}"#);
        check(
            "put /demo/** nth=1,3 => close_after_request_bytes=1048576 reset times=2 for=1.5",
            r#"{"match":{"method":"PUT","path":"/demo/**","nth":[1,3]},"times":2,"for_seconds":1.5,
                "action":{"close_after_request_bytes":1048576,"reset":true}}"#,
        );
        check(
            "api=multipart part=3 operator=007 header.content-md5=true => stall={\"seconds\":2}",
            r#"{"match":{"api":"multipart","part":3,"operator":"007","header":{"content-md5":true}},
                "action":{"stall":{"seconds":2}}}"#,
        );
        check(
            "callback probability=0.5 seed=7 => lose",
            r#"{"match":{"callback":true,"probability":0.5,"seed":7},"action":{"lose":true}}"#,
        );
        check(
            "* => delay_ms={\"min\":10,\"max\":20} label=slow",
            r#"{"action":{"delay_ms":{"min":10,"max":20}},"label":"slow"}"#,
        );
    }

    #[test]
    fn what_means_nothing_is_refused_in_words() {
        for (text, word) in [
            ("PUT /demo/a", "no =>"),
            ("=>", "says nothing"),
            ("=> stauts=503", "stauts"),
            ("=> status=99", "200 to 599"),
            ("=> code=12345678", "error table"),
            ("=> code=40100005 status=401", "both"),
            ("=> lose", "callback"),
            ("callback => status=503", "callbacks can be"),
            ("nth=0 => status=503", "from 1"),
            ("every=0 => status=503", "none"),
            ("probability=2 => status=503", "0 to 1"),
            ("/demo/[ => status=503", "no glob"),
            ("=> bytes_per_second=0", "stall"),
            ("=> delay_ms={\"min\":2,\"max\":1}", "min above"),
            (
                "=> rate_limit={\"requests\":1,\"per_seconds\":0}",
                "per_seconds",
            ),
            ("for=-1 => status=503", "no time"),
            ("{\"action\":{\"status\":503},\"tims\":1}", "tims"),
        ] {
            let error = super::super::Faults::new(
                text.parse().into_iter().collect(),
                crate::Clock::system(),
            );
            let error = match text.parse::<Fault>() {
                Err(error) => error,
                Ok(_) => error.unwrap_err(),
            };
            assert!(error.to_string().contains(word), "{text}: {error}");
        }
    }
}
