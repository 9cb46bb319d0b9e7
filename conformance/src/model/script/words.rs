//! The words of a line, taken one by one.

use std::{fmt::Display, str::FromStr};

use crate::model::{content::Body, op::Meta};

pub(super) struct Words<'a> {
    /// Those without a name, in reverse.
    plain: Vec<&'a str>,
    /// `name=value`.
    named: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        let (mut plain, mut named) = (Vec::new(), Vec::new());
        for word in line.split_whitespace() {
            // An encoded key holds no `=`.
            match word.split_once('=') {
                Some(pair) => named.push(pair),
                None => plain.push(word),
            }
        }
        plain.reverse();
        Self { plain, named }
    }

    /// The next word without a name.
    pub(super) fn plain(&mut self, what: &str) -> Result<&'a str, String> {
        self.plain.pop().ok_or_else(|| format!("{what} is missing"))
    }

    pub(super) fn key(&mut self) -> Result<String, String> {
        decode(self.plain("a key")?)
    }

    /// `u1`.
    pub(super) fn upload(&mut self) -> Result<u32, String> {
        let word = self.plain("an upload")?;
        let number = word.strip_prefix('u').and_then(|it| it.parse().ok());
        number.ok_or_else(|| format!("{word} is no upload, like u1"))
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        let before = self.plain.len();
        self.plain.retain(|word| *word != name);
        self.plain.len() < before
    }

    /// The first of these words that is there.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[(&str, T)]) -> Option<T> {
        let found = all.iter().find(|(name, _)| self.flag(name));
        found.map(|(_, value)| *value)
    }

    pub(super) fn named(&mut self, name: &str) -> Option<&'a str> {
        let at = self.named.iter().position(|(known, _)| *known == name)?;
        Some(self.named.remove(at).1)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        self.named(name).map(decode).transpose()
    }

    /// A value that a function understands.
    pub(super) fn with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(text) = self.named(name) else {
            return Ok(None);
        };
        match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(format!("{name}={text} is none")),
        }
    }

    pub(super) fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        self.with(name, |text| text.parse().ok())
    }

    pub(super) fn body(&mut self) -> Result<Body, String> {
        let size = self.value("size")?.ok_or("size is missing")?;
        let seed = self.value("seed")?.ok_or("seed is missing")?;
        Ok(Body { size, seed })
    }

    pub(super) fn meta(&mut self) -> Result<Meta, String> {
        let mut meta = Meta::new();
        let mut rest = Vec::new();
        for (name, value) in self.named.drain(..) {
            match name.strip_prefix("meta.") {
                Some(name) => drop(meta.insert(name.to_owned(), decode(value)?)),
                None => rest.push((name, value)),
            }
        }
        self.named = rest;
        Ok(meta)
    }

    /// Expects that every word was taken.
    pub(super) fn end(self) -> Result<(), String> {
        let too_much = |word: &dyn Display| Err(format!("{word} is too much"));
        match (self.plain.last(), self.named.first()) {
            (Some(word), _) => too_much(word),
            (None, Some((name, value))) => too_much(&format!("{name}={value}")),
            (None, None) => Ok(()),
        }
    }
}

fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.as_bytes());
        let digits = after.get(..2).unwrap_or(after);
        let is_hex = digits.len() == 2 && digits.bytes().all(|it| it.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        bytes.push(byte.ok_or_else(|| format!("%{digits} is no byte"))?);
        rest = &after[2..];
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| format!("{text} is not UTF-8"))
}
