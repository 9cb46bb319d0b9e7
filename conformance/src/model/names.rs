//! A hostile alphabet, and sizes around every boundary.

use proptest::{prelude::*, sample::select};

/// 255 bytes: the longest name.
const LONGEST: &str = concat!(
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab長",
);

/// Names that meet each other often.
const COMMON: &[&str] = &["a", "b", "d", "e"];

/// Names that something on the way might take for something else.
const HOSTILE: &[&str] = &[
    "a.txt",
    "B.JPG",
    "c.json",
    "A",
    "文件",
    // The same to the eye: composed, and with a combining character.
    "\u{e9}",
    "e\u{301}",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "\u{202e}txt.a",
    "a b",
    " a",
    "a ",
    " ",
    "a+b",
    "a%20b",
    "a%2Fb",
    "%",
    "%zz",
    "%25",
    "?",
    "a?usage",
    "#",
    "a&b=c;d",
    "...",
    "..a",
    ".a",
    "a.",
    "a.tar.gz",
    "\"",
    "'",
    "\\",
    "a\\b",
    ":",
    "*",
    "<>|",
    "{",
    "~",
    "!",
    "-",
    "@",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}a",
    "\u{ff0f}",
    ".upyun-mock",
    "N",
    "folder",
    LONGEST,
];

/// Names that are none.
const IMPOSSIBLE: &[&str] = &[".", "..", "a\tb", "a\nb", "a\rb", TOO_LONG];

const TOO_LONG: &str = concat!(
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
);

/// A name.
pub(super) fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(COMMON), 2 => select(HOSTILE)]
}

/// A key of one to three names, and rarely none.
pub(super) fn key() -> impl Strategy<Value = String> {
    let names = proptest::collection::vec(name(), 1..=3);
    let good = names.prop_map(|names| format!("/{}", names.join("/")));
    let ended = name().prop_map(|name| format!("/{name}/"));
    let bad = (name(), select(IMPOSSIBLE)).prop_map(|(name, bad)| format!("/{name}/{bad}"));
    prop_oneof![40 => good, 1 => ended, 1 => bad]
}

/// A size of a body.
pub(super) fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => select(&[0, 1, 2, 4095, 4096, 4097][..]),
        3 => 0..100_u64,
        1 => select(&[65_535, 65_536, 65_537][..]),
    ]
}

/// A MIME type, or none.
pub(super) fn kind() -> impl Strategy<Value = Option<String>> {
    let kinds = [
        "text/plain",
        "a/b",
        "text/html; charset=\"utf-8\"",
        "image/png",
    ];
    proptest::option::weighted(0.3, select(kinds.map(str::to_owned).to_vec()))
}

/// A value of metadata. Blanks around it do not arrive.
pub(super) fn value() -> impl Strategy<Value = String> {
    let values = [
        "1", "2", "", "a b", " a ", "a%20b", "文", "😀", "\"", "a,b;c=d", "e\u{301}", "\\",
    ];
    select(values.map(str::to_owned).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_is_as_long_as_names_can_be() {
        assert_eq!((LONGEST.len(), TOO_LONG.len()), (255, 256));
    }
}
