//! Names of objects that are hard to spell, and the ways in which clients spell them.

use super::super::dice::Dice;

/// Pieces of names: what paths, queries, headers, forms and percent-encoding give a meaning to, and
/// letters of one to four bytes.
const PIECES: [&str; 48] = [
    "a",
    "Z",
    "0",
    "-",
    "_",
    ".",
    "~",
    " ",
    "+",
    "%",
    "%2F",
    "%41",
    "&",
    "=",
    "?",
    "#",
    "!",
    "*",
    "'",
    "(",
    ")",
    ";",
    ":",
    "@",
    "$",
    ",",
    "\"",
    "<",
    ">",
    "[",
    "]",
    "{",
    "}",
    "|",
    "\\",
    "^",
    "`",
    "é",
    "e\u{301}",
    "又拍云",
    "🦀",
    "\u{1}",
    "\u{7f}",
    "\u{202e}",
    "ı",
    "..",
    "&&",
    "%00",
];

/// A name of one segment. It has a letter, so that none is `.` or `..` or blank.
pub(in super::super) fn name(dice: &mut Dice) -> String {
    let mut name = format!("k{:x}", dice.below(1 << 20));
    for _ in 0..=dice.below(6) {
        name.push_str(PIECES[dice.below(PIECES.len())]);
    }
    name.push('z');
    name
}

/// Which characters of a path are encoded, and how (auth §2.4).
#[derive(Clone, Copy, Debug)]
pub(super) enum Spelling {
    /// All but letters, digits, `-._~` and `/`: Python, Go.
    Strict,
    /// All but what JavaScript's encodeURI leaves: Node, PHP.
    EncodeUri,
    /// As the first, with lower-case digits.
    LowerHex,
    /// Everything.
    Everything,
    /// Slashes too: Android.
    Slashes,
    /// Other languages' letters stay as they are: the Java client of old.
    RawLetters,
}

impl Spelling {
    pub(super) const ALL: [Self; 6] = [
        Self::Strict,
        Self::EncodeUri,
        Self::LowerHex,
        Self::Everything,
        Self::Slashes,
        Self::RawLetters,
    ];

    fn keeps(self, byte: u8) -> bool {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match self {
            Self::Strict | Self::LowerHex => is_plain || byte == b'/',
            Self::EncodeUri => is_plain || b"/;,:@&=+$!*()'".contains(&byte),
            Self::Everything => byte == b'/',
            Self::Slashes => is_plain,
            Self::RawLetters => is_plain || byte == b'/' || byte >= 0x80,
        }
    }
}

/// The path of a key, as a client spells it.
pub(super) fn spelled(service: &str, key: &str, spelling: Spelling) -> String {
    let mut path = format!("/{service}/").into_bytes();
    for byte in key.trim_start_matches('/').bytes() {
        if spelling.keeps(byte) {
            path.push(byte);
        } else if matches!(spelling, Spelling::LowerHex) {
            path.extend(format!("%{byte:02x}").as_bytes());
        } else {
            path.extend(format!("%{byte:02X}").as_bytes());
        }
    }
    String::from_utf8_lossy(&path).into_owned()
}
