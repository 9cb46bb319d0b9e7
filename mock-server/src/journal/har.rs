//! The journal as an HTTP archive (HAR 1.2), which browsers' developer tools, proxies and testers read.

use std::{borrow::Borrow, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::StatusCode;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::JournalEntry;

/// An archive of these requests. Of bodies it has what the journal keeps, the beginnings; `bodySize` is
/// the whole size. What is no text is in base64, and says so. What only we know has names with `_`.
pub(crate) fn archive(entries: &[impl Borrow<JournalEntry>]) -> Value {
    let entries: Vec<_> = entries.iter().map(|it| exchange(it.borrow())).collect();
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "upyun-mock", "version": env!("CARGO_PKG_VERSION") },
            "entries": entries,
        }
    })
}

fn exchange(entry: &JournalEntry) -> Value {
    let milliseconds = Duration::from_micros(entry.duration_us).as_secs_f64() * 1000.0;
    let (sent, answered) = (entry.request_headers(), entry.response_headers());
    let mut request = json!({
        "method": entry.method(),
        "url": format!("http://{}{}", entry.host(), entry.path()),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&sent),
        "queryString": query(entry.path()),
        "headersSize": -1,
        "bodySize": entry.bytes_in,
    });
    if entry.bytes_in > 0 {
        request["postData"] = text(&sent, entry.request_body());
    }
    let mut content = text(&answered, entry.response_body());
    content["size"] = entry.bytes_out.into();
    let reason = StatusCode::from_u16(entry.status).ok();
    json!({
        "startedDateTime": moment(entry.time_ms),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": reason.and_then(|it| it.canonical_reason()).unwrap_or_default(),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers(&answered),
            "content": content,
            "redirectURL": value_of(&answered, "location"),
            "headersSize": -1,
            "bodySize": entry.bytes_out,
        },
        "cache": {},
        "timings": { "send": 0, "wait": milliseconds, "receive": 0 },
        "_number": entry.number,
        "_code": entry.code,
        "_operation": entry.operation,
    })
}

/// The members that say what a body is.
fn text(headers: &[(String, String)], body: &[u8]) -> Value {
    let mut members = Map::new();
    members.insert("mimeType".into(), value_of(headers, "content-type").into());
    match std::str::from_utf8(body) {
        Ok(text) => members.insert("text".into(), text.into()),
        Err(_) => {
            members.insert("encoding".into(), "base64".into());
            members.insert("text".into(), BASE64_STANDARD.encode(body).into())
        }
    };
    members.into()
}

fn headers(all: &[(String, String)]) -> Value {
    let pairs = all.iter().map(|(name, value)| pair(name, value));
    pairs.collect()
}

fn query(path: &str) -> Value {
    let (_, query) = path.split_once('?').unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| pair(&name, &value)).collect()
}

fn pair(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

/// With milliseconds; a clock may be set to years that the format does not have, which become its end.
fn moment(time_ms: u64) -> String {
    let nanoseconds = i128::from(time_ms) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
    let text = time.and_then(|it| it.format(&Rfc3339).ok());
    text.unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}
