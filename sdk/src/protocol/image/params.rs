//! The text of parameters, and how it comes about.

use std::fmt;

use super::{ImageParamsError, Watermark};
use crate::protocol::{
    Key,
    access::{self, AccessPathError, Separator},
};

/// How a picture shall look, in the service's words: `/fw/300/quality/80`.
///
/// ```
/// use upyun_client::protocol::image::{Gravity, ImageFormat, ImageParams, Region, TextWatermark};
///
/// let params = ImageParams::builder()
///     .crop(Region::new(300, 200).offset(80, -60).gravity(Gravity::Center))
///     .width(150)
///     .quality(80)
///     .format(ImageFormat::WebP)
///     .watermark(TextWatermark::new("你好！").align(Gravity::SouthEast))
///     .build()?;
/// assert_eq!(
///     params.to_string(),
///     "/crop/300x200a80s60/gravity/center/fw/150/quality/80/format/webp\
///      /watermark/text/5L2g5aW977yB/align/southeast"
/// );
/// # Ok::<(), upyun_client::protocol::image::ImageParamsError>(())
/// ```
///
/// # Parameters
///
/// | in the documentation | here |
/// |---|---|
/// | `fw` `fh` `max` `min` | [`width`](ImageParamsBuilder::width) [`height`](ImageParamsBuilder::height) [`longer_side`](ImageParamsBuilder::longer_side) [`shorter_side`](ImageParamsBuilder::shorter_side) |
/// | `fwfh` `fwfh2` `both` `sq` | [`inside`](ImageParamsBuilder::inside) [`covering`](ImageParamsBuilder::covering) [`exactly`](ImageParamsBuilder::exactly) [`square`](ImageParamsBuilder::square) |
/// | `scale` `wscale` `hscale` | [`scale`](ImageParamsBuilder::scale) [`scale_width`](ImageParamsBuilder::scale_width) [`scale_height`](ImageParamsBuilder::scale_height) |
/// | `fxfn` `fxfn2` `fp` `force` | [`sides_inside`](ImageParamsBuilder::sides_inside) [`sides_covering`](ImageParamsBuilder::sides_covering) [`pixels`](ImageParamsBuilder::pixels) [`enlarge`](ImageParamsBuilder::enlarge) |
/// | `crop` `clip` `gravity` `roundrect` | [`crop`](ImageParamsBuilder::crop) [`clip`](ImageParamsBuilder::clip) [`round_corners`](ImageParamsBuilder::round_corners) |
/// | `watermark` and what belongs to it | [`watermark`](ImageParamsBuilder::watermark) |
/// | `rotate` `flip` `unsharp` `gaussblur` | [`rotate`](ImageParamsBuilder::rotate) [`upright`](ImageParamsBuilder::upright) [`flip`](ImageParamsBuilder::flip) [`sharpen`](ImageParamsBuilder::sharpen) [`blur`](ImageParamsBuilder::blur) |
/// | `border` `brdcolor` `canvas` `cvscolor` `gd…` | [`border`](ImageParamsBuilder::border) [`border_color`](ImageParamsBuilder::border_color) [`canvas`](ImageParamsBuilder::canvas) [`canvas_at`](ImageParamsBuilder::canvas_at) [`canvas_color`](ImageParamsBuilder::canvas_color) [`gradient`](ImageParamsBuilder::gradient) |
/// | `format` `lossless` `quality` `compress` `coalesce` `progressive` | [`format`](ImageParamsBuilder::format) [`lossless`](ImageParamsBuilder::lossless) [`quality`](ImageParamsBuilder::quality) [`compress`](ImageParamsBuilder::compress) [`no_coalesce`](ImageParamsBuilder::no_coalesce) [`progressive`](ImageParamsBuilder::progressive) |
/// | `noicc` `strip` `exifswitch` `gifto` `ignore-error` | [`no_icc`](ImageParamsBuilder::no_icc) [`strip`](ImageParamsBuilder::strip) [`keep_exif`](ImageParamsBuilder::keep_exif) [`first_frame`](ImageParamsBuilder::first_frame) [`ignore_errors`](ImageParamsBuilder::ignore_errors) |
///
/// The order in which they are given does not matter to the service: it crops, scales, clips, and
/// goes on from there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageParams(Box<str>);

impl ImageParams {
    /// Parameters, none yet.
    pub fn builder() -> ImageParamsBuilder {
        ImageParamsBuilder::default()
    }

    /// A version: parameters that the service keeps under a name.
    ///
    /// # Errors
    /// [`ImageParamsError::Version`] if it cannot be the name of one.
    pub fn version(name: &str) -> Result<Self, ImageParamsError> {
        Self::builder().version(name).build()
    }

    /// A text as it is written in the documentation, which is not looked into.
    ///
    /// # Errors
    /// [`ImageParamsError::Text`] if it is empty or has control characters.
    pub fn raw(text: impl Into<String>) -> Result<Self, ImageParamsError> {
        let text = text.into();
        if text.is_empty() || text.contains(char::is_control) {
            return Err(ImageParamsError::Text { text });
        }
        Ok(Self(text.into()))
    }

    /// The text: the value of `x-gmkerl-thumb`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path, encoded, at which an access domain shows the picture like this.
    ///
    /// ```
    /// use upyun_client::protocol::{Key, access::Separator, image::{Flip, ImageParams}};
    ///
    /// let params = ImageParams::builder().width(200).flip(Flip::LeftRight).build()?;
    /// let key: Key = "/图.jpg".parse()?;
    /// let path = params.path(&key, Separator::Exclamation)?;
    /// assert_eq!(path, "/%E5%9B%BE.jpg!/fw/200/flip/left,right");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AccessPathError`] for a key that has the separator in it.
    pub fn path(&self, key: &Key, separator: Separator) -> Result<String, AccessPathError> {
        access::path_with(key, separator, &self.0)
    }
}

impl fmt::Display for ImageParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ImageParams {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<ImageParams> for String {
    fn from(params: ImageParams) -> Self {
        params.0.into()
    }
}

/// For the members of tasks and policies.
impl From<ImageParams> for serde_json::Value {
    fn from(params: ImageParams) -> Self {
        Self::String(params.into())
    }
}

/// Parameters as they are put together; mistakes wait until [`build`](Self::build). What is given
/// twice counts as given last, but watermarks add up.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ImageParamsBuilder {
    version: Option<String>,
    /// What can be given once, and the text for it.
    params: Vec<(String, String)>,
    watermarks: Vec<String>,
    mistake: Option<ImageParamsError>,
}

impl ImageParamsBuilder {
    /// Begins with a version, parameters that the service keeps under a name: what is given here
    /// wins over its.
    pub fn version(mut self, name: &str) -> Self {
        if name.is_empty() || name.contains('/') || name.contains(char::is_control) {
            self.fail(ImageParamsError::Version {
                name: name.to_owned(),
            });
        }
        self.version = Some(name.to_owned());
        self
    }

    /// Puts a picture or a text onto the picture. More than three are discouraged.
    pub fn watermark(mut self, watermark: impl Into<Watermark>) -> Self {
        match watermark.into().write() {
            Ok(text) => self.watermarks.push(text),
            Err(error) => self.fail(error),
        }
        self
    }

    /// Any other parameter, or `false` to take back what a version says: `.param("unsharp", false)`.
    pub fn param(self, key: &str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        let is_token = |text: &str| {
            !text.is_empty() && !text.contains('/') && !text.contains(char::is_control)
        };
        let wrong = [key, &value].into_iter().find(|text| !is_token(text));
        if let Some(text) = wrong.map(str::to_owned) {
            return self.failed(ImageParamsError::Text { text });
        }
        self.put(key, value)
    }

    /// The parameters.
    ///
    /// # Errors
    /// The first [`ImageParamsError`]; also if there is nothing at all.
    pub fn build(self) -> Result<ImageParams, ImageParamsError> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let mut text = self.version.unwrap_or_default();
        for (_, param) in &self.params {
            text.push_str(param);
        }
        // Behind the rest: what follows a watermark could be taken for a part of it.
        for watermark in &self.watermarks {
            text.push_str(watermark);
        }
        if text.is_empty() {
            return Err(ImageParamsError::Nothing);
        }
        Ok(ImageParams(text.into()))
    }

    pub(super) fn fail(&mut self, mistake: ImageParamsError) {
        self.mistake.get_or_insert(mistake);
    }

    fn failed(mut self, mistake: ImageParamsError) -> Self {
        self.fail(mistake);
        self
    }

    pub(super) fn put(self, key: &str, value: impl fmt::Display) -> Self {
        self.put_in(key, format!("/{key}/{value}"))
    }

    /// What is in the same slot takes each other's place.
    pub(super) fn put_in(mut self, slot: &str, text: String) -> Self {
        self.params.retain(|(taken, _)| taken != slot);
        self.params.push((slot.to_owned(), text));
        self
    }

    /// Notes a value that is out of its range.
    pub(super) fn check(
        mut self,
        name: &'static str,
        value: u32,
        (least, most): (u32, u32),
    ) -> Self {
        if let Err(error) = ImageParamsError::check(name, value, (least, most)) {
            self.fail(error);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a builder writes, or why it does not.
    #[track_caller]
    fn check(builder: ImageParamsBuilder, want: Result<&str, &str>) {
        let got = builder.build();
        let got = got
            .as_ref()
            .map(ImageParams::as_str)
            .map_err(ToString::to_string);
        assert_eq!(got, want.map_err(str::to_owned));
    }

    fn new() -> ImageParamsBuilder {
        ImageParams::builder()
    }

    #[test]
    fn versions_come_first_and_parameters_win() {
        check(new().version("small"), Ok("small"));
        check(new().width(500).version("0.5x"), Ok("0.5x/fw/500"));
        check(
            new().version("v").param("unsharp", false),
            Ok("v/unsharp/false"),
        );
        check(
            new().version("a/b"),
            Err(
                "`a/b` cannot name a version: a name is not empty and has neither a slash nor \
                 control characters",
            ),
        );
    }

    #[test]
    fn what_is_given_twice_counts_once() {
        check(new().width(1).quality(5).height(2), Ok("/quality/5/fh/2"));
        check(new().quality(5).quality(6), Ok("/quality/6"));
        check(new().param("fw", 5), Ok("/fw/5"));
    }

    #[test]
    fn what_cannot_be_a_text() {
        check(
            new(),
            Err("there are no parameters; set one or name a version"),
        );
        assert!(new().param("a/b", 1).build().is_err());
        assert!(new().param("a", "").build().is_err());
        assert!(ImageParams::raw("").is_err());
        assert!(ImageParams::raw("/fw/1\r\nx: y").is_err());
        assert_eq!(ImageParams::raw("/fw/1").unwrap().as_str(), "/fw/1");
    }

    #[test]
    fn the_first_mistake_counts() {
        check(
            new().width(0).quality(100),
            Err("width is 0; it is 1 to 20000"),
        );
    }
}
