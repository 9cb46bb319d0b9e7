//! Two-sided strictness: every valid request is let through, and none that has one field changed.
//!
//! Valid requests of every form of signature are made over hostile names, by the independent signer
//! and by the SDK. Then everything that can be wrong with one field of each is tried. Whether a
//! changed request is wrong is judged by a verifier of our own that reads the protocol; one that is
//! as good as before is not sent, and counted by the rule of the protocol that makes it so. A valid
//! request that is refused is a false reject; a wrong one that is let through, or that changes
//! anything, is a false accept.

mod archive;
mod clients;
mod dice;
mod form;
mod mutate;
mod oracle;
mod raw;
mod report;
mod rules;
mod sdk;
mod send;
mod valid;

use std::{sync::Arc, time::SystemTime};

pub use self::{
    archive::{Archive, ArchiveError},
    clients::run as run_clients,
    form::SignatureForm,
    mutate::MutatedField,
    report::{Fault, Report, Row, Signer},
};
use self::{
    dice::Dice,
    form::Keys,
    mutate::Mutant,
    raw::Raw,
    send::{Sender, judge},
};
use crate::{
    context::Context,
    failure::Failure,
    run::{cleanup, new_folder},
    target::Target,
    wire::{Budget, Meter},
};

/// What to try.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What all names, values and choices follow from.
    pub seed: u64,
    /// At most so many changed requests. As many are made, of every form at least once, and where there
    /// are more they are drawn evenly.
    pub requests: usize,
    /// Only this field is changed, if one is named.
    pub only: Option<MutatedField>,
}

/// How many scenarios are in one turn of all forms.
const TURN: usize = 16;

/// A valid request that was sent.
struct Sent {
    form: SignatureForm,
    raw: Raw,
    /// When, if that was not now.
    at: Option<SystemTime>,
}

/// A changed request that is to be sent.
#[derive(Clone)]
struct Attempt {
    form: SignatureForm,
    mutant: Mutant,
    /// What the target's clock must show; none if it is to go on.
    at: Option<SystemTime>,
}

/// Tries valid and changed requests on a target.
///
/// # Errors
/// When the target cannot be reached, is live, or is asked something that is no answer to the question.
pub async fn run(target: &Target, options: Options) -> Result<Report, Failure> {
    if target.is_live() {
        let why = "thousands of refused requests are not sent to the live service";
        return Err(Failure::harness("to try an emulator", why));
    }
    let meter = Arc::new(Meter::new(Budget::default()));
    let folder = new_folder();
    let cx = Context::new(target.open().await?, folder.clone(), Arc::clone(&meter)).quiet();
    let tried = try_all(target, &cx, &folder, options).await;
    if !target.is_fresh_for_each_case() {
        cleanup::remove(target, &folder, meter).await?;
    }
    tried
}

async fn try_all(
    target: &Target,
    cx: &Context,
    folder: &str,
    options: Options,
) -> Result<Report, Failure> {
    let keys = Keys::of(cx, folder);
    let mut dice = Dice::new(options.seed);
    let mut report = Report::new(target.name(), options.seed);
    let mut plan = Plan::new(options);
    for sent in sdk::requests(cx, &keys, &mut dice, &mut report).await? {
        plan.change(sent, &keys, &mut report, &mut dice);
    }
    let mut sender = Sender::new(cx);
    let mut turn = 0;
    while turn < TURN || plan.attempts.len() < options.requests {
        let mut uuid = String::new();
        for (form, mut raw) in valid::scenario(turn, &keys, &mut dice) {
            if raw.header(UUID_HEADER) == Some(valid::UUID) {
                raw.set_header(UUID_HEADER, &*uuid);
            }
            if !oracle::is_valid(&raw, &keys) {
                let what = format!("{} {} ({})", raw.method, raw.target(), form.name());
                return Err(Failure::harness(
                    "valid requests",
                    format!("{what} is none"),
                ));
            }
            let answer = sender.send(&raw).await?;
            if let Some(id) = answer.header(UUID_HEADER) {
                id.clone_into(&mut uuid);
            }
            report.valid(
                form,
                Signer::Independent,
                &raw,
                answer.status,
                judge::code(&answer),
            );
            let at = None;
            plan.change(Sent { form, raw, at }, &keys, &mut report, &mut dice);
        }
        turn += 1;
    }
    plan.carry_out(cx, &mut report).await?;
    Ok(report)
}

/// The changed requests that are to be sent.
struct Plan {
    options: Options,
    attempts: Vec<Attempt>,
}

impl Plan {
    fn new(options: Options) -> Self {
        Self {
            options,
            attempts: Vec::new(),
        }
    }

    /// Plans whatever can be wrong with one field of a valid request.
    fn change(&mut self, sent: Sent, keys: &Keys, report: &mut Report, dice: &mut Dice) {
        let Sent { form, raw, at } = sent;
        for mutant in mutate::all(form, &raw, keys, dice) {
            let only = self.options.only;
            if only.is_some_and(|field| field != mutant.field) {
                continue;
            }
            if !oracle::is_valid(&mutant.raw, keys) {
                self.attempts.push(Attempt { form, mutant, at });
                continue;
            }
            match rules::why(form, mutant.field) {
                Some(rule) => report.exclude(rule.section, rule.says),
                None => report.unexplained(form, &mutant),
            }
        }
    }

    /// Sends as many as were asked for, and looks whether they changed anything.
    async fn carry_out(self, cx: &Context, report: &mut Report) -> Result<(), Failure> {
        let mut attempts = drawn(self.attempts, self.options.requests);
        attempts.sort_by_key(|it| it.at);
        let before = cx.snapshot().await?;
        for attempts in attempts.chunk_by(|a, b| a.at == b.at) {
            if let Some(at) = attempts[0].at {
                set_clock(cx, at);
            }
            for (attempt, status, code) in send::all(cx, attempts).await? {
                report.mutant(&attempt, status, code);
            }
        }
        let after = cx.snapshot().await?;
        report.changed = before.is_unchanged(&after).err().map(|it| it.to_string());
        Ok(())
    }
}

fn set_clock(cx: &Context, time: SystemTime) {
    if let Some(clock) = cx.clock() {
        clock.set(time);
    }
}

/// So many of them, of each form and field its share.
fn drawn(mut attempts: Vec<Attempt>, count: usize) -> Vec<Attempt> {
    attempts.sort_by_key(|it| (it.form, it.mutant.field));
    let all = attempts.len();
    let is_drawn = |at: usize| (at + 1) * count / all != at * count / all;
    let numbered = attempts.into_iter().enumerate();
    let drawn = numbered.filter(|(at, _)| count >= all || is_drawn(*at));
    drawn.map(|(_, attempt)| attempt).collect()
}

const UUID_HEADER: &str = "X-Upyun-Multi-Uuid";
