//! Which cases to run.

use crate::case::{Case, Tag};

/// What cases must match; everything if empty.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Parts of ids, or whole ids with `*` for any text; one must fit.
    pub filters: Vec<String>,
    /// Tags that a case must have.
    pub tags: Vec<Tag>,
    /// Tags that it must not have.
    pub without: Vec<Tag>,
}

impl Selection {
    /// The cases that match, in order.
    pub fn of(&self, cases: &[Case]) -> Vec<Case> {
        cases
            .iter()
            .filter(|case| self.fits(case))
            .copied()
            .collect()
    }

    fn fits(&self, case: &Case) -> bool {
        let id = case.id();
        let is_named = self.filters.is_empty() || self.filters.iter().any(|it| matches(it, &id));
        is_named
            && self.tags.iter().all(|tag| case.has(*tag))
            && !self.without.iter().any(|tag| case.has(*tag))
    }
}

fn matches(pattern: &str, id: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return id.contains(pattern);
    };
    let Some(mut id) = id.strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return id.ends_with(part);
        }
        match id.find(part) {
            Some(at) => id = &id[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[track_caller]
    fn check(pattern: &str, id: &str, want: bool) {
        assert_eq!(matches(pattern, id), want, "{pattern} on {id}");
    }

    #[test]
    fn patterns() {
        check("put", "rest.put.empty", true);
        check("rest.put.*", "rest.put.empty", true);
        check("rest.put.*", "rest.get.empty", false);
        check("*.empty", "rest.put.empty", true);
        check("rest.*.em*ty", "rest.put.empty", true);
        check("rest.*.em*y.", "rest.put.empty", false);
        check("rest.put", "form.empty", false);
        check("*", "anything", true);
    }
}
