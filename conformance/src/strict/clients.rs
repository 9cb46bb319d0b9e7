//! The same with requests that other clients made.

use std::sync::Arc;

use super::{
    Archive, Options, Plan, Sent,
    archive::Recorded,
    dice::Dice,
    form::{Keys, SignatureForm},
    oracle,
    raw::Raw,
    report::{Report, Signer},
    send::{Sender, judge},
    set_clock,
};
use crate::{
    context::Context,
    failure::Failure,
    target::{Embedded, Target},
    wire::{Budget, Meter},
};

/// Tries the requests of archives, and changed ones, on an embedded emulator whose clock stands where it
/// stood. They must be for `demo` by `operator` with the password `password`, which is what
/// `upyun-mock exec` offers.
///
/// # Errors
/// When the emulator cannot be reached, or is asked something that is no answer to the question.
pub async fn run(archive: &Archive, options: Options) -> Result<Report, Failure> {
    let target = Target::Mock(Embedded::default());
    let meter = Arc::new(Meter::new(Budget::default()));
    let cx = Context::new(target.open().await?, String::new(), meter).quiet();
    let mut keys = Keys::of(&cx, "");
    let mut dice = Dice::new(options.seed);
    let mut report = Report::new("requests of other clients".to_owned(), options.seed);
    report.left_out = archive.left_out;
    let mut plan = Plan::new(options);
    let mut sender = Sender::new(&cx);
    for recorded in &archive.requests {
        set_clock(&cx, recorded.time);
        keys.now = recorded.time;
        let Recorded { raw, code, .. } = recorded;
        let Some(form) = form_of(raw, &keys) else {
            report.left_out += 1;
            continue;
        };
        if !oracle::is_valid(raw, &keys) {
            // Clients were also made to send what is wrong.
            report.wrong_as_sent(form, raw, recorded.status, *code);
            continue;
        }
        let answer = sender.send(raw).await?;
        // That it was refused then is as bad as that it is refused now.
        let (status, code) = match judge::is_refusal(*code) {
            true => (recorded.status, *code),
            false => (answer.status, judge::code(&answer)),
        };
        report.valid(form, Signer::Client, raw, status, code);
        let (raw, at) = (raw.clone(), Some(recorded.time));
        plan.change(Sent { form, raw, at }, &keys, &mut report, &mut dice);
    }
    plan.carry_out(&cx, &mut report).await?;
    Ok(report)
}

/// The form of a signature, and whether it covers the query.
fn form_of(raw: &Raw, keys: &Keys) -> Option<SignatureForm> {
    let form = SignatureForm::of(raw)?;
    let mut bare = raw.clone();
    bare.query = None;
    Some(match form {
        SignatureForm::Query if oracle::is_valid(&bare, keys) => SignatureForm::PathOnly,
        _ => form,
    })
}
