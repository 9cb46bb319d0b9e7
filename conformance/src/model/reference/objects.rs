//! What changes files and folders.

use upyun_client::protocol::Directive;

use super::{
    Answer, Entry, Fact, Later, Object, Outcome, Reference, code, key, meta, parse, refused,
};
use crate::model::op::{Checksum, Form, Meta, Put};

impl Reference {
    pub(super) fn put(&mut self, put: &Put) -> Outcome {
        let key = file(&put.key)?;
        meta::check(&put.meta)?;
        if put.checksum == Checksum::Wrong {
            return refused(code::OTHER_MD5);
        }
        let object = self.plain(&key, put.body.into(), put.kind.clone(), &put.meta);
        self.store(&key, object, false)?;
        Ok(Vec::new())
    }

    /// `form.md` §10 is the order of checks.
    pub(super) fn form(&mut self, form: &Form) -> Outcome {
        if form.expired {
            return refused(code::EXPIRED);
        }
        meta::check(&form.meta)?;
        let content = super::Content::from(form.body);
        // A directory part is cut ([choice F-4]).
        let name = form.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let path = expand(&form.save_key, name, &content);
        if !form.types.is_empty() {
            let of_name = key::extension(name).1;
            let extension = of_name.or_else(|| key::extension(key::name(&path)).1);
            let extension = extension.unwrap_or_default();
            if !form
                .types
                .iter()
                .any(|it| it.eq_ignore_ascii_case(extension))
            {
                return refused(code::WRONG_TYPE);
            }
        }
        if let Some((least, most)) = form.sizes {
            if form.body.size < least {
                return refused(code::TOO_SMALL);
            }
            if form.body.size > most {
                return refused(code::TOO_LARGE);
            }
        }
        let (key, has_slash) = parse(&path).map_err(|fault| Answer::Refused(fault.code()))?;
        if has_slash || key.is_empty() {
            return refused(code::CONFLICT);
        }
        let object = self.plain(&key, content, form.kind.clone(), &form.meta);
        let kind = object.kind.clone();
        self.store(&key, object, false)?;
        Ok(vec![
            Fact::new("url", path),
            Fact::new("type", kind),
            Fact::new("size", form.body.size),
        ])
    }

    pub(super) fn make_folder(&mut self, text: &str) -> Outcome {
        let key = any(text)?.0;
        self.conflicts(&key)?;
        if let Some(Entry::File(_)) = self.entries.get(&key) {
            return refused(code::CONFLICT);
        }
        self.make_parents(&key);
        if !key.is_empty() {
            self.entries.insert(key, Entry::Folder);
        }
        Ok(Vec::new())
    }

    pub(super) fn delete(&mut self, text: &str, is_folder: bool, later: bool) -> Outcome {
        let (key, has_slash) = any(text)?;
        let wants_folder = is_folder || has_slash;
        if key.is_empty() {
            return refused(code::WRONG_URI);
        }
        if later {
            let arrival = self.arrive();
            self.pending.push(Later {
                due: self.now + 1,
                arrival,
                key,
                wants_folder,
            });
            return Ok(Vec::new());
        }
        self.remove(&key, wants_folder)?;
        Ok(Vec::new())
    }

    pub(super) fn remove(&mut self, key: &str, wants_folder: bool) -> Result<(), Answer> {
        match self.entries.get(key) {
            None => return refused(code::NOT_FOUND),
            // Of the wrong kind ([choice R-9], [choice R-11]).
            Some(Entry::File(_)) if wants_folder => return refused(code::NOT_FOUND),
            Some(Entry::Folder) if self.below(key).next().is_some() => {
                return refused(code::NOT_EMPTY);
            }
            Some(_) => {}
        }
        self.entries.remove(key);
        Ok(())
    }

    pub(super) fn patch(
        &mut self,
        text: &str,
        directive: Directive,
        change: &Meta,
        touch: bool,
    ) -> Outcome {
        let key = file(text)?;
        if change.is_empty() {
            return Err(Answer::Invalid);
        }
        if directive != Directive::Delete {
            meta::check(change)?;
        }
        let mut object = self.source(&key)?;
        self.change(&mut object, directive, change);
        if touch {
            object.modified = self.now;
        }
        self.entries.insert(key, Entry::File(object));
        Ok(Vec::new())
    }

    pub(super) fn transfer(
        &mut self,
        is_move: bool,
        from: &str,
        to: &str,
        directive: Option<Directive>,
        change: &Meta,
    ) -> Outcome {
        let (from, to) = (file(from)?, file(to)?);
        let directive = directive.unwrap_or(Directive::Copy);
        if directive == Directive::Copy && !change.is_empty() {
            return Err(Answer::Invalid);
        }
        if from == to {
            return refused(code::SAME_KEY);
        }
        if directive != Directive::Delete {
            meta::check(change)?;
        }
        let mut object = self.source(&from)?;
        self.change(&mut object, directive, change);
        object.modified = self.now;
        // A copy was not made by a resumable upload; what is moved still was.
        object.is_resumable &= is_move;
        if let Some((end, _)) = object.ends {
            object.ends = Some((end, self.arrive()));
        }
        // Anything but a folder is overwritten ([choice R-71]).
        self.store(&to, object, true)?;
        if is_move {
            self.entries.remove(&from);
        }
        Ok(Vec::new())
    }

    /// The file that a PATCH or a transfer is about.
    fn source(&self, key: &str) -> Result<Object, Answer> {
        match self.entries.get(key) {
            Some(Entry::File(object)) => Ok(object.clone()),
            Some(Entry::Folder) => refused(code::NOT_A_FILE),
            None => refused(code::NOT_FOUND),
        }
    }

    fn plain(
        &mut self,
        key: &str,
        content: super::Content,
        kind: Option<String>,
        meta: &Meta,
    ) -> Object {
        Object {
            content,
            kind: kind.unwrap_or_else(|| key::kind(key)),
            meta: meta::stored(meta),
            modified: self.now,
            ends: self.end_of_life(meta),
            is_resumable: false,
        }
    }

    /// Makes an object visible, and its parents.
    pub(super) fn store(
        &mut self,
        key: &str,
        object: Object,
        may_replace_resumable: bool,
    ) -> Result<(), Answer> {
        self.accepts_file(key)?;
        if let Some(Entry::File(old)) = self.entries.get(key)
            && old.is_resumable
            && !may_replace_resumable
        {
            return refused(code::RESUMABLE);
        }
        self.make_parents(key);
        self.entries.insert(key.to_owned(), Entry::File(object));
        Ok(())
    }

    /// Whether a plain upload is not refused.
    pub(in crate::model) fn accepts(&self, key: &str) -> bool {
        let is_resumable = match self.entries.get(key) {
            Some(Entry::File(object)) => object.is_resumable,
            _ => false,
        };
        !is_resumable && self.accepts_file(key).is_ok()
    }

    /// Whether an object could be there.
    pub(super) fn accepts_file(&self, key: &str) -> Result<(), Answer> {
        self.conflicts(key)?;
        match self.entries.get(key) {
            Some(Entry::Folder) => refused(code::CONFLICT),
            _ => Ok(()),
        }
    }

    /// A file among the parents is in the way (`[choice R-12]`).
    pub(super) fn conflicts(&self, key: &str) -> Result<(), Answer> {
        let mut at = key::parent(key);
        while !at.is_empty() {
            if let Some(Entry::File(_)) = self.entries.get(at) {
                return refused(code::CONFLICT);
            }
            at = key::parent(at);
        }
        Ok(())
    }

    fn make_parents(&mut self, key: &str) {
        let mut at = key::parent(key);
        while !at.is_empty() {
            self.entries.insert(at.to_owned(), Entry::Folder);
            at = key::parent(at);
        }
    }
}

/// The key of a file: the client refuses those that can only be a folder's.
pub(super) fn file(text: &str) -> Result<String, Answer> {
    match any(text)? {
        (key, false) if !key.is_empty() => Ok(key),
        _ => Err(Answer::Invalid),
    }
}

pub(super) fn any(text: &str) -> Result<(String, bool), Answer> {
    parse(text).map_err(|_| Answer::Invalid)
}

/// The placeholders that do not depend on time or chance; others stay (`[choice F-22]`).
fn expand(save_key: &str, name: &str, content: &super::Content) -> String {
    let (stem, extension) = key::extension(name);
    let extension = extension.unwrap_or_default();
    let with_dot = match extension {
        "" => String::new(),
        extension => format!(".{extension}"),
    };
    let known = [
        ("{filename}", stem),
        ("{suffix}", extension),
        ("{.suffix}", &with_dot),
    ];
    let mut expanded = String::new();
    let mut rest = save_key;
    'next: while let Some(character) = rest.chars().next() {
        for (placeholder, value) in known {
            if let Some(after) = rest.strip_prefix(placeholder) {
                expanded.push_str(value);
                rest = after;
                continue 'next;
            }
        }
        if let Some(after) = rest.strip_prefix("{filemd5}") {
            expanded.push_str(&content.md5().to_string());
            rest = after;
            continue;
        }
        expanded.push(character);
        rest = &rest[character.len_utf8()..];
    }
    expanded
}
