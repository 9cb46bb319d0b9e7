//! What the SDK tells, as facts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upyun_client::{
    DownloadInfo, Info, Metadata,
    protocol::{
        Md5Digest,
        list::{EntryKind, ListEntry},
    },
};

use crate::model::answer::Fact;

/// Times, counted from the begin of a script; none where the target's clock cannot be relied on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times(Option<SystemTime>);

impl Times {
    pub(super) fn since(begin: Option<SystemTime>) -> Self {
        Self(begin)
    }

    pub(super) fn at(self, seconds: i64) -> SystemTime {
        let begin = self.0.unwrap_or(UNIX_EPOCH);
        let by = Duration::from_secs(seconds.unsigned_abs());
        let at = match seconds < 0 {
            true => begin.checked_sub(by),
            false => begin.checked_add(by),
        };
        at.unwrap_or(begin)
    }

    /// `+3s`
    pub(super) fn told(self, time: Option<SystemTime>) -> Option<String> {
        let begin = self.0?;
        let Some(time) = time else {
            return Some("none".to_owned());
        };
        Some(match time.duration_since(begin) {
            Ok(later) => format!("+{}s", later.as_secs()),
            Err(earlier) => format!("-{}s", earlier.duration().as_secs()),
        })
    }

    /// Whether a time is now, as far as that can be said.
    pub(super) fn is_now(self, now: SystemTime, time: SystemTime) -> bool {
        self.0.is_none() || now == time
    }

    pub(super) fn info(self, info: &Info) -> Vec<Fact> {
        if info.is_folder() {
            return vec![Fact::new("kind", "folder")];
        }
        let mut facts = vec![Fact::new("kind", "file")];
        facts.extend(self.object(Told {
            size: Some(info.size),
            kind: info.content_type.as_deref(),
            md5: info.md5,
            etag: info.etag.as_deref(),
            modified: info.modified,
            metadata: &info.metadata,
        }));
        facts
    }

    pub(super) fn download(self, info: &DownloadInfo) -> Vec<Fact> {
        self.object(Told {
            size: info.size,
            kind: info.content_type.as_deref(),
            md5: info.md5,
            etag: info.etag.as_deref(),
            modified: info.modified,
            metadata: &info.metadata,
        })
    }

    fn object(self, told: Told<'_>) -> Vec<Fact> {
        let mut facts = vec![
            Fact::optional("size", told.size),
            Fact::optional("type", told.kind),
            Fact::optional("md5", told.md5),
        ];
        let etag = told.md5.map(|md5| format!("\"{md5}\""));
        if told.etag != etag.as_deref() {
            facts.push(Fact::optional("etag", told.etag));
        }
        let modified = self.told(told.modified);
        facts.extend(modified.map(|at| Fact::new("modified", at)));
        let metadata = told.metadata.iter();
        facts.extend(metadata.map(|(name, value)| Fact::new(format!("meta.{name}"), value)));
        facts
    }

    pub(super) fn entry(self, entry: &ListEntry) -> Fact {
        if entry.kind == EntryKind::Folder {
            return Fact::new(&entry.name, format_args!("folder {}", entry.size));
        }
        let mut line = format!("file {}", entry.size);
        if let Some(at) = self.told(Some(entry.modified)) {
            line.push_str(&format!(" {at}"));
        }
        if let Some(kind) = &entry.content_type {
            line.push_str(&format!(" {kind}"));
        }
        Fact::new(&entry.name, line)
    }
}

struct Told<'a> {
    size: Option<u64>,
    kind: Option<&'a str>,
    md5: Option<Md5Digest>,
    etag: Option<&'a str>,
    modified: Option<SystemTime>,
    metadata: &'a Metadata,
}
