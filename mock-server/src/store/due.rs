//! What happens later: asynchronous deletions and the ends of lives.

use std::{
    fmt,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use upyun_client::protocol::{Key, ServiceName};

use super::{Kind, StoreError, files::PRIVATE};
use crate::observe::clock::unix_milliseconds;

const NEVER: u64 = u64::MAX;

/// Jobs by the time at which they are due.
///
/// Ends of lives are also written to a file, so that a kept directory still lets objects expire in
/// the next process. A line there is only a reminder: when it falls due, the object's record is
/// asked whether it still says so.
#[derive(Debug)]
pub(super) struct Due {
    /// By milliseconds since 1970, then in order of arrival (`[choice R-52]`).
    jobs: Mutex<Jobs>,
    /// The first key's milliseconds: what every operation looks at.
    next: AtomicU64,
    arrivals: AtomicU64,
    changed: Notify,
    reminders: PathBuf,
}

/// A copy of it costs nothing, however many there are.
pub(super) type Jobs = RedBlackTreeMapSync<(u64, u64), Job>;

#[derive(Clone, Debug)]
pub(super) enum Job {
    Delete {
        service: ServiceName,
        key: Key,
        kind: Kind,
    },
    Expire {
        service: ServiceName,
        key: Key,
    },
    /// The end of a resumable upload's 24 hours.
    ForgetUpload {
        uuid: String,
    },
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete { service, key, .. } => write!(f, "/{service}{key} was deleted"),
            Self::Expire { service, key } => {
                write!(
                    f,
                    "the life of /{service}{key} had its end, unless it was written anew"
                )
            }
            Self::ForgetUpload { uuid } => write!(f, "the day of the upload {uuid} was over"),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Reminder {
    expires_at: u64,
    service: String,
    key: String,
}

impl Due {
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let due = Self {
            jobs: Mutex::default(),
            next: AtomicU64::new(NEVER),
            arrivals: AtomicU64::new(0),
            changed: Notify::new(),
            reminders: root.join(PRIVATE).join("expiring"),
        };
        let text = match std::fs::read_to_string(&due.reminders) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(due),
            Err(error) => return Err(StoreError::io("read the list of lives", error)),
        };
        for line in text.lines() {
            let Ok(reminder) = serde_json::from_str::<Reminder>(line) else {
                continue;
            };
            if let (Ok(service), Ok(key)) = (
                ServiceName::parse(&reminder.service),
                Key::parse(&reminder.key),
            ) {
                due.push(at(reminder.expires_at), Job::Expire { service, key });
            }
        }
        Ok(due)
    }

    /// Adds a job.
    pub(super) fn push(&self, due: SystemTime, job: Job) {
        let arrival = self.arrivals.fetch_add(1, Ordering::Relaxed);
        let mut jobs = self.lock();
        jobs.insert_mut((milliseconds(due), arrival), job);
        self.tell_next(&jobs);
        drop(jobs);
        self.changed.notify_waiters();
    }

    /// Adds the end of an object's life and remembers it across restarts.
    pub(super) fn expire(&self, service: &ServiceName, key: &Key, expires_at: u64) {
        let (service, key) = (service.clone(), key.clone());
        self.remind(expires_at, &service, &key);
        self.push(at(expires_at), Job::Expire { service, key });
    }

    fn remind(&self, expires_at: u64, service: &ServiceName, key: &Key) {
        let reminder = Reminder {
            expires_at,
            service: service.to_string(),
            key: key.to_string(),
        };
        let line = format!("{}\n", serde_json::json!(reminder));
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.reminders);
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            tracing::warn!("the end of the life of {key} is forgotten at a restart: {error}");
        }
    }

    /// Whether a job is due.
    pub(super) fn is_any(&self, now: SystemTime) -> bool {
        self.next.load(Ordering::Relaxed) <= milliseconds(now)
    }

    /// Takes the first job that is due.
    pub(super) fn pop(&self, now: SystemTime) -> Option<Job> {
        let now = milliseconds(now);
        if self.next.load(Ordering::Relaxed) > now {
            return None;
        }
        let mut jobs = self.lock();
        let (due, job) = jobs.first().filter(|(due, _)| due.0 <= now)?;
        let (due, job) = (*due, job.clone());
        jobs.remove_mut(&due);
        self.tell_next(&jobs);
        Some(job)
    }

    /// Takes all deletions, in the order in which they are due.
    pub(super) fn take_deletions(&self) -> Vec<Job> {
        let mut jobs = self.lock();
        let all = jobs.iter();
        let deletions = all.filter(|(_, job)| matches!(job, Job::Delete { .. }));
        let deletions: Vec<_> = deletions.map(|(due, job)| (*due, job.clone())).collect();
        for (due, _) in &deletions {
            jobs.remove_mut(due);
        }
        self.tell_next(&jobs);
        deletions.into_iter().map(|(_, job)| job).collect()
    }

    pub(super) fn next(&self) -> Option<SystemTime> {
        let next = self.next.load(Ordering::Relaxed);
        (next != NEVER).then(|| UNIX_EPOCH + Duration::from_millis(next))
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All jobs that wait.
    pub(super) fn all(&self) -> Jobs {
        self.lock().clone()
    }

    /// Forgets all jobs and waits for these instead.
    pub(super) fn replace(&self, new: Jobs) {
        // Reminders stay: that of an object that is gone does nothing, and what was gone may be back.
        let mut jobs = self.lock();
        *jobs = new;
        self.tell_next(&jobs);
        drop(jobs);
        self.changed.notify_waiters();
    }

    fn tell_next(&self, jobs: &Jobs) {
        let next = jobs.first().map_or(NEVER, |((due, _), _)| *due);
        self.next.store(next, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at(unix: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(unix))
        .unwrap_or(UNIX_EPOCH)
}

fn milliseconds(time: SystemTime) -> u64 {
    unix_milliseconds(time).min(NEVER - 1)
}
