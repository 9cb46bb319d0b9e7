//! What the service says about pictures.

/// The facts of a stored picture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageInfo {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// 1 if it does not move.
    pub frames: u32,
    /// The service's word for the format, like `JPEG`.
    pub file_type: String,
}
