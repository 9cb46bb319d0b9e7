//! Download.

use std::{
    ops::{Bound, RangeBounds},
    time::SystemTime,
};

use reqwest::{
    Method,
    header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE},
};

use super::{download::Download, fields::Fields};
use crate::{
    client::{Client, Target, call::Call},
    error::{Error, Result},
    progress::{Callback, Progress},
    protocol::{date, header},
};

impl Client {
    /// Downloads an object, or a part of it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(directory.path())?;
    /// # server.put_object("/movie.mp4", vec![0; 5000]).expect("seeded");
    /// let size = client.get("/movie.mp4").send().await?.into_file("movie.mp4").await?;
    /// let head = client.get("/movie.mp4").range(..1024).send().await?.bytes().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, key: impl AsRef<str>) -> GetRequest {
        GetRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            fields: Fields::default(),
            start: None,
            verifies: false,
            progress: None,
        }
    }
}

/// A download: see [`Client::get`].
#[must_use = "a request does nothing until it is sent"]
pub struct GetRequest {
    client: Client,
    key: String,
    fields: Fields,
    /// Of a range: where the answer must begin, if that is known.
    start: Option<Option<u64>>,
    verifies: bool,
    progress: Option<Callback>,
}

impl GetRequest {
    /// These bytes only, counted from 0: `..1024`, `1024..`, `100..=199`. An end beyond the object's
    /// is cut to it.
    pub fn range(mut self, range: impl RangeBounds<u64>) -> Self {
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
        self
    }

    /// The last bytes only; all of them if there are not so many.
    pub fn last_bytes(mut self, bytes: u64) -> Self {
        if bytes == 0 {
            return self.empty_range();
        }
        self.fields.set(RANGE.as_str(), format!("bytes=-{bytes}"));
        self.start = Some(None);
        self
    }

    fn empty_range(mut self) -> Self {
        self.fields
            .fail("an empty range cannot be asked for".to_owned());
        self
    }

    /// Only if the `ETag` is another; otherwise an error that
    /// [`is_not_modified`](Error::is_not_modified).
    pub fn if_none_match(mut self, etag: &str) -> Self {
        self.fields.set(IF_NONE_MATCH.as_str(), quoted(etag));
        self
    }

    /// Only if changed after this time; otherwise an error that
    /// [`is_not_modified`](Error::is_not_modified).
    pub fn if_modified_since(mut self, time: SystemTime) -> Self {
        self.fields
            .set(IF_MODIFIED_SINCE.as_str(), date::format(time));
        self
    }

    /// Only if the `ETag` is still this one; otherwise an error of kind Precondition.
    pub fn if_match(mut self, etag: &str) -> Self {
        self.fields.set(IF_MATCH.as_str(), quoted(etag));
        self
    }

    /// Only if unchanged since this time; otherwise an error of kind Precondition.
    pub fn if_unmodified_since(mut self, time: SystemTime) -> Self {
        self.fields
            .set(IF_UNMODIFIED_SINCE.as_str(), date::format(time));
        self
    }

    /// Compares the MD5 of what arrives with that of the object, at its end. Not for ranges.
    pub fn verify_md5(mut self) -> Self {
        self.verifies = true;
        self
    }

    /// Any other header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.any(name, value.as_ref());
        self
    }

    /// Calls back as bytes arrive.
    pub fn on_progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Asks for the object. It returns when the headers are there; the body follows as it is read.
    ///
    /// # Errors
    /// Kind NotFound if the key does not exist or is a folder; kinds NotModified and Precondition as
    /// the conditions say; kind Malformed if the service ignores the range, or names no MD5 to
    /// verify.
    pub async fn send(self) -> Result<Download> {
        let uri = self.client.uri(&Target::file(&self.key)?);
        if self.verifies && self.start.is_some() {
            return Err(Error::invalid(
                "the MD5 of a range cannot be verified: it is known of the whole only",
            ));
        }
        let mut fields = self.fields;
        // Without it, the name of a folder would be answered with its list.
        fields.set(header::X_UPYUN_FOLDER, "false");
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, uri.clone())
        };
        let answer = self.client.send(call).await?;
        Download::new(answer, self.start, self.verifies, self.progress)
            .map_err(|error| error.of_request("GET", &uri))
            .map(|download| download.of_uri(uri))
    }
}

fn quoted(etag: &str) -> String {
    let etag = etag.trim();
    if etag == "*" || etag.starts_with("W/") || etag.starts_with('"') {
        etag.to_owned()
    } else {
        format!("\"{etag}\"")
    }
}

impl std::fmt::Debug for GetRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GetRequest")
            .field("key", &self.key)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
