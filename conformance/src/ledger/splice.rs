//! Parts of hand-written files that are generated, between two markers.

/// The text with what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->` replaced by what is
/// made of it.
///
/// # Errors
/// When a marker is missing.
pub(super) fn replaced(
    text: &str,
    name: &str,
    make: impl FnOnce(&str) -> Result<String, String>,
) -> Result<String, String> {
    let (begin, end) = (
        format!("<!-- {name}: begin -->\n"),
        format!("<!-- {name}: end -->"),
    );
    let missing = |marker: &str| format!("it has no line `{}`", marker.trim_end());
    let (before, rest) = text.split_once(&begin).ok_or_else(|| missing(&begin))?;
    let (old, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
    let new = make(old)?;
    Ok(format!("{before}{begin}{new}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_changes() {
        let text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let new = replaced(text, "x", |old| Ok(old.replace("old", "new"))).unwrap();
        assert_eq!(new, "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n");
        assert!(replaced("a", "x", |_| Ok(String::new())).is_err());
    }
}
