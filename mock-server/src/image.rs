//! Pictures.

pub(crate) mod exif;
mod facts;
pub(crate) mod geometry;
pub(crate) mod grammar;
mod process;
pub(crate) mod recipe;
pub(crate) mod render;

pub(crate) use facts::{facts, facts_of_file};
pub(crate) use process::Darkroom;
