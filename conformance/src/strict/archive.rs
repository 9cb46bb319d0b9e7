//! Requests that other clients sent, out of HTTP archives (HAR) that the emulator wrote.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::raw::Raw;
use crate::wire::Api;

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    Read(PathBuf, io::Error),
    /// It is no HTTP archive.
    #[error(
        "{} is no HTTP archive; write one with `upyun-mock exec --journal FILE.har`: {}",
        .0.display(),
        .1
    )]
    Json(PathBuf, serde_json::Error),
}

/// What clients sent, and how it was answered.
#[derive(Debug, Default)]
pub struct Archive {
    pub(super) requests: Vec<Recorded>,
    /// How many requests say too little to be sent again.
    pub(super) left_out: u64,
}

/// A request of a client.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) raw: Raw,
    pub(super) time: SystemTime,
    pub(super) status: u16,
    pub(super) code: Option<u32>,
}

impl Archive {
    /// Adds what is in a file. Requests that cannot be sent again are counted only: those with a body
    /// that was not kept whole, with a password, which is never kept, or for hosts that want no
    /// signature.
    ///
    /// # Errors
    /// When the file cannot be read, or is no HTTP archive.
    pub fn add(&mut self, file: &Path) -> Result<(), ArchiveError> {
        let text = fs::read(file).map_err(|error| ArchiveError::Read(file.to_owned(), error))?;
        let har: Har = serde_json::from_slice(&text)
            .map_err(|error| ArchiveError::Json(file.to_owned(), error))?;
        for entry in har.log.entries {
            match recorded(entry) {
                Some(recorded) => self.requests.push(recorded),
                None => self.left_out += 1,
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: String,
    request: Sent,
    response: Answered,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    method: String,
    url: String,
    headers: Vec<Pair>,
    body_size: usize,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    text: String,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

fn recorded(entry: Entry) -> Option<Recorded> {
    let Entry {
        started_date_time,
        request,
        response,
    } = entry;
    let body = match request.post_data {
        Some(data) if data.encoding.is_some() => STANDARD.decode(data.text).ok()?,
        Some(data) => data.text.into_bytes(),
        None => Vec::new(),
    };
    if body.len() != request.body_size {
        return None;
    }
    let (host, target) = split(&request.url)?;
    let api = api_of(host)?;
    let mut bytes = format!("{} {target} HTTP/1.1\r\n", request.method);
    for Pair { name, value } in &request.headers {
        // What is between neighbours only.
        let is_of_hop = [
            "connection",
            "expect",
            "transfer-encoding",
            "keep-alive",
            "te",
        ]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known));
        let is_password = name.eq_ignore_ascii_case("authorization") && value.ends_with("***");
        if is_password {
            return None;
        }
        if !is_of_hop {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend(body);
    let time = OffsetDateTime::parse(&started_date_time, &Rfc3339).ok()?;
    let since = u64::try_from(time.unix_timestamp()).ok()?;
    let code = response.headers.iter();
    let mut code = code.filter(|it| it.name.eq_ignore_ascii_case("x-error-code"));
    Some(Recorded {
        raw: Raw::parse(api, &bytes)?,
        time: SystemTime::UNIX_EPOCH + Duration::from_secs(since),
        status: response.status,
        code: code.next().and_then(|it| it.value.parse().ok()),
    })
}

/// Host, and path with query.
fn split(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let (host, _) = rest.split_once('/')?;
    Some((host.split(':').next()?, &rest[host.len()..]))
}

/// The API whose signatures are judged here.
fn api_of(host: &str) -> Option<Api> {
    let known = [Api::Storage, Api::Tasks, Api::Purge];
    let known = known.into_iter().find(|api| api.host() == host);
    let lines = ["v1.api.upyun.com", "v2.api.upyun.com", "v3.api.upyun.com"];
    known.or_else(|| lines.contains(&host).then(|| Api::Host(host.to_owned())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn archive(request: serde_json::Value) -> Archive {
        let answer =
            json!({ "status": 401, "headers": [{ "name": "x-error-code", "value": "40100005" }] });
        let entry = json!({
            "startedDateTime": "2026-01-02T03:04:05.678Z", "request": request, "response": answer,
        });
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = json!({ "log": { "entries": [entry] } }).to_string();
        fs::write(&file, text).expect("written");
        let mut archive = Archive::default();
        archive.add(file.path()).expect("an archive");
        archive
    }

    #[test]
    fn a_request_is_what_it_was() {
        let archive = archive(json!({
            "method": "PUT", "url": "http://v0.api.upyun.com:80/demo/%61?x", "bodySize": 2,
            "headers": [
                { "name": "host", "value": "v0.api.upyun.com" },
                { "name": "authorization", "value": "UPYUN operator:x" },
                { "name": "expect", "value": "100-continue" },
            ],
            "postData": { "mimeType": "", "text": "//4=", "encoding": "base64" },
        }));
        let [recorded] = &archive.requests[..] else {
            panic!("{archive:?}");
        };
        assert_eq!(recorded.raw.target(), "/demo/%61?x");
        assert_eq!(recorded.raw.body(), [0xff, 0xfe]);
        assert_eq!(recorded.raw.headers.len(), 1);
        assert_eq!(recorded.code, Some(40_100_005));
        let since = recorded.time.duration_since(SystemTime::UNIX_EPOCH);
        assert_eq!(since.expect("later").as_secs(), 1_767_323_045);
    }

    #[test]
    fn what_was_not_kept_whole_is_left_out() {
        for (url, size, authorization) in [
            ("http://v0.api.upyun.com/demo/a", 5, "UPYUN operator:x"),
            ("http://v0.api.upyun.com/demo/a", 0, "Basic operator:***"),
            ("http://demo.b0.upaiyun.com/a", 0, "UPYUN operator:x"),
        ] {
            let archive = archive(json!({
                "method": "GET", "url": url, "bodySize": size,
                "headers": [{ "name": "authorization", "value": authorization }],
            }));
            assert_eq!(
                (archive.requests.len(), archive.left_out),
                (0, 1),
                "{url} {size}"
            );
        }
    }

    #[test]
    fn no_archive_is_told_as_such() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(&file, "{}\n{}").expect("written");
        let error = Archive::default().add(file.path()).expect_err("no archive");
        assert!(error.to_string().contains("FILE.har"), "{error}");
    }
}
