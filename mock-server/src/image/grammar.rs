//! The text of parameters: `/fw/300/quality/75/…`, in headers, in policies and behind a separator in
//! URLs.

mod old;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use upyun_client::protocol::ErrorCode;

pub(crate) use self::old::{Asked, Unreadable, ask, code_of};
use self::value::{Given, MAX_SIDE};
use super::{
    fonts::Fonts,
    recipe::{Color, Direction, Flip, Gradient, Gravity, Mark, Question, Recipe, Watermark},
};

const DEFAULT_RADIUS: u32 = 10;
const DEFAULT_MARGIN: (i64, i64) = (20, 20);
const DEFAULT_FONT: &str = "simsun";
const DEFAULT_TEXT_SIZE: u32 = 32;
const MAX_TEXT_SIZE: u32 = 2000;
const DEFAULT_COLORS: u16 = 256;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A parameter that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The service's code.
    pub(crate) code: ErrorCode,
    /// What is wrong, in a sentence without its full stop.
    pub(crate) why: String,
}

/// What a text asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    Look(Box<Recipe>),
    Answer(Question),
}

/// Reads parameters, or the name of a version and parameters that win over it; `None` if there is no
/// version of this name.
pub(crate) fn understand(
    versions: &BTreeMap<String, String>,
    text: &str,
) -> Result<Option<Wanted>, Wrong> {
    if text.starts_with('/') {
        return parse(text).map(Some);
    }
    let (name, more) = match text.find('/') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let Some(version) = versions.get(name) else {
        return Ok(None);
    };
    match (parse(version)?, more) {
        (wanted, "") => Ok(Some(wanted)),
        (Wanted::Look(recipe), more) => parse_onto(*recipe, more).map(Some),
        (Wanted::Answer(_), more) => parse(more).map(Some),
    }
}

/// Checks a version of a service.
///
/// # Errors
/// What is wrong, in a sentence without its full stop.
pub(crate) fn check(text: &str) -> Result<(), String> {
    match parse(text) {
        Ok(_) => Ok(()),
        Err(wrong) => Err(wrong.why),
    }
}

/// Reads a text of parameters; what it says twice counts as it says it last.
pub(crate) fn parse(text: &str) -> Result<Wanted, Wrong> {
    parse_onto(Recipe::default(), text)
}

/// Reads a text of parameters that win over those of a version.
fn parse_onto(version: Recipe, text: &str) -> Result<Wanted, Wrong> {
    let Some(rest) = text.strip_prefix('/') else {
        return Err(wrong(format!("{text:?} does not begin with a slash")));
    };
    let tokens: Vec<&str> = rest.split('/').collect();
    if let Some(question) = question(&tokens)? {
        return Ok(Wanted::Answer(question));
    }
    let mut reading = Reading {
        recipe: version,
        gradient: GradientParts::default(),
        last_region: None,
        in_watermark: false,
    };
    let mut tokens = tokens.into_iter();
    while let Some(key) = tokens.next() {
        let value = tokens.next().filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| wrong(format!("{key:?} has no value")))?;
        if key == "watermark" {
            let text = tokens.next().filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| wrong(format!("watermark/{value} has no value")))?;
            reading.watermark(value, text)?;
        } else {
            reading.pair(key, value)?;
        }
    }
    reading.finish()
}

fn wrong(why: impl Into<String>) -> Wrong {
    Wrong {
        code: ErrorCode::INVALID_PARAM_IN_THUMB,
        why: why.into(),
    }
}

/// Questions stand alone.
fn question(tokens: &[&str]) -> Result<Option<Question>, Wrong> {
    Ok(Some(match tokens {
        ["info"] => Question::Info,
        ["meta"] => Question::Exif,
        ["meta", "iptc"] => Question::Iptc,
        ["meta", "all"] => Question::All,
        ["face", "detection"] => Question::Faces,
        ["excolor" | "exformat", ..] => return colors(tokens).map(Some),
        [key, ..] if matches!(*key, "info" | "meta" | "face") => {
            return Err(wrong(format!("{key} goes with nothing else")));
        }
        _ => return Ok(None),
    }))
}

fn colors(tokens: &[&str]) -> Result<Question, Wrong> {
    let (mut count, mut is_hex) = (DEFAULT_COLORS, false);
    for pair in tokens.chunks(2) {
        match pair {
            ["excolor", value] => {
                let number = value.parse::<u16>().ok();
                count = number
                    .filter(|it| (1..=4096).contains(it))
                    .ok_or_else(|| Wrong {
                        code: ErrorCode::INVALID_EXTRACT_COLOR_COUNT,
                        why: format!("excolor is {value:?}; it is 1 to 4096"),
                    })?;
            }
            ["exformat", "hex"] => is_hex = true,
            ["exformat", "dec"] => is_hex = false,
            ["exformat", value] => {
                return Err(Wrong {
                    code: ErrorCode::INVALID_EXTRACT_FUNC,
                    why: format!("exformat is {value:?}; it is dec or hex"),
                });
            }
            _ => return Err(wrong("theme colours go with nothing else")),
        }
    }
    Ok(Question::Colors { count, is_hex })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Crop,
    Clip,
}

#[derive(Default)]
struct GradientParts {
    direction: Option<Direction>,
    band: Option<(u32, u32)>,
    start: Option<Color>,
    stop: Option<Color>,
}

/// A text that is being read.
struct Reading {
    recipe: Recipe,
    gradient: GradientParts,
    /// What a gravity belongs to.
    last_region: Option<Part>,
    /// Whether what comes belongs to the last watermark.
    in_watermark: bool,
}

impl Reading {
    fn pair(&mut self, key: &str, value: &str) -> Result<(), Wrong> {
        use ErrorCode as Code;
        if self.in_watermark && self.of_watermark(key, value)? {
            return Ok(());
        }
        self.in_watermark = false;
        let of_gravity = std::mem::take(&mut self.last_region);
        let given = Given { key, value };
        let recipe = &mut self.recipe;
        match key {
            "force" => recipe.force = given.flag(Code::INVALID_VALUE)?,
            "crop" => {
                recipe.crop = Some(given.region()?);
                self.last_region = Some(Part::Crop);
            }
            "clip" => {
                recipe.clip = Some(given.region()?);
                self.last_region = Some(Part::Clip);
            }
            "gravity" => {
                let gravity = given.gravity(Code::INVALID_CROP)?;
                let region = match of_gravity {
                    Some(Part::Crop) => recipe.crop.as_mut(),
                    Some(Part::Clip) => recipe.clip.as_mut(),
                    None => None,
                };
                let Some(region) = region else {
                    return Err(given.wrong(Code::INVALID_CROP, "right behind a crop or clip"));
                };
                region.gravity = gravity;
            }
            "roundrect" => {
                let radius = given.number(Code::INVALID_CROP, 0..=MAX_SIDE)?;
                recipe.roundrect = Some(if radius == 0 { DEFAULT_RADIUS } else { radius });
            }
            "rotate" if value == "auto" => recipe.upright = true,
            "rotate" => recipe.rotate = Some(given.angle()?),
            "flip" => {
                recipe.flip = Some(match value {
                    "left,right" => Flip::LeftRight,
                    "top,down" => Flip::TopDown,
                    _ => return Err(given.wrong(Code::INVALID_ROTATE, "left,right or top,down")),
                });
            }
            "unsharp" => recipe.unsharp = given.flag(Code::INVALID_UNSHARP)?,
            "gaussblur" => recipe.blur = Some(given.blur()?),
            "border" => recipe.border = Some(given.sides(Code::INVALID_CANVAS, 0)?),
            "brdcolor" => recipe.border_color = Some(given.color(Code::INVALID_CANVAS_COLOR)?),
            "canvas" => recipe.canvas = Some(given.canvas()?),
            "cvscolor" => recipe.canvas_color = Some(given.color(Code::INVALID_CANVAS_COLOR)?),
            "gdori" => self.gradient.direction = Some(given.direction()?),
            "gdpos" => self.gradient.band = Some(given.band()?),
            "gdstartcolor" => {
                self.gradient.start = Some(given.color(Code::INVALID_GRADIENT_STARTCOLOR)?);
            }
            "gdstopcolor" => {
                self.gradient.stop = Some(given.color(Code::INVALID_GRADIENT_STOPCOLOR)?);
            }
            "gifto" => recipe.first_frame = given.flag(Code::INVALID_GIFTO)?,
            "ignore-error" => recipe.ignore_error = given.flag(Code::INVALID_PARAM_IN_THUMB)?,
            _ => return self.output(given),
        }
        Ok(())
    }

    fn output(&mut self, given: Given<'_>) -> Result<(), Wrong> {
        use ErrorCode as Code;
        let output = &mut self.recipe.output;
        match given.key {
            "format" => output.format = Some(given.format()?),
            "lossless" => output.lossless = given.flag(Code::INVALID_WEBP)?,
            "quality" => {
                let quality = given.number(Code::INVALID_QUALITY, 1..=99)?;
                output.quality = u8::try_from(quality).ok();
            }
            "compress" => output.compress = given.flag(Code::INVALID_COMPRESS)?,
            "coalesce" => output.coalesce = Some(given.flag(Code::INVALID_COMPRESS)?),
            "progressive" => output.progressive = given.flag(Code::INVALID_PROGRESSIVE)?,
            "noicc" => output.no_icc = given.flag(Code::INVALID_NOICC)?,
            "strip" => output.strip = given.flag(Code::INVALID_NOICC)?,
            "exifswitch" => output.keep_exif = given.flag(Code::INVALID_EXIF_SWITCH)?,
            _ => self.recipe.scaling = Some(given.scaling()?),
        }
        Ok(())
    }

    fn watermark(&mut self, kind: &str, text: &str) -> Result<(), Wrong> {
        let text = decode(text)?;
        let what = match kind {
            "url" => Mark::Picture {
                path: text,
                percent: 0,
                repeat: false,
            },
            "text" => Mark::Text {
                text,
                size: DEFAULT_TEXT_SIZE,
                font: DEFAULT_FONT.to_owned(),
                color: Color([0, 0, 0, 255]),
                outline: None,
            },
            _ => return Err(wrong(format!("watermark/{kind} is neither url nor text"))),
        };
        self.recipe.watermarks.push(Watermark {
            what,
            align: Gravity::NorthWest,
            margin: DEFAULT_MARGIN,
            opacity: 100,
            animate: false,
        });
        self.in_watermark = true;
        Ok(())
    }

    /// Reads a parameter of the last watermark; `false` if it is none.
    fn of_watermark(&mut self, key: &str, value: &str) -> Result<bool, Wrong> {
        use ErrorCode as Code;
        let Some(mark) = self.recipe.watermarks.last_mut() else {
            return Ok(false);
        };
        let given = Given { key, value };
        match (key, &mut mark.what) {
            ("align", _) => mark.align = given.gravity(Code::INVALID_WATERMARK_ALIGN)?,
            ("margin", _) => {
                let (x, y) = given.sides(Code::INVALID_WATERMARK_MARGIN, 0)?;
                mark.margin = (x.into(), y.into());
            }
            ("opacity", _) => {
                let opacity = given.number(Code::INVALID_WATERMARK_OPACITY, 0..=100)?;
                mark.opacity = u8::try_from(opacity).unwrap_or(100);
            }
            ("animate", _) => mark.animate = given.flag(Code::INVALID_WATERMARK_ANIMATE)?,
            ("percent", Mark::Picture { percent, .. }) => {
                let number = given.number(Code::INVALID_WATERMARK_SWITCH, 0..=100)?;
                *percent = u8::try_from(number).unwrap_or(100);
            }
            ("repeat", Mark::Picture { repeat, .. }) => {
                *repeat = given.flag(Code::INVALID_WATERMARK_SWITCH)?;
            }
            ("size", Mark::Text { size, .. }) => {
                *size = given.number(Code::INVALID_WATERMARK_SIZE, 1..=MAX_TEXT_SIZE)?;
            }
            ("font", Mark::Text { font, .. }) if Fonts::names().any(|it| it == value) => {
                *font = value.to_owned();
            }
            ("font", Mark::Text { .. }) => {
                return Err(given.wrong_font());
            }
            ("color", Mark::Text { color, .. }) => {
                *color = given.opaque(Code::INVALID_WATERMARK_COLOR)?;
            }
            // A frame has two sides, an outline a colour.
            ("border", Mark::Text { outline, .. }) if !value.contains('x') => {
                let color = given.color(Code::INVALID_WATERMARK_BORDER)?;
                *outline = Some(color).filter(|color| color.0[3] > 0);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(mut self) -> Result<Wanted, Wrong> {
        let GradientParts {
            direction,
            band,
            start,
            stop,
        } = self.gradient;
        self.recipe.gradient = match (direction, band, start, stop) {
            (None, None, None, None) => self.recipe.gradient,
            (Some(direction), Some(band), Some(start), Some(stop)) => Some(Gradient {
                direction,
                band,
                colors: (start, stop),
            }),
            _ => {
                return Err(wrong(
                    "a gradient needs gdori, gdpos, gdstartcolor and gdstopcolor",
                ));
            }
        };
        Ok(Wanted::Look(Box::new(self.recipe)))
    }
}

/// Base64 with `|` where it has a slash.
fn decode(text: &str) -> Result<String, Wrong> {
    BASE64
        .decode(text.replace('|', "/"))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Wrong {
            code: ErrorCode::INVALID_WATERMARK_TEXT,
            why: format!("{text:?} is no UTF-8 in Base64"),
        })
}
