//! From operations to lines.

use std::fmt::{Display, Formatter, Result};

use crate::{
    context::encode,
    model::content::Body,
    model::op::{Begin, Checksum, Condition, Form, Meta, Op, Put, Span},
};

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Put(put) => put.fmt(f),
            Self::Get {
                key,
                range,
                condition,
            } => {
                write!(f, "get {}", encode(key))?;
                range.iter().try_for_each(|it| write!(f, " range={it}"))?;
                condition.iter().try_for_each(|it| write!(f, " {it}"))
            }
            Self::Head(key) => write!(f, "head {}", encode(key)),
            Self::Delete {
                key,
                is_folder,
                later,
            } => {
                let verb = if *is_folder { "rmdir" } else { "delete" };
                write!(f, "{verb} {}", encode(key))?;
                flag(f, *later, "later")
            }
            Self::MakeFolder(key) => write!(f, "mkdir {}", encode(key)),
            Self::List {
                folder,
                text,
                descending,
                limit,
            } => {
                write!(f, "list {}", encode(folder))?;
                flag(f, *text, "text")?;
                flag(f, *descending, "desc")?;
                optional(f, "limit", *limit)
            }
            Self::More { limit } => {
                write!(f, "more")?;
                optional(f, "limit", *limit)
            }
            Self::Usage(key) => write!(f, "usage {}", encode(key)),
            Self::Patch {
                key,
                directive,
                meta,
                touch,
            } => {
                write!(f, "patch {} {}", encode(key), directive.as_str())?;
                metadata(f, meta)?;
                flag(f, *touch, "touch")
            }
            Self::Transfer {
                is_move,
                from,
                to,
                directive,
                meta,
            } => {
                let verb = if *is_move { "move" } else { "copy" };
                write!(f, "{verb} {} {}", encode(from), encode(to))?;
                directive
                    .iter()
                    .try_for_each(|it| write!(f, " {}", it.as_str()))?;
                metadata(f, meta)
            }
            Self::Begin(begin) => begin.fmt(f),
            Self::Part { upload, part, body } => write!(f, "part u{upload} {part}{body}"),
            Self::Complete { upload, md5 } => {
                write!(f, "complete u{upload}")?;
                optional(f, "md5", *md5)
            }
            Self::Cancel(upload) => write!(f, "cancel u{upload}"),
            Self::Parts(upload) => write!(f, "parts u{upload}"),
            Self::Progress(key) => write!(f, "progress {}", encode(key)),
            Self::Unfinished(prefix) => write!(f, "unfinished {}", encode(prefix)),
            Self::Form(form) => form.fmt(f),
            Self::Advance(seconds) => write!(f, "advance {seconds}s"),
            Self::Restart => write!(f, "restart"),
        }
    }
}

impl Display for Put {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "put {}{}", encode(&self.key), self.body)?;
        optional(f, "type", self.kind.as_deref().map(encode))?;
        metadata(f, &self.meta)?;
        match self.checksum {
            Checksum::Absent => Ok(()),
            Checksum::Right => write!(f, " md5=right"),
            Checksum::Wrong => write!(f, " md5=wrong"),
        }
    }
}

impl Display for Begin {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "begin u{} {}", self.upload, encode(&self.key))?;
        flag(f, self.ordered, "ordered")?;
        optional(f, "length", self.length)?;
        optional(f, "type", self.kind.as_deref().map(encode))?;
        metadata(f, &self.meta)
    }
}

impl Display for Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "form {}", encode(&self.save_key))?;
        write!(f, " name={}{}", encode(&self.name), self.body)?;
        optional(f, "type", self.kind.as_deref().map(encode))?;
        metadata(f, &self.meta)?;
        if let Some((least, most)) = self.sizes {
            write!(f, " sizes={least}-{most}")?;
        }
        if !self.types.is_empty() {
            write!(f, " types={}", self.types.join(","))?;
        }
        flag(f, self.expired, "expired")
    }
}

impl Display for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, " size={} seed={}", self.size, self.seed)
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Inner(first, last) => write!(f, "{first}-{last}"),
            Self::From(first) => write!(f, "{first}-"),
            Self::Last(bytes) => write!(f, "-{bytes}"),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Match(etag) => write!(f, "if-match={etag}"),
            Self::NoneMatch(etag) => write!(f, "if-none-match={etag}"),
            Self::ModifiedSince(seconds) => write!(f, "if-modified-since={seconds}"),
            Self::UnmodifiedSince(seconds) => write!(f, "if-unmodified-since={seconds}"),
        }
    }
}

fn metadata(f: &mut Formatter<'_>, meta: &Meta) -> Result {
    meta.iter()
        .try_for_each(|(name, value)| write!(f, " meta.{name}={}", encode(value)))
}

fn optional(f: &mut Formatter<'_>, name: &str, value: Option<impl Display>) -> Result {
    value.iter().try_for_each(|it| write!(f, " {name}={it}"))
}

fn flag(f: &mut Formatter<'_>, is_set: bool, name: &str) -> Result {
    match is_set {
        true => write!(f, " {name}"),
        false => Ok(()),
    }
}
