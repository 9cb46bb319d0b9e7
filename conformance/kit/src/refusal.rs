//! The refusals that tests expect.

/// Status, code and text of a refusal, transcribed from the service's error list.
pub type Refusal = (u16, u32, &'static str);
