//! What work on a picture uses.

use std::sync::Arc;

use super::{drawer::Drawer, fonts::Fonts, memory::Memory, stop::Stop};

/// What work on a picture uses.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(super) fonts: Fonts,
    pub(super) memory: Memory,
    /// Without one, drawings are drawn on the thread that reads them.
    pub(super) drawer: Option<Drawer>,
    /// Of this work only.
    pub(super) stop: Arc<Stop>,
}
