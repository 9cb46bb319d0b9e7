//! What the documents say that a service does, in memory and in the plainest way.
//!
//! It shares nothing with the emulator: neither code nor representation. Where the documents leave a
//! question open, the decision's mark stands beside the line that takes it.

mod key;
mod meta;
mod objects;
mod read;
mod uploads;

use std::collections::BTreeMap;

pub(super) use key::parse;
pub(super) use uploads::{Phase, Upload};

use super::{
    Abilities,
    answer::{Answer, Fact},
    content::Content,
    op::{Meta, Op},
};

/// The parts of the code table that the model needs.
pub(super) mod code {
    pub(in crate::model) const NOT_FOUND: u32 = 40400001;
    pub(in crate::model) const NOT_A_FILE: u32 = 40300015;
    pub(in crate::model) const NOT_EMPTY: u32 = 40300005;
    pub(in crate::model) const CONFLICT: u32 = 40600001;
    pub(in crate::model) const RESUMABLE: u32 = 40011059;
    pub(in crate::model) const OTHER_MD5: u32 = 40000006;
    pub(in crate::model) const SAME_KEY: u32 = 40000041;
    pub(in crate::model) const BAD_TTL: u32 = 40011092;
    pub(in crate::model) const BAD_SECRET: u32 = 40300016;
    pub(in crate::model) const BAD_RANGE: u32 = 40001161;
    pub(in crate::model) const PRECONDITION: u32 = 41200001;
    pub(in crate::model) const WRONG_URI: u32 = 40001000;
    pub(in crate::model) const BAD_CHARACTER: u32 = 40300001;
    pub(in crate::model) const PATH_TOO_LONG: u32 = 40300002;
    pub(in crate::model) const NAME_TOO_LONG: u32 = 40300003;
    pub(in crate::model) const BAD_PART_ID: u32 = 40011051;
    pub(in crate::model) const NEEDS_LENGTH: u32 = 40011052;
    pub(in crate::model) const UNEVEN: u32 = 40011054;
    pub(in crate::model) const NO_UPLOAD: u32 = 40011058;
    pub(in crate::model) const OTHER_FILE_MD5: u32 = 40011060;
    pub(in crate::model) const NOT_NEXT: u32 = 40011061;
    pub(in crate::model) const INCOMPLETE: u32 = 40001037;
    pub(in crate::model) const WRONG_SIZE: u32 = 40300030;
    pub(in crate::model) const EXPIRED: u32 = 40300006;
    pub(in crate::model) const TOO_SMALL: u32 = 40300008;
    pub(in crate::model) const TOO_LARGE: u32 = 40300009;
    pub(in crate::model) const WRONG_TYPE: u32 = 40300010;
}

/// The state of a service. Keys begin with a slash, and the root is not among the entries.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) abilities: Abilities,
    /// Seconds since the begin.
    pub(super) now: u64,
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) uploads: BTreeMap<u32, Upload>,
    /// What is to come, in the order of arrival.
    pending: Vec<Later>,
    arrivals: u64,
    pub(super) last_list: Option<Listing>,
}

#[derive(Clone, Debug)]
pub(super) enum Entry {
    File(Object),
    Folder,
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) content: Content,
    pub(super) kind: String,
    pub(super) meta: Meta,
    pub(super) modified: u64,
    /// When its life ends, and the place of that among what is to come.
    pub(super) ends: Option<(u64, u64)>,
    pub(super) is_resumable: bool,
}

/// A deletion that was asked for.
#[derive(Clone, Debug)]
struct Later {
    due: u64,
    arrival: u64,
    key: String,
    wants_folder: bool,
}

/// A list that goes on.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    folder: String,
    text: bool,
    descending: bool,
    after: String,
}

type Outcome = Result<Vec<Fact>, Answer>;

fn refused<T>(code: u32) -> Result<T, Answer> {
    Err(Answer::Refused(code))
}

impl Reference {
    pub(super) fn new(abilities: Abilities) -> Self {
        Self {
            abilities,
            now: 0,
            entries: BTreeMap::new(),
            uploads: BTreeMap::new(),
            pending: Vec::new(),
            arrivals: 0,
            last_list: None,
        }
    }

    /// Carries it out.
    pub(super) fn apply(&mut self, op: &Op) -> Answer {
        let done = match op {
            Op::Put(put) => self.put(put),
            Op::Get {
                key,
                range,
                condition,
            } => self.get(key, *range, *condition),
            Op::Head(key) => self.head(key),
            Op::Delete {
                key,
                is_folder,
                later,
            } => self.delete(key, *is_folder, *later),
            Op::MakeFolder(key) => self.make_folder(key),
            Op::List {
                folder,
                text,
                descending,
                limit,
            } => self.list(folder, *text, *descending, *limit),
            Op::More { limit } => self.more(*limit),
            Op::Usage(key) => self.usage(key),
            Op::Patch {
                key,
                directive,
                meta,
                touch,
            } => self.patch(key, *directive, meta, *touch),
            Op::Transfer {
                is_move,
                from,
                to,
                directive,
                meta,
            } => self.transfer(*is_move, from, to, *directive, meta),
            Op::Begin(begin) => self.begin(begin),
            Op::Part { upload, part, body } => self.part(*upload, *part, *body),
            Op::Complete { upload, md5 } => self.complete(*upload, *md5),
            Op::Cancel(upload) => self.cancel(*upload),
            Op::Parts(upload) => self.parts(*upload),
            Op::Progress(key) => self.progress(key),
            Op::Unfinished(prefix) => self.unfinished(prefix),
            Op::Form(form) => self.form(form),
            Op::Advance(seconds) => {
                self.advance(*seconds);
                Ok(Vec::new())
            }
            Op::Restart => {
                self.restart();
                Ok(Vec::new())
            }
        };
        match done {
            Ok(facts) => Answer::Ok(facts),
            Err(answer) => answer,
        }
    }

    /// A fact about a time, where times can be foreseen.
    fn time(&self, name: &str, at: u64) -> Option<Fact> {
        self.abilities
            .clock
            .then(|| Fact::new(name, format_args!("+{at}s")))
    }

    fn advance(&mut self, seconds: u64) {
        let target = self.now + seconds;
        while let Some(event) = self.next_event(target) {
            match event {
                Event::Deletion(at) => {
                    let later = self.pending.remove(at);
                    self.now = self.now.max(later.due);
                    // A folder that is not empty stays ([choice R-51]), and so does the other kind.
                    let _ = self.remove(&later.key, later.wants_folder);
                }
                Event::End(key) => drop(self.entries.remove(&key)),
            }
        }
        self.now = target;
        for upload in self.uploads.values_mut() {
            // Counted from initiate ([choice M-3]), for completed ones too ([choice M-27]).
            if upload.begun + uploads::LIFE_SECONDS <= target {
                upload.phase = Phase::Gone;
            }
        }
    }

    fn next_event(&self, until: u64) -> Option<Event> {
        let deletions = self.pending.iter().enumerate();
        let deletions =
            deletions.map(|(at, later)| (later.due, later.arrival, Event::Deletion(at)));
        let ends = self.entries.iter().filter_map(|(key, entry)| match entry {
            Entry::File(object) => object
                .ends
                .map(|(due, arrival)| (due, arrival, Event::End(key.clone()))),
            Entry::Folder => None,
        });
        let events = deletions.chain(ends).filter(|(due, ..)| *due <= until);
        events
            .min_by_key(|(due, arrival, _)| (*due, *arrival))
            .map(|(_, _, event)| event)
    }

    /// Deletions that were promised are carried out before the server is gone; nothing else changes.
    fn restart(&mut self) {
        for later in std::mem::take(&mut self.pending) {
            let _ = self.remove(&later.key, later.wants_folder);
        }
    }

    fn arrive(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}

enum Event {
    Deletion(usize),
    End(String),
}
