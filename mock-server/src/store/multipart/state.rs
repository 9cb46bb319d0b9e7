//! What is known of one upload.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use md5::{Digest as _, Md5};
use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{LIFE, MultipartError, claim::Claim};

/// What the client says when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// Parts come one after the other.
    pub ordered: bool,
    /// The size of the whole, in bytes, if it is known.
    pub length: Option<u64>,
    /// The size of every part but the last.
    pub part_size: u64,
    /// The MIME type of the object.
    pub content_type: String,
    /// Metadata of the object by lower-case name, without the prefix of the headers.
    pub meta: Vec<(String, Vec<u8>)>,
}

/// A part that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Its number, from 0.
    pub id: u32,
    /// Bytes.
    pub size: u64,
    /// Of its bytes.
    #[serde(with = "super::super::record::md5_text")]
    pub md5: Md5Digest,
    /// Unix seconds.
    pub modified: u64,
}

/// What is remembered of a completed upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Completed {
    /// Bytes.
    pub size: u64,
    /// Of the object.
    #[serde(with = "super::super::record::md5_text")]
    pub md5: Md5Digest,
    /// Whether an object was at the key before.
    pub replaced: bool,
}

/// A resumable upload.
#[derive(Debug)]
pub(crate) struct Multipart {
    /// Its id.
    pub uuid: String,
    /// The key of the object to be.
    pub key: Key,
    /// What was said at the beginning.
    pub announced: Announced,
    /// Unix seconds.
    pub created_at: u64,
    pub(super) service: ServiceName,
    /// The order in which uploads began.
    pub(super) number: u64,
    pub(super) state: Mutex<State>,
    /// Notified when a part is recorded and when the upload ends.
    pub(super) changes: watch::Sender<()>,
    /// Held by whoever computes the MD5, and by the completion.
    pub(super) prefix: Mutex<Prefix>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) parts: BTreeMap<u32, Part>,
    /// Parts 0 up to this one are there and full; bytes up to here have no gap.
    pub(super) gapless: u32,
    /// Who writes a part to its place.
    pub(super) claims: HashMap<u32, Arc<Claim>>,
    pub(super) phase: Phase,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Open,
    /// A completion is at work.
    Completing,
    Completed(Completed),
    Gone,
}

/// The MD5 of the beginning of the data.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    pub(super) md5: Md5,
    pub(super) bytes: u64,
}

impl Prefix {
    pub(super) fn digest(&self) -> Md5Digest {
        Md5Digest::from_bytes(self.md5.clone().finalize().into())
    }
}

impl Multipart {
    pub(super) fn new(
        service: &ServiceName,
        key: &Key,
        announced: Announced,
        created_at: u64,
        number: u64,
    ) -> Self {
        Self {
            uuid: uuid(),
            key: key.clone(),
            announced,
            created_at,
            service: service.clone(),
            number,
            state: Mutex::default(),
            changes: watch::Sender::default(),
            prefix: Mutex::default(),
        }
    }

    /// When it is forgotten, in Unix seconds.
    pub(crate) fn expires_at(&self) -> u64 {
        self.created_at + LIFE.as_secs()
    }

    /// The part that is next in an ordered upload; `None` when all are there.
    pub(crate) fn next_part(&self) -> Option<u32> {
        let state = self.lock();
        match self.part_count() {
            _ if matches!(state.phase, Phase::Completed(_)) => None,
            Some(count) if state.next() >= count => None,
            _ => Some(state.next()),
        }
    }

    /// How many parts there will be, if the length is known.
    pub(crate) fn part_count(&self) -> Option<u32> {
        let count = self.announced.length?.div_ceil(self.announced.part_size);
        Some(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The size that a part must have; `None` if any size up to the part size may be right.
    pub(crate) fn exact_size(&self, id: u32) -> Option<u64> {
        let begin = u64::from(id) * self.announced.part_size;
        let rest = self.announced.length?.saturating_sub(begin);
        Some(rest.min(self.announced.part_size))
    }

    /// The parts that are whole, from this number on.
    pub(crate) fn parts(&self, first: u32) -> Vec<Part> {
        let state = self.lock();
        state
            .parts
            .range(first..)
            .map(|(_, part)| part.clone())
            .collect()
    }

    /// The MD5 of the parts' MD5s in lower-case hex digits, joined in the order of their ids, which
    /// also identifies the content of a parallel upload (`[choice M-48]`).
    pub(super) fn joined_parts_md5(&self) -> Option<Md5Digest> {
        if self.announced.ordered {
            return None;
        }
        let state = self.lock();
        let digests = state.parts.values().map(|part| part.md5.to_string());
        Some(Md5Digest::of(digests.collect::<String>()))
    }

    /// What became of it, if it was completed.
    pub(crate) fn completed(&self) -> Option<Completed> {
        match &self.lock().phase {
            Phase::Completed(completed) => Some(completed.clone()),
            _ => None,
        }
    }

    /// Whether parts are welcome.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.lock().phase, Phase::Open | Phase::Completing)
    }

    /// Ends the upload for all who still send parts.
    pub(super) fn close(&self, phase: Phase) {
        let mut state = self.lock();
        state.phase = phase;
        state.claims.drain().for_each(|(_, claim)| claim.revoke());
        drop(state);
        self.changes.send_replace(());
    }

    /// Observes the parts that are recorded from now on, and the end of the upload.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Bytes from the beginning that are there without a gap.
    pub(crate) fn gapless_bytes(&self) -> u64 {
        let state = self.lock();
        let full = u64::from(state.gapless) * self.announced.part_size;
        // After the full parts there may be the last one, which is shorter.
        let last = state.parts.get(&state.gapless).map_or(0, |part| part.size);
        full + last
    }

    /// Whether a part is welcome now.
    pub(super) fn check_part(&self, state: &State, id: u32) -> Result<(), MultipartError> {
        match state.phase {
            Phase::Open => {}
            Phase::Completing | Phase::Completed(_) => return Err(MultipartError::Completed),
            Phase::Gone => return Err(MultipartError::Gone),
        }
        if !self.announced.ordered {
            return match state.parts.contains_key(&id) {
                true => Err(MultipartError::PartComplete),
                false => Ok(()),
            };
        }
        match self.part_count() {
            Some(count) if state.next() >= count => Err(MultipartError::PartComplete),
            _ if id != state.next() => Err(MultipartError::NotNext),
            _ => Ok(()),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    /// The first part that is missing, when none after it is there.
    fn next(&self) -> u32 {
        self.parts.last_key_value().map_or(0, |(id, _)| id + 1)
    }

    pub(super) fn add(&mut self, part: Part, part_size: u64) {
        self.parts.insert(part.id, part);
        while self
            .parts
            .get(&self.gapless)
            .is_some_and(|part| part.size == part_size)
        {
            self.gapless += 1;
        }
    }
}

/// 36 characters, `8-4-4-4-12` lower-case hex digits, random.
fn uuid() -> String {
    let digits = format!("{:032x}", rand::random::<u128>());
    let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    format!("{a}-{b}-{c}-{d}-{e}")
}
