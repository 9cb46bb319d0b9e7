//! Method, path, query, date, Content-MD5 and length.

use std::time::Duration;

use super::{
    super::{
        dice::Dice,
        form::SignatureForm,
        raw::{Payload, Raw},
    },
    MutatedField::{Body, ContentLength, ContentMd5, Date, Method, Path, Query, Service},
    Workshop, flipped, other_case,
};
use crate::wire::{
    Api,
    sign::{base64, md5},
};

const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];

/// Time only makes an old date older.
const TOO_OLD: Duration = Duration::from_secs(1800 + 60);
/// A new date must still be too new when a slow run comes to it.
const TOO_NEW: Duration = Duration::from_secs(6 * 3600);

pub(super) fn method(shop: &mut Workshop<'_>) {
    for method in METHODS {
        shop.add(Method, method, |raw| raw.method = method.to_owned());
    }
    let lower = shop.valid.method.to_lowercase();
    shop.add(Method, "lower case", |raw| raw.method = lower);
}

pub(super) fn path(shop: &mut Workshop<'_>, dice: &mut Dice) {
    // The path of cache refresh only names the API.
    if shop.valid.api == Api::Purge {
        return;
    }
    let path = shop.valid.path.clone();
    let start = path.find('/').map_or(0, |_| {
        let service = path.trim_start_matches('/').find('/');
        service.map_or(path.len(), |at| at + 2)
    });
    let mut change = |how: &str, path: String| shop.add(Path, how, |raw| raw.path = path);
    if start < path.len() {
        // Never inside an escape: a broken one is refused before anything else.
        let plain: Vec<_> = path.char_indices().enumerate().collect();
        let plain: Vec<_> = plain
            .into_iter()
            .filter(|(_, (at, it))| {
                let before = path.get(at.saturating_sub(2)..*at);
                *at >= start
                    && it.is_ascii_alphanumeric()
                    && before.is_none_or(|it| !it.contains('%'))
            })
            .map(|(index, (at, _))| (index, at))
            .collect();
        for _ in 0..3 {
            let Some((index, at)) = plain.get(dice.below(plain.len())).copied() else {
                break;
            };
            change("one character", flipped(&path, index));
            change("case of a letter", other_case(&path, index));
            let escape = format!("%{:02X}", path.as_bytes()[at]);
            let escaped = format!("{}{escape}{}", &path[..at], &path[at + 1..]);
            change("a plain character escaped", escaped);
        }
        let last = path.chars().last().map_or(0, char::len_utf8);
        change(
            "without the last character",
            path[..path.len() - last].to_owned(),
        );
        change(
            "a slash doubled",
            format!("{}/{}", &path[..start], &path[start..]),
        );
        change(
            "a dot segment",
            format!("{}./{}", &path[..start], &path[start..]),
        );
    }
    change("one character more", format!("{path}a"));
    match path.strip_suffix('/') {
        Some(bare) => change("without the last slash", bare.to_owned()),
        None => change("a slash more", format!("{path}/")),
    }
    if let Some(at) = path.find('%')
        && let Some(escape) = path.get(at..at + 3)
    {
        let lower = escape.to_lowercase();
        let upper = escape.to_uppercase();
        let other = if lower == escape { upper } else { lower };
        change("case of an escape", path.replacen(escape, &other, 1));
        let byte = u8::from_str_radix(&escape[1..], 16).unwrap_or_default();
        if byte.is_ascii_graphic() && !b"?#%/\\^`{}|\"<>".contains(&byte) {
            let character = char::from(byte).to_string();
            change("an escape decoded", path.replacen(escape, &character, 1));
        }
        change("an escape escaped", path.replacen('%', "%25", 1));
    }
    let inner = path.get(start..).and_then(|it| it.find('/'));
    if let Some(at) = inner.map(|at| at + start) {
        change(
            "a slash escaped",
            format!("{}%2F{}", &path[..at], &path[at + 1..]),
        );
    }
    if shop.valid.api == Api::Storage {
        let service = shop.keys.service.clone();
        for other in ["second", "nowhere", "Demo", ""] {
            let moved = path.replacen(&format!("/{service}"), &format!("/{other}"), 1);
            shop.add(Service, format!("{other:?}"), |raw| raw.path = moved);
        }
    }
}

pub(super) fn query(shop: &mut Workshop<'_>) {
    let add = |shop: &mut Workshop<'_>, how: &str, query: Option<String>| {
        shop.add(Query, how, |raw| raw.query = query);
    };
    let Some(query) = shop.valid.query.clone() else {
        add(shop, "one where none is", Some("x=1".to_owned()));
        return;
    };
    add(shop, "none", None);
    add(shop, "one more", Some(format!("{query}&x=1")));
    add(shop, "a character", Some(flipped(&query, query.len() - 1)));
    add(shop, "case of a letter", Some(other_case(&query, 0)));
    add(shop, "an empty value", Some(format!("{query}=")));
    let escaped = format!("%{:02X}{}", query.as_bytes()[0], &query[1..]);
    add(shop, "a character escaped", Some(escaped));
}

pub(super) fn dates(shop: &mut Workshop<'_>) {
    let name = match shop.valid.header("x-date") {
        Some(_) => "X-Date",
        None => "Date",
    };
    let Some(date) = shop.valid.header(name).map(str::to_owned) else {
        let stale = "Sat, 01 Jan 2000 00:00:00 GMT";
        shop.add(Date, "one where none is", |raw| {
            raw.set_header("Date", stale)
        });
        return;
    };
    let now = shop.keys.now;
    let text = |time| httpdate::fmt_http_date(time);
    let zone = match date.contains("GMT") {
        true => date.replace("GMT", "UTC"),
        false => date.replace("UTC", "GMT"),
    };
    let second = httpdate::parse_http_date(&date).unwrap_or(now);
    for (how, other) in [
        ("a second later", text(second + Duration::from_secs(1))),
        ("a second earlier", text(second - Duration::from_secs(1))),
        ("too old", text(now - TOO_OLD)),
        ("too new", text(now + TOO_NEW)),
        ("another zone's name", zone),
        ("lower case", date.to_lowercase()),
        ("empty", String::new()),
    ] {
        shop.add(Date, how, |raw| raw.set_header(name, other));
    }
    shop.add(Date, "none", |raw| raw.remove_header(name));
    // Each is signed as it stands, so that only the date itself is wrong.
    let seconds = shop.keys.unix().to_string();
    for (how, other) in [
        ("too old", text(now - TOO_OLD)),
        ("too new", text(now + TOO_NEW)),
        (
            "of another year",
            text(now + Duration::from_secs(366 * 86_400)),
        ),
        ("Unix seconds", seconds),
        ("of another zone", text(now).replace("GMT", "+0000")),
        ("without a zone", text(now).replace(" GMT", "")),
        ("without a weekday", text(now)[5..].to_owned()),
        ("no date", "yesterday".to_owned()),
    ] {
        shop.add_signed(Date, how, |raw| raw.set_header(name, other));
    }
    if name == "Date" {
        // X-Date counts where both are.
        let other = text(second + Duration::from_secs(1));
        shop.add(Date, "another X-Date beside it", |raw| {
            raw.set_header("X-Date", other)
        });
    }
}

pub(super) fn content_md5(shop: &mut Workshop<'_>, dice: &mut Dice) {
    let Some(digest) = shop.valid.header("content-md5").map(str::to_owned) else {
        let right = md5(shop.valid.body());
        let wrong = flipped(&right, dice.below(32));
        shop.add(ContentMd5, "right, where none was signed", |raw| {
            raw.set_header("Content-MD5", right);
        });
        shop.add(ContentMd5, "wrong, where none was signed", |raw| {
            raw.set_header("Content-MD5", wrong);
        });
        return;
    };
    let cased = match digest == digest.to_lowercase() {
        true => digest.to_uppercase(),
        false => digest.to_lowercase(),
    };
    for (how, other) in [
        ("a digit", flipped(&digest, dice.below(32))),
        ("case of the digits", cased),
        ("empty", String::new()),
        ("short", digest[1..].to_owned()),
        ("Base64", base64(&digest)),
    ] {
        shop.add(ContentMd5, how, |raw| raw.set_header("Content-MD5", other));
    }
    shop.add(ContentMd5, "none", |raw| raw.remove_header("Content-MD5"));
    // The upload has been completed, so that its parts are refused before they are read.
    if shop.form == SignatureForm::Multipart {
        return;
    }
    let wrong = flipped(&digest, dice.below(32));
    shop.add_signed(ContentMd5, "a digit", |raw| {
        raw.set_header("Content-MD5", wrong)
    });
}

pub(super) fn length_and_body(shop: &mut Workshop<'_>) {
    let mut body = match &shop.valid.payload {
        Payload::Bytes(body) if matches!(&*shop.valid.method, "PUT" | "POST") => body.clone(),
        _ => return file_of_a_form(shop),
    };
    let (method, length) = (shop.valid.method.clone(), body.len());
    if shop.form == SignatureForm::Legacy && matches!(&*method, "PUT" | "POST") {
        // Of another length than is signed, but as long as it says.
        let longer = [&*body, b"x"].concat();
        shop.add(ContentLength, "a byte more", |raw| {
            raw.payload = Payload::Bytes(longer)
        });
        if !body.is_empty() {
            let shorter = body[1..].to_vec();
            shop.add(ContentLength, "a byte less", |raw| {
                raw.payload = Payload::Bytes(shorter)
            });
        }
        let says = |length: String| move |raw: &mut Raw| raw.set_header("Content-Length", length);
        shop.add(ContentLength, "says more", says((length + 1).to_string()));
        shop.add(ContentLength, "a leading zero", says(format!("0{length}")));
        shop.add(ContentLength, "no number", says("x".to_owned()));
    }
    // Parts are refused before they are read, as the upload has been completed.
    if let (Some(byte), true) = (body.last_mut(), shop.form != SignatureForm::Multipart) {
        *byte ^= 1;
        shop.add(Body, "a bit", |raw| raw.payload = Payload::Bytes(body));
    }
}

fn file_of_a_form(shop: &mut Workshop<'_>) {
    let Payload::Multipart(fields) = &shop.valid.payload else {
        return;
    };
    let mut fields = fields.clone();
    if let Some(byte) = fields.last_mut().and_then(|file| file.value.last_mut()) {
        *byte ^= 1;
        shop.add(Body, "a bit", |raw| {
            raw.payload = Payload::Multipart(fields)
        });
    }
}
