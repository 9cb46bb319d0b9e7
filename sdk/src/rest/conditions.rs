//! Which part of an object is read, and when.

use std::{
    ops::{Bound, RangeBounds},
    time::SystemTime,
};

use reqwest::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE};

use super::fields::Fields;
use crate::{progress::Callback, protocol::date};

/// The setters of every download, which keeps them in `self.conditions`.
macro_rules! condition_setters {
    ($request:ident) => {
        impl $request {
            /// These bytes only, counted from 0: `..1024`, `1024..`, `100..=199`. An end beyond the object's
            /// is cut to it.
            pub fn range(mut self, range: impl std::ops::RangeBounds<u64>) -> Self {
                self.conditions.range(range);
                self
            }

            /// The last bytes only; all of them if there are not so many.
            pub fn last_bytes(mut self, bytes: u64) -> Self {
                self.conditions.last_bytes(bytes);
                self
            }

            /// Only if the `ETag` is another; otherwise an error that
            /// [`is_not_modified`](crate::Error::is_not_modified).
            pub fn if_none_match(mut self, etag: &str) -> Self {
                self.conditions.if_none_match(etag);
                self
            }

            /// Only if changed after this time; otherwise an error that
            /// [`is_not_modified`](crate::Error::is_not_modified).
            pub fn if_modified_since(mut self, time: std::time::SystemTime) -> Self {
                self.conditions.if_modified_since(time);
                self
            }

            /// Any other header.
            pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
                self.conditions.fields.any(name, value.as_ref());
                self
            }

            /// Calls back as bytes arrive.
            pub fn on_progress(
                mut self,
                callback: impl Fn($crate::Progress) + Send + Sync + 'static,
            ) -> Self {
                self.conditions.progress = Some(Box::new(callback));
                self
            }
        }
    };
}
pub(crate) use condition_setters;

/// What the downloads from the API and from access domains have in common.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) fields: Fields,
    /// Of a range: where the answer must begin, if that is known.
    pub(crate) start: Option<Option<u64>>,
    pub(crate) progress: Option<Callback>,
}

impl Conditions {
    pub(crate) fn range(&mut self, range: impl RangeBounds<u64>) {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let last = match range.end_bound() {
            Bound::Included(last) => Some(*last),
            Bound::Excluded(0) => return self.empty_range(),
            Bound::Excluded(end) => Some(end - 1),
            Bound::Unbounded => None,
        };
        let value = match last {
            Some(last) if last < start => return self.empty_range(),
            Some(last) => format!("bytes={start}-{last}"),
            None => format!("bytes={start}-"),
        };
        self.fields.set(RANGE.as_str(), value);
        self.start = Some(Some(start));
    }

    pub(crate) fn last_bytes(&mut self, bytes: u64) {
        if bytes == 0 {
            return self.empty_range();
        }
        self.fields.set(RANGE.as_str(), format!("bytes=-{bytes}"));
        self.start = Some(None);
    }

    fn empty_range(&mut self) {
        self.fields
            .fail("an empty range cannot be asked for".to_owned());
    }

    pub(crate) fn if_none_match(&mut self, etag: &str) {
        self.fields.set(IF_NONE_MATCH.as_str(), quoted(etag));
    }

    pub(crate) fn if_modified_since(&mut self, time: SystemTime) {
        self.fields
            .set(IF_MODIFIED_SINCE.as_str(), date::format(time));
    }
}

pub(super) fn quoted(etag: &str) -> String {
    let etag = etag.trim();
    if etag == "*" || etag.starts_with("W/") || etag.starts_with('"') {
        etag.to_owned()
    } else {
        format!("\"{etag}\"")
    }
}
