//! Pictures that are processed before they are stored.

#[cfg(not(feature = "images"))]
#[path = "picture/off.rs"]
mod process;
#[cfg(feature = "images")]
mod process;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

#[cfg(feature = "images")]
pub(super) use self::process::BUSY;
pub(super) use self::process::{not_a_text, without_size};
use super::app::App;
use crate::{
    accounts, image,
    refusal::Refusal,
    store::{Body, ImageFacts, Service},
};

/// What an upload wants to be done, by the names behind `x-gmkerl-`.
#[derive(Clone, Debug, Default)]
pub(super) struct Requested {
    pub(super) parameters: BTreeMap<String, String>,
    /// Of theme colours, where nothing is said.
    pub(super) hex_by_default: bool,
}

/// A body that was processed.
#[derive(Debug)]
pub(super) struct Processed {
    pub(super) body: Body,
    /// Of the body as it is now.
    pub(super) facts: Option<ImageFacts>,
    /// If the format is another now.
    pub(super) content_type: Option<&'static str>,
    /// Answers to what was asked: `EXIF` or `theme_color`.
    pub(super) answers: Map<String, Value>,
}

/// Processes a body as the upload wants it, if it wants anything.
pub(super) async fn process(
    app: &App,
    service: &accounts::Service,
    objects: &Service,
    body: Body,
    requested: &Requested,
) -> Result<Processed, Refusal> {
    if requested.parameters.is_empty() {
        return Ok(as_it_is(image::facts(&body).await, body));
    }
    process::process(app, service, objects, body, requested).await
}

fn as_it_is(facts: Option<ImageFacts>, body: Body) -> Processed {
    Processed {
        body,
        facts,
        content_type: None,
        answers: Map::new(),
    }
}
