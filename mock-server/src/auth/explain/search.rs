//! Finds the fewest mistakes that give a signature.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use upyun_client::protocol::{Md5Digest, sign::MASK};

use super::{
    Presented,
    element::{Mistake, Variant, dates, keys, lengths, md5s, methods, uris, wrong},
};
use crate::{
    accounts::{Accounts, Operator},
    auth::authenticate::token,
};

/// Mistakes are seldom alone, but three at once are guesswork.
const MOST_MISTAKES: usize = 2;

/// Which signature was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Header,
    Legacy,
    Token,
}

/// Mistakes that give the client's signature.
#[derive(Debug)]
pub(super) struct Guess {
    pub(super) cause: String,
    pub(super) remedy: String,
    /// What was signed, masked.
    pub(super) string_to_sign: String,
}

/// Strings-to-sign but for the legacy key at their end, which is a secret.
struct Text {
    text: String,
    mistakes: Vec<Mistake>,
}

pub(super) fn search(
    form: Form,
    accounts: &Accounts,
    operator: &Operator,
    request: &Presented<'_>,
    given: &str,
) -> Option<Guess> {
    let given = read(form, given)?;
    let texts = texts(form, accounts, request);
    let keys = keys(accounts, operator);
    for allowed in 1..=MOST_MISTAKES {
        for text in &texts {
            for key in &keys {
                let mistakes = [
                    text.mistakes.len(),
                    count(&key.mistake),
                    count(&given.mistake),
                ];
                if mistakes.iter().sum::<usize>() == allowed
                    && hash(form, &text.text, &key.value) == given.value
                {
                    return Some(guess(form, text, [&key.mistake, &given.mistake]));
                }
            }
        }
    }
    None
}

fn count(mistake: &Option<Mistake>) -> usize {
    usize::from(mistake.is_some())
}

fn guess(form: Form, text: &Text, more: [&Option<Mistake>; 2]) -> Guess {
    let mistakes = text.mistakes.iter().chain(more.into_iter().flatten());
    let (mut causes, mut remedies) = (Vec::new(), Vec::new());
    for mistake in mistakes {
        causes.push(mistake.cause.as_str());
        if !remedies.contains(&mistake.remedy) {
            remedies.push(mistake.remedy);
        }
    }
    let string_to_sign = match form {
        Form::Legacy => format!("{}&{MASK}", text.text),
        Form::Header | Form::Token => text.text.clone(),
    };
    Guess {
        cause: causes.join(" "),
        remedy: remedies.join(" And "),
        string_to_sign,
    }
}

/// All strings-to-sign with at most [`MOST_MISTAKES`] mistakes.
fn texts(form: Form, accounts: &Accounts, request: &Presented<'_>) -> Vec<Text> {
    let start = vec![Text {
        text: String::new(),
        mistakes: Vec::new(),
    }];
    let texts = extend(start, methods(request));
    match form {
        Form::Header => {
            let texts = extend(texts, uris(accounts, request));
            let texts = extend(texts, dates(request));
            extend(texts, md5s(request).into_iter().map(or_empty).collect())
        }
        Form::Legacy => {
            let texts = extend(texts, uris(accounts, request));
            let texts = extend(texts, dates(request));
            extend(texts, lengths(request).into_iter().map(to_text).collect())
        }
        Form::Token => {
            let token = token(request);
            let rest = [token.prefix, token.postfix, Some(token.expire)];
            let rest: Vec<&str> = rest.into_iter().flatten().collect();
            extend(
                texts,
                vec![Variant {
                    value: rest.join("&"),
                    mistake: None,
                }],
            )
        }
    }
}

fn or_empty(variant: Variant<Option<String>>) -> Variant<String> {
    Variant {
        value: variant.value.unwrap_or_default(),
        mistake: variant.mistake,
    }
}

fn to_text(variant: Variant<u64>) -> Variant<String> {
    Variant {
        value: variant.value.to_string(),
        mistake: variant.mistake,
    }
}

/// Appends an element to each text in each of its variants, but never too many mistakes.
fn extend(texts: Vec<Text>, element: Vec<Variant<String>>) -> Vec<Text> {
    let mut extended = Vec::new();
    for text in &texts {
        for variant in &element {
            let mut mistakes = text.mistakes.clone();
            mistakes.extend(variant.mistake.clone());
            if mistakes.len() > MOST_MISTAKES {
                continue;
            }
            let mut longer = text.text.clone();
            if !variant.value.is_empty() {
                if !longer.is_empty() {
                    longer.push('&');
                }
                longer.push_str(&variant.value);
            }
            extended.push(Text {
                text: longer,
                mistakes,
            });
        }
    }
    extended
}

fn hash(form: Form, text: &str, key: &str) -> Vec<u8> {
    if form == Form::Legacy {
        return Md5Digest::of(format!("{text}&{key}")).as_bytes().to_vec();
    }
    hmac(key, text)
}

/// The raw HMAC under any key.
pub(super) fn hmac(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any length is a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The bytes of a signature, in whichever encoding it came.
fn read(form: Form, given: &str) -> Option<Variant<Vec<u8>>> {
    const RAW: &str = "send the padded standard Base64 of the raw 20 bytes.";
    if form == Form::Legacy {
        let value = given.parse::<Md5Digest>().ok()?.as_bytes().to_vec();
        return Some(Variant {
            value,
            mistake: None,
        });
    }
    if let Ok(value) = STANDARD.decode(given) {
        return match std::str::from_utf8(&value).ok().and_then(unhex) {
            Some(raw) => Some(wrong(raw, "The HMAC was hex-encoded before Base64.", RAW)),
            None => Some(Variant {
                value,
                mistake: None,
            }),
        };
    }
    if let Some(raw) = unhex(given) {
        return Some(wrong(raw, "The HMAC was sent in hex.", RAW));
    }
    if let Ok(raw) = STANDARD_NO_PAD.decode(given) {
        return Some(wrong(raw, "The Base64 has lost its padding.", RAW));
    }
    let url_safe = given.trim_end_matches('=');
    let raw = URL_SAFE_NO_PAD.decode(url_safe).ok()?;
    Some(wrong(raw, "The Base64 is of the URL-safe alphabet.", RAW))
}

/// The 20 bytes behind 40 hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 40 || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
