//! List a folder.

use std::sync::Arc;

use super::{Client, requests::request, runtime::Runtime};
use crate::{Order, Page, error::Result, protocol::list::ListEntry};

request! {
    #[derive(Clone)]
    ListRequest -> Page;
    from Client: list(folder: impl AsRef<str>);
    limit(limit: u32);
    order(order: Order);
    iter(iter: impl Into<String>);
    text();
}

impl ListRequest {
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
