//! A target that a script can be played on, its clock and its restarts.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use upyun_mock::Clock;

use super::{Abilities, answer::Answer, driver::Driver, op::Op};
use crate::{
    context::Context,
    failure::Failure,
    target::{Embedded, Target},
    wire::Meter,
};

pub(super) struct World {
    /// None when an emulator did not start again.
    cx: Option<Context>,
    driver: Driver,
    own: Option<Own>,
}

/// An emulator of our own.
struct Own {
    embedded: Embedded,
    clock: Clock,
    meter: Arc<Meter>,
    data: tempfile::TempDir,
}

impl World {
    /// Starts an emulator, or goes to the folder on another target.
    pub(super) async fn open(
        target: &Target,
        folder: &str,
        meter: Arc<Meter>,
    ) -> Result<Self, Failure> {
        let Target::Mock(embedded) = target else {
            let session = target.open().await?;
            let cx = Context::new(session, folder.to_owned(), meter);
            cx.sdk()?.make_folder(folder).send().await?;
            return Ok(Self {
                cx: Some(cx),
                driver: Driver::new(folder, None),
                own: None,
            });
        };
        let data = tempfile::tempdir()
            .map_err(|error| Failure::harness("a temporary directory", error))?;
        let clock = Clock::system();
        // Times on the wire have whole seconds.
        let begin = UNIX_EPOCH + Duration::from_secs(clock.unix());
        clock.freeze();
        clock.set(begin);
        let own = Own {
            embedded: embedded.clone(),
            clock,
            meter,
            data,
        };
        Ok(Self {
            cx: Some(own.start().await?),
            driver: Driver::new("", Some(begin)),
            own: Some(own),
        })
    }

    pub(super) fn abilities(&self) -> Abilities {
        Abilities {
            clock: self.own.is_some(),
        }
    }

    /// Carries an operation out. It does not look at what the clock does on other targets.
    pub(super) async fn run(&mut self, op: &Op) -> Answer {
        let done = match (op, &self.own) {
            (Op::Advance(seconds), Some(own)) => {
                own.clock.advance(Duration::from_secs(*seconds));
                Ok(())
            }
            (Op::Restart, Some(_)) => self.restart().await,
            (Op::Advance(_) | Op::Restart, None) => Err(Failure::harness(
                "to move the clock or to restart",
                "only an emulator in this process can do that: use --target mock",
            )),
            _ => {
                return match &self.cx {
                    Some(cx) => self.driver.run(cx, op).await,
                    None => gone(),
                };
            }
        };
        match done {
            Ok(()) => Answer::Ok(Vec::new()),
            Err(failure) => Answer::Broken(failure.to_string()),
        }
    }

    /// Looks without disturbing what later operations depend on.
    pub(super) async fn look(&self, op: &Op) -> Answer {
        match &self.cx {
            Some(cx) => self.driver.clone().run(cx, op).await,
            None => gone(),
        }
    }

    async fn restart(&mut self) -> Result<(), Failure> {
        let Some(own) = &self.own else { return Ok(()) };
        // The old one must be gone from its directory before the new one comes.
        self.cx = None;
        self.cx = Some(own.start().await?);
        Ok(())
    }
}

fn gone() -> Answer {
    Answer::Broken("the emulator did not start again".to_owned())
}

impl Own {
    async fn start(&self) -> Result<Context, Failure> {
        let session = self
            .embedded
            .start_in(self.data.path(), self.clock.clone())
            .await?;
        Ok(Context::new(
            session,
            String::new(),
            Arc::clone(&self.meter),
        ))
    }
}
