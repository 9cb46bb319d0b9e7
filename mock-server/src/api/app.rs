//! What the handlers share.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tokio_util::sync::CancellationToken;
use upyun_client::protocol::ErrorCode;

use super::block_uploads::Blocks;
use crate::{
    accounts::{Accounts, Service},
    clock::{Clock, CompletedJob, unix_seconds},
    config::Fidelity,
    faults::{Faults, MAX_SKEW_SECONDS},
    front::Tls,
    image::{ImageWorkers, results::Results},
    journal::{Journal, Purges},
    limits::Limits,
    refusal::{Explanation, Refusal},
    store::{Snapshots, Store, StoreError},
    tasks::{Callbacks, Tasks},
};

/// What every handler may use. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct App {
    shared: Arc<Shared>,
    /// How far a fault or a service moves the clock that dates and expirations are checked with, in
    /// seconds: of one request.
    skew_seconds: i64,
}

/// What the requests of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) store: Store,
    pub(crate) callbacks: Callbacks,
    pub(crate) blocks: Blocks,
    /// Those that the control plane was asked to take.
    pub(crate) snapshots: Snapshots,
    pub(crate) tasks: Tasks,
    pub(crate) purges: Purges,
    pub(crate) image_workers: ImageWorkers,
    /// Pictures that were processed for access domains.
    pub(crate) results: Results,
    pub(crate) settings: Settings,
    /// Cancelled when the server begins to stop.
    pub(crate) stop: CancellationToken,
}

/// What does not change while the server runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) fidelity: Fidelity,
    pub(crate) limits: Limits,
    pub(crate) started: Instant,
    /// Where the server listens, for the control plane's check of `Host`.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) control: bool,
    pub(crate) control_token: Option<String>,
    /// Names by which the control plane may be reached without a token.
    pub(crate) control_hosts: Vec<String>,
    pub(crate) tls: Tls,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl App {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            skew_seconds: 0,
        }
    }

    /// Moves the clock that dates and expirations are checked with, for requests that use this handle.
    pub(super) fn skew_clock(&mut self, seconds: i64) {
        self.skew_seconds = self.skew_seconds.saturating_add(seconds);
    }

    /// The time that dates and expirations of signatures are checked with.
    pub(crate) fn signing_time(&self) -> SystemTime {
        let now = self.clock.now();
        // The offset of a service and that of a fault add up to anything.
        let skew = self.skew_seconds.unsigned_abs().min(MAX_SKEW_SECONDS);
        let skew = Duration::from_secs(skew);
        let moved = match self.skew_seconds < 0 {
            true => now.checked_sub(skew),
            false => now.checked_add(skew),
        };
        // Never the time itself: a clock that is off by so much must not accept today's dates.
        moved.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// That time in whole seconds since 1970.
    pub(crate) fn signing_unix(&self) -> u64 {
        unix_seconds(self.signing_time())
    }

    /// Removes all objects, forgets the requests, callbacks, tasks and purges, sets the faults of the
    /// start, and brings the system's time back; but leaves what `keep` names.
    pub(crate) fn reset_state(&self, keep: &BTreeSet<ResetPart>) -> Result<(), StoreError> {
        let resets = |part| !keep.contains(&part);
        if resets(ResetPart::Objects) {
            self.store.reset()?;
            self.blocks.clear();
        }
        if resets(ResetPart::Requests) {
            self.journal.clear();
        }
        if resets(ResetPart::Callbacks) {
            self.callbacks.clear();
        }
        if resets(ResetPart::Tasks) {
            self.tasks.clear();
        }
        if resets(ResetPart::Purges) {
            self.purges.clear();
        }
        if resets(ResetPart::Faults) {
            self.faults.reset();
        }
        Ok(())
    }

    /// Brings the system's time back, and does what falls due if that is later.
    pub(crate) async fn reset_clock(&self) -> Vec<CompletedJob> {
        let now = SystemTime::now();
        let completed = match self.clock.now() < now {
            true => self.store.run_jobs_until(now).await,
            false => Vec::new(),
        };
        self.clock.reset();
        completed
    }

    /// Adds to a refusal because of a date that the clock was moved, if it was.
    pub(super) fn mention_moved_clock(&self, refusal: Refusal) -> Refusal {
        let is_about_dates = [
            ErrorCode::DATE_OFFSET_ERROR,
            ErrorCode::EXPIRE_ERROR,
            ErrorCode::AUTHORIZATION_HAS_EXPIRED,
            ErrorCode::REQUEST_HAS_EXPIRED,
        ]
        .contains(&refusal.code());
        match self.clock.moved_in_words() {
            Some(moved) if is_about_dates => {
                let explanation = refusal.explanation().cloned();
                let explanation = explanation.unwrap_or_else(|| Explanation::new(""));
                refusal.because(explanation.with_moved_clock(&moved))
            }
            _ => refusal,
        }
    }
}

/// A part of the state that a reset can leave as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ResetPart {
    Objects,
    Requests,
    Callbacks,
    Tasks,
    Purges,
    Faults,
    Clock,
}

/// Makes a service known, with the room that it has.
pub(crate) fn put_service(
    accounts: &Accounts,
    store: &Store,
    service: Service,
) -> Result<(), StoreError> {
    let stored = store.service(&service.name)?;
    stored.set_capacity(service.capacity_bytes);
    accounts.put_service(service);
    Ok(())
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        use ErrorCode as Code;
        let code = match &error {
            StoreError::NotFound(_) => Code::FILE_NOT_FOUND,
            StoreError::NotAFile(_) => Code::NOT_A_FILE,
            StoreError::WrongEntryKind(_) | StoreError::ParentIsFile(_) => Code::DIR_NOT_ACCEPTABLE,
            StoreError::NotEmpty(_) => Code::DIRECTORY_NOT_EMPTY,
            StoreError::Root => Code::WRONG_URI,
            StoreError::Resumable(_) => Code::FILE_ALREADY_UPLOAD,
            StoreError::Full { .. } => Code::BUCKET_IS_FULL,
            StoreError::DiskFull => Code::PUT_FILE_TO_FS_ERROR,
            StoreError::Key(error) => error.code(),
            StoreError::Locked { .. } | StoreError::Io { .. } => Code::GET_FILE_FROM_FS_ERROR,
        };
        let source = std::error::Error::source(&error);
        let source = source.map_or_else(String::new, |source| format!(": {source}"));
        Self::new(code).because(format!("{error}{source}."))
    }
}
