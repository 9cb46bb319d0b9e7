//! Random scripts, until one shows a difference, and the shortest that still does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use proptest::{
    strategy::Strategy as _,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use proptest_state_machine::ReferenceStateMachine as _;

use super::{
    Script,
    generate::Machine,
    play::{Difference, play, play_watched},
};
use crate::{failure::Failure, target::Target, wire::Meter};

/// What to search, and where.
#[derive(Clone, Debug)]
pub struct Search {
    /// Where.
    pub target: Target,
    /// From which all random choices follow.
    pub seed: u64,
    /// The most operations of a script.
    pub steps: usize,
    /// How often a shorter script is tried. It bounds what a finding costs.
    pub shrinks: u32,
    /// Below it scripts work, on targets that are no emulator of our own.
    pub folder: String,
    /// Counts and holds back requests.
    pub meter: Arc<Meter>,
    /// Set when it should end.
    pub stop: Arc<AtomicBool>,
}

/// A script that shows a difference.
#[derive(Clone, Debug)]
pub struct Found {
    /// The number of the sequence, from 0.
    pub sequence: u64,
    /// The shortest that was found.
    pub script: Script,
    /// What it shows.
    pub difference: Difference,
}

/// Why one sequence ended the search.
#[derive(Clone, Debug)]
pub enum Stopped {
    /// Model and target differ.
    Found(Box<Found>),
    /// Nothing can be said.
    Broken(Failure),
    /// It was asked to.
    Asked,
}

impl Search {
    /// Tries one sequence; each number gives another one. It returns how many operations agreed.
    ///
    /// # Errors
    /// A difference, or why none can be found.
    pub fn sequence(&self, number: u64) -> Result<u64, Stopped> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Stopped::Broken(Failure::harness("a runtime", error)))?;
        let config = Config {
            cases: 1,
            max_shrink_iters: self.shrinks,
            failure_persistence: None,
            source_file: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, self.rng(number));
        let strategy = match &self.target {
            Target::Mock(_) => Machine::<true>::sequential_strategy(1..=self.steps).boxed(),
            _ => Machine::<false>::sequential_strategy(1..=self.steps).boxed(),
        };
        let operations = AtomicU64::new(0);
        let attempts = AtomicU64::new(0);
        let broken = std::cell::RefCell::new(None);
        let done = runner.run(&strategy, |(_, ops, seen)| {
            if self.stop.load(Ordering::Relaxed) || broken.borrow().is_some() {
                return Ok(());
            }
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            let script = Script(ops);
            let folder = format!("{}/{number}.{attempt}", self.folder);
            let tell = || {
                operations.fetch_add(1, Ordering::Relaxed);
                if let Some(seen) = &seen {
                    seen.fetch_add(1, Ordering::SeqCst);
                }
            };
            let played = play_watched(&self.target, &script, &folder, &self.meter, tell);
            match runtime.block_on(played) {
                Ok(None) => Ok(()),
                Ok(Some(difference)) => Err(TestCaseError::fail(difference.to_string())),
                Err(failure) => {
                    *broken.borrow_mut() = Some(failure);
                    Ok(())
                }
            }
        });
        if let Some(failure) = broken.into_inner() {
            return Err(Stopped::Broken(failure));
        }
        match done {
            Ok(()) if self.stop.load(Ordering::Relaxed) => Err(Stopped::Asked),
            Ok(()) => Ok(operations.into_inner()),
            Err(TestError::Abort(why)) => Err(Stopped::Broken(Failure::harness(
                "a sequence of operations",
                why,
            ))),
            Err(TestError::Fail(_, (_, ops, _))) => {
                let script = Script(ops);
                let folder = format!("{}/{number}.last", self.folder);
                let again = play(&self.target, &script, &folder, &self.meter);
                match runtime.block_on(again) {
                    Ok(Some(difference)) => Err(Stopped::Found(Box::new(Found {
                        sequence: number,
                        script,
                        difference,
                    }))),
                    Ok(None) => Err(Stopped::Broken(Failure::harness(
                        format!("the same difference a second time, of\n{script}"),
                        "none: the target does not always do the same",
                    ))),
                    Err(failure) => Err(Stopped::Broken(failure)),
                }
            }
        }
    }

    fn rng(&self, number: u64) -> TestRng {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&number.to_le_bytes());
        TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
    }
}
