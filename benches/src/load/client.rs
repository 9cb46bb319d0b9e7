//! One of the clients, which does one operation after the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use upyun_client::Client;

use super::Run;
use crate::{
    content::Content,
    failure::Failure,
    operation::{Hand, Operation, Stored},
    recorder::Recorder,
    report::Ended,
};

pub(super) struct LoadClient {
    run: Arc<Run>,
    client: Client,
    number: u32,
    objects: Vec<Option<Stored>>,
    /// How many of its objects may be there, by client.
    touched: Arc<[AtomicU32]>,
}

/// The key of a client's object.
pub(super) fn key(folder: &str, number: u32, object: u32) -> String {
    format!("{folder}/{number}/{object}")
}

impl LoadClient {
    pub(super) fn new(
        run: Arc<Run>,
        client: Client,
        number: u32,
        touched: Arc<[AtomicU32]>,
    ) -> Self {
        Self {
            objects: vec![None; run.load.objects as usize],
            run,
            client,
            number,
            touched,
        }
    }

    /// Uploads every object once.
    pub(super) async fn prepare(&mut self) -> Result<(), Failure> {
        let hand = self.hand(Arc::new(Recorder::start()));
        for number in 0..self.run.load.objects {
            let object = self.new_object();
            if !self.afford(Operation::Put, number, object) {
                let why = "the budget of requests is spent before all objects were uploaded; give \
                           more --max-requests, or fewer --objects";
                return Err(Failure::Options(why.to_owned()));
            }
            let key = key(&self.run.folder, self.number, number);
            let put = hand.run(Operation::Put, &key, object);
            let put = tokio::select! {
                put = put => put,
                () = self.run.stop.cancelled() => Err("interrupted".to_owned()),
            };
            put.map_err(|why| {
                Failure::NothingWorked(format!("the objects could not be uploaded: {why}"))
            })?;
            self.objects[number as usize] = Some(object);
        }
        Ok(())
    }

    /// Works until it is told to stop.
    pub(super) async fn work(
        mut self,
        recorder: Arc<Recorder>,
        start: Instant,
        deadline: Option<Instant>,
    ) -> Ended {
        let hand = self.hand(Arc::clone(&recorder));
        let count = self.run.load.objects;
        for turn in 0_u64.. {
            let due = self.due(start, turn);
            if deadline.is_some_and(|deadline| due.unwrap_or_else(Instant::now) >= deadline)
                || deadline.is_none() && turn >= count.into()
            {
                break;
            }
            if let Some(due) = due {
                tokio::select! {
                    () = tokio::time::sleep_until(due.into()) => {}
                    () = self.run.stop.cancelled() => return Ended::Interrupted,
                }
            }
            let number = u32::try_from(turn % u64::from(count)).unwrap_or(0);
            let (operation, object) =
                match (self.run.load.mix.next(), self.objects[number as usize]) {
                    (Operation::Get, Some(object)) => (Operation::Get, object),
                    // What an upload that failed left there is not known.
                    (Operation::Get, None) => (Operation::Put, self.new_object()),
                    (upload, _) => (upload, self.new_object()),
                };
            if !self.afford(operation, number, object) {
                return Ended::Budget;
            }
            let key = key(&self.run.folder, self.number, number);
            let begun = due.unwrap_or_else(Instant::now);
            let done = tokio::select! {
                done = hand.run(operation, &key, object) => done,
                () = self.run.stop.cancelled() => return Ended::Interrupted,
            };
            let is_done = done.is_ok();
            match done {
                Ok(()) => {
                    recorder.succeeded(operation.name(), begun.elapsed(), object.content.size_bytes)
                }
                Err(why) => recorder.failed(why),
            }
            if operation != Operation::Get {
                self.objects[number as usize] = is_done.then_some(object);
            }
        }
        Ended::Done
    }

    /// When an operation is due, if there is a rate: the clients take turns.
    fn due(&self, start: Instant, turn: u64) -> Option<Instant> {
        let load = &self.run.load;
        let nth = turn as f64 * f64::from(load.concurrency) + f64::from(self.number);
        let rate = load.rate?;
        Some(start + Duration::try_from_secs_f64(nth / rate).unwrap_or(Duration::MAX / 4))
    }

    fn new_object(&self) -> Stored {
        let content = Content {
            seed: rand::random(),
            size_bytes: self.run.load.sizes.at(rand::random()),
        };
        Stored {
            content,
            md5: self.run.load.verify.then(|| content.md5()),
        }
    }

    /// Takes what an operation costs from the budget, with the removal of an object that is new.
    fn afford(&self, operation: Operation, number: u32, object: Stored) -> bool {
        let touched = &self.touched[self.number as usize];
        let is_new = number >= touched.load(Ordering::Relaxed);
        let cost = operation.requests(object.content.size_bytes) + u64::from(is_new);
        let is_affordable = self.run.budget.take(cost);
        if is_affordable && is_new {
            touched.store(number + 1, Ordering::Relaxed);
        }
        is_affordable
    }

    fn hand(&self, recorder: Arc<Recorder>) -> Hand {
        Hand {
            client: self.client.clone(),
            recorder,
        }
    }
}
