//! What can be done to a service, one operation a line of a [script](super::Script).

use std::collections::BTreeMap;

use upyun_client::protocol::{Directive, Md5Digest};

use super::content::Body;

/// Metadata, names in lower case.
pub type Meta = BTreeMap<String, String>;

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// `put /a size=3 seed=1`
    Put(Put),
    /// `get /a range=0-9`
    Get {
        /// Of what.
        key: String,
        /// Which part.
        range: Option<Span>,
        /// Whether at all.
        condition: Option<Condition>,
    },
    /// `head /a`
    Head(String),
    /// `delete /a`, `rmdir /d later`
    Delete {
        /// What.
        key: String,
        /// Whether it must be a folder.
        is_folder: bool,
        /// Whether it is done a second later.
        later: bool,
    },
    /// `mkdir /d`
    MakeFolder(String),
    /// `list /d text limit=3 desc`
    List {
        /// Of what.
        folder: String,
        /// The text format rather than JSON.
        text: bool,
        /// From the end of the alphabet.
        descending: bool,
        /// Entries on a page.
        limit: Option<u32>,
    },
    /// `more limit=3`: the next page of the last list.
    More {
        /// Entries on a page.
        limit: Option<u32>,
    },
    /// `usage /d`
    Usage(String),
    /// `patch /a merge meta.b=1`
    Patch {
        /// Of what.
        key: String,
        /// How. `Copy` is none of the ways.
        directive: Directive,
        /// What; of a delete the names count.
        meta: Meta,
        /// Whether it is modified now.
        touch: bool,
    },
    /// `copy /a /b`, `move /a /b merge meta.c=2`
    Transfer {
        /// Whether the source goes.
        is_move: bool,
        /// The source.
        from: String,
        /// The destination.
        to: String,
        /// What becomes of the metadata, if it is said.
        directive: Option<Directive>,
        /// With what.
        meta: Meta,
    },
    /// `begin u1 /a ordered length=5`
    Begin(Begin),
    /// `part u1 0 size=1048576 seed=4`
    Part {
        /// Which upload.
        upload: u32,
        /// Its number.
        part: u32,
        /// What.
        body: Body,
    },
    /// `complete u1`
    Complete {
        /// Which upload.
        upload: u32,
        /// The MD5 of the whole, if it is told.
        md5: Option<Md5Digest>,
    },
    /// `cancel u1`
    Cancel(u32),
    /// `parts u1`
    Parts(u32),
    /// `progress /a`
    Progress(String),
    /// `unfinished /a`: uploads of keys that begin so.
    Unfinished(String),
    /// `form /a name=b.txt size=3 seed=1`
    Form(Form),
    /// `advance 86400s`
    Advance(u64),
    /// `restart`
    Restart,
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Where.
    pub key: String,
    /// What.
    pub body: Body,
    /// The MIME type, if it is said.
    pub kind: Option<String>,
    /// The metadata.
    pub meta: Meta,
    /// What Content-MD5 says.
    pub checksum: Checksum,
}

/// What Content-MD5 says of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the three possibilities")]
pub enum Checksum {
    Absent,
    Right,
    Wrong,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Both ends are in it.
    Inner(u64, u64),
    /// To the end.
    From(u64),
    /// So many bytes at the end.
    Last(u64),
}

/// When a download is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It has this ETag.
    Match(Md5Digest),
    /// It has another.
    NoneMatch(Md5Digest),
    /// It was modified after so many seconds from the begin of the script.
    ModifiedSince(i64),
    /// It was not.
    UnmodifiedSince(i64),
}

/// The begin of a resumable upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// What the script calls it.
    pub upload: u32,
    /// Where.
    pub key: String,
    /// Part by part.
    pub ordered: bool,
    /// The size of the whole, if it is said.
    pub length: Option<u64>,
    /// The MIME type, if it is said.
    pub kind: Option<String>,
    /// The metadata.
    pub meta: Meta,
}

/// An upload by a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where, with placeholders.
    pub save_key: String,
    /// The name of the file.
    pub name: String,
    /// What.
    pub body: Body,
    /// The MIME type, if the policy says it.
    pub kind: Option<String>,
    /// The metadata.
    pub meta: Meta,
    /// The sizes that are allowed.
    pub sizes: Option<(u64, u64)>,
    /// The extensions that are allowed.
    pub types: Vec<String>,
    /// Whether the policy ended a second ago.
    pub expired: bool,
}

impl Op {
    /// Whether it only looks.
    pub fn is_read(&self) -> bool {
        matches!(
            self,
            Self::Get { .. }
                | Self::Head(_)
                | Self::List { .. }
                | Self::More { .. }
                | Self::Usage(_)
                | Self::Parts(_)
                | Self::Progress(_)
                | Self::Unfinished(_)
        )
    }
}
