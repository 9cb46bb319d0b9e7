//! What a case is, and how one is declared.

use std::{fmt, future::Future, pin::Pin};

use crate::{context::Context, failure::Failure};

/// What a case returns.
pub type Outcome = Result<(), Failure>;

/// A case that runs.
pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

type Run = fn(Context) -> Running;

/// One thing that must hold, and the function that finds out.
#[derive(Clone, Copy)]
pub struct Case {
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    /// What must hold, in a sentence.
    pub holds: &'static str,
    /// Where the protocol says so; the first is the one that a failure names.
    pub sections: &'static [Section],
    /// What it rests on.
    pub certainty: Certainty,
    /// The decisions that it pins, like `R-20`, where the protocol leaves the question open; `own` for
    /// one of the emulator that has no mark.
    pub choices: &'static [&'static str],
    /// The codes of the error table that it provokes.
    pub codes: &'static [u32],
    /// What it needs and what it does.
    pub tags: &'static [Tag],
    /// Runs it.
    pub(crate) run: Run,
}

impl Case {
    /// Where it stands and what it is called: `rest.put.content-md5-mismatch` is the function
    /// `content_md5_mismatch` in `cases/rest/put.rs`.
    pub fn id(&self) -> String {
        let module = self.module.split_once("cases::").map_or("", |it| it.1);
        format!("{module}.{}", self.function)
            .replace("::", ".")
            .replace('_', "-")
    }

    /// Whether it has a tag.
    pub fn has(&self, tag: Tag) -> bool {
        self.tags.contains(&tag)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({})", self.id())
    }
}

/// A section of the protocol's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Section {
    /// The document.
    pub file: Document,
    /// Its number there.
    pub number: &'static str,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} §{}", self.file.name(), self.number)
    }
}

/// A document of the protocol; a section of one is written `rest "3.1"` in a case.
#[expect(missing_docs, reason = "each is the name of a document")]
#[expect(
    non_camel_case_types,
    reason = "cases name them as the documents are named"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    common,
    auth,
    rest,
    multipart,
    form,
    purge,
    tasks,
    images,
    errors,
}

impl Document {
    /// Its file name without the extension.
    pub const fn name(self) -> &'static str {
        match self {
            Self::common => "common",
            Self::auth => "auth",
            Self::rest => "rest",
            Self::multipart => "multipart",
            Self::form => "form",
            Self::purge => "purge",
            Self::tasks => "tasks",
            Self::images => "images",
            Self::errors => "errors",
        }
    }
}

/// What a case rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The official documentation says so.
    Doc,
    /// An official client sends it, or relies on it.
    Client,
    /// Nobody says so; the emulator decided.
    Choice,
}

impl Certainty {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Doc => "doc",
            Self::Client => "client",
            Self::Choice => "choice",
        }
    }
}

/// What a case needs from the target, or what it does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Tag {
    /// Changes more than its own folder: a setting of the service, its cache.
    Destructive,
    /// Takes seconds, or sends megabytes.
    Slow,
    /// An API that the service no longer documents.
    Legacy,
    /// Is about pictures.
    Images,
    /// The target must be able to reach this machine.
    NeedsCallback,
    /// The target must have ffmpeg.
    NeedsMedia,
    /// The target's clock must be movable.
    NeedsClock,
    /// Operators and services with certain rights and states must be there.
    NeedsControl,
    /// The service must have a form secret that the target knows.
    NeedsFormSecret,
    /// The target must read objects at a domain of its own.
    NeedsDomain,
}

impl Tag {
    /// All tags.
    pub const ALL: [Self; 10] = [
        Self::Destructive,
        Self::Slow,
        Self::Legacy,
        Self::Images,
        Self::NeedsCallback,
        Self::NeedsMedia,
        Self::NeedsClock,
        Self::NeedsControl,
        Self::NeedsFormSecret,
        Self::NeedsDomain,
    ];

    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Destructive => "destructive",
            Self::Slow => "slow",
            Self::Legacy => "legacy",
            Self::Images => "images",
            Self::NeedsCallback => "needs-callback",
            Self::NeedsMedia => "needs-media",
            Self::NeedsClock => "needs-clock",
            Self::NeedsControl => "needs-control",
            Self::NeedsFormSecret => "needs-form-secret",
            Self::NeedsDomain => "needs-domain",
        }
    }

    /// The tag of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.name() == name)
    }
}

/// What `case!` collects.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registered(pub(crate) Case);

inventory::collect!(Registered);

/// Declares the function that follows as a case.
///
/// ```ignore
/// case! {
///     content_md5_mismatch: rest "3.3", choice "R-21", codes 40000006, tags Slow;
///     "A body that does not fit its Content-MD5 is refused, and what was there stays."
/// }
/// async fn content_md5_mismatch(cx: Context) -> Outcome { … }
/// ```
///
/// Sections first; then, in this order and each only if it applies: `client` (otherwise the
/// documentation says so) or `choice` with marks, `codes`, `tags`. A case that pins a choice beside
/// what is documented is a choice: split it where the two can fail apart.
macro_rules! case {
    (
        $name:ident: $($file:ident $section:literal)+
        $(, choice $($choice:literal)+)?
        $(, codes $($code:literal)+)?
        $(, tags $($tag:ident)+)?
        ; $holds:literal
    ) => {
        $crate::case::case!(@ $name [$($file $section)+] [] [$($($choice)+)?] [$($($code)+)?]
            [$($($tag)+)?] $holds);
    };
    (
        $name:ident: $($file:ident $section:literal)+
        , client
        $(, codes $($code:literal)+)?
        $(, tags $($tag:ident)+)?
        ; $holds:literal
    ) => {
        $crate::case::case!(@ $name [$($file $section)+] [client] [] [$($($code)+)?]
            [$($($tag)+)?] $holds);
    };
    (
        @ $name:ident [$($file:ident $section:literal)+] [$($client:ident)?] [$($choice:literal)*]
        [$($code:literal)*] [$($tag:ident)*] $holds:literal
    ) => {
        inventory::submit! {
            $crate::case::Registered($crate::case::Case {
                module: module_path!(),
                function: stringify!($name),
                holds: $holds,
                sections: &[$($crate::case::Section {
                    file: $crate::case::Document::$file,
                    number: $section,
                }),+],
                certainty: $crate::case::case!(@certainty [$($client)?] [$($choice)*]),
                choices: &[$($choice),*],
                codes: &[$($code),*],
                tags: &[$($crate::case::Tag::$tag),*],
                run: |cx| Box::pin($name(cx)),
            })
        }
    };
    (@certainty [] []) => { $crate::case::Certainty::Doc };
    (@certainty [client] []) => { $crate::case::Certainty::Client };
    (@certainty [] [$($choice:literal)+]) => { $crate::case::Certainty::Choice };
}
pub(crate) use case;
