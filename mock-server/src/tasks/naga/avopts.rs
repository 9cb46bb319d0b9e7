//! Parameters of media tasks: the text of `avopts`, and the members of old that mean the same.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};

use super::Kind;
use crate::tasks::outcome::Failure;

/// A key and its value.
pub(super) type Pair = (String, String);

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Members of old and the keys that replaced them. Those without a type are the same for all.
const MEMBERS: &[(&str, &str)] = &[
    ("bitrate", "vb"),
    ("scale", "s"),
    ("auto_scale", "as"),
    ("frame_rate", "r"),
    ("rotate", "sp"),
    ("map_metadata", "sm"),
    ("audio_codec", "acodec"),
    ("video_codec", "vcodec"),
    ("disable_audio", "an"),
    ("disable_video", "vn"),
    ("format", "f"),
    ("accelerate_factor", "su"),
    ("start_time", "ss"),
    ("end_time", "es"),
    ("watermark_img", "wmImg"),
    ("watermark_gravity", "wmGravity"),
    ("watermark_dx", "wmDx"),
    ("watermark_dy", "wmDy"),
    ("hls_time", "ht"),
    ("thumb_single", "o"),
    ("thumb_amount", "n"),
    ("thumb_start", "ss"),
    ("thumb_end", "es"),
    ("thumb_scale", "s"),
    ("thumb_format", "f"),
    ("audio_channel", "ac"),
    ("audio_bitrate", "ab"),
    ("audio_vbr", "vbr"),
];

/// The parameters of a step: `avopts` if it is there, else the members of old that its type knows;
/// other members are ignored.
pub(super) fn pairs(kind: Kind, step: &Map<String, Value>) -> Result<Vec<Pair>, Failure> {
    match step.get("avopts") {
        Some(Value::String(text)) => split(text),
        Some(other) => Err(Failure::malformed(format!("avopts is {other}, no text"))),
        None => Ok(of_members(kind, step)),
    }
}

/// `/key/value/key/value`; slashes at the ends may be missing or too many.
pub(super) fn split(text: &str) -> Result<Vec<Pair>, Failure> {
    let tokens = text.trim_matches('/');
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let tokens: Vec<&str> = tokens.split('/').collect();
    let pairs = tokens.chunks(2).map(|pair| match pair {
        [key, value] if !key.is_empty() && !value.is_empty() => {
            Ok(((*key).to_owned(), (*value).to_owned()))
        }
        [key, ..] => Err(Failure::malformed(format!(
            "avopts {text:?}: {key:?} has no value"
        ))),
        [] => Err(Failure::malformed("avopts is empty")),
    });
    pairs.collect()
}

/// The steps of a chain: where a key is expected, the name of a type begins the next.
pub(super) fn split_chain(text: &str) -> Result<Vec<(Kind, Vec<Pair>)>, Failure> {
    let mut steps: Vec<(Kind, Vec<Pair>)> = Vec::new();
    let mut tokens = text.trim_matches('/').split('/');
    while let Some(token) = tokens.next() {
        if let Some(kind) = Kind::of(token).filter(|kind| kind.is_step()) {
            steps.push((kind, Vec::new()));
            continue;
        }
        let value = tokens.next().filter(|value| !value.is_empty());
        match (steps.last_mut(), value) {
            (Some((_, pairs)), Some(value)) => pairs.push((token.to_owned(), value.to_owned())),
            (None, _) => {
                return Err(Failure::malformed(format!(
                    "the chain {text:?} begins with {token:?}, no type of task"
                )));
            }
            (_, None) => {
                return Err(Failure::malformed(format!(
                    "avopts {text:?}: {token:?} has no value"
                )));
            }
        }
    }
    Ok(steps)
}

fn of_members(kind: Kind, step: &Map<String, Value>) -> Vec<Pair> {
    let known = MEMBERS.iter().filter_map(|(member, key)| {
        let value = match step.get(*member)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
            other => other.to_string(),
        };
        // Thumbnails have members of their own for what others share, and some clients mix them.
        let is_of_thumbnails = member.starts_with("thumb_");
        if is_of_thumbnails != (kind == Kind::Thumbnail) && *member != "format"
            || !kind.keys().contains(key)
            || value.is_empty()
        {
            return None;
        }
        let value = match *key {
            "wmImg" => BASE64.encode(value),
            _ => value,
        };
        Some(((*key).to_owned(), value))
    });
    known.collect()
}

/// A path of an `avopts` value: Base64, of the URL-safe kind or not, with or without padding.
pub(super) fn path(key: &str, value: &str) -> Result<String, Failure> {
    let standard = value.replace('_', "/").replace('-', "+");
    BASE64
        .decode(standard)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Failure::bad_parameter(format!("{key} is {value:?}, no path in Base64")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn pairs_come_back_with_and_without_slashes_at_the_ends(
            pairs in proptest::collection::vec(("[a-z]{1,9}", "[^/]{1,9}"), 0..6),
            before in "/{0,2}",
            after in "/{0,2}",
        ) {
            let joined: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}/{value}")).collect();
            let text = format!("{before}{}{after}", joined.join("/"));
            prop_assert_eq!(split(&text).unwrap(), pairs);
        }

        #[test]
        fn no_text_is_too_odd(text in "[a-z0-9/:().,]{0,30}|\\PC{0,40}") {
            if let Ok(pairs) = split(&text) {
                prop_assert!(pairs.iter().all(|(key, value)| !key.is_empty() && !value.is_empty()));
            }
        }
    }

    #[track_caller]
    fn check(text: &str, want: &[(&str, &str)]) {
        let pairs = split(text).unwrap();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| (&**key, &**value))
            .collect();
        assert_eq!(pairs, want, "{text}");
    }

    #[test]
    fn slashes_at_the_ends_do_not_matter() {
        check("/s/240p(4:3)/as/1", &[("s", "240p(4:3)"), ("as", "1")]);
        check("/o/true/n/1/", &[("o", "true"), ("n", "1")]);
        check("vb/500", &[("vb", "500")]);
        check("", &[]);
        check("/", &[]);
    }

    #[test]
    fn keys_have_values() {
        for bad in ["/s", "/s//as/1", "/s/1/as"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_chain_is_split_where_types_stand() {
        let chain = "/video/i/Zm9vLm1wNA==/video/s/480p(16:9)/thumbnail/o/1";
        let steps = split_chain(chain).unwrap();
        let kinds: Vec<_> = steps.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Kind::Video, Kind::Video, Kind::Thumbnail]);
        assert_eq!(steps[0].1, [("i".to_owned(), "Zm9vLm1wNA==".to_owned())]);
        assert!(split_chain("/s/1").is_err());
        assert!(split_chain("/probe/s/1").is_err());
    }

    #[test]
    fn paths_are_base64_of_either_kind() {
        for text in ["L0wyRXZZaTlqTG0xd05BPT0=", "L0wyRXZZaTlqTG0xd05BPT0"] {
            assert_eq!(path("i", text).unwrap(), "/L2EvYi9jLm1wNA==");
        }
        let path_of = |text| path("i", text).ok();
        assert_eq!(path_of("5Zu-"), path_of("5Zu+"));
        assert_eq!(path_of("!"), None);
    }

    #[test]
    fn members_of_old_are_keys() {
        let task = json!({
            "bitrate": "500", "scale": "320:240", "auto_scale": true, "thumb_format": "png",
            "hls_time": 100, "watermark_img": "/a.png", "unknown": 1
        });
        let pairs = of_members(Kind::Video, task.as_object().unwrap());
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| (&**key, &**value))
            .collect();
        let want = [
            ("vb", "500"),
            ("s", "320:240"),
            ("as", "true"),
            ("wmImg", "L2EucG5n"),
            ("ht", "100"),
        ];
        assert_eq!(pairs, want);
        let task = json!({ "thumb_single": false, "thumb_amount": 3, "start_time": "00:00:01" });
        let pairs = of_members(Kind::Thumbnail, task.as_object().unwrap());
        let want =
            [("o", "false"), ("n", "3")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs, want);
    }
}
