//! How a task ended: as it is told to a notify URL, and as `/result/` tells it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::MediaInfo;
use crate::protocol::{
    PasswordMd5,
    sign::{media_callback_legacy, media_legacy},
};

/// How a task ended, of any app.
///
/// ```
/// use upyun_client::TaskResult;
///
/// let body = r#"{"task_id":"98adbaa52b2f63d6d7f327a0ff223348","service":"upyun-temp",
///     "status_code":200,"path":"/result/t.zip","error":""}"#;
/// let result = TaskResult::from_json(body.as_bytes())?;
/// assert!(result.is_success());
/// assert_eq!(result.paths, ["/result/t.zip"]);
/// # Ok::<(), upyun_client::TaskResultError>(())
/// ```
///
/// # Whether to believe it
///
/// Callbacks are signed in their headers: check them with a
/// [`CallbackVerifier`](crate::CallbackVerifier), before they are read. Callbacks of media tasks
/// also carry a `signature` of old inside, which [`verify_legacy`](Self::verify_legacy) checks; in
/// JSON it covers only the task's id and the time.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TaskResult {
    /// The id that submitting gave.
    pub task_id: String,
    /// Whose objects it worked on.
    pub service: Option<String>,
    /// 200, or 204 where nothing had to be changed; everything else is a failure.
    pub status: u16,
    /// What went wrong, or `OK`; empty in the results of some apps.
    pub description: String,
    /// What was made.
    pub paths: Vec<String>,
    /// What the source, or the result, is made of.
    pub info: Option<MediaInfo>,
    /// The signature of old.
    pub signature: Option<String>,
    /// When the service reported it, in whole seconds.
    pub timestamp: Option<SystemTime>,
    /// Every member as it came, for what only some apps tell.
    pub members: Map<String, Value>,
    is_form: bool,
}

impl TaskResult {
    /// Reads a callback by its type.
    ///
    /// # Errors
    /// [`TaskResultError`] if it is not what the protocol says.
    pub fn from_callback(content_type: &str, body: &[u8]) -> Result<Self, TaskResultError> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::from_form(body)
        } else {
            Self::from_json(body)
        }
    }

    /// Reads a callback in JSON.
    ///
    /// # Errors
    /// [`TaskResultError`] if it is not what the protocol says.
    pub fn from_json(body: &[u8]) -> Result<Self, TaskResultError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::of(members),
            _ => Err(TaskResultError("it is no JSON object")),
        }
    }

    /// Reads a callback of a media task that did not ask for JSON.
    ///
    /// # Errors
    /// [`TaskResultError`] if it is not what the protocol says.
    pub fn from_form(body: &[u8]) -> Result<Self, TaskResultError> {
        let mut members = Map::new();
        let mut paths = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            let name = name.into_owned();
            if name == "path" || name.starts_with("path[") {
                paths.push(Value::from(&*value));
            } else {
                members.insert(name, value.into());
            }
        }
        members.insert("path".into(), paths.into());
        Ok(Self {
            is_form: true,
            ..Self::of(members)?
        })
    }

    pub(crate) fn of(members: Map<String, Value>) -> Result<Self, TaskResultError> {
        let text = |name: &str| {
            let value = members.get(name)?;
            value.as_str().map(str::to_owned)
        };
        let number = |name: &str| match members.get(name)? {
            Value::String(text) => text.parse::<u64>().ok(),
            value => value.as_u64(),
        };
        let list = |name: &str| match members.get(name) {
            Some(Value::String(path)) if !path.is_empty() => vec![path.clone()],
            Some(Value::Array(paths)) => {
                let paths = paths.iter().filter_map(Value::as_str);
                paths.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        let mut paths = list("path");
        paths.extend(list("paths"));
        let pictures = match members.get("imginfos") {
            Some(Value::Array(pictures)) => pictures.iter().collect(),
            _ => Vec::from_iter(members.get("imginfo")),
        };
        let pictures = pictures.iter().filter_map(|it| it.get("path")?.as_str());
        paths.extend(pictures.map(str::to_owned));
        let status = number("status_code").and_then(|status| u16::try_from(status).ok());
        // In a form it is JSON in Base64, and stays so among the members, as it is signed so.
        let info = match members.get("info") {
            Some(Value::String(text)) => {
                let info = STANDARD.decode(text).ok();
                let info = info.and_then(|info| serde_json::from_slice(&info).ok());
                Some(info.ok_or(TaskResultError("its info cannot be read"))?)
            }
            info => info.cloned(),
        };
        Ok(Self {
            task_id: text("task_id").ok_or(TaskResultError("it has no task_id"))?,
            // Three names in as many revisions.
            service: ["service", "bucket_name", "service_name"]
                .into_iter()
                .find_map(text),
            status: status.ok_or(TaskResultError("it has no status_code"))?,
            description: text("description")
                .or_else(|| text("error"))
                .unwrap_or_default(),
            paths,
            info: info.and_then(|info| serde_json::from_value(info).ok()),
            signature: text("signature"),
            timestamp: number("timestamp")
                .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
            members,
            is_form: false,
        })
    }

    /// Whether it did what it was asked for.
    pub fn is_success(&self) -> bool {
        matches!(self.status, 200 | 204)
    }

    /// Checks the signature of old that callbacks of media tasks carry inside; `false` too if there
    /// is none.
    pub fn verify_legacy(&self, operator: &str, key: &PasswordMd5) -> bool {
        let Some(given) = &self.signature else {
            return false;
        };
        let right = match (self.is_form, self.timestamp) {
            (true, _) => {
                let text = |value: &Value| match value {
                    Value::String(text) => text.clone(),
                    Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
                    other => other.to_string(),
                };
                let signed = self.members.iter();
                let signed = signed.map(|(name, value)| (&**name, text(value)));
                let signed: Vec<_> = signed
                    .filter(|(name, value)| *name != "path" || !value.is_empty())
                    .collect();
                let pairs = signed.iter().map(|(name, value)| (*name, &**value));
                media_legacy(operator, pairs, key)
            }
            (false, Some(timestamp)) => {
                let timestamp = timestamp.duration_since(UNIX_EPOCH).unwrap_or_default();
                let timestamp = timestamp.as_secs().to_string();
                media_callback_legacy(operator, &self.task_id, &timestamp, key)
            }
            (false, None) => return false,
        };
        let given = given.to_ascii_lowercase();
        right.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// Why a result of a task cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no result of a task: {0}")]
pub struct TaskResultError(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_callbacks() {
        let key = PasswordMd5::of("password123");
        let json = r#"{"service":"upyun-temp","status_code":200,"path":["/v/out.mp4"],"description":"OK","task_id":"35f0148d414a688a275bf915ba7cebb2","signature":"ecbf83e7595d5d10","timestamp":1478701618}"#;
        let result = TaskResult::from_callback("application/json", json.as_bytes()).unwrap();
        assert_eq!((result.status, &*result.description), (200, "OK"));
        assert_eq!(result.paths, ["/v/out.mp4"]);
        assert!(result.verify_legacy("operator123", &key));
        assert!(!result.verify_legacy("operator12", &key));

        let form = "bucket_name=upyun-temp&description=OK&path%5B0%5D=%2Fv%2Ft1.jpg&path%5B1%5D=%2Fv%2Ft2.jpg&signature=ea435bc85c3c999f2937e9b5bd3f9fac&status_code=200&task_id=35f0148d414a688a275bf915ba7cebb2";
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let result = TaskResult::from_callback(kind, form.as_bytes()).unwrap();
        assert_eq!(result.service.as_deref(), Some("upyun-temp"));
        assert_eq!(result.paths, ["/v/t1.jpg", "/v/t2.jpg"]);
        assert!(result.verify_legacy("operator123", &key));
        let other = form.replace("t2.jpg", "t3.jpg");
        let other = TaskResult::from_form(other.as_bytes()).unwrap();
        assert!(!other.verify_legacy("operator123", &key));
    }

    #[test]
    fn results_of_other_apps() {
        let json = r#"{"error":"","paths":["/a-0.png","/a-1.png"],"service":"s","source":"/a.ppt","status_code":200,"task_id":"1"}"#;
        let result = TaskResult::from_json(json.as_bytes()).unwrap();
        assert_eq!(result.paths, ["/a-0.png", "/a-1.png"]);
        let json = r#"{"task_id":"1","service":"s","status_code":200,"imginfos":[{"path":"/a-1.jpg"},{"path":"/a-2.jpg"}]}"#;
        let result = TaskResult::from_json(json.as_bytes()).unwrap();
        assert_eq!(result.paths, ["/a-1.jpg", "/a-2.jpg"]);
        let json =
            r#"{"task_id":"1","bucket_name":"s","status_code":204,"path":"/a","error":"same"}"#;
        let result = TaskResult::from_json(json.as_bytes()).unwrap();
        assert!(result.is_success());
        assert_eq!(result.description, "same");
    }

    #[test]
    fn info_is_read_whatever_its_numbers() {
        let json = r#"{"task_id":"1","status_code":200,"info":{"streams":[{"index":0,"type":"video","video_fps":30.0,"video_width":426}],"format":{"duration":184.902,"filesize":3.560797e+06}}}"#;
        let info = TaskResult::from_json(json.as_bytes())
            .unwrap()
            .info
            .unwrap();
        assert_eq!(info.video().unwrap().video_width, Some(426));
        assert_eq!(info.format.filesize, Some(3_560_797.0));
        assert_eq!(info.duration().unwrap().as_millis(), 184_902);
        assert!(info.audio().is_none());
    }

    #[test]
    fn what_is_no_result() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"task_id":"1"}"#,
            r#"{"task_id":"1","status_code":"x"}"#,
        ] {
            assert!(TaskResult::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(TaskResult::from_form(b"task_id=1&status_code=200&info=!").is_err());
    }
}
