//! What the service says about pictures.

mod json;
mod meta;

pub use json::ImageAnswerError;
pub use meta::{Face, Faces, ImageMeta, ImageTags};

use crate::protocol::image::Rgb;
use json::{number, object};

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

impl ImageInfo {
    /// From what an access domain answers to `!/info`.
    ///
    /// ```
    /// use upyun_client::ImageInfo;
    ///
    /// let info = ImageInfo::from_json(br#"{"width":1000,"height":600,"type":"JPEG","frames":1}"#)?;
    /// assert_eq!((info.width, info.height, &*info.file_type), (1000, 600, "JPEG"));
    /// # Ok::<(), upyun_client::ImageAnswerError>(())
    /// ```
    ///
    /// # Errors
    /// [`ImageAnswerError`] if it is no JSON, or has no width and height.
    pub fn from_json(body: &[u8]) -> Result<Self, ImageAnswerError> {
        Self::of(&object(body)?).ok_or(ImageAnswerError::MISSING_SIZE)
    }

    fn of(members: &json::Members) -> Option<Self> {
        let side = |name| u32::try_from(number(members.get(name)?)?).ok();
        let text = |name| members.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            width: side("width")?,
            height: side("height")?,
            frames: side("frames").unwrap_or(1),
            file_type: text("type").or_else(|| text("format")).unwrap_or_default(),
        })
    }
}

/// The colours of a picture, the most frequent first, from what an access domain answers to
/// `!/excolor`, whether as numbers or as `0xRRGGBB`.
///
/// ```
/// use upyun_client::{protocol::image::Rgb, theme_colors_from_json};
///
/// let pink = Rgb::new(255, 0, 170);
/// assert_eq!(theme_colors_from_json(br#"["0xff00aa"]"#)?, [pink]);
/// assert_eq!(theme_colors_from_json(b"[16711850]")?, [pink]);
/// # Ok::<(), upyun_client::ImageAnswerError>(())
/// ```
///
/// # Errors
/// [`ImageAnswerError`] if it is no JSON of colours.
pub fn theme_colors_from_json(body: &[u8]) -> Result<Vec<Rgb>, ImageAnswerError> {
    json::colors(&json::value(body)?)
}

/// What was asked about a picture along with its upload.
pub(crate) fn asked(members: &mut json::Members) -> (Option<ImageTags>, Vec<Rgb>) {
    let exif = members.remove("EXIF");
    let colors = members.remove("theme_color");
    (
        exif.as_ref().and_then(ImageTags::of),
        // Nobody would give up an upload that went well for the sake of its colours.
        colors
            .and_then(|colors| json::colors(&colors).ok())
            .unwrap_or_default(),
    )
}
