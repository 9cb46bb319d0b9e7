//! What the server knows of itself: the clock, the journal of requests.

pub(crate) mod clock;

pub use clock::Clock;
