//! Pictures in a build without the feature `images`: no object is known to be one.

use std::{fs::File, io::Read as _, path::PathBuf};

use crate::{
    limits::Limits,
    store::{Body, ImageFacts},
};

/// Would process pictures.
#[derive(Clone, Debug)]
pub(crate) struct ImageWorkers;

impl ImageWorkers {
    pub(crate) fn new(_: &Limits, _: Option<PathBuf>) -> Self {
        Self
    }
}

/// No facts: a header would have to be parsed.
pub(crate) async fn facts(_: &Body) -> Option<ImageFacts> {
    None
}

/// No facts either.
pub(crate) async fn facts_of_file(_: File) -> Option<ImageFacts> {
    None
}

/// Whether a file begins like a picture of these formats.
pub(crate) async fn is_png_or_webp(mut file: File) -> bool {
    let mut begin = [0; 12];
    file.read_exact(&mut begin).is_ok()
        && (begin.starts_with(b"\x89PNG\r\n\x1a\n")
            || begin.starts_with(b"RIFF") && begin.ends_with(b"WEBP"))
}

pub(crate) mod results {
    use super::PathBuf;

    /// Would keep pictures that were processed for access domains.
    #[derive(Clone, Debug)]
    pub(crate) struct Results;

    impl Results {
        pub(crate) fn new(_: PathBuf, _: u64) -> Self {
            Self
        }
    }
}

pub(crate) mod grammar {
    /// Accepts every version of a service: no request can use one.
    pub(crate) fn check(_: &str) -> Result<(), String> {
        Ok(())
    }
}
