//! Sending thousands of requests, many on one connection.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Attempt, raw::Raw};
use crate::{
    context::Context,
    failure::Failure,
    wire::{Answer, Api, Connection},
};

/// Connections at the same time.
const LANES: usize = 8;

/// A connection that is opened when it is needed.
pub(super) struct Sender {
    cx: Context,
    open: Option<(Api, Connection)>,
}

impl Sender {
    pub(super) fn new(cx: &Context) -> Self {
        Self {
            cx: cx.clone(),
            open: None,
        }
    }

    /// Sends a request and waits for its answer. A target that closes after an answer is asked again on
    /// another connection.
    pub(super) async fn send(&mut self, raw: &Raw) -> Result<Answer, Failure> {
        let says_length = raw.header("content-length").is_some();
        let is_new = self.open.as_ref().is_none_or(|(api, _)| *api != raw.api);
        let first = self.try_once(raw).await;
        let answer = match first {
            Err(_) if !is_new => {
                self.open = None;
                self.try_once(raw).await
            }
            other => other,
        };
        // Where the next request begins is not sure after a length that is wrong.
        if says_length || answer.is_err() || answer.as_ref().is_ok_and(closes) {
            self.open = None;
        }
        answer.map_err(|it| it.at(format!("{} {}", raw.method, raw.target())))
    }

    async fn try_once(&mut self, raw: &Raw) -> Result<Answer, Failure> {
        let mut connection = match self.open.take() {
            Some((api, connection)) if api == raw.api => connection,
            _ => self.cx.connect(&raw.api).await?,
        };
        connection.write(raw.to_bytes()).await?;
        let answer = connection.answer(&raw.method).await?;
        self.open = Some((raw.api.clone(), connection));
        Ok(answer)
    }
}

fn closes(answer: &Answer) -> bool {
    answer
        .header("connection")
        .is_some_and(|it| it.eq_ignore_ascii_case("close"))
}

/// Sends all and tells how each was answered.
pub(super) async fn all(
    cx: &Context,
    attempts: &[Attempt],
) -> Result<Vec<(Attempt, u16, Option<u32>)>, Failure> {
    let each = attempts.len().div_ceil(LANES).max(1);
    let lanes: Vec<_> = attempts.chunks(each).map(<[_]>::to_vec).collect();
    let lanes = stream::iter(lanes).map(|attempts| async move {
        let mut sender = Sender::new(cx);
        let mut answered = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            let answer = sender.send(&attempt.mutant.raw).await;
            let answer = answer.map_err(|it| it.at(&attempt.mutant.how))?;
            answered.push((attempt, answer.status, judge::code(&answer)));
        }
        Ok::<_, Failure>(answered)
    });
    let answered: Vec<_> = lanes.buffered(LANES).try_collect().await?;
    Ok(answered.into_iter().flatten().collect())
}

pub(super) mod judge {
    //! What an answer says about the request.

    use crate::wire::Answer;

    /// Refusals of a request for itself, whatever there is in the store. Others, as that there is no such
    /// object, come after a request was let through.
    const REFUSALS: [u32; 22] = [
        40000001, // no save-key
        40000003, // no service
        40000004, // no expiration
        40000006, // Content-MD5 of the body differs
        40000007, // no policy
        40000008, // no signature
        40000009, // the policy cannot be decoded
        40000034, // no HTTP
        40000036, // the policy is for another service
        40001000, // no such path
        40001001, // Content-MD5 is none
        40010001, // a parameter of a task is missing
        40300006, // the policy has expired
        40300007, // the policy's MD5 of the file differs
        40300011, // no right to delete
        40300025, // no form
        40300026, // no length
        40300030, // the length is no number
        40500000, // no such method
        40000030, // the path is not UTF-8
        40000029, // save-key is not UTF-8
        40000002, // no body
    ];

    pub(in super::super) fn code(answer: &Answer) -> Option<u32> {
        answer.header("x-error-code")?.parse().ok()
    }

    /// Whether it refuses who asks: wrong, unknown, too late, not allowed.
    pub(in super::super) fn is_unauthorised(code: u32) -> bool {
        code / 100_000 == 401
    }

    /// Whether the request was refused for itself.
    pub(in super::super) fn is_refusal(code: Option<u32>) -> bool {
        code.is_some_and(|code| is_unauthorised(code) || REFUSALS.contains(&code))
    }
}
