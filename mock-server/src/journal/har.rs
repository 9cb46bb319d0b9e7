//! The journal as an HTTP archive (HAR 1.2), which browsers' developer tools, proxies and testers read.

use std::{borrow::Borrow, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::StatusCode;
use serde_json::{Map, Value, json};

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
    let (seconds, milliseconds) = (time_ms / 1000, time_ms % 1000);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (year, month, day) = date(hours / 24);
    if year > 9999 {
        return "9999-12-31T23:59:59Z".to_owned();
    }
    let (hour, minute, second) = (hours % 24, minutes % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// Year, month and day, so many days after 1970-01-01. Years are counted from March here, so that the
/// leap day is the last of its year; an era has 400 of them.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let (month, later) = match march_month {
        0..10 => (march_month + 3, 0),
        _ => (march_month - 9, 1),
    };
    (era * 400 + year_of_era + later, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_rfc_3339() {
        for (time_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "9999-12-31T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(moment(time_ms), text);
        }
    }
}
