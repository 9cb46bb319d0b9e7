//! Damages: known wrong behaviours that cases must notice.
//!
//! A case that always passes proves nothing. A [`Damage`] breaks one rule of the service: it drops
//! a header, changes a status, loses a write, accepts a wrong signature. A layer on loopback
//! between the cases and an embedded emulator applies it to requests and responses, so the
//! emulator itself has one behaviour. The layer knows only what a client knows: the protocol and
//! the passwords of the test operators.
//!
//! `tests/damages.rs` runs the cases of each damage's section and demands that one fails. It also
//! runs the same cases through a layer that damages [`NOTHING`], and demands that all pass. A
//! damage that no case notices is a missing case.
//!
//! ```text
//! upyun-conformance damages                                       # names, rules, sections
//! upyun-conformance run --damage etag-lost --filter 'rest.get.*'  # which cases notice it
//! cargo test -p upyun-conformance --test damages -- etag-lost
//! ```
//!
//! # Adding a damage
//!
//! Add an entry to the table of its kind in `damage/`. The sentence states the rule that the damage
//! breaks, and the prefix names the cases that must notice.
//!
//! # What a layer cannot reach
//!
//! Callbacks go from the emulator to the application directly, and some decisions leave no trace in
//! one exchange. For these, mutate the source with [cargo-mutants]:
//!
//! ```text
//! cargo mutants -p upyun-mock \
//!     -f 'mock-server/src/auth/**' -f 'mock-server/src/store/**' -f 'mock-server/src/api/rest/**' \
//!     --test-package upyun-mock --test-package upyun-conformance \
//!     -- --test http --test store --test cases
//! ```
//!
//! [cargo-mutants]: https://mutants.rs

mod credentials;
mod forms;
mod layer;
mod lists;
mod message;
mod objects;
mod pictures;
mod policy;
mod requests;
mod responses;
mod scene;
mod sign;
mod statuses;
mod tasks;
mod uploads;

use std::fmt;

pub(crate) use layer::Layer;
use message::{Request, Response};
pub(crate) use scene::Scene;

/// A wrong behaviour, and the cases that must notice it.
pub struct Damage {
    /// Words between hyphens.
    pub name: &'static str,
    /// The rule that it breaks, in a sentence.
    pub breaks: &'static str,
    /// How the ids of the cases start that must notice it.
    pub cases: &'static str,
    act: Act,
}

impl fmt::Debug for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Damage({})", self.name)
    }
}

type OnRequest = fn(&mut Request, &Scene);
type OnResponse = fn(&Request, &mut Response, &Scene);

/// What a damage does to an exchange.
enum Act {
    Nothing,
    /// Changes the request before it is forwarded.
    Request(OnRequest),
    /// Changes the response. The request is as the client sent it.
    Response(OnResponse),
    /// Changes both.
    Both(OnRequest, OnResponse),
    /// May respond without forwarding.
    Instead(fn(&Request, &Scene) -> Option<Response>),
    /// Forwards such a request twice, and returns the second response.
    Twice(fn(&Request) -> bool),
}

/// Damages nothing: requests and responses pass unchanged.
pub static NOTHING: Damage = Damage {
    name: "nothing",
    breaks: "No rule.",
    cases: "",
    act: Act::Nothing,
};

const TABLES: [&[Damage]; 10] = [
    responses::DAMAGES,
    statuses::DAMAGES,
    requests::DAMAGES,
    objects::DAMAGES,
    lists::DAMAGES,
    credentials::DAMAGES,
    uploads::DAMAGES,
    forms::DAMAGES,
    tasks::DAMAGES,
    pictures::DAMAGES,
];

/// All damages, by kind.
pub fn all() -> impl Iterator<Item = &'static Damage> {
    TABLES.into_iter().flatten()
}

/// The damage of this name.
pub fn find(name: &str) -> Option<&'static Damage> {
    all().find(|damage| damage.name == name)
}

impl Damage {
    const fn new(name: &'static str, breaks: &'static str, cases: &'static str, act: Act) -> Self {
        Self {
            name,
            breaks,
            cases,
            act,
        }
    }

    /// Whether a case is among those that must notice it.
    pub fn concerns(&self, case: &crate::Case) -> bool {
        case.id().starts_with(self.cases)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog;

    #[test]
    fn names_are_unique_and_rules_are_sentences() {
        let mut seen = BTreeSet::new();
        for damage in all() {
            let name = damage.name;
            let is_kebab = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(is_kebab, "{name}");
            assert!(seen.insert(name), "{name} is defined twice");
            assert!(damage.breaks.ends_with('.'), "{name}: {}", damage.breaks);
        }
    }

    #[test]
    fn every_damage_concerns_a_case() {
        let cases = catalog::all();
        for damage in all() {
            let is_any = cases.iter().any(|case| damage.concerns(case));
            assert!(
                is_any,
                "{}: no case starts with {}",
                damage.name, damage.cases
            );
        }
    }
}
