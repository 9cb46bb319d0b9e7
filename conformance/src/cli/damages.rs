//! `upyun-conformance damages`.

use super::{PASSED, say};
use crate::damage;

/// Prints name, cases and rule of every damage.
pub(super) fn list() -> u8 {
    let lines = damage::all()
        .map(|damage| format!("{}\t{}\t{}\n", damage.name, damage.cases, damage.breaks));
    say(&lines.collect::<String>());
    PASSED
}
