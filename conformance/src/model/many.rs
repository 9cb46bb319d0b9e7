//! Many sequences, several at the same time, until one shows something.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::{
    Search, Stopped,
    concurrent::{self, Impossible, Load},
};
use crate::failure::Failure;

/// What many sequences came to.
#[derive(Debug)]
pub struct Tally {
    /// Sequences that agreed.
    pub sequences: u64,
    /// Operations that agreed; those of the last, failing one count.
    pub operations: u64,
    /// Why it ended before its end.
    pub stopped: Option<Finding>,
}

/// Why a search ended.
#[derive(Debug)]
pub enum Finding {
    /// In one sequence.
    Sequence(Stopped),
    /// In the concurrent sequence of this number.
    Impossible(u64, Impossible),
}

impl Finding {
    fn broken(failure: Failure) -> Self {
        Self::Sequence(Stopped::Broken(failure))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(Stopped::Found(found)) => {
                writeln!(f, "sequence {}: {}", found.sequence, found.difference)?;
                write!(f, "the shortest script that shows it:\n{}", found.script)
            }
            Self::Sequence(Stopped::Broken(failure)) => failure.fmt(f),
            Self::Sequence(Stopped::Asked) => f.write_str("stopped"),
            Self::Impossible(number, impossible) => {
                write!(f, "concurrent sequence {number}: {impossible}")
            }
        }
    }
}

impl Search {
    /// Tries the sequences from 0 to this number, so many at the same time.
    pub fn many(&self, sequences: u64, jobs: usize, tell: impl Fn() + Sync) -> Tally {
        self.each(sequences, jobs, tell, |number| {
            self.sequence(number).map_err(Finding::Sequence)
        })
    }

    /// The same with tasks on few keys at the same time.
    pub fn many_concurrent(
        &self,
        sequences: u64,
        jobs: usize,
        load: Load,
        tell: impl Fn() + Sync,
    ) -> Tally {
        self.each(sequences, jobs, tell, |number| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .map_err(|error| Finding::broken(Failure::harness("a runtime", error)))?;
            let folder = format!("{}/{number}", self.folder);
            // Neighbouring seeds have nothing in common.
            let seed = self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let run = concurrent::run(&self.target, &folder, &self.meter, seed, load);
            match runtime.block_on(run) {
                Ok(None) => Ok((load.tasks * load.steps) as u64),
                Ok(Some(impossible)) => Err(Finding::Impossible(number, impossible)),
                Err(failure) => Err(Finding::broken(failure)),
            }
        })
    }

    fn each(
        &self,
        sequences: u64,
        jobs: usize,
        tell: impl Fn() + Sync,
        one: impl Fn(u64) -> Result<u64, Finding> + Sync,
    ) -> Tally {
        let (next, agreed) = (AtomicU64::new(0), AtomicU64::new(0));
        let operations = AtomicU64::new(0);
        let is_over = AtomicBool::new(false);
        let stopped = Mutex::new(None);
        let work = || {
            while !is_over.load(Ordering::Relaxed) && !self.stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= sequences {
                    return;
                }
                match one(number) {
                    Ok(done) => {
                        agreed.fetch_add(1, Ordering::Relaxed);
                        operations.fetch_add(done, Ordering::Relaxed);
                        tell();
                    }
                    Err(finding) => {
                        is_over.store(true, Ordering::Relaxed);
                        let mut stopped = stopped.lock().unwrap_or_else(|it| it.into_inner());
                        stopped.get_or_insert(finding);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..jobs.max(1) {
                scope.spawn(work);
            }
        });
        let stopped = stopped.into_inner().unwrap_or_else(|it| it.into_inner());
        let asked = || {
            let is_asked = self.stop.load(Ordering::Relaxed);
            is_asked.then_some(Finding::Sequence(Stopped::Asked))
        };
        Tally {
            sequences: agreed.into_inner(),
            operations: operations.into_inner(),
            stopped: stopped.or_else(asked),
        }
    }
}
