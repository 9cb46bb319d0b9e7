//! Watermarks.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{Gravity, ImageParamsError, MAX_SIDE, Rgb, Rgba};
use crate::protocol::Key;

/// A watermark: a [`PictureWatermark`] or a [`TextWatermark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Picture(PictureWatermark),
    Text(TextWatermark),
}

impl Watermark {
    pub(super) fn write(&self) -> Result<String, ImageParamsError> {
        match &self.0 {
            Kind::Picture(picture) => picture.write(),
            Kind::Text(text) => text.write(),
        }
    }
}

impl From<PictureWatermark> for Watermark {
    fn from(picture: PictureWatermark) -> Self {
        Self(Kind::Picture(picture))
    }
}

impl From<TextWatermark> for Watermark {
    fn from(text: TextWatermark) -> Self {
        Self(Kind::Text(text))
    }
}

/// What both kinds have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    align: Option<Gravity>,
    margin: Option<(u32, u32)>,
    opacity: Option<u32>,
    animate: bool,
}

impl Place {
    fn write(self, text: &mut String) -> Result<(), ImageParamsError> {
        if let Some(align) = self.align {
            push(text, "align", align.as_str());
        }
        if let Some((x, y)) = self.margin {
            ImageParamsError::check("margin", x, (0, MAX_SIDE))?;
            ImageParamsError::check("margin", y, (0, MAX_SIDE))?;
            push(text, "margin", format_args!("{x}x{y}"));
        }
        if let Some(opacity) = self.opacity {
            ImageParamsError::check("opacity", opacity, (0, 100))?;
            push(text, "opacity", opacity);
        }
        if self.animate {
            push(text, "animate", true);
        }
        Ok(())
    }
}

fn push(text: &mut String, key: &str, value: impl std::fmt::Display) {
    *text = std::mem::take(text) + "/" + key + "/" + &value.to_string();
}

/// Base64 with `|` for its slash, which would end the value.
fn encode(text: &str) -> String {
    BASE64_STANDARD.encode(text).replace('/', "|")
}

macro_rules! place {
    ($name:ident) => {
        impl $name {
            /// Where it is put: in the northwest unless set.
            pub fn align(mut self, gravity: Gravity) -> Self {
                self.place.align = Some(gravity);
                self
            }

            /// How far from the edges, or from the centre: 20 and 20 unless set.
            pub fn margin(mut self, x: u32, y: u32) -> Self {
                self.place.margin = Some((x, y));
                self
            }

            /// From 0, not to be seen, to 100: 100 unless set.
            pub fn opacity(mut self, percent: u32) -> Self {
                self.place.opacity = Some(percent);
                self
            }

            /// Also on pictures that move, which have none otherwise.
            pub fn animate(mut self) -> Self {
                self.place.animate = true;
                self
            }
        }
    };
}

/// A picture of the same service, put onto another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct PictureWatermark {
    key: String,
    place: Place,
    percent: Option<u32>,
    repeat: bool,
}

place!(PictureWatermark);

impl PictureWatermark {
    /// The picture by its key.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            place: Place::default(),
            percent: None,
            repeat: false,
        }
    }

    /// Its size in percent of the shorter side of what it is put onto; 0 leaves it as it is.
    pub fn percent(mut self, percent: u32) -> Self {
        self.percent = Some(percent);
        self
    }

    /// Covers everything with it, like tiles.
    pub fn repeat(mut self) -> Self {
        self.repeat = true;
        self
    }

    fn write(&self) -> Result<String, ImageParamsError> {
        let key = Key::parse(&self.key).ok().filter(|key| !key.is_root());
        let key = key.ok_or_else(|| ImageParamsError::Watermark {
            text: self.key.clone(),
        })?;
        let mut text = format!("/watermark/url/{}", encode(key.as_str()));
        self.place.write(&mut text)?;
        if let Some(percent) = self.percent {
            ImageParamsError::check("percent", percent, (0, 100))?;
            push(&mut text, "percent", percent);
        }
        if self.repeat {
            push(&mut text, "repeat", true);
        }
        Ok(text)
    }
}

/// A text, written onto a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TextWatermark {
    text: String,
    place: Place,
    size: Option<u32>,
    font: Option<Font>,
    color: Option<Rgb>,
    outline: Option<Rgba>,
}

place!(TextWatermark);

impl TextWatermark {
    /// The text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            place: Place::default(),
            size: None,
            font: None,
            color: None,
            outline: None,
        }
    }

    /// In pixels, up to 2000: 32 unless set.
    pub fn size(mut self, pixels: u32) -> Self {
        self.size = Some(pixels);
        self
    }

    /// [`Font::SimSun`] unless set. Chinese needs a Chinese font.
    pub fn font(mut self, font: Font) -> Self {
        self.font = Some(font);
        self
    }

    /// Black unless set.
    pub fn color(mut self, color: Rgb) -> Self {
        self.color = Some(color);
        self
    }

    /// The colour of the outline; none unless set.
    pub fn outline(mut self, color: impl Into<Rgba>) -> Self {
        self.outline = Some(color.into());
        self
    }

    fn write(&self) -> Result<String, ImageParamsError> {
        if self.text.is_empty() {
            return Err(ImageParamsError::Watermark {
                text: String::new(),
            });
        }
        let mut text = format!("/watermark/text/{}", encode(&self.text));
        self.place.write(&mut text)?;
        if let Some(size) = self.size {
            ImageParamsError::check("size", size, (1, 2000))?;
            push(&mut text, "size", size);
        }
        if let Some(font) = self.font {
            push(&mut text, "font", font.as_str());
        }
        if let Some(color) = self.color {
            push(&mut text, "color", color);
        }
        if let Some(outline) = self.outline {
            push(&mut text, "border", outline);
        }
        Ok(text)
    }
}

/// The fonts of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are the names of fonts")]
pub enum Font {
    SimSun,
    SimHei,
    SimKai,
    SimLi,
    SimYou,
    SimFang,
    /// Simplified Chinese.
    Sc,
    /// Traditional Chinese.
    Tc,
    Arial,
    Georgia,
    Helvetica,
    Roman,
}

impl Font {
    /// The service's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SimSun => "simsun",
            Self::SimHei => "simhei",
            Self::SimKai => "simkai",
            Self::SimLi => "simli",
            Self::SimYou => "simyou",
            Self::SimFang => "simfang",
            Self::Sc => "sc",
            Self::Tc => "tc",
            Self::Arial => "arial",
            Self::Georgia => "georgia",
            Self::Helvetica => "helvetica",
            Self::Roman => "roman",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::image::ImageParams;

    #[track_caller]
    fn check(watermark: impl Into<Watermark>, want: &str) {
        let params = ImageParams::builder().watermark(watermark).build();
        assert_eq!(params.unwrap().as_str(), want);
    }

    #[track_caller]
    fn refused(watermark: impl Into<Watermark>, want: &str) {
        let params = ImageParams::builder().watermark(watermark).build();
        assert_eq!(params.unwrap_err().to_string(), want);
    }

    #[test]
    fn every_parameter_is_written_as_documented() {
        let logo = || PictureWatermark::new("/docs/cloud/upyun-logo.png");
        let base = "/watermark/url/L2RvY3MvY2xvdWQvdXB5dW4tbG9nby5wbmc=";
        check(logo(), base);
        check(
            logo().align(Gravity::SouthEast),
            &format!("{base}/align/southeast"),
        );
        check(
            logo()
                .margin(0, 5)
                .opacity(50)
                .percent(30)
                .repeat()
                .animate(),
            &format!("{base}/margin/0x5/opacity/50/animate/true/percent/30/repeat/true"),
        );
        check(
            TextWatermark::new("你好！")
                .size(20)
                .font(Font::SimHei)
                .color(Rgb::new(255, 0, 0))
                .outline(Rgb::WHITE.with_alpha(51)),
            "/watermark/text/5L2g5aW977yB/size/20/font/simhei/color/FF0000/border/FFFFFFCC",
        );
    }

    #[test]
    fn base64_has_no_slash() {
        check(TextWatermark::new("a??o>?"), "/watermark/text/YT8|bz4|");
        check(
            TextWatermark::new("水印/测试>>?"),
            "/watermark/text/5rC05Y2wL+a1i+ivlT4+Pw==",
        );
    }

    #[test]
    fn keys_are_whole() {
        check(PictureWatermark::new("a.png"), "/watermark/url/L2EucG5n");
    }

    #[test]
    fn they_stand_last_and_add_up() {
        let params = ImageParams::builder()
            .watermark(TextWatermark::new("a"))
            .watermark(TextWatermark::new("b"))
            .border(3, 2)
            .build();
        assert_eq!(
            params.unwrap().as_str(),
            "/border/3x2/watermark/text/YQ==/watermark/text/Yg=="
        );
    }

    #[test]
    fn what_cannot_be_a_watermark() {
        let text = || TextWatermark::new("a");
        refused(
            TextWatermark::new(""),
            "`` cannot be a watermark; give a text, or the key of a picture in the service",
        );
        refused(
            PictureWatermark::new("/a/../b"),
            "`/a/../b` cannot be a watermark; give a text, or the key of a picture in the service",
        );
        refused(text().opacity(101), "opacity is 101; it is 0 to 100");
        refused(text().size(0), "size is 0; it is 1 to 2000");
        refused(
            text().margin(20_001, 0),
            "margin is 20001; it is 0 to 20000",
        );
        let picture = PictureWatermark::new("/a.png").percent(101);
        refused(picture, "percent is 101; it is 0 to 100");
    }
}
