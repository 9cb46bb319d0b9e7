//! Jobs that run later: asynchronous deletions, expiries, and the end of unfinished uploads.

mod log;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, futures::Notified};
use upyun_client::protocol::{Key, ServiceName};

use self::log::Log;
use super::{Kind, StoreError};
use crate::clock::unix_milliseconds;

const NEVER: u64 = u64::MAX;

/// Jobs by the time at which they are due.
///
/// Deletions and expiries are also written to a log, so that a kept directory still runs them in the
/// next process. Unfinished uploads have files of their own, which say when they end.
#[derive(Debug)]
pub(super) struct Schedule {
    inner: Mutex<Inner>,
    /// The milliseconds of the first job, which every operation reads.
    next_ms: AtomicU64,
    /// How many jobs were taken and have not finished, which every operation reads too.
    running: AtomicUsize,
    changed: Notify,
}

#[derive(Debug)]
struct Inner {
    jobs: BTreeMap<JobTime, Job>,
    /// Jobs that were taken and have not finished: a killed process has to run them again.
    running: BTreeMap<JobTime, Job>,
    /// Where the jobs are of which there is one at most: an object has one expiry.
    unique: HashMap<Job, JobTime>,
    next_id: u64,
    log: Log,
}

/// When a job is due: milliseconds since 1970, then the order of arrival (`[choice R-52]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct JobTime {
    due_ms: u64,
    id: u64,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

/// A job that was taken from the schedule and is being run.
#[derive(Debug)]
pub(super) struct DueJob {
    time: JobTime,
    pub(super) job: Job,
}

/// All jobs at a moment, for a snapshot.
pub(super) type Jobs = Vec<(u64, Job)>;

impl Job {
    fn is_unique(&self) -> bool {
        !matches!(self, Self::Delete { .. })
    }

    fn is_logged(&self) -> bool {
        !matches!(self, Self::ForgetUpload { .. })
    }

    fn service(&self) -> Option<&ServiceName> {
        match self {
            Self::Delete { service, .. } | Self::Expire { service, .. } => Some(service),
            Self::ForgetUpload { .. } => None,
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete { service, key, .. } => write!(f, "/{service}{key} was deleted"),
            Self::Expire { service, key } => write!(f, "/{service}{key} expired"),
            Self::ForgetUpload { uuid } => write!(f, "the unfinished upload {uuid} expired"),
        }
    }
}

impl Schedule {
    /// Reads the log, if there is one.
    pub(super) fn open(private: &Path) -> Result<Self, StoreError> {
        let (log, logged) = Log::open(private).map_err(|error| {
            StoreError::io("read the schedule of deletions and expiries", error)
        })?;
        let mut inner = Inner {
            jobs: BTreeMap::new(),
            running: BTreeMap::new(),
            unique: HashMap::new(),
            next_id: 0,
            log,
        };
        for (due_ms, job) in logged {
            inner.insert(due_ms, job);
        }
        // Drops the lines of jobs that have run, and whatever else is of no use.
        inner.rewrite_log();
        let schedule = Self {
            next_ms: AtomicU64::new(inner.next_ms()),
            running: AtomicUsize::new(0),
            inner: Mutex::new(inner),
            changed: Notify::new(),
        };
        Ok(schedule)
    }

    /// Deletes what is at a key at a later time. Once this returns, a killed process does not lose it.
    ///
    /// # Errors
    /// When the log cannot be written; the job is not scheduled then.
    pub(super) fn delete_at(
        &self,
        due: SystemTime,
        service: &ServiceName,
        key: &Key,
        kind: Kind,
    ) -> Result<(), StoreError> {
        let (service, key) = (service.clone(), key.clone());
        let job = Job::Delete { service, key, kind };
        let mut inner = self.inner.lock();
        let time = inner.insert(unix_milliseconds(due), job);
        if let Err(error) = inner.log_job(time) {
            inner.remove(time);
            return Err(StoreError::io("schedule a deletion", error));
        }
        self.publish(inner);
        Ok(())
    }

    /// Sets when an object expires, in Unix seconds, or that it does not.
    pub(super) fn set_expiry(&self, service: &ServiceName, key: &Key, expires_at: Option<u64>) {
        if expires_at.is_none() && self.next_ms.load(Ordering::Relaxed) == NEVER {
            return;
        }
        let (service, key) = (service.clone(), key.clone());
        let mut inner = self.inner.lock();
        let job = Job::Expire { service, key };
        inner.cancel(&job);
        if let Some(expires_at) = expires_at {
            let time = inner.insert(expires_at.saturating_mul(1000), job);
            if let Err(error) = inner.log_job(time) {
                let job = &inner.jobs[&time];
                tracing::warn!(
                    "after a restart it is unknown when an object expires ({job}): {error}"
                );
            }
        }
        self.publish(inner);
    }

    /// Sets when an unfinished upload ends.
    pub(super) fn forget_upload_at(&self, due: SystemTime, uuid: &str) {
        let uuid = uuid.to_owned();
        let mut inner = self.inner.lock();
        inner.insert(unix_milliseconds(due), Job::ForgetUpload { uuid });
        self.publish(inner);
    }

    /// Removes the end of an upload that is no longer there.
    pub(super) fn cancel_upload(&self, uuid: &str) {
        let uuid = uuid.to_owned();
        let mut inner = self.inner.lock();
        inner.cancel(&Job::ForgetUpload { uuid });
        self.publish(inner);
    }

    /// Whether a job is due, or is being run.
    pub(super) fn is_any_due(&self, now: SystemTime) -> bool {
        // In the opposite order to that in which a job that is taken changes them.
        self.next_ms.load(Ordering::Acquire) <= unix_milliseconds(now)
            || self.running.load(Ordering::Acquire) > 0
    }

    /// Takes the first job that is due. Call [`finished`](Self::finished) when it has run.
    pub(super) fn pop_due(&self, now: SystemTime) -> Option<DueJob> {
        let now_ms = unix_milliseconds(now);
        if self.next_ms.load(Ordering::Relaxed) > now_ms {
            return None;
        }
        let mut inner = self.inner.lock();
        let (time, _) = inner.jobs.first_key_value()?;
        let time = Some(*time).filter(|time| time.due_ms <= now_ms)?;
        let due = inner.start(time)?;
        self.running.store(inner.running.len(), Ordering::Release);
        self.next_ms.store(inner.next_ms(), Ordering::Release);
        Some(due)
    }

    /// Takes all deletions, in the order in which they are due.
    pub(super) fn take_deletions(&self) -> Vec<DueJob> {
        let mut inner = self.inner.lock();
        let jobs = inner.jobs.iter();
        let deletions = jobs.filter(|(_, job)| matches!(job, Job::Delete { .. }));
        let times: Vec<JobTime> = deletions.map(|(time, _)| *time).collect();
        let due = times.into_iter().filter_map(|time| inner.start(time));
        let due = due.collect();
        self.publish(inner);
        due
    }

    /// Records that a job has run, so that the next process does not run it again.
    pub(super) fn finished(&self, due: &DueJob) {
        let mut inner = self.inner.lock();
        inner.running.remove(&due.time);
        if due.job.is_logged() {
            inner.log_end(due.time.id);
        }
        self.running.store(inner.running.len(), Ordering::Release);
    }

    /// When the first job is due.
    pub(super) fn next(&self) -> Option<SystemTime> {
        let next_ms = self.next_ms.load(Ordering::Relaxed);
        (next_ms != NEVER).then(|| UNIX_EPOCH + Duration::from_millis(next_ms))
    }

    /// Notified when [`next`](Self::next) may have changed.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// The deletions and expiries that have not run.
    pub(super) fn all(&self) -> Jobs {
        let inner = self.inner.lock();
        let jobs = inner.unfinished().filter(|(_, job)| job.is_logged());
        jobs.map(|(time, job)| (time.due_ms, job.clone())).collect()
    }

    /// Forgets all jobs and waits for these instead.
    pub(super) fn replace(&self, jobs: Jobs) {
        let mut inner = self.inner.lock();
        inner.jobs.clear();
        inner.running.clear();
        inner.unique.clear();
        for (due_ms, job) in jobs {
            inner.insert(due_ms, job);
        }
        inner.rewrite_log();
        self.publish(inner);
    }

    /// Forgets the jobs of a service.
    pub(super) fn forget_service(&self, service: &ServiceName) {
        let mut inner = self.inner.lock();
        inner.jobs.retain(|_, job| job.service() != Some(service));
        inner.unique.retain(|job, _| job.service() != Some(service));
        inner.rewrite_log();
        self.publish(inner);
    }

    /// Lets the objects of a service expire when those of another do.
    pub(super) fn copy_expiries(&self, from: &ServiceName, to: &ServiceName) {
        let mut inner = self.inner.lock();
        let jobs = inner.jobs.iter();
        let copies = jobs.filter_map(|(time, job)| match job {
            Job::Expire { service, key } if service == from => {
                let (service, key) = (to.clone(), key.clone());
                Some((time.due_ms, Job::Expire { service, key }))
            }
            _ => None,
        });
        for (due_ms, job) in copies.collect::<Vec<_>>() {
            inner.insert(due_ms, job);
        }
        inner.rewrite_log();
        self.publish(inner);
    }

    /// Makes the first job known to those who wait for it.
    fn publish(&self, inner: MutexGuard<'_, Inner>) {
        self.running.store(inner.running.len(), Ordering::Release);
        self.next_ms.store(inner.next_ms(), Ordering::Release);
        drop(inner);
        self.changed.notify_waiters();
    }
}

impl Inner {
    fn insert(&mut self, due_ms: u64, job: Job) -> JobTime {
        let time = JobTime {
            due_ms: due_ms.min(NEVER - 1),
            id: self.next_id,
        };
        self.next_id += 1;
        if job.is_unique()
            && let Some(earlier) = self.unique.insert(job.clone(), time)
        {
            self.jobs.remove(&earlier);
        }
        self.jobs.insert(time, job);
        time
    }

    fn remove(&mut self, time: JobTime) -> Option<Job> {
        let job = self.jobs.remove(&time)?;
        self.unique.remove(&job);
        Some(job)
    }

    fn start(&mut self, time: JobTime) -> Option<DueJob> {
        let job = self.remove(time)?;
        self.running.insert(time, job.clone());
        Some(DueJob { time, job })
    }

    fn unfinished(&self) -> impl Iterator<Item = (&JobTime, &Job)> {
        self.running.iter().chain(&self.jobs)
    }

    /// Removes a unique job.
    fn cancel(&mut self, job: &Job) {
        let Some(time) = self.unique.get(job).copied() else {
            return;
        };
        self.remove(time);
        if job.is_logged() {
            self.log_end(time.id);
        }
    }

    fn next_ms(&self) -> u64 {
        let first = self.jobs.first_key_value();
        first.map_or(NEVER, |(time, _)| time.due_ms)
    }

    fn log_job(&mut self, time: JobTime) -> std::io::Result<()> {
        let Some(job) = self.jobs.get(&time).and_then(LoggedJob::of) else {
            return Ok(());
        };
        self.log.append_job(time.id, time.due_ms, job)?;
        self.shorten_log();
        Ok(())
    }

    fn log_end(&mut self, id: u64) {
        if let Err(error) = self.log.append_end(id) {
            tracing::warn!("a deletion or expiry may run again after a restart: {error}");
        }
        self.shorten_log();
    }

    /// Rewrites the log once most of its lines are of jobs that have run.
    fn shorten_log(&mut self) {
        if self.log.is_long(self.jobs.len()) {
            self.rewrite_log();
        }
    }

    fn rewrite_log(&mut self) {
        let jobs = self.unfinished();
        let logged =
            jobs.filter_map(|(time, job)| Some((time.id, time.due_ms, LoggedJob::of(job)?)));
        let logged: Vec<_> = logged.collect();
        if let Err(error) = self.log.rewrite(logged) {
            tracing::warn!("after a restart some deletions or expiries may be unknown: {error}");
        }
    }
}

/// A job as it stands in the log.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LoggedJob {
    Delete {
        service: String,
        key: String,
        kind: Kind,
    },
    Expire {
        service: String,
        key: String,
    },
}

impl LoggedJob {
    fn of(job: &Job) -> Option<Self> {
        match job {
            Job::Delete { service, key, kind } => Some(Self::Delete {
                service: service.to_string(),
                key: key.to_string(),
                kind: *kind,
            }),
            Job::Expire { service, key } => Some(Self::Expire {
                service: service.to_string(),
                key: key.to_string(),
            }),
            Job::ForgetUpload { .. } => None,
        }
    }

    /// The job, unless its names are none.
    fn parse(self) -> Option<Job> {
        match self {
            Self::Delete { service, key, kind } => Some(Job::Delete {
                service: ServiceName::parse(&service).ok()?,
                key: Key::parse(&key).ok()?,
                kind,
            }),
            Self::Expire { service, key } => Some(Job::Expire {
                service: ServiceName::parse(&service).ok()?,
                key: Key::parse(&key).ok()?,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_due_until_it_has_run() {
        let directory = tempfile::tempdir().unwrap();
        let schedule = Schedule::open(directory.path()).unwrap();
        let due = UNIX_EPOCH + Duration::from_secs(60);
        schedule.forget_upload_at(due, "a");
        assert!(!schedule.is_any_due(UNIX_EPOCH));
        assert!(schedule.is_any_due(due));
        let job = schedule.pop_due(due).unwrap();
        // Another request must wait for it, not read what it is about to remove.
        assert!(schedule.is_any_due(due));
        schedule.finished(&job);
        assert!(!schedule.is_any_due(due));
    }
}
