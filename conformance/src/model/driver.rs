//! Operations, carried out by the SDK.

mod facts;
mod uploads;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use upyun_client::{
    Client, Order,
    protocol::{Directive, FormPolicy, Md5Digest},
};

use self::facts::Times;
use super::{
    answer::{Answer, Fact},
    op::{Checksum, Condition, Form, Meta, Op, Put, Span},
};
use crate::{context::Context, failure::Failure};

/// What is remembered between operations. It outlives restarts of the target.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    /// The folder that stands for the root; empty for the root itself.
    base: String,
    times: Times,
    /// The ids of uploads, by the script's names.
    uploads: BTreeMap<u32, (String, String)>,
    cursor: Option<Cursor>,
}

#[derive(Clone, Debug)]
struct Cursor {
    folder: String,
    text: bool,
    descending: bool,
    iter: String,
}

type Outcome = Result<Vec<Fact>, Answer>;

impl Driver {
    /// `begin` is what the target's clock shows, if that can be relied on.
    pub(super) fn new(base: &str, begin: Option<SystemTime>) -> Self {
        Self {
            base: base.to_owned(),
            times: Times::since(begin),
            uploads: BTreeMap::new(),
            cursor: None,
        }
    }

    /// Carries it out. Moving the clock and restarting are not done here.
    pub(super) async fn run(&mut self, cx: &Context, op: &Op) -> Answer {
        let client = match cx.sdk() {
            Ok(client) => client,
            Err(failure) => return Answer::Broken(failure.to_string()),
        };
        match self.act(cx, client, op).await {
            Ok(facts) => Answer::Ok(facts),
            Err(answer) => answer,
        }
    }

    async fn act(&mut self, cx: &Context, client: &Client, op: &Op) -> Outcome {
        match op {
            Op::Put(put) => self.put(client, put).await,
            Op::Get {
                key,
                range,
                condition,
            } => self.get(client, key, *range, *condition).await,
            Op::Head(key) => {
                let info = client.info(self.full(key)).send().await?;
                Ok(self.times.info(&info))
            }
            Op::Delete {
                key,
                is_folder,
                later,
            } => {
                let request = match is_folder {
                    true => client.delete_folder(self.full(key)),
                    false => client.delete(self.full(key)),
                };
                let request = if *later { request.later() } else { request };
                request.send().await?;
                Ok(Vec::new())
            }
            Op::MakeFolder(key) => {
                client.make_folder(self.full(key)).send().await?;
                Ok(Vec::new())
            }
            Op::List {
                folder,
                text,
                descending,
                limit,
            } => {
                let first = Cursor {
                    folder: self.full(folder),
                    text: *text,
                    descending: *descending,
                    iter: String::new(),
                };
                self.page(client, first, *limit).await
            }
            Op::More { limit } => match self.cursor.clone() {
                Some(cursor) => self.page(client, cursor, *limit).await,
                None => Err(Answer::Invalid),
            },
            Op::Usage(key) => {
                let bytes = client.usage(self.full(key)).send().await?;
                Ok(vec![Fact::new("bytes", bytes)])
            }
            Op::Patch {
                key,
                directive,
                meta,
                touch,
            } => self.patch(client, key, *directive, meta, *touch).await,
            Op::Transfer {
                is_move: false,
                from,
                to,
                directive,
                meta,
            } => {
                let mut request = client.copy(self.full(from), self.full(to));
                if let Some(directive) = directive {
                    request = request.metadata_directive(*directive);
                }
                for (name, value) in meta {
                    request = request.meta(name, value);
                }
                request.send().await?;
                Ok(Vec::new())
            }
            Op::Transfer {
                is_move: true,
                from,
                to,
                directive,
                meta,
            } => {
                let mut request = client.rename(self.full(from), self.full(to));
                if let Some(directive) = directive {
                    request = request.metadata_directive(*directive);
                }
                for (name, value) in meta {
                    request = request.meta(name, value);
                }
                request.send().await?;
                Ok(Vec::new())
            }
            Op::Begin(begin) => self.begin(client, begin).await,
            Op::Part { upload, part, body } => self.part(client, *upload, *part, *body).await,
            Op::Complete { upload, md5 } => self.complete(client, *upload, *md5).await,
            Op::Cancel(upload) => self.cancel(client, *upload).await,
            Op::Parts(upload) => self.parts(client, *upload).await,
            Op::Progress(key) => self.progress(cx, key).await,
            Op::Unfinished(prefix) => self.unfinished(client, prefix).await,
            Op::Form(form) => self.form(client, cx, form).await,
            Op::Advance(_) | Op::Restart => Ok(Vec::new()),
        }
    }

    async fn put(&self, client: &Client, put: &Put) -> Outcome {
        let mut request = client.put(self.full(&put.key)).body(put.body.bytes());
        if let Some(kind) = &put.kind {
            request = request.content_type(kind);
        }
        for (name, value) in &put.meta {
            request = request.meta(name, value);
        }
        request = match put.checksum {
            Checksum::Absent => request,
            Checksum::Right => request.checksum(),
            Checksum::Wrong => request.content_md5(Md5Digest::from_bytes([0; 16])),
        };
        request.send().await?;
        Ok(Vec::new())
    }

    async fn get(
        &self,
        client: &Client,
        key: &str,
        span: Option<Span>,
        condition: Option<Condition>,
    ) -> Outcome {
        let request = client.get(self.full(key));
        let request = match span {
            None => request,
            Some(Span::Inner(first, last)) => request.range(first..=last),
            Some(Span::From(first)) => request.range(first..),
            Some(Span::Last(bytes)) => request.last_bytes(bytes),
        };
        let request = match condition {
            None => request,
            Some(Condition::Match(etag)) => request.if_match(&etag.to_string()),
            Some(Condition::NoneMatch(etag)) => request.if_none_match(&etag.to_string()),
            Some(Condition::ModifiedSince(at)) => request.if_modified_since(self.times.at(at)),
            Some(Condition::UnmodifiedSince(at)) => request.if_unmodified_since(self.times.at(at)),
        };
        let download = request.send().await?;
        let info = download.info().clone();
        let bytes = download.bytes().await?;
        let mut facts = self.times.download(&info);
        if info.content_length != Some(bytes.len() as u64) {
            facts.push(Fact::optional("content-length", info.content_length));
        }
        let range = info.range.map(|it| format!("{}..{}", it.start, it.end));
        facts.push(Fact::optional("range", range));
        facts.push(Fact::new("body", Md5Digest::of(&bytes)));
        Ok(facts)
    }

    async fn page(&mut self, client: &Client, from: Cursor, limit: Option<u32>) -> Outcome {
        let mut request = client.list(&from.folder);
        if from.text {
            request = request.text();
        }
        if from.descending {
            request = request.order(Order::Descending);
        }
        if !from.iter.is_empty() {
            request = request.iter(&from.iter);
        }
        if let Some(limit) = limit {
            request = request.limit(limit);
        }
        let page = request.send().await?;
        let mut facts: Vec<_> = page.entries.iter().map(|it| self.times.entry(it)).collect();
        facts.push(Fact::new("more", page.next.is_some()));
        self.cursor = page.next.map(|iter| Cursor { iter, ..from });
        Ok(facts)
    }

    async fn patch(
        &self,
        client: &Client,
        key: &str,
        directive: Directive,
        meta: &Meta,
        touch: bool,
    ) -> Outcome {
        let mut request = client.update_metadata(self.full(key));
        if directive == Directive::Delete {
            request = request.delete(meta.keys());
        } else {
            request = match directive {
                Directive::Replace => request.replace(),
                _ => request.merge(),
            };
            for (name, value) in meta {
                request = request.meta(name, value);
            }
        }
        if touch {
            request = request.touch();
        }
        request.send().await?;
        Ok(Vec::new())
    }

    async fn form(&self, client: &Client, cx: &Context, form: &Form) -> Outcome {
        let mut policy = FormPolicy::new(self.full(&form.save_key));
        if let Some(kind) = &form.kind {
            policy = policy.content_type(kind);
        }
        for (name, value) in &form.meta {
            policy = policy.meta(name, value.as_str());
        }
        if let Some((least, most)) = form.sizes {
            policy = policy.content_length_range(least..=most);
        }
        if !form.types.is_empty() {
            policy = policy.allow_file_types(&form.types);
        }
        if form.expired {
            policy = policy.expires_at(cx.now() - Duration::from_secs(1));
        }
        let request = client.form(&policy);
        let result = request.file(&form.name, form.body.bytes()).send().await?;
        let url = result.url.strip_prefix(&self.base).unwrap_or(&result.url);
        let mut facts = vec![
            Fact::new("url", url),
            Fact::optional("type", result.mime_type),
            Fact::optional("size", result.file_size),
        ];
        if !self.times.is_now(cx.now(), result.time) {
            let since = result.time.duration_since(UNIX_EPOCH).unwrap_or_default();
            facts.push(Fact::new("time", since.as_secs()));
        }
        Ok(facts)
    }

    /// The key on the target.
    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.base)
    }
}

impl From<upyun_client::Error> for Answer {
    fn from(error: upyun_client::Error) -> Self {
        use upyun_client::ErrorKind;
        match (error.kind(), error.code()) {
            (ErrorKind::Invalid, None) => Self::Invalid,
            (ErrorKind::NotModified, _) => Self::NotModified,
            (_, Some(code)) => Self::Refused(code.as_u32()),
            (_, None) => Self::Broken(Failure::from(error).found),
        }
    }
}
