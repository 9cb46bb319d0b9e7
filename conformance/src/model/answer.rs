//! What an operation comes to, for the model and for the target alike.

use std::fmt;

/// The outcome of an operation, as far as it can be foreseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was done, and this is what was told.
    Ok(Vec<Fact>),
    /// The service's code.
    Refused(u32),
    /// The object was not changed.
    NotModified,
    /// The client did not send it.
    Invalid,
    /// None that the protocol knows: no answer, or one that cannot be read. No model says so.
    Broken(String),
}

/// Something told, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    /// What is told.
    pub(super) name: String,
    /// How it is.
    pub(super) value: String,
}

impl Fact {
    /// A fact.
    pub(super) fn new(name: impl Into<String>, value: impl fmt::Display) -> Self {
        Self {
            name: name.into(),
            value: value.to_string(),
        }
    }

    /// A fact that may be missing.
    pub(super) fn optional(name: impl Into<String>, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => Self::new(name, value),
            None => Self::new(name, "none"),
        }
    }
}

impl Answer {
    /// Where the other one differs.
    pub(super) fn difference(&self, found: &Self) -> Option<(String, String)> {
        if self == found {
            return None;
        }
        let (Self::Ok(wanted), Self::Ok(facts)) = (self, found) else {
            return Some((self.to_string(), found.to_string()));
        };
        let missing = wanted.iter().filter(|fact| !facts.contains(fact));
        let extra = facts.iter().filter(|fact| !wanted.contains(fact));
        let (missing, extra) = (lines(missing), lines(extra));
        if missing.is_empty() && extra.is_empty() {
            return Some((lines(wanted.iter()), lines(facts.iter())));
        }
        Some((or_nothing(missing), or_nothing(extra)))
    }
}

fn lines<'a>(facts: impl Iterator<Item = &'a Fact>) -> String {
    let lines: Vec<_> = facts.map(ToString::to_string).collect();
    lines.join("; ")
}

fn or_nothing(text: String) -> String {
    match text.is_empty() {
        true => "nothing of this".to_owned(),
        false => text,
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.name.escape_debug(),
            self.value.escape_debug()
        )
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(facts) if facts.is_empty() => f.write_str("success"),
            Self::Ok(facts) => write!(f, "success: {}", lines(facts.iter())),
            Self::Refused(code) => write!(f, "code {code}"),
            Self::NotModified => f.write_str("not modified"),
            Self::Invalid => f.write_str("a refusal by the client itself"),
            Self::Broken(why) => f.write_str(why),
        }
    }
}
