//! Which entries of the journal are wanted.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{JournalEntry, entry::contains};
use crate::api_name::ApiName;

/// Which entries are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct JournalFilter {
    /// At most this many, the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// This method, in any case of letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Paths that contain this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// This operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// This status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Entries with a higher number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// This service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// This API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiName>,
    /// This code of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// This host, in any case of letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Whether a fault was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faulted: Option<bool>,
    /// This text anywhere: in the line, the headers, the beginnings of the bodies, the explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

impl JournalFilter {
    /// Whether an entry is wanted; the limit is not looked at.
    pub fn matches(&self, entry: &JournalEntry) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        fn text(wanted: Option<&String>, fits: impl FnOnce(&str) -> bool) -> bool {
            wanted.is_none_or(|wanted| fits(wanted))
        }
        let method = |method: &str| entry.method().eq_ignore_ascii_case(method);
        text(self.method.as_ref(), method)
            && text(self.path.as_ref(), |path| entry.path().contains(path))
            && text(self.host.as_ref(), |host| {
                entry.host().eq_ignore_ascii_case(host)
            })
            && is(self.operator.as_deref().as_ref(), entry.operator().as_ref())
            && is(self.service.as_deref().as_ref(), entry.service().as_ref())
            && is(self.api.as_ref(), entry.api.as_ref())
            && self.status.is_none_or(|status| entry.status == status)
            && is(
                self.code.as_ref(),
                entry.code.map(|code| code.as_u32()).as_ref(),
            )
            && self.after.is_none_or(|after| entry.number > after)
            && self
                .faulted
                .is_none_or(|faulted| entry.faults.is_empty() != faulted)
            && text(self.q.as_ref(), |text| holds(entry, text))
    }
}

fn holds(entry: &JournalEntry, text: &str) -> bool {
    let found = |part: &str| contains(part.as_bytes(), text.as_bytes());
    let explained = |text: &Option<String>| text.as_deref().is_some_and(found);
    found(entry.id.as_str())
        || entry.status.to_string() == text
        || entry.code.is_some_and(|code| code.to_string() == text)
        || entry.explanation.as_ref().is_some_and(|why| {
            found(&why.cause) || explained(&why.remedy) || explained(&why.string_to_sign)
        })
        || entry.contains(text)
}
