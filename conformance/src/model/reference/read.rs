//! What only looks.

use std::ops::Range;

use super::{
    Entry, Fact, Listing, Object, Outcome, Reference, code, key,
    objects::{any, file},
    refused,
};
use crate::model::{
    answer::Answer,
    op::{Condition, Op, Span},
};

impl Reference {
    pub(super) fn get(
        &self,
        text: &str,
        span: Option<Span>,
        condition: Option<Condition>,
    ) -> Outcome {
        let key = file(text)?;
        if matches!(span, Some(Span::Last(0))) || is_reversed(span) {
            return Err(Answer::Invalid);
        }
        let Some(Entry::File(object)) = self.entries.get(&key) else {
            // The client says that it means a file ([choice R-11]).
            return refused(code::NOT_FOUND);
        };
        object.meets(condition)?;
        let size = object.content.size();
        let range = match span {
            None => 0..size,
            Some(span) => match resolve(span, size) {
                Some(range) => range,
                None => return refused(code::BAD_RANGE),
            },
        };
        let body = match span {
            None => object.content.md5(),
            Some(_) => {
                let bytes = object.content.range(range.clone());
                upyun_client::protocol::Md5Digest::of(bytes)
            }
        };
        let mut facts = self.facts(object);
        let told = span.map(|_| format!("{}..{}", range.start, range.end));
        facts.push(Fact::optional("range", told));
        facts.push(Fact::new("body", body));
        Ok(facts)
    }

    pub(super) fn head(&self, text: &str) -> Outcome {
        let (key, has_slash) = any(text)?;
        match self.entries.get(&key) {
            _ if key.is_empty() => Ok(vec![Fact::new("kind", "folder")]),
            Some(Entry::Folder) => Ok(vec![Fact::new("kind", "folder")]),
            Some(Entry::File(object)) if !has_slash => {
                let mut facts = vec![Fact::new("kind", "file")];
                facts.extend(self.facts(object));
                Ok(facts)
            }
            _ => refused(code::NOT_FOUND),
        }
    }

    pub(super) fn usage(&self, text: &str) -> Outcome {
        let (key, _) = any(text)?;
        let bytes = match self.entries.get(&key) {
            Some(Entry::File(object)) => object.content.size(),
            None if !key.is_empty() => return refused(code::NOT_FOUND),
            _ => self
                .below(&key)
                .map(|(_, entry)| match entry {
                    Entry::File(object) => object.content.size(),
                    Entry::Folder => 0,
                })
                .sum(),
        };
        Ok(vec![Fact::new("bytes", bytes)])
    }

    pub(super) fn list(
        &mut self,
        text: &str,
        is_text: bool,
        descending: bool,
        limit: Option<u32>,
    ) -> Outcome {
        let (folder, _) = any(text)?;
        self.page(
            Listing {
                folder,
                text: is_text,
                descending,
                after: String::new(),
            },
            limit,
        )
    }

    pub(super) fn more(&mut self, limit: Option<u32>) -> Outcome {
        match self.last_list.clone() {
            Some(listing) => self.page(listing, limit),
            None => Err(Answer::Invalid),
        }
    }

    /// The cursor means "after this name" (`[choice R-59]`).
    fn page(&mut self, listing: Listing, limit: Option<u32>) -> Outcome {
        if limit.is_some_and(|limit| !(1..=10_000).contains(&limit)) {
            return Err(Answer::Invalid);
        }
        let Listing {
            folder,
            text,
            descending,
            after,
        } = &listing;
        if !folder.is_empty() && !matches!(self.entries.get(folder), Some(Entry::Folder)) {
            return refused(code::NOT_FOUND);
        }
        let mut children: Vec<_> = self
            .below(folder)
            .filter(|(key, _)| key::parent(key) == folder)
            .map(|(key, entry)| (key::name(key).to_owned(), self.line(entry, *text)))
            .collect();
        children.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        if *descending {
            children.reverse();
        }
        children.retain(|(name, _)| match descending {
            _ if after.is_empty() => true,
            true => name < after,
            false => name > after,
        });
        let limit = limit.unwrap_or(100) as usize;
        let has_more = children.len() > limit;
        children.truncate(limit);
        let last = children.last().map(|(name, _)| name.clone());
        self.last_list = last.filter(|_| has_more).map(|after| Listing {
            after,
            ..listing.clone()
        });
        let mut facts: Vec<_> = children
            .into_iter()
            .map(|(name, line)| Fact::new(name, line))
            .collect();
        facts.push(Fact::new("more", has_more));
        Ok(facts)
    }

    fn line(&self, entry: &Entry, is_text: bool) -> String {
        let Entry::File(object) = entry else {
            // When a folder was last modified is nowhere said.
            return "folder 0".to_owned();
        };
        let mut line = format!("file {}", object.content.size());
        if self.abilities.clock {
            line.push_str(&format!(" +{}s", object.modified));
        }
        if !is_text {
            line.push_str(&format!(" {}", object.kind));
        }
        line
    }

    fn facts(&self, object: &Object) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("size", object.content.size()),
            Fact::new("type", &object.kind),
            Fact::new("md5", object.content.md5()),
        ];
        facts.extend(self.time("modified", object.modified));
        let meta = object.meta.iter();
        facts.extend(meta.map(|(name, value)| Fact::new(format!("meta.{name}"), value)));
        facts
    }

    pub(super) fn below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Entry)> {
        self.entries.iter().filter(move |(key, _)| {
            key.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Operations that together look at everything.
    pub(in crate::model) fn audit(&self) -> Vec<Op> {
        let list = |folder: &str| Op::List {
            folder: folder.to_owned(),
            text: false,
            descending: false,
            limit: Some(1000),
        };
        let mut ops = vec![list("/")];
        for (key, entry) in &self.entries {
            ops.push(match entry {
                Entry::Folder => list(key),
                Entry::File(_) => Op::Get {
                    key: key.clone(),
                    range: None,
                    condition: None,
                },
            });
        }
        ops.push(Op::Usage("/".to_owned()));
        ops.push(Op::Unfinished("/".to_owned()));
        let open = self.uploads.iter().filter(|(_, upload)| upload.is_open());
        ops.extend(open.map(|(name, _)| Op::Parts(*name)));
        ops
    }
}

impl Object {
    /// RFC 9110, with one condition at a time.
    fn meets(&self, condition: Option<Condition>) -> Result<(), Answer> {
        let is_later = |seconds: i64| i64::try_from(self.modified).unwrap_or(i64::MAX) > seconds;
        let is_it = |etag| self.content.md5() == etag;
        match condition {
            Some(Condition::Match(etag)) if !is_it(etag) => refused(code::PRECONDITION),
            Some(Condition::UnmodifiedSince(at)) if is_later(at) => refused(code::PRECONDITION),
            Some(Condition::NoneMatch(etag)) if is_it(etag) => Err(Answer::NotModified),
            Some(Condition::ModifiedSince(at)) if !is_later(at) => Err(Answer::NotModified),
            _ => Ok(()),
        }
    }
}

fn is_reversed(span: Option<Span>) -> bool {
    matches!(span, Some(Span::Inner(first, last)) if last < first)
}

/// `None` where nothing of it is there.
fn resolve(span: Span, size: u64) -> Option<Range<u64>> {
    let range = match span {
        Span::Inner(first, last) => first..last.saturating_add(1).min(size),
        Span::From(first) => first..size,
        Span::Last(bytes) => size.saturating_sub(bytes)..size,
    };
    (range.start < range.end).then_some(range)
}
