//! Pictures.

mod answer;
mod colors;
pub(crate) mod drawer;
pub(crate) mod drawing_process;
pub(crate) mod error;
mod exif;
mod facts;
mod fonts;
mod frames;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
pub(crate) mod geometry;
pub(crate) mod grammar;
mod iptc;
mod kind;
mod memory;
mod process;
pub(crate) mod recipe;
pub(crate) mod render;
mod resources;
pub(crate) mod results;
mod stop;

pub(crate) use answer::Unanswered;
#[cfg(feature = "media")]
pub(crate) use facts::is_png_or_webp;
pub(crate) use facts::{facts, facts_of_file};
pub(crate) use kind::Kind;
pub(crate) use process::{Content, ImageWorkers, Setup};
