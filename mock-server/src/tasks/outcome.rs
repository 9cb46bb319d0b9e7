//! How a task ends.

use std::fmt;

use serde_json::{Map, Value};

use crate::{features::MissingFeature, store::StoreError};

/// A task that did what it was asked for.
#[derive(Debug, Default)]
pub(super) struct Success {
    /// What it made, or where; in the order that was asked for.
    pub(super) paths: Vec<String>,
    /// What is told besides: `info` of media, verdicts, facts of pictures.
    pub(super) members: Map<String, Value>,
    /// Nothing had to be changed.
    pub(super) is_unchanged: bool,
}

impl Success {
    pub(super) fn of(path: impl Into<String>) -> Self {
        Self {
            paths: vec![path.into()],
            ..Self::default()
        }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn status(&self) -> u16 {
        if self.is_unchanged { 204 } else { 200 }
    }
}

/// A task that did not, and left nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(super) kind: FailureKind,
    /// What is wrong, in a sentence without its full stop.
    pub(super) why: String,
}

/// The kinds of `[choice §5.9]`, each with its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The task is not understood, or its source cannot be worked on.
    Malformed,
    /// A parameter has a value that it cannot have.
    BadParameter,
    /// A source is not there.
    NotFound,
    /// The source is of a kind that the app does not take.
    Unsupported,
    /// It should be a picture.
    NotAnImage,
    /// A program that is needed is not installed.
    NotInstalled,
    /// A program or another server did not do its part.
    Tool,
    /// The feature that it needs is not in this build.
    #[allow(dead_code)]
    LeftOut(MissingFeature),
    /// The result could not be kept.
    Storing,
    /// It took too long.
    TimedOut,
    /// Our own fault.
    Internal,
}

impl FailureKind {
    /// In JSON; a callback in the form of old tells bad parameters apart.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::BadParameter => 400,
            Self::NotFound => 404,
            Self::Unsupported => 413,
            Self::NotAnImage => 415,
            Self::Internal => 500,
            Self::NotInstalled => 501,
            Self::Tool => 502,
            Self::Storing | Self::LeftOut(_) => 503,
            Self::TimedOut => 504,
        }
    }

    pub(super) fn legacy_status(self) -> u16 {
        match self {
            Self::BadParameter => 406,
            other => other.status(),
        }
    }
}

macro_rules! constructors {
    ($($name:ident = $kind:ident;)*) => {
        impl Failure {
            $(pub(crate) fn $name(why: impl Into<String>) -> Self {
                Self { kind: FailureKind::$kind, why: why.into() }
            })*
        }
    };
}

constructors! {
    malformed = Malformed;
    bad_parameter = BadParameter;
    not_found = NotFound;
    unsupported = Unsupported;
    not_an_image = NotAnImage;
    not_installed = NotInstalled;
    tool = Tool;
    storing = Storing;
    timed_out = TimedOut;
    internal = Internal;
}

impl Failure {
    #[allow(dead_code)]
    pub(super) fn left_out(feature: MissingFeature) -> Self {
        Self {
            kind: FailureKind::LeftOut(feature),
            why: feature.to_string(),
        }
    }

    /// The feature that would have been needed, if this build leaves it out.
    pub(crate) fn missing_feature(&self) -> Option<MissingFeature> {
        match self.kind {
            FailureKind::LeftOut(feature) => Some(feature),
            _ => None,
        }
    }

    /// As the JSON forms have it.
    pub(crate) fn status(&self) -> u16 {
        self.kind.status()
    }

    /// What is wrong, in a sentence without its full stop.
    pub(crate) fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.why, self.kind.status())
    }
}

/// What cannot be kept; what cannot be read is told apart by its reader.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Key(_) => Self::bad_parameter(error.to_string()),
            _ => Self::storing(error.to_string()),
        }
    }
}
