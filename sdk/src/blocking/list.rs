//! List a folder.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::{Client, runtime::Runtime};
use crate::{Order, Page, error::Result, protocol::list::ListEntry};

impl Client {
    /// As [`crate::Client::list`].
    pub fn list(&self, folder: impl AsRef<str>) -> ListRequest {
        ListRequest {
            inner: self.inner.list(folder),
            runtime: Arc::clone(&self.runtime),
        }
    }
}

/// As [`crate::ListRequest`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ListRequest {
    inner: crate::ListRequest,
    runtime: Arc<Runtime>,
}

impl ListRequest {
    /// As [`crate::ListRequest::limit`].
    pub fn limit(mut self, limit: u32) -> Self {
        self.inner = self.inner.limit(limit);
        self
    }

    /// As [`crate::ListRequest::order`].
    pub fn order(mut self, order: Order) -> Self {
        self.inner = self.inner.order(order);
        self
    }

    /// As [`crate::ListRequest::iter`].
    pub fn iter(mut self, iter: impl Into<String>) -> Self {
        self.inner = self.inner.iter(iter);
        self
    }

    /// As [`crate::ListRequest::text`].
    pub fn text(mut self) -> Self {
        self.inner = self.inner.text();
        self
    }

    /// Reads one page.
    ///
    /// # Errors
    /// As [`crate::ListRequest::send`].
    pub fn send(self) -> Result<Page> {
        self.runtime.run(self.inner.send())
    }

    /// Reads all pages, as they are needed. It ends after an error.
    pub fn entries(self) -> Entries {
        Entries {
            inner: Some(self.inner.entries()),
            runtime: self.runtime,
        }
    }
}

/// The entries of a folder, from all pages: see [`ListRequest::entries`].
#[derive(Debug)]
pub struct Entries {
    inner: Option<crate::Entries>,
    runtime: Arc<Runtime>,
}

impl Iterator for Entries {
    type Item = Result<ListEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut inner = self.inner.take()?;
        let next = self.runtime.run(async move {
            let entry = inner.next().await.transpose()?;
            Ok(entry.map(|entry| (entry, inner)))
        });
        let next = next.transpose()?;
        Some(next.map(|(entry, inner)| {
            self.inner = Some(inner);
            entry
        }))
    }
}
