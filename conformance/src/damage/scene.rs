//! What a damage knows beside the exchange: the accounts, the clock, and earlier exchanges.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use upyun_mock::Clock;

use super::message::{Request, Response};
use crate::target::{Account, Operator, fixtures};

/// What the damages of one emulator share.
#[derive(Debug)]
pub(crate) struct Scene {
    account: Account,
    clock: Clock,
    memory: Mutex<Memory>,
}

/// What passed before.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The first response to each successful read, by method, host and target.
    pub(super) first_reads: HashMap<String, Response>,
    /// Uploaded paths, and their ttl if they have one.
    pub(super) uploaded: HashMap<String, Option<String>>,
}

impl Scene {
    pub(crate) fn new(account: Account, clock: Clock) -> Self {
        Self {
            account,
            clock,
            memory: Mutex::default(),
        }
    }

    /// The operator with all rights.
    pub(super) fn operator(&self) -> &Operator {
        &self.account.operator
    }

    pub(super) fn form_secret(&self) -> &str {
        self.account.form_secret.as_deref().unwrap_or_default()
    }

    /// The password of an operator, as far as it is one of those that cases use.
    pub(super) fn password(&self, operator: &str) -> &str {
        match operator == self.account.operator.name {
            true => &self.account.operator.password,
            false => fixtures::PASSWORD,
        }
    }

    /// Seconds since 1970 by the emulator's clock.
    pub(super) fn unix(&self) -> u64 {
        let since = self.clock.now().duration_since(std::time::UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// The time by the emulator's clock, as a header.
    pub(super) fn date(&self) -> String {
        httpdate::fmt_http_date(self.clock.now())
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, request: &Request, response: &Response) {
        if !response.is_success() {
            return;
        }
        let mut memory = self.memory();
        if request.reads() {
            let first = memory.first_reads.entry(read_key(request));
            first.or_insert_with(|| response.clone());
        } else if request.uploads() {
            let ttl = request.headers.get("x-upyun-meta-ttl").map(str::to_owned);
            memory.uploaded.insert(request.path().to_owned(), ttl);
        }
    }
}

/// What makes two reads the same.
pub(super) fn read_key(request: &Request) -> String {
    format!("{} {}{}", request.method, request.host(), request.target)
}
