//! Where a target is known to differ.

/// Why the case is known to fail there, by `data/known.tsv`.
pub(super) fn why(kind: &str, id: &str) -> Option<String> {
    rows()
        .find(|(target, case, _)| (*target, *case) == (kind, id))
        .map(|(_, _, why)| why.to_owned())
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = include_str!("../../data/known.tsv").lines().skip(1);
    lines.filter_map(|line| {
        let mut fields = line.splitn(3, '\t');
        Some((fields.next()?, fields.next()?, fields.next()?))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn known_differences_are_of_cases() {
        let ids: BTreeSet<_> = crate::catalog::all().iter().map(|it| it.id()).collect();
        for (target, id, why) in super::rows() {
            assert!(["mock", "url", "live"].contains(&target), "{target}");
            assert!(ids.contains(id), "there is no case {id}");
            assert!(!why.is_empty(), "{id}");
        }
    }
}
