//! Whether a request should be let through, read from the protocol and not from the emulator.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    form::{Keys, decoded, run_together},
    raw::{Payload, Raw},
};
use crate::target::fixtures;
use crate::wire::{
    Api,
    sign::{hmac, md5},
};

/// Whether the protocol lets this request through. It need not succeed then: the object may not be
/// there.
pub(super) fn is_valid(raw: &Raw, keys: &Keys) -> bool {
    match raw.api {
        Api::Purge => is_purge(raw, keys),
        Api::Tasks => is_task(raw, keys),
        _ if matches!(raw.payload, Payload::Multipart(_)) => is_form(raw, keys),
        _ => is_rest(raw, keys),
    }
}

/// auth §2 to §5; Content-MD5 is checked against the body of uploads, rest §3.3.
fn is_rest(raw: &Raw, keys: &Keys) -> bool {
    // A browser's question whether it may ask needs no credential.
    let is_preflight = raw.method == "OPTIONS" && raw.header("origin").is_some();
    let methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"];
    // What covers no path is good for every service that the operator is granted.
    let service = raw.path.trim_start_matches('/').split('/').next();
    let path_is_ours = service == Some(&*keys.service) || service == Some(fixtures::SECOND);
    let is_allowed = methods.contains(&&*raw.method) && path_is_ours;
    is_preflight || is_allowed && length_fits(raw) && md5_fits(raw) && credential_fits(raw, keys)
}

fn length_fits(raw: &Raw) -> bool {
    raw.header("content-length").is_none_or(|text| {
        let is_number = text.bytes().all(|it| it.is_ascii_digit());
        is_number && text.parse() == Ok(raw.body().len())
    })
}

fn md5_fits(raw: &Raw) -> bool {
    // Copies, folders and the first and last stage of an upload in parts bring no object.
    let names = ["x-upyun-copy-source", "x-upyun-move-source", "folder"];
    let brings_none = names.iter().any(|name| raw.header(name).is_some())
        || raw
            .header("x-upyun-multi-stage")
            .is_some_and(|it| it != "upload");
    let is_upload = matches!(&*raw.method, "PUT" | "POST") && !brings_none;
    let digest = raw.header("content-md5").unwrap_or_default();
    !is_upload || digest.is_empty() || digest.eq_ignore_ascii_case(&md5(raw.body()))
}

fn credential_fits(raw: &Raw, keys: &Keys) -> bool {
    let value = raw.header("authorization").unwrap_or_default().trim();
    let Some((scheme, credential)) = value.split_once(' ') else {
        return false;
    };
    if scheme.eq_ignore_ascii_case("basic") {
        let plain = STANDARD.decode(credential).unwrap_or_default();
        return plain == format!("{}:{}", keys.operator, keys.password).into_bytes();
    }
    let Some((operator, signature)) = credential.split_once(':') else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case("upyun") || operator != keys.operator {
        return false;
    }
    let is_md5 = signature.len() == 32 && signature.bytes().all(|it| it.is_ascii_hexdigit());
    let filled = |name: &str| raw.header(name).map(str::trim).filter(|it| !it.is_empty());
    let (prefix, postfix) = (filled("x-upyun-uri-prefix"), filled("x-upyun-uri-postfix"));
    if !is_md5 && (prefix.is_some() || postfix.is_some()) {
        let expire = filled("x-upyun-expire").unwrap_or_default();
        let parts = [Some(&*raw.method), prefix, postfix, Some(expire)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        return expire.parse::<u64>().is_ok_and(|it| it >= keys.unix())
            && raw.path.starts_with(prefix.unwrap_or_default())
            && raw.path.ends_with(postfix.unwrap_or_default())
            && signature == hmac(&keys.password, &parts.join("&"));
    }
    let Some(date) = filled("x-date").or_else(|| filled("date")) else {
        return false;
    };
    let digest = filled("content-md5");
    let length = raw.body().len();
    let fits = |uri: &str| {
        if is_md5 {
            let key = md5(&keys.password);
            let text = format!("{}&{uri}&{date}&{length}&{key}", raw.method);
            return signature.eq_ignore_ascii_case(&md5(text));
        }
        let parts = [Some(&*raw.method), Some(uri), Some(date), digest];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        signature == hmac(&keys.password, &parts.join("&"))
    };
    is_now(date, keys.now) && (fits(&raw.path) || fits(&raw.target()))
}

/// auth §2.2 and [choice A-7].
fn is_now(date: &str, now: SystemTime) -> bool {
    let words: Vec<_> = date.split(' ').collect();
    let [weekday, day, month, year, time, "GMT" | "UTC"] = words[..] else {
        return false;
    };
    let days = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    if !days.contains(&weekday) || day.len() > 2 {
        return false;
    }
    let text = format!("{weekday} {day:0>2} {month} {year} {time} GMT");
    let Ok(then) = httpdate::parse_http_date(&text) else {
        return false;
    };
    let off = now.duration_since(then).unwrap_or_else(|it| it.duration());
    off <= Duration::from_secs(1800)
}

/// auth §6 and §7, form §10.
fn is_form(raw: &Raw, keys: &Keys) -> bool {
    let text = raw.field("policy").unwrap_or_default();
    let policy = decoded(&text);
    let named = [&policy["service"], &policy["bucket"]];
    let mut named = named.iter().filter_map(|it| it.as_str());
    let bare = raw.path.strip_suffix('/').unwrap_or(&raw.path);
    let is_ours = raw.method == "POST"
        && bare == format!("/{}", keys.service)
        && named.clone().next().is_some()
        && named.all(|it| it == keys.service);
    let is_in_time = policy["expiration"]
        .as_u64()
        .is_some_and(|it| it >= keys.unix());
    let file = match &raw.payload {
        Payload::Multipart(fields) => fields.iter().find(|field| field.name == "file"),
        _ => None,
    };
    let digest = policy["content-md5"].as_str();
    let fits =
        file.is_some_and(|file| digest.is_none_or(|it| it.eq_ignore_ascii_case(&md5(&file.value))));
    let is_signed = match raw.field("authorization") {
        Some(value) => {
            let date = policy["date"].as_str();
            let parts = [Some("POST"), Some(&*raw.path), date, Some(&*text), digest];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            let right = hmac(&keys.password, &parts.join("&"));
            value
                .trim()
                .split_once(' ')
                .is_some_and(|(scheme, credential)| {
                    scheme.eq_ignore_ascii_case("upyun")
                        && credential == format!("{}:{right}", keys.operator)
                })
        }
        None => {
            let secret = keys.form_secret.as_deref().unwrap_or_default();
            let given = raw.field("signature").unwrap_or_default();
            given.eq_ignore_ascii_case(&md5(format!("{text}&{secret}")))
        }
    };
    is_ours && is_in_time && fits && is_signed
}

/// auth §9.
fn is_purge(raw: &Raw, keys: &Keys) -> bool {
    let value = raw.header("authorization").unwrap_or_default().trim();
    let Some((scheme, credential)) = value.split_once(' ') else {
        return false;
    };
    let date = raw
        .header("x-date")
        .or(raw.header("date"))
        .unwrap_or_default();
    let purge = raw.field("purge").unwrap_or_default();
    let (service, key) = (&keys.service, md5(&keys.password));
    let right = md5(format!("{purge}&{service}&{date}&{key}"));
    let right = format!("{service}:{}:{right}", keys.operator);
    let split = |text: &str| {
        let at = text.rfind(':').map_or(0, |at| at + 1);
        let (who, digest) = text.split_at(at);
        (who.to_owned(), digest.to_lowercase())
    };
    raw.method == "POST"
        && raw.path == "/purge/"
        && scheme.eq_ignore_ascii_case("upyun")
        && split(credential) == split(&right)
        && is_now(date, keys.now)
}

/// auth §2.5 and §8.
fn is_task(raw: &Raw, keys: &Keys) -> bool {
    let is_submission = raw.method == "POST" && raw.path.trim_end_matches('/') == "/pretreatment";
    // The Java client leaves the last slash out.
    let questions = ["/status/", "/status", "/result/", "/result"];
    let is_question = questions.contains(&&*raw.path) && raw.method == "GET";
    let value = raw.header("authorization").unwrap_or_default().trim();
    let credential = value.split_once(' ').map_or("", |it| it.1);
    let signature = credential.split_once(':').map_or("", |it| it.1);
    let is_md5 = signature.len() == 32 && signature.bytes().all(|it| it.is_ascii_hexdigit());
    let named = raw.field("service").or_else(|| raw.field("bucket_name"));
    let is_ours = is_question
        || named.as_deref() == Some(&*keys.service)
            && raw.field("notify_url").is_some()
            && raw.field("tasks").is_some();
    let is_signed = if is_md5 {
        let text = format!(
            "{}{}{}",
            keys.operator,
            run_together(raw),
            md5(&keys.password)
        );
        value.split_once(' ').is_some_and(|(scheme, credential)| {
            let right = format!("{}:{}", keys.operator, md5(text));
            scheme.eq_ignore_ascii_case("upyun") && {
                let (who, digest) = credential.split_at(keys.operator.len().min(credential.len()));
                right.starts_with(who) && digest.to_lowercase() == right[who.len()..]
            }
        })
    } else {
        credential_fits(raw, keys)
    };
    (is_submission || is_question) && is_ours && is_signed && md5_fits(raw)
}
