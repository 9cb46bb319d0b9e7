//! Uploads in parts.

use std::collections::BTreeMap;

use upyun_client::protocol::Md5Digest;

use super::{
    Answer, Content, Fact, Object, Outcome, Reference, code, meta, objects::file, parse, refused,
};
use crate::model::{
    content::Body,
    op::{Begin, Meta},
};

pub(super) const LIFE_SECONDS: u64 = 86_400;
const MIB: u64 = 1_048_576;

/// One that was begun.
#[derive(Clone, Debug)]
pub(in crate::model) struct Upload {
    pub(in crate::model) key: String,
    pub(in crate::model) ordered: bool,
    pub(in crate::model) length: Option<u64>,
    kind: String,
    meta: Meta,
    pub(in crate::model) begun: u64,
    pub(in crate::model) parts: BTreeMap<u32, (Body, u64)>,
    pub(in crate::model) phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Phase {
    Open,
    Completed,
    /// Cancelled, older than a day, or discarded.
    Gone,
}

impl Upload {
    pub(in crate::model) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(in crate::model) fn is_completed(&self) -> bool {
        self.phase == Phase::Completed
    }

    /// Whether all parts are there, as far as that is known.
    pub(in crate::model) fn is_full(&self) -> bool {
        match self.count() {
            Some(count) => self.parts.len() as u64 >= count,
            None => self.parts.len() > 2,
        }
    }

    /// The first part that is not there.
    pub(in crate::model) fn wanted(&self) -> u32 {
        let missing = (0..).find(|part| !self.parts.contains_key(part));
        missing.unwrap_or_default()
    }

    fn count(&self) -> Option<u64> {
        Some(self.length?.div_ceil(MIB))
    }

    /// What comes next of an ordered one.
    pub(in crate::model) fn next(&self) -> Option<u32> {
        let next = self.parts.len() as u64;
        u32::try_from(next)
            .ok()
            .filter(|_| self.count().is_none_or(|count| next < count))
    }

    /// The size that a part must have, if that is known.
    pub(in crate::model) fn exact(&self, part: u32) -> Option<u64> {
        let begin = u64::from(part) * MIB;
        Some(self.length?.saturating_sub(begin).min(MIB))
    }

    pub(in crate::model) fn content(&self) -> Content {
        Content::new(self.parts.values().map(|(body, _)| *body).collect())
    }

    /// Whether completing it makes an object, and of what.
    fn whole(&self) -> Result<Content, Answer> {
        let content = self.content();
        let count = self.parts.len();
        let last = self.parts.last_key_value().map(|(id, _)| *id as usize);
        if last.is_some_and(|last| last + 1 != count) {
            return refused(code::INCOMPLETE);
        }
        let mut all_but_last = self.parts.values().take(count.saturating_sub(1));
        if all_but_last.any(|(body, _)| body.size != MIB) {
            return refused(code::UNEVEN);
        }
        if self.length.is_some_and(|length| length != content.size()) {
            return refused(code::INCOMPLETE);
        }
        Ok(content)
    }
}

impl Reference {
    pub(super) fn begin(&mut self, begin: &Begin) -> Outcome {
        let key = file(&begin.key)?;
        if begin.ordered && begin.length.is_none() {
            return refused(code::NEEDS_LENGTH);
        }
        meta::check(&begin.meta)?;
        self.accepts_file(&key)?;
        let kind = begin.kind.clone();
        let upload = Upload {
            key,
            ordered: begin.ordered,
            length: begin.length,
            kind: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
            meta: meta::stored(&begin.meta),
            begun: self.now,
            parts: BTreeMap::new(),
            phase: Phase::Open,
        };
        self.uploads.insert(begin.upload, upload);
        Ok(Vec::new())
    }

    pub(super) fn part(&mut self, name: u32, part: u32, body: Body) -> Outcome {
        let now = self.now;
        let upload = self.upload(name)?;
        if upload.phase == Phase::Gone {
            return refused(code::NO_UPLOAD);
        }
        let is_over = upload.phase == Phase::Completed || upload.next().is_none();
        let is_beyond = upload.count().is_some_and(|count| u64::from(part) >= count);
        // An ordered upload that has every part says so rather.
        if part >= 10_000 || (is_beyond && !(upload.ordered && is_over)) {
            return refused(code::BAD_PART_ID);
        }
        if upload.phase == Phase::Completed {
            return refused(code::RESUMABLE);
        }
        let is_there = match upload.ordered {
            true => is_over,
            false => upload.parts.contains_key(&part),
        };
        if is_there {
            // Code 40011062, which the client takes for a success of before.
            return Ok(Vec::new());
        }
        if upload.ordered && upload.next() != Some(part) {
            return refused(code::NOT_NEXT);
        }
        let exact = upload.exact(part);
        if body.size > exact.unwrap_or(MIB) || exact.is_some_and(|exact| exact != body.size) {
            return refused(code::WRONG_SIZE);
        }
        upload.parts.insert(part, (body, now));
        Ok(Vec::new())
    }

    pub(super) fn complete(&mut self, name: u32, md5: Option<Md5Digest>) -> Outcome {
        let upload = self.upload(name)?.clone();
        match upload.phase {
            Phase::Open => {}
            Phase::Gone => return refused(code::NO_UPLOAD),
            // Code 40011059, which the client takes for a success of before.
            Phase::Completed => return Ok(vec![Fact::new("size", "none")]),
        }
        let content = upload.whole()?;
        if md5.is_some_and(|md5| md5 != content.md5()) {
            // It is discarded ([choice M-22]).
            self.upload(name)?.phase = Phase::Gone;
            return refused(code::OTHER_FILE_MD5);
        }
        let object = Object {
            content: content.clone(),
            kind: upload.kind.clone(),
            meta: upload.meta.clone(),
            modified: self.now,
            ends: self.end_of_life(&upload.meta),
            is_resumable: true,
        };
        // It may overwrite anything; a folder that came in the way is refused ([choice M-25]).
        self.store(&upload.key, object, true)?;
        self.upload(name)?.phase = Phase::Completed;
        Ok(vec![
            Fact::new("size", content.size()),
            Fact::new("type", &upload.kind),
            Fact::new("md5", content.md5()),
        ])
    }

    pub(super) fn cancel(&mut self, name: u32) -> Outcome {
        let upload = self.upload(name)?;
        match upload.phase {
            Phase::Open => upload.phase = Phase::Gone,
            Phase::Completed => return refused(code::RESUMABLE),
            Phase::Gone => return refused(code::NO_UPLOAD),
        }
        Ok(Vec::new())
    }

    pub(super) fn parts(&mut self, name: u32) -> Outcome {
        let upload = self.upload(name)?;
        if upload.phase == Phase::Gone {
            return refused(code::NO_UPLOAD);
        }
        let upload = upload.clone();
        Ok(self.part_facts(&upload))
    }

    pub(super) fn progress(&self, text: &str) -> Outcome {
        let key = file(text)?;
        // The newest ([choice M-29]).
        let open = self.uploads.values();
        let open = open.filter(|upload| upload.is_open() && upload.key == key);
        let Some(upload) = open.max_by_key(|upload| upload.begun) else {
            return refused(code::NOT_FOUND);
        };
        let mut facts = vec![
            Fact::new("ordered", upload.ordered),
            Fact::optional("length", upload.length),
            Fact::new("part size", MIB),
        ];
        facts.extend(self.time("created", upload.begun));
        if upload.ordered {
            let next = upload.next().map_or(-1, i64::from);
            facts.push(Fact::new("next", next));
        } else {
            facts.extend(self.part_facts(upload));
        }
        Ok(facts)
    }

    /// By key and time; those of one key and second in any order.
    pub(super) fn unfinished(&self, prefix: &str) -> Outcome {
        let open = self.uploads.iter();
        let open = open.filter(|(_, upload)| upload.is_open() && upload.key.starts_with(prefix));
        let mut open: Vec<_> = open
            .map(|(name, upload)| (&upload.key, upload.begun, name))
            .collect();
        open.sort();
        Ok(open
            .into_iter()
            .map(|(key, begun, name)| {
                let created = self.abilities.clock.then(|| format!(" +{begun}s"));
                Fact::new(
                    format!("u{name}"),
                    format_args!("{key}{}", created.unwrap_or_default()),
                )
            })
            .collect())
    }

    fn part_facts(&self, upload: &Upload) -> Vec<Fact> {
        let mut facts = Vec::new();
        for (part, (body, at)) in &upload.parts {
            let md5 = Md5Digest::of(body.bytes());
            facts.push(Fact::new(
                format!("part {part}"),
                format_args!("{} {md5}", body.size),
            ));
            facts.extend(self.time(&format!("part {part} time"), *at));
        }
        facts
    }

    /// Whether it is told apart from others of the key by the second of its begin.
    pub(in crate::model) fn has_a_newest(&self, text: &str) -> bool {
        let Ok((key, _)) = parse(text) else {
            return true;
        };
        let open = self.uploads.values();
        let open = open.filter(|upload| upload.is_open() && upload.key == key);
        let begun: Vec<_> = open.map(|upload| upload.begun).collect();
        let newest = begun.iter().max();
        begun.iter().filter(|it| Some(*it) == newest).count() <= 1 && self.abilities.clock
            || begun.len() <= 1
    }

    /// An upload of the script. Scripts by hand may name others.
    fn upload(&mut self, name: u32) -> Result<&mut Upload, Answer> {
        let unknown = || Answer::Broken(format!("the script has not begun u{name}"));
        self.uploads.get_mut(&name).ok_or_else(unknown)
    }
}
