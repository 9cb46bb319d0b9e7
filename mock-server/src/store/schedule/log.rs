//! The schedule on disk: a line of JSON for each job, and one when it has run.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Job, LoggedJob};
use crate::store::lines;

/// Lines of jobs that have run which are not worth rewriting the log for.
const SPARE_LINES: usize = 1024;

/// The file. An append that fails leaves at most a torn line, which the next one ends.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: Option<File>,
    lines: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Job {
        id: u64,
        due_ms: u64,
        job: LoggedJob,
    },
    /// The job of this id has run, or was cancelled.
    End(u64),
}

impl Log {
    /// The log, and the jobs in it that have not run, by time.
    pub(super) fn open(private: &Path) -> io::Result<(Self, Vec<(u64, Job)>)> {
        let log = Self {
            path: private.join("schedule"),
            file: None,
            lines: 0,
        };
        let mut jobs = BTreeMap::new();
        for line in lines::read(&log.path)? {
            match line {
                Line::Job { id, due_ms, job } => {
                    jobs.insert(id, (due_ms, job));
                }
                Line::End(id) => {
                    jobs.remove(&id);
                }
            }
        }
        let jobs = jobs.into_values();
        let jobs = jobs.filter_map(|(due_ms, job)| Some((due_ms, job.parse()?)));
        Ok((log, jobs.collect()))
    }

    pub(super) fn append_job(&mut self, id: u64, due_ms: u64, job: LoggedJob) -> io::Result<()> {
        self.append(&Line::Job { id, due_ms, job })
    }

    pub(super) fn append_end(&mut self, id: u64) -> io::Result<()> {
        self.append(&Line::End(id))
    }

    /// Whether most of its lines are of no use, if so many jobs wait.
    pub(super) fn is_long(&self, jobs: usize) -> bool {
        self.lines > 2 * jobs + SPARE_LINES
    }

    /// Replaces the log in one step.
    pub(super) fn rewrite(&mut self, jobs: Vec<(u64, u64, LoggedJob)>) -> io::Result<()> {
        let mut text = Vec::new();
        self.lines = 0;
        for (id, due_ms, job) in jobs {
            serde_json::to_writer(&mut text, &Line::Job { id, due_ms, job })?;
            text.push(b'\n');
            self.lines += 1;
        }
        self.file = None;
        if text.is_empty() {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let new = self.path.with_extension("new");
        File::create(&new)?.write_all(&text)?;
        fs::rename(&new, &self.path)
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(lines::open(&self.path)?),
        };
        self.lines += 1;
        lines::append(file, line)
    }
}
