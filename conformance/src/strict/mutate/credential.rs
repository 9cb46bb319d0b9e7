//! Who signs, and the signature itself.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    super::{
        dice::Dice,
        form::{
            Keys, SignatureForm, get_credential, parts, run_together, set_credential,
            sign as resign,
        },
        raw::Raw,
    },
    MutatedField::{Operator, Password, Scheme, Service, Signature, SignedText},
    Workshop, flipped, other_case, without_last,
};
use crate::wire::sign::{self, md5};

/// Names that are not the operator's; the second is of one with another password.
fn strangers(operator: &str) -> Vec<String> {
    vec![
        "nobody".to_owned(),
        "reader".to_owned(),
        format!("{operator}x"),
        other_case(operator, 0),
        format!(" {operator}"),
        without_last(operator),
        String::new(),
    ]
}

/// Splits a credential into what stands before the signature, and the signature.
fn split(value: &str) -> (&str, &str) {
    let at = value.rfind([':', ' ']).map_or(0, |at| at + 1);
    value.split_at(at)
}

pub(super) fn scheme(shop: &mut Workshop<'_>) {
    let form = shop.form;
    if form == SignatureForm::FormLegacy {
        return;
    }
    let value = get_credential(form, shop.valid);
    let (scheme, rest) = value.split_once(' ').unwrap_or((&value, ""));
    for (how, other) in [
        ("unknown", format!("Bearer {rest}")),
        ("one letter more", format!("{scheme}X {rest}")),
        (
            "one letter less",
            format!("{} {rest}", &scheme[..scheme.len() - 1]),
        ),
        ("none", rest.to_owned()),
        ("two blanks after it", format!("{scheme}  {rest}")),
        ("a tab after it", format!("{scheme}\t{rest}")),
        ("a colon after it", format!("{scheme}: {rest}")),
        (
            "case of a letter",
            format!("{} {rest}", other_case(scheme, 0)),
        ),
        ("only the scheme", scheme.to_owned()),
        ("an empty credential", String::new()),
        (
            "the other scheme",
            match form {
                SignatureForm::Basic => format!("UPYUN {rest}"),
                _ => format!("Basic {rest}"),
            },
        ),
    ] {
        shop.add(Scheme, how, |raw| set_credential(form, raw, other));
    }
    match form {
        SignatureForm::Form => {}
        _ => shop.add(Scheme, "no header", |raw| {
            raw.remove_header("Authorization")
        }),
    }
}

pub(super) fn who(shop: &mut Workshop<'_>) {
    let (form, keys) = (shop.form, shop.keys.clone());
    for stranger in strangers(&keys.operator) {
        let other = Keys {
            operator: stranger.clone(),
            ..keys.clone()
        };
        // Named without signing again, and signed with this operator's password.
        let value = get_credential(form, shop.valid);
        let renamed = value.replacen(&format!("{}:", keys.operator), &format!("{stranger}:"), 1);
        if form != SignatureForm::FormLegacy {
            shop.add(Operator, format!("{stranger:?}"), |raw| {
                set_credential(form, raw, renamed);
            });
            shop.add(Operator, format!("{stranger:?}, signed again"), |raw| {
                resign(form, raw, &other);
            });
        }
    }
    if form == SignatureForm::Purge {
        for service in ["second", "nowhere", "Demo", ""] {
            let value = get_credential(form, shop.valid);
            let ours = format!(" {}:", keys.service);
            let moved = value.replacen(&ours, &format!(" {service}:"), 1);
            shop.add(Service, format!("{service:?}"), |raw| {
                set_credential(form, raw, moved)
            });
        }
    }
    if form == SignatureForm::Basic {
        for (how, password) in [
            ("a letter", flipped(&keys.password, 0)),
            ("case of a letter", other_case(&keys.password, 0)),
            ("its MD5", md5(&keys.password)),
            ("a letter more", format!("{}x", keys.password)),
            ("a letter less", without_last(&keys.password)),
            ("a blank after it", format!("{} ", keys.password)),
            ("empty", String::new()),
        ] {
            let other = Keys {
                password,
                ..keys.clone()
            };
            shop.add(Password, how, |raw| resign(form, raw, &other));
        }
    }
}

pub(super) fn signature(shop: &mut Workshop<'_>, dice: &mut Dice) {
    let form = shop.form;
    let value = get_credential(form, shop.valid);
    let (before, signature) = split(&value);
    let mut variants: Vec<(&str, String)> = Vec::new();
    let length = signature.len();
    for _ in 0..4 {
        variants.push(("one character", flipped(signature, dice.below(length))));
        variants.push((
            "case of a letter",
            other_case(signature, dice.below(length)),
        ));
    }
    variants.push(("the first character", flipped(signature, 0)));
    variants.push(("the last character", flipped(signature, length - 1)));
    variants.push(("one less", signature[..length - 1].to_owned()));
    variants.push(("one less at the front", signature[1..].to_owned()));
    variants.push(("half", signature[..length / 2].to_owned()));
    variants.push(("none", String::new()));
    variants.push(("one more", format!("{signature}a")));
    variants.push(("a digit more", format!("{signature}0")));
    variants.push(("twice", format!("{signature}{signature}")));
    variants.push((
        "a blank inside",
        format!("{} {}", &signature[..9], &signature[9..]),
    ));
    variants.push(("a blank before it", format!(" {signature}")));
    variants.push(("a blank after it", format!("{signature} ")));
    variants.push(("in quotes", format!("\"{signature}\"")));
    variants.push(("upper case", signature.to_uppercase()));
    variants.push(("lower case", signature.to_lowercase()));
    if let Ok(bytes) = STANDARD.decode(signature) {
        variants.push((
            "without padding",
            signature.trim_end_matches('=').to_owned(),
        ));
        variants.push(("more padding", format!("{signature}=")));
        let url_safe = signature.replace('+', "-").replace('/', "_");
        variants.push(("the URL-safe alphabet", url_safe));
        variants.push((
            "its escapes",
            signature.replace('=', "%3D").replace('+', "%2B"),
        ));
        variants.push(("a plus as a blank", signature.replace('+', " ")));
        variants.push(("twice Base64", sign::base64(signature)));
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        variants.push(("hex", hex));
        // The last digit before the padding has bits that say nothing.
        let at = signature.trim_end_matches('=').len() - 1;
        variants.push(("bits that say nothing", flipped(signature, at)));
    }
    for (how, other) in variants {
        let other = format!("{before}{other}");
        shop.add(Signature, how, |raw| set_credential(form, raw, other));
    }
}

/// Right signatures over a wrong text, or with a wrong key: what clients get wrong.
pub(super) fn signed_text(shop: &mut Workshop<'_>) {
    let (form, keys) = (shop.form, shop.keys.clone());
    for (how, password) in [
        ("key is not hashed", Key::Plain),
        ("key is upper case", Key::Upper),
        ("key is hashed twice", Key::Twice),
        ("key is empty", Key::Empty),
    ] {
        if let Some(value) = with_key(form, shop.valid, &keys, password) {
            shop.add(SignedText, how, |raw| set_credential(form, raw, value));
        }
    }
    if !form.is_hmac_header() && form != SignatureForm::Form {
        return;
    }
    let right = parts(form, shop.valid);
    let path = right[1].clone();
    let decoded = percent_decoded(&path);
    let swap = |at: usize, text: &str| {
        let mut parts = right.clone();
        text.clone_into(&mut parts[at]);
        parts
    };
    let bare = path.trim_start_matches('/').split_once('/');
    let bare = bare.map_or("/".to_owned(), |(_, key)| format!("/{key}"));
    let mut texts = vec![
        ("path is decoded", swap(1, &decoded)),
        ("path lacks the service", swap(1, &bare)),
        (
            "path has the host",
            swap(1, &format!("v0.api.upyun.com{path}")),
        ),
        (
            "path has the scheme",
            swap(1, &format!("http://v0.api.upyun.com{path}")),
        ),
        ("path has a slash more", swap(1, &format!("{path}/"))),
        ("method is lower case", swap(0, &right[0].to_lowercase())),
        ("method is missing", swap(0, "")),
        ("path is missing", swap(1, "")),
        ("last element is missing", right[..right.len() - 1].to_vec()),
    ];
    let mut reversed = right.clone();
    reversed.reverse();
    texts.push(("elements are reversed", reversed));
    let filled = right.iter().filter(|part| !part.is_empty()).count();
    if filled < right.len() {
        let mut all = right.clone();
        // An element that is absent, with its ampersand.
        all.iter_mut()
            .filter(|it| it.is_empty())
            .for_each(|it| "&".clone_into(it));
        texts.push(("absent elements leave their ampersand", all));
    }
    for (how, parts) in texts {
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        let value = sign::upyun(&keys.operator, &keys.password, &parts);
        // Another spelling of the scheme is no change of this field.
        let same = split(&value).1 == split(&get_credential(form, shop.valid)).1;
        if !same {
            shop.add(SignedText, how, |raw| set_credential(form, raw, value));
        }
    }
}

#[derive(Clone, Copy)]
enum Key {
    Plain,
    Upper,
    Twice,
    Empty,
}

impl Key {
    fn of(self, password: &str) -> String {
        match self {
            Self::Plain => password.to_owned(),
            Self::Upper => md5(password).to_uppercase(),
            Self::Twice => md5(md5(password)),
            Self::Empty => String::new(),
        }
    }
}

fn with_key(form: SignatureForm, raw: &Raw, keys: &Keys, key: Key) -> Option<String> {
    let secret = key.of(&keys.password);
    let who = &keys.operator;
    let joined = || {
        let parts = parts(form, raw);
        let filled: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        filled.join("&")
    };
    Some(match form {
        SignatureForm::Basic => return None,
        SignatureForm::FormLegacy => {
            let secret = key.of(keys.form_secret.as_deref()?);
            let policy = raw.field("policy")?;
            md5(format!("{policy}&{secret}"))
        }
        SignatureForm::Legacy => format!("UpYun {who}:{}", md5(format!("{}&{secret}", joined()))),
        SignatureForm::TaskLegacy => {
            format!(
                "UPYUN {who}:{}",
                md5(format!("{who}{}{secret}", run_together(raw)))
            )
        }
        SignatureForm::Purge => {
            let parts = parts(form, raw);
            let text = format!("{}&{}&{}&{secret}", parts[0], keys.service, parts[2]);
            format!("UpYun {}:{who}:{}", keys.service, md5(text))
        }
        _ => {
            let digest = sign::hmac_bytes(&secret, &joined());
            format!("UPYUN {who}:{}", sign::base64(digest))
        }
    })
}

fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match escape.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
