//! The two formats of a folder's list, and its cursor.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine as _,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// The last segment of its key.
    pub name: String,
    /// File or folder.
    pub kind: EntryKind,
    /// Bytes; 0 for folders (`[choice R-61]`).
    pub size: u64,
    /// Last modification, in whole seconds.
    pub modified: SystemTime,
    /// The stored type of a file; only the JSON format tells it.
    pub content_type: Option<String>,
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs()
}

fn time(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Whether a name is that of a file or of a folder; never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the two kinds of names")]
pub enum EntryKind {
    File,
    Folder,
}

/// The text format: `name TAB N|F TAB size TAB time`, entries joined by a line feed, none at the
/// end.
///
/// ```
/// use upyun_client::protocol::list::{EntryKind, ListEntry, parse_text, to_text};
///
/// let entries = parse_text("bar\tF\t0\t1415096260\nfoo\tN\t4237\t1415096225")?;
/// assert_eq!(entries[0].kind, EntryKind::Folder);
/// assert_eq!(entries[1].size, 4237);
/// assert_eq!(to_text(&entries), "bar\tF\t0\t1415096260\nfoo\tN\t4237\t1415096225");
/// # Ok::<(), upyun_client::protocol::list::ListError>(())
/// ```
pub fn to_text<'a>(entries: impl IntoIterator<Item = &'a ListEntry>) -> String {
    use fmt::Write as _;
    let mut text = String::new();
    for entry in entries {
        if !text.is_empty() {
            text.push('\n');
        }
        let kind = match entry.kind {
            EntryKind::File => 'N',
            EntryKind::Folder => 'F',
        };
        write!(
            text,
            "{}\t{kind}\t{}\t{}",
            entry.name,
            entry.size,
            seconds(entry.modified)
        )
        .expect("a string takes any text");
    }
    text
}

/// Reads the text format.
///
/// # Errors
/// [`ListError`] names the line that has not the four fields.
pub fn parse_text(text: &str) -> Result<Vec<ListEntry>, ListError> {
    let parse = |line: &str| {
        let mut fields = line.split('\t');
        let name = fields.next()?.to_owned();
        let kind = match fields.next()? {
            "N" => EntryKind::File,
            "F" => EntryKind::Folder,
            _ => return None,
        };
        let size = fields.next()?.parse().ok()?;
        let modified = time(fields.next()?.parse().ok()?)?;
        Some(ListEntry {
            name,
            kind,
            size,
            modified,
            content_type: None,
        })
    };
    // Some proxies add a final line feed; the service does not.
    text.split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| parse(line).ok_or_else(|| ListError(format!("the line {line:?}"))))
        .collect()
}

#[derive(Serialize, Deserialize)]
struct JsonList {
    files: Vec<JsonEntry>,
    iter: String,
}

#[derive(Serialize, Deserialize)]
struct JsonEntry {
    /// A MIME type, or `folder`.
    #[serde(rename = "type")]
    kind: String,
    length: u64,
    name: String,
    last_modified: u64,
}

const FOLDER: &str = "folder";
/// What the service stores when it knows no better type.
pub const DEFAULT_CONTENT_TYPE: &str = "application/octet-stream";

/// The JSON format: `{"files":[…],"iter":"…"}`; both members are always there.
pub fn to_json(entries: impl IntoIterator<Item = ListEntry>, cursor: &Cursor) -> String {
    let files = entries.into_iter().map(|entry| JsonEntry {
        kind: match entry.kind {
            EntryKind::Folder => FOLDER.to_owned(),
            EntryKind::File => entry
                .content_type
                .unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
        },
        length: entry.size,
        name: entry.name,
        last_modified: seconds(entry.modified),
    });
    let list = JsonList {
        files: files.collect(),
        iter: cursor.encode(),
    };
    serde_json::to_string(&list).expect("strings and numbers always serialise")
}

/// Reads the JSON format: the entries and the cursor of the next page, as sent.
///
/// # Errors
/// [`ListError`] says what the JSON lacks.
pub fn parse_json(json: &[u8]) -> Result<(Vec<ListEntry>, String), ListError> {
    let list: JsonList =
        serde_json::from_slice(json).map_err(|error| ListError(format!("the JSON: {error}")))?;
    let entries = list.files.into_iter().map(|entry| {
        let is_folder = entry.kind == FOLDER;
        let modified = time(entry.last_modified)
            .ok_or_else(|| ListError(format!("the time of {:?}", entry.name)))?;
        Ok(ListEntry {
            name: entry.name,
            kind: if is_folder {
                EntryKind::Folder
            } else {
                EntryKind::File
            },
            size: entry.length,
            modified,
            content_type: (!is_folder).then_some(entry.kind),
        })
    });
    Ok((entries.collect::<Result<_, _>>()?, list.iter))
}

/// A list answer that is not the protocol's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of entries: {0}")]
pub struct ListError(String);

/// Where a page ends: after a name, or at the end of the folder.
///
/// On the wire it is Base64 of an Erlang term, the pair of the atom `next` and a binary or the atom
/// `eof`. Clients treat it as opaque and compare with [`Cursor::END`]. It carries no order
/// (`[choice R-60]`) and means "after this name", so entries that come and go between two pages do
/// not disturb it (`[choice R-59]`).
///
/// ```
/// use upyun_client::protocol::list::Cursor;
///
/// let cursor = Cursor::After("foo".into());
/// assert_eq!(cursor.encode(), "g2gCZAAEbmV4dG0AAAADZm9v");
/// assert_eq!(Cursor::decode("g2gCZAAEbmV4dG0AAAADZm9v"), Some(cursor));
/// assert_eq!(Cursor::decode(Cursor::END), Some(Cursor::End));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// The next page begins after this name.
    After(String),
    /// There is no next page.
    End,
}

const TERM_START: &[u8] = b"\x83h\x02d\x00\x04next";
const TERM_EOF: &[u8] = b"d\x00\x03eof";
const TERM_BINARY: u8 = b'm';

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_encode_padding(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Cursor {
    /// The cursor of the last page, as every client compares it: without padding.
    pub const END: &'static str = "g2gCZAAEbmV4dGQAA2VvZg";

    /// The text on the wire.
    pub fn encode(&self) -> String {
        match self {
            Self::End => Self::END.to_owned(),
            Self::After(name) => {
                let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
                BASE64.encode([TERM_START, &[TERM_BINARY], &length, name.as_bytes()].concat())
            }
        }
    }

    /// Reads a cursor that this or the real service made; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        let term = BASE64.decode(text).ok()?;
        let rest = term.strip_prefix(TERM_START)?;
        if rest == TERM_EOF {
            return Some(Self::End);
        }
        let (length, name) = rest
            .strip_prefix(&[TERM_BINARY])?
            .split_first_chunk::<4>()?;
        if u32::from_be_bytes(*length) as usize != name.len() {
            return None;
        }
        Some(Self::After(String::from_utf8(name.to_vec()).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_json_example() {
        let json = r#"{"files":[{"type":"folder","length":0,"name":"bar","last_modified":1415096260},{"type":"image/jpeg","length":4237,"name":"foo.jpg","last_modified":1415096225}],"iter":"g2gCZAAEbmV4dGQAA2VvZg"}"#;
        let (entries, iter) = parse_json(json.as_bytes()).unwrap();
        assert_eq!(entries[1].content_type.as_deref(), Some("image/jpeg"));
        assert_eq!(iter, Cursor::END);
        assert_eq!(to_json(entries, &Cursor::End), json);
        assert_eq!(
            to_json([], &Cursor::End),
            r#"{"files":[],"iter":"g2gCZAAEbmV4dGQAA2VvZg"}"#
        );
    }

    #[test]
    fn an_empty_folder_is_an_empty_text() {
        assert_eq!(to_text([]), "");
        assert_eq!(parse_text(""), Ok(vec![]));
        assert!(parse_text("a\tN\t1").is_err());
        assert!(parse_text("a\tX\t1\t2").is_err());
    }

    #[test]
    fn foreign_cursors_are_no_cursors() {
        let long = BASE64.encode([TERM_START, b"m\x00\x00\x00\x09foo"].concat());
        for bad in ["x", "", "Zm9v", "g2gCZAAEbmV4dA==", &long] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
        for name in ["", "a", "图.png", "ab"] {
            let cursor = Cursor::After(name.to_owned());
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor.clone()));
            assert_eq!(
                Cursor::decode(cursor.encode().trim_end_matches('=')),
                Some(cursor)
            );
        }
    }
}
