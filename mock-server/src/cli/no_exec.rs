//! `upyun-mock exec` in a build without the feature `exec`.

use super::{
    EXIT_USAGE,
    args::{Exec, Filtered, Keep, Probe},
    serve::complain,
};
use crate::features::MissingFeature;

/// Says that there is no such subcommand.
pub(super) fn run(_: Exec) -> u8 {
    complain(&MissingFeature::EXEC.to_string());
    EXIT_USAGE
}

pub(super) fn filtered(_: &Filtered) -> u8 {
    EXIT_USAGE
}

pub(super) fn outside() -> u8 {
    EXIT_USAGE
}

pub(super) fn keep(_: &Keep) -> u8 {
    EXIT_USAGE
}

pub(super) fn probe(_: &Probe) -> u8 {
    EXIT_USAGE
}

pub(super) fn namespace_works() -> Result<(), String> {
    Err(MissingFeature::EXEC.to_string())
}

pub(super) fn seccomp_works() -> Result<(), String> {
    Err(MissingFeature::EXEC.to_string())
}
