//! Several tasks on few keys at the same time.
//!
//! Each key by itself must look as if its operations had happened one after the other, and each body
//! that is read must be one that was written, whole. A copy is two such operations, a look at the
//! source and a write to the destination: that nothing happens between the two is not promised.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Instant,
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use upyun_client::{Client, protocol::Md5Digest};

use super::{
    answer::Answer,
    content::Body,
    linear::{Action, Event, is_linearizable},
    reference::code,
};
use crate::{context::Context, failure::Failure, target::Target, wire::Meter};

/// How much happens.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Tasks at the same time.
    pub tasks: usize,
    /// Operations of each.
    pub steps: usize,
    /// Keys.
    pub keys: usize,
}

/// Runs one sequence, and says what cannot have happened.
///
/// # Errors
/// When the target cannot be used.
pub async fn run(
    target: &Target,
    folder: &str,
    meter: &Arc<Meter>,
    seed: u64,
    load: Load,
) -> Result<Option<Impossible>, Failure> {
    let session = target.open().await?;
    let cx = Context::new(session, folder.to_owned(), Arc::clone(meter));
    let client = cx.sdk()?;
    let plans = plans(seed, load);
    let clock = Instant::now();
    let tasks = plans.iter().enumerate().map(|(task, plan)| async move {
        let mut records = Vec::new();
        for step in plan {
            let begin = now(clock);
            let outcome = step.run(client, folder).await;
            records.push(Record {
                task,
                step: *step,
                begin,
                end: now(clock),
                outcome,
            });
        }
        records
    });
    let records = futures_util::future::join_all(tasks).await.concat();
    Ok(check(&records, load.keys))
}

/// What one task does, on keys by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Put(usize, Body),
    Get(usize),
    Delete(usize),
    Copy(usize, usize),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The MD5 of the body.
    Body(Md5Digest),
    Missing,
    /// Nothing that may be.
    Wrong(String),
}

#[derive(Clone, Debug)]
struct Record {
    task: usize,
    step: Step,
    begin: u64,
    end: u64,
    outcome: Outcome,
}

fn now(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn plans(seed: u64, load: Load) -> Vec<Vec<Step>> {
    const SIZES: [u64; 6] = [0, 1, 4097, 65_536, 70_001, 300_000];
    let mut rng = StdRng::seed_from_u64(seed);
    let mut unique = 0;
    let mut step = || {
        let key = rng.random_range(0..load.keys);
        match rng.random_range(0..10) {
            0..4 => {
                unique += 1;
                // An empty body has no seed to tell it by, so it is left to one put.
                let size = SIZES[rng.random_range(usize::from(unique > 1)..SIZES.len())];
                // Of a few bytes too, two seeds could give the same.
                let size = if size == 1 && unique > 2 { 16 } else { size };
                Step::Put(key, Body { size, seed: unique })
            }
            4..7 => Step::Get(key),
            7 => Step::Delete(key),
            _ if load.keys > 1 => {
                let other = (key + rng.random_range(1..load.keys)) % load.keys;
                Step::Copy(key, other)
            }
            _ => Step::Get(key),
        }
    };
    let mut plan = || (0..load.steps).map(|_| step()).collect();
    (0..load.tasks).map(|_| plan()).collect()
}

impl Step {
    async fn run(self, client: &Client, folder: &str) -> Outcome {
        let key = |number: usize| format!("{folder}/k{number}");
        let done = match self {
            Self::Put(at, body) => {
                let put = client.put(key(at)).body(body.bytes()).send().await;
                put.map(|_| Outcome::Done)
            }
            Self::Get(at) => Self::get(client, &key(at)).await,
            Self::Delete(at) => client.delete(key(at)).send().await.map(|()| Outcome::Done),
            Self::Copy(from, to) => {
                let copy = client.copy(key(from), key(to)).send().await;
                copy.map(|_| Outcome::Done)
            }
        };
        match done.map_err(Answer::from) {
            Ok(outcome) => outcome,
            Err(Answer::Refused(code::NOT_FOUND)) => Outcome::Missing,
            Err(answer) => Outcome::Wrong(answer.to_string()),
        }
    }

    async fn get(client: &Client, key: &str) -> upyun_client::Result<Outcome> {
        let download = client.get(key).send().await?;
        let info = download.info().clone();
        let body = download.bytes().await?;
        let md5 = Md5Digest::of(&body);
        if info.md5 != Some(md5) || info.size != Some(body.len() as u64) {
            return Ok(Outcome::Wrong(format!(
                "{} bytes with the MD5 {md5}, announced as {:?} with {:?}",
                body.len(),
                info.size,
                info.md5
            )));
        }
        Ok(Outcome::Body(md5))
    }
}

/// What happened to a key, and cannot have.
#[derive(Clone, Debug)]
pub struct Impossible {
    why: String,
    records: Vec<Record>,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.why)?;
        for record in &self.records {
            writeln!(f, "  {record}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |nanos: u64| nanos / 1000;
        let (begin, end) = (micros(self.begin), micros(self.end));
        write!(f, "{begin:>8}..{end:<8} µs task {} ", self.task)?;
        match self.step {
            Step::Put(key, body) => {
                write!(f, "put /k{key}{body} ({})", Md5Digest::of(body.bytes()))?
            }
            Step::Get(key) => write!(f, "get /k{key}")?,
            Step::Delete(key) => write!(f, "delete /k{key}")?,
            Step::Copy(from, to) => write!(f, "copy /k{from} /k{to}")?,
        }
        match &self.outcome {
            Outcome::Done => write!(f, ": done"),
            Outcome::Body(md5) => write!(f, ": {md5}"),
            Outcome::Missing => write!(f, ": not there"),
            Outcome::Wrong(why) => write!(f, ": {why}"),
        }
    }
}

fn check(records: &[Record], keys: usize) -> Option<Impossible> {
    let impossible = |why: String, records: Vec<Record>| Some(Impossible { why, records });
    let wrong = |record: &&Record| {
        matches!(
            (&record.outcome, record.step),
            (Outcome::Wrong(_), _) | (Outcome::Missing, Step::Put(..))
        )
    };
    if let Some(record) = records.iter().find(wrong) {
        return impossible("an operation failed".to_owned(), vec![record.clone()]);
    }
    let puts = records.iter().filter_map(|record| match record.step {
        Step::Put(_, body) => Some((Md5Digest::of(body.bytes()).to_string(), body.seed)),
        _ => None,
    });
    let values: BTreeMap<String, u32> = puts.collect();
    let unknown = |record: &&Record| match &record.outcome {
        Outcome::Body(md5) => !values.contains_key(&md5.to_string()),
        _ => false,
    };
    if let Some(record) = records.iter().find(unknown) {
        return impossible("a body was never written".to_owned(), vec![record.clone()]);
    }
    (0..keys).find_map(|key| {
        let events: Vec<_> = records
            .iter()
            .filter_map(|record| event(record, key, records, &values))
            .collect();
        if is_linearizable(&events) {
            return None;
        }
        let mut about: Vec<_> = records
            .iter()
            .filter(|it| it.is_about(key))
            .cloned()
            .collect();
        about.sort_by_key(|record| record.begin);
        impossible(format!("no order explains what was seen of /k{key}"), about)
    })
}

fn event(
    record: &Record,
    key: usize,
    records: &[Record],
    values: &BTreeMap<String, u32>,
) -> Option<Event> {
    let action = match (record.step, &record.outcome) {
        (Step::Put(at, body), _) if at == key => Action::Write(body.seed),
        (Step::Get(at), Outcome::Body(md5)) if at == key => {
            Action::Read(values.get(&md5.to_string()).copied())
        }
        (Step::Get(at) | Step::Delete(at), Outcome::Missing) if at == key => Action::Read(None),
        (Step::Delete(at), _) if at == key => Action::Remove,
        (Step::Copy(from, _), Outcome::Missing) if from == key => Action::Read(None),
        (Step::Copy(from, _), Outcome::Done) if from == key => Action::Saw,
        (Step::Copy(from, to), Outcome::Done) if to == key => {
            Action::WriteOneOf(possible(from, record.end, records, &mut BTreeSet::new()))
        }
        _ => return None,
    };
    Some(Event {
        begin: record.begin,
        end: record.end,
        action,
    })
}

/// The values that a key may have had up to a time.
fn possible(
    key: usize,
    until: u64,
    records: &[Record],
    seen: &mut BTreeSet<usize>,
) -> BTreeSet<u32> {
    let mut values = BTreeSet::new();
    if !seen.insert(key) {
        return values;
    }
    for record in records.iter().filter(|record| record.begin < until) {
        match record.step {
            Step::Put(at, body) if at == key => drop(values.insert(body.seed)),
            Step::Copy(from, to) if to == key => {
                values.extend(possible(from, until, records, seen));
            }
            _ => {}
        }
    }
    values
}

impl Record {
    fn is_about(&self, key: usize) -> bool {
        match self.step {
            Step::Put(at, _) | Step::Get(at) | Step::Delete(at) => at == key,
            Step::Copy(from, to) => from == key || to == key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: Step, time: u64, outcome: Outcome) -> Record {
        Record {
            task: 0,
            step,
            begin: time,
            end: time + 1,
            outcome,
        }
    }

    #[test]
    fn what_was_lost_is_found() {
        let body = Body { size: 16, seed: 1 };
        let md5 = Md5Digest::of(body.bytes());
        let mut records = vec![
            record(Step::Put(0, body), 0, Outcome::Done),
            record(Step::Copy(0, 1), 2, Outcome::Done),
            record(Step::Get(1), 4, Outcome::Body(md5)),
        ];
        assert!(check(&records, 2).is_none());
        records.push(record(Step::Get(1), 6, Outcome::Missing));
        let impossible = check(&records, 2).expect("it cannot be");
        assert!(impossible.to_string().contains("of /k1"), "{impossible}");
        records.pop();
        let other = Outcome::Body(Md5Digest::of("torn"));
        records.push(record(Step::Get(1), 6, other));
        let impossible = check(&records, 2).expect("it cannot be");
        assert!(
            impossible.to_string().contains("never written"),
            "{impossible}"
        );
    }
}
