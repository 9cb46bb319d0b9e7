//! List a folder.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_util::stream::try_unfold;
use reqwest::{Method, header::ACCEPT};

use super::fields::Fields;
use crate::{
    client::{Client, Target, answer::Answer, call::Call},
    error::{Error, Result},
    protocol::{
        header,
        list::{Cursor, ListEntry, parse_json, parse_text},
    },
};

/// A page has at most 10,000 entries with names of at most 255 bytes, sixfold if escaped.
const MAX_PAGE_BYTES: usize = 32 * 1024 * 1024;

impl Client {
    /// Lists a folder, one level deep.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/photos/a.jpg", "a").expect("seeded");
    /// // All pages, one entry after the other:
    /// let mut entries = client.list("/photos").entries();
    /// while let Some(entry) = entries.next().await {
    ///     let entry = entry?;
    ///     println!("{} {}", entry.name, entry.size);
    /// }
    ///
    /// // Or one page at a time:
    /// let first = client.list("/photos").limit(1000).send().await?;
    /// if let Some(next) = first.next {
    ///     let second = client.list("/photos").limit(1000).iter(next).send().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias(
        "getlist",
        "iterlist",
        "get_list_with_iter",
        "readDir",
        "ListObjects",
        "ls"
    ))]
    pub fn list(&self, folder: impl AsRef<str>) -> ListRequest {
        ListRequest {
            client: self.clone(),
            folder: folder.as_ref().to_owned(),
            limit: None,
            order: Order::Ascending,
            iter: None,
            is_text: false,
        }
    }
}

/// The order of a list: by the bytes of the names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the two directions")]
pub enum Order {
    #[default]
    Ascending,
    Descending,
}

/// A list to be read: see [`Client::list`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ListRequest {
    client: Client,
    folder: String,
    limit: Option<u32>,
    order: Order,
    iter: Option<String>,
    is_text: bool,
}

/// Some entries of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The entries; also a page before the last may have none.
    pub entries: Vec<ListEntry>,
    /// Where the next page begins, for [`ListRequest::iter`]; `None` if this is the last.
    pub next: Option<String>,
}

impl ListRequest {
    /// Entries a page, 1 to 10,000: the service's default, 100, for single pages, and 1000 for
    /// [`entries`](Self::entries), unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The order: ascending unless set. It must be the same for all pages.
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Where to begin: [`Page::next`] of the page before.
    pub fn iter(mut self, iter: impl Into<String>) -> Self {
        self.iter = Some(iter.into());
        self
    }

    /// Asks for the text format instead of JSON. It does not tell the types of files.
    pub fn text(mut self) -> Self {
        self.is_text = true;
        self
    }

    /// Reads one page.
    ///
    /// # Errors
    /// Kind NotFound if the folder does not exist or is a file.
    pub async fn send(self) -> Result<Page> {
        self.read().await
    }

    /// Reads all pages, as they are needed, from where [`iter`](Self::iter) says.
    ///
    /// Entries that come and go meanwhile do not disturb it. It ends after an error.
    pub fn entries(mut self) -> Entries {
        self.limit.get_or_insert(1000);
        let start = State {
            request: self,
            entries: VecDeque::new(),
            is_last: false,
        };
        Entries(Box::pin(try_unfold(start, State::next)))
    }

    async fn read(&self) -> Result<Page> {
        let target = Target::folder(&self.folder)?;
        let uri = self.client.uri(&target);
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_FOLDER, "true");
        if !self.is_text {
            fields.set(ACCEPT.as_str(), "application/json");
        }
        if let Some(limit) = self.limit {
            if !(1..=10_000).contains(&limit) {
                return Err(Error::invalid(format!(
                    "a page of {limit} entries: 1 to 10000 are possible"
                )));
            }
            fields.set(header::X_LIST_LIMIT, limit.to_string());
        }
        if self.order == Order::Descending {
            fields.set(header::X_LIST_ORDER, "desc");
        }
        if let Some(iter) = &self.iter {
            fields.set(header::X_LIST_ITER, iter);
        }
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, uri.clone())
        };
        let answer = self.client.send(call).await?;
        page(answer)
            .await
            .map_err(|error| error.of_request("GET", &uri))
    }
}

async fn page(mut answer: Answer) -> Result<Page> {
    let header = answer.text(header::X_UPYUN_LIST_ITER);
    let is_json = answer
        .content_type()
        .is_some_and(|kind| kind.contains("json"));
    if header.is_none() && !is_json {
        return Err(answer.malformed("the answer has no list cursor: it is not a folder's"));
    }
    let body = answer.read(MAX_PAGE_BYTES).await?;
    let not_a_list = |error| {
        answer
            .malformed("the list cannot be read")
            .with_source(error)
    };
    let (entries, iter) = if is_json {
        let (entries, iter) = parse_json(&body).map_err(not_a_list)?;
        (entries, Some(iter))
    } else {
        let text = String::from_utf8_lossy(&body);
        (parse_text(&text).map_err(not_a_list)?, None)
    };
    let next = iter.or(header).filter(|iter| !is_end(iter));
    Ok(Page { entries, next })
}

fn is_end(iter: &str) -> bool {
    iter.is_empty() || Cursor::decode(iter) == Some(Cursor::End)
}

/// Where the stream of entries is.
struct State {
    request: ListRequest,
    entries: VecDeque<ListEntry>,
    is_last: bool,
}

impl State {
    async fn next(mut self) -> Result<Option<(ListEntry, Self)>> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                return Ok(Some((entry, self)));
            }
            if self.is_last {
                return Ok(None);
            }
            let page = self.request.read().await?;
            if page.next.is_some() && page.next == self.request.iter {
                return Err(Error::malformed(format!(
                    "the list of `{}` does not advance",
                    self.request.folder
                )));
            }
            self.entries = page.entries.into();
            self.is_last = page.next.is_none();
            self.request.iter = page.next;
        }
    }
}

/// The entries of a folder, from all pages: see [`ListRequest::entries`].
///
/// It is a stream too, for those who combine streams.
pub struct Entries(Pin<Box<dyn Stream<Item = Result<ListEntry>> + Send>>);

impl Entries {
    /// The next entry; `None` at the end of the folder, and after an error.
    pub async fn next(&mut self) -> Option<Result<ListEntry>> {
        std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await
    }
}

impl Stream for Entries {
    type Item = Result<ListEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}
