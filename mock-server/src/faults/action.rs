//! What a fault does.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FaultError;
use upyun_client::protocol::ErrorCode;

/// The most that a clock is skewed: 100 years of 365 days.
pub(crate) const MAX_SKEW_SECONDS: u64 = 100 * 365 * 24 * 60 * 60;

/// What happens to a request that a fault is for. At least one member says something; those of them
/// that fit together happen together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct FaultAction {
    /// Answer with this code of the error table, and do nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 50_300_001)]
    pub code: Option<u32>,
    /// Answer with this status, and do nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 503)]
    pub status: Option<u16>,
    /// Wait before anything is done, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<Delay>,
    /// Take the request's body and send the answer's no faster than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
    /// Close the connection without doing or answering anything.
    #[serde(skip_serializing_if = "is_false")]
    pub close_before: bool,
    /// Close the connection when so many bytes of the request's body were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_after_request_bytes: Option<u64>,
    /// Close the connection when so many bytes of the answer's body were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_after_response_bytes: Option<u64>,
    /// Reset the connection (TCP's RST) where it would be closed; alone: before anything is done.
    /// Inside a proxy's tunnel it is closed all the same.
    #[serde(skip_serializing_if = "is_false")]
    pub reset: bool,
    /// Send only so many bytes of the answer's body, as if there were no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate_to_bytes: Option<u64>,
    /// Change bytes of a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrupt: Option<Corruption>,
    /// Do not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<Stall>,
    /// Carry the request out, and close the connection instead of answering.
    #[serde(skip_serializing_if = "is_false")]
    pub lose_answer: bool,
    /// Answer that an object is stored or deleted when it is so only after this time, by the server's
    /// clock: eventual consistency. For PUT and DELETE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_after_ms: Option<u64>,
    /// Refuse what is more than this with 42900001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Check dates and expirations of signatures with a clock that is so much ahead; at most 100 years
    /// either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_skew_seconds: Option<i64>,
    /// Deliver a callback twice.
    #[serde(skip_serializing_if = "is_false")]
    pub duplicate: bool,
    /// Do not deliver a callback at all.
    #[serde(skip_serializing_if = "is_false")]
    pub lose: bool,
}

/// How long to wait, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Delay {
    /// Always the same.
    Fixed(u64),
    /// Anything between two, each as likely.
    Uniform(Uniform),
    /// Around a mean, as the normal distribution has it; never negative.
    Normal(Normal),
}

/// Bounds of a delay, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
}

/// A distribution of delays, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Normal {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

/// Which bytes are changed: `true` for the first one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Corruption {
    /// The first byte, or none.
    Flag(bool),
    /// Some bytes.
    Bytes {
        /// The first of them.
        at: u64,
        /// How many.
        #[serde(default = "one")]
        bytes: u64,
        /// Of which body; that of the request of a PUT or POST, else that of the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Side>,
    },
}

/// A request or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What the client sends.
    Request,
    /// What the server sends.
    Answer,
}

/// Where a request stands still: `true` for at once and for ever.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Stall {
    /// Before anything is done, until the client gives up.
    Flag(bool),
    /// At a place, or for a time.
    At(StallAt),
}

/// Where and for how long a request stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StallAt {
    /// When so many bytes of the request's body were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_request_bytes: Option<u64>,
    /// When so many bytes of the answer's body were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_response_bytes: Option<u64>,
    /// For so long; until the client gives up if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A quota.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// So many requests …
    pub requests: u32,
    /// … in so much time, by the server's clock.
    #[serde(default = "one_second")]
    pub per_seconds: f64,
}

impl FaultAction {
    pub(super) fn check(&self, is_callback: bool) -> Result<(), FaultError> {
        let wrong = |why: &str| Err(FaultError(why.to_owned()));
        if *self == Self::default() {
            return wrong("its action says nothing: try {\"status\": 503}");
        }
        if self.code.is_some() && self.status.is_some() {
            return wrong("its action has both a code and a status: a code has its own status");
        }
        if let Some(code) = self.code
            && ErrorCode::new(code).message().is_none()
        {
            return Err(FaultError(format!(
                "code {code} is none of the error table; a status alone is \"status\""
            )));
        }
        if let Some(status) = self.status
            && !(200..=599).contains(&status)
        {
            return Err(FaultError(format!(
                "status {status} is not within 200 to 599"
            )));
        }
        if self.bytes_per_second == Some(0) {
            return wrong("bytes_per_second is 0; to send nothing at all is \"stall\": true");
        }
        if let Some(skew) = self.clock_skew_seconds
            && skew.unsigned_abs() > MAX_SKEW_SECONDS
        {
            return Err(FaultError(format!(
                "clock_skew_seconds {skew} is not within -{MAX_SKEW_SECONDS} to \
                 {MAX_SKEW_SECONDS}, which is 100 years"
            )));
        }
        if let Some(limit) = self.rate_limit
            && !(limit.per_seconds > 0.0 && limit.per_seconds.is_finite())
        {
            return wrong("rate_limit needs a per_seconds above 0");
        }
        match self.delay_ms {
            Some(Delay::Uniform(Uniform { min, max })) if min > max => {
                return wrong("delay_ms has a min above its max");
            }
            Some(Delay::Normal(Normal { mean, deviation }))
                if !(mean.is_finite() && deviation.is_finite() && deviation >= 0.0) =>
            {
                return wrong("delay_ms needs a finite mean, and a deviation that is not negative");
            }
            _ => {}
        }
        if let Some(Stall::At(StallAt {
            seconds: Some(seconds),
            ..
        })) = self.stall
            && std::time::Duration::try_from_secs_f64(seconds).is_err()
        {
            return wrong("stall has seconds that are no time");
        }
        let is_for_callbacks = self.duplicate || self.lose;
        if is_for_callbacks && !is_callback {
            return wrong(
                "duplicate and lose are for callbacks: add \"callback\": true to its match",
            );
        }
        let rest = Self {
            duplicate: false,
            lose: false,
            delay_ms: None,
            ..self.clone()
        };
        if is_callback && rest != Self::default() {
            return wrong(
                "callbacks can be delayed (delay_ms), lost (lose) or doubled (duplicate)",
            );
        }
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn one() -> u64 {
    1
}

fn one_second() -> f64 {
    1.0
}
