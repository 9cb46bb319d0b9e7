//! The parameters of old: one header, or one member of a policy, each. `[choice I-7]`

use std::collections::BTreeMap;

use upyun_client::protocol::ErrorCode;

use super::{
    DEFAULT_COLORS, DEFAULT_FONT, DEFAULT_MARGIN, DEFAULT_TEXT_SIZE, Given, MAX_TEXT_SIZE, Wanted,
    Wrong, parse,
    value::{hex, whole},
};
use crate::image::{
    fonts::Fonts,
    recipe::{Color, Gradient, Gravity, Mark, Question, Recipe, Region, Scaling, Watermark},
};

const DEFAULT_QUALITY: u8 = 95;
const MAX_SIDE: u32 = 20_000;

/// The parameters, behind `x-gmkerl-`, and what is said of a wrong value.
const PARAMETERS: [(&str, ErrorCode); 36] = [
    ("thumb", ErrorCode::INVALID_PARAM_IN_THUMB),
    ("thumbnail", ErrorCode::NO_THUMB_SETTING),
    ("type", ErrorCode::INVALID_TYPE),
    ("value", ErrorCode::INVALID_VALUE),
    ("unsharp", ErrorCode::INVALID_UNSHARP),
    ("quality", ErrorCode::INVALID_QUALITY),
    ("exif-switch", ErrorCode::INVALID_EXIF_SWITCH),
    ("gifto", ErrorCode::INVALID_GIFTO),
    ("webp", ErrorCode::INVALID_WEBP),
    ("format", ErrorCode::INVALID_FORMAT),
    ("crop", ErrorCode::INVALID_CROP),
    ("rotate", ErrorCode::INVALID_ROTATE),
    ("gaussblur", ErrorCode::INVALID_GAUSSBLUR),
    ("compress", ErrorCode::INVALID_COMPRESS),
    ("progressive", ErrorCode::INVALID_PROGRESSIVE),
    ("noicc", ErrorCode::INVALID_NOICC),
    ("watermark-switch", ErrorCode::INVALID_WATERMARK_SWITCH),
    ("watermark-align", ErrorCode::INVALID_WATERMARK_ALIGN),
    ("watermark-margin", ErrorCode::INVALID_WATERMARK_MARGIN),
    ("watermark-opacity", ErrorCode::INVALID_WATERMARK_OPACITY),
    ("watermark-animate", ErrorCode::INVALID_WATERMARK_ANIMATE),
    ("watermark-font", ErrorCode::INVALID_WATERMARK_FONT),
    ("watermark-text", ErrorCode::INVALID_WATERMARK_TEXT),
    ("watermark-color", ErrorCode::INVALID_WATERMARK_COLOR),
    ("watermark-border", ErrorCode::INVALID_WATERMARK_BORDER),
    ("watermark-size", ErrorCode::INVALID_WATERMARK_SIZE),
    (
        "gradient-orientation",
        ErrorCode::INVALID_GRADIENT_ORIENTATION,
    ),
    ("gradient-pos", ErrorCode::INVALID_GRADIENT_POS),
    (
        "gradient-startcolor",
        ErrorCode::INVALID_GRADIENT_STARTCOLOR,
    ),
    ("gradient-stopcolor", ErrorCode::INVALID_GRADIENT_STOPCOLOR),
    ("extract-func", ErrorCode::INVALID_EXTRACT_FUNC),
    ("extract-format", ErrorCode::INVALID_EXTRACT_FUNC),
    (
        "extract-color-count",
        ErrorCode::INVALID_EXTRACT_COLOR_COUNT,
    ),
    ("canvas", ErrorCode::INVALID_CANVAS),
    ("canvas-color", ErrorCode::INVALID_CANVAS_COLOR),
    ("ignore-error", ErrorCode::INVALID_PARAM_IN_THUMB),
];

/// What is said of a wrong value of `x-gmkerl-<name>`; `None` of parameters that do not exist.
pub(crate) fn code_of(name: &str) -> Option<ErrorCode> {
    let known = PARAMETERS.iter().find(|(known, _)| *known == name);
    known.map(|(_, code)| *code)
}

/// What an upload asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) look: Option<Box<Recipe>>,
    /// EXIF or theme colours, of the picture as it was uploaded.
    pub(crate) question: Option<Question>,
}

/// Why parameters cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Wrong(Wrong),
    /// The service has no version of this name.
    NoVersion(String),
}

impl From<Wrong> for Unreadable {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

/// Reads parameters by their names behind `x-gmkerl-`. `thumb`, the new one, makes all old ones void
/// but the questions.
pub(crate) fn ask(
    versions: &BTreeMap<String, String>,
    parameters: &BTreeMap<String, String>,
    hex_by_default: bool,
) -> Result<Asked, Unreadable> {
    let old = Old(parameters);
    let question = old.question(hex_by_default)?;
    let look = match parameters.get("thumb") {
        Some(text) => match super::understand(versions, text)? {
            Some(Wanted::Look(recipe)) => Some(recipe),
            Some(Wanted::Answer(_)) => {
                let why = "x-gmkerl-thumb asks a question, which only access domains answer";
                return Err(super::wrong(why).into());
            }
            None => return Err(Unreadable::NoVersion(text.clone())),
        },
        None => old.look(versions)?.map(Box::new),
    };
    Ok(Asked { look, question })
}

struct Old<'a>(&'a BTreeMap<String, String>);

impl<'a> Old<'a> {
    fn get(&self, key: &'static str) -> Option<Given<'a>> {
        let value = self.0.get(key)?;
        Some(Given { key, value })
    }

    fn flag(&self, key: &'static str) -> Result<Option<bool>, Wrong> {
        let code = code_of(key).unwrap_or(ErrorCode::INVALID_PARAM_IN_THUMB);
        self.get(key).map(|given| given.flag(code)).transpose()
    }

    fn question(&self, hex_by_default: bool) -> Result<Option<Question>, Wrong> {
        let count = match self.get("extract-color-count") {
            Some(given) => {
                let code = ErrorCode::INVALID_EXTRACT_COLOR_COUNT;
                u16::try_from(given.number(code, 1..=4096)?).unwrap_or(DEFAULT_COLORS)
            }
            None => DEFAULT_COLORS,
        };
        let format = self.get("extract-format").or(self.get("extract-func"));
        let is_hex = match format {
            None => hex_by_default,
            Some(Given { value: "hex", .. }) => true,
            Some(Given { value: "dec", .. }) => false,
            Some(given) => {
                return Err(given.wrong(ErrorCode::INVALID_EXTRACT_FUNC, "hex or dec"));
            }
        };
        Ok(match self.get("type").map(|given| given.value) {
            Some("get_meta") => Some(Question::Exif),
            Some("get_theme_color") => Some(Question::Colors { count, is_hex }),
            _ => None,
        })
    }

    /// `None` if there is nothing to be done.
    fn look(&self, versions: &BTreeMap<String, String>) -> Result<Option<Recipe>, Unreadable> {
        let mut recipe = self.version(versions)?;
        if let Some(scaling) = self.scaling()? {
            recipe.scaling = Some(scaling);
            // A picture that is too small for a fixed size is stretched.
            recipe.force = matches!(scaling, Scaling::Both(..));
        }
        if let Some(given) = self.get("crop") {
            recipe.crop = Some(crop(given)?);
        }
        match self.get("rotate") {
            Some(Given { value: "auto", .. }) => recipe.upright = true,
            Some(given) => recipe.rotate = Some(given.angle()?),
            None => {}
        }
        if let Some(given) = self.get("gaussblur") {
            recipe.blur = Some(given.blur()?);
        }
        if let Some(given) = self.get("canvas") {
            recipe.canvas = Some(given.canvas()?);
        }
        if let Some(given) = self.get("canvas-color") {
            recipe.canvas_color = Some(given.color(ErrorCode::INVALID_CANVAS_COLOR)?);
        }
        if let Some(gradient) = self.gradient()? {
            recipe.gradient = Some(gradient);
        }
        if let Some(first) = self.flag("gifto")? {
            recipe.first_frame = first;
        }
        if let Some(ignores) = self.flag("ignore-error")? {
            recipe.ignore_error = ignores;
        }
        recipe.watermarks.extend(self.watermark()?);
        self.output(&mut recipe)?;
        Ok(Some(recipe).filter(|recipe| *recipe != Recipe::default()))
    }

    fn version(&self, versions: &BTreeMap<String, String>) -> Result<Recipe, Unreadable> {
        let Some(Given { value, .. }) = self.get("thumbnail") else {
            return Ok(Recipe::default());
        };
        let version = versions.get(value);
        let version = version.ok_or_else(|| Unreadable::NoVersion(value.to_owned()))?;
        match parse(version)? {
            Wanted::Look(recipe) => Ok(*recipe),
            Wanted::Answer(_) => {
                let why = format!("the version {value:?} asks a question");
                Err(super::wrong(why).into())
            }
        }
    }

    fn scaling(&self) -> Result<Option<Scaling>, Wrong> {
        let Some(given) = self.get("type") else {
            return Ok(None);
        };
        let key = match given.value {
            "fix_width" => "fw",
            "fix_height" => "fh",
            "fix_width_or_height" => "fwfh",
            "fix_both" => "both",
            "fix_max" => "max",
            "fix_min" => "min",
            "fix_scale" => "scale",
            "square" => "sq",
            "get_meta" | "get_theme_color" => return Ok(None),
            _ => {
                let want = "fix_width, fix_height, fix_width_or_height, fix_both, fix_max, fix_min, \
                            fix_scale, square, get_meta or get_theme_color";
                return Err(given.wrong(ErrorCode::INVALID_TYPE, want));
            }
        };
        let Some(Given { value, .. }) = self.get("value") else {
            return Err(Wrong {
                code: ErrorCode::INVALID_VALUE,
                why: format!("type is {:?}, but there is no value", given.value),
            });
        };
        Given { key, value }.scaling().map(Some)
    }

    fn gradient(&self) -> Result<Option<Gradient>, Wrong> {
        let direction = self.get("gradient-orientation");
        let band = self.get("gradient-pos");
        let start = self.get("gradient-startcolor");
        let stop = self.get("gradient-stopcolor");
        let direction = direction.map(|it| it.direction()).transpose()?;
        let band = band.map(|it| it.band()).transpose()?;
        let start = start.map(|it| it.color(ErrorCode::INVALID_GRADIENT_STARTCOLOR));
        let stop = stop.map(|it| it.color(ErrorCode::INVALID_GRADIENT_STOPCOLOR));
        match (direction, band, start.transpose()?, stop.transpose()?) {
            (None, None, None, None) => Ok(None),
            (Some(direction), Some(band), Some(start), Some(stop)) => Ok(Some(Gradient {
                direction,
                band,
                colors: (start, stop),
            })),
            _ => Err(super::wrong(
                "a gradient needs gradient-orientation, -pos, -startcolor and -stopcolor",
            )),
        }
    }

    fn output(&self, recipe: &mut Recipe) -> Result<(), Wrong> {
        // What is only turned or cut is neither sharpened nor given another quality.
        let is_scaled = recipe.scaling.is_some();
        let output = &mut recipe.output;
        match self.get("quality") {
            Some(given) => {
                let quality = given.number(ErrorCode::INVALID_QUALITY, 1..=100)?;
                output.quality = u8::try_from(quality).ok();
            }
            None if is_scaled && output.quality.is_none() => {
                output.quality = Some(DEFAULT_QUALITY);
            }
            None => {}
        }
        match self.flag("unsharp")? {
            Some(unsharp) => recipe.unsharp = unsharp,
            None if is_scaled && self.get("type").is_some() => recipe.unsharp = true,
            None => {}
        }
        if let Some(given) = self.get("format") {
            output.format = Some(given.format()?);
        }
        let lossless = self.flag("webp")?;
        output.lossless = lossless.unwrap_or(output.lossless);
        output.compress = self.flag("compress")?.unwrap_or(output.compress);
        output.progressive = self.flag("progressive")?.unwrap_or(output.progressive);
        output.no_icc = self.flag("noicc")?.unwrap_or(output.no_icc);
        if let Some(keeps) = self.flag("exif-switch")? {
            // Alone it does nothing.
            let with = ["crop", "type", "thumbnail"];
            if with.into_iter().any(|key| self.get(key).is_some()) {
                output.keep_exif = keeps;
            }
        }
        Ok(())
    }

    fn watermark(&self) -> Result<Option<Watermark>, Wrong> {
        let is_on = self.flag("watermark-switch")?.unwrap_or(true);
        let align = self.get("watermark-align").map(align).transpose()?;
        let margin = self.get("watermark-margin").map(margin).transpose()?;
        let code = ErrorCode::INVALID_WATERMARK_OPACITY;
        let transparency = self.get("watermark-opacity");
        let transparency = transparency
            .map(|it| it.number(code, 0..=100))
            .transpose()?;
        let animate = self.flag("watermark-animate")?.unwrap_or(false);
        let font = match self.get("watermark-font") {
            None => DEFAULT_FONT,
            Some(given) if Fonts::names().any(|it| it == given.value) => given.value,
            Some(given) => return Err(given.wrong_font()),
        };
        let code = ErrorCode::INVALID_WATERMARK_SIZE;
        let size = self.get("watermark-size");
        let size = size
            .map(|it| it.number(code, 1..=MAX_TEXT_SIZE))
            .transpose()?;
        let color = self.get("watermark-color").map(color).transpose()?;
        let outline = self.get("watermark-border").map(outline).transpose()?;
        let Some(given) = self.get("watermark-text").filter(|_| is_on) else {
            return Ok(None);
        };
        let text = percent_encoding::percent_decode_str(given.value).decode_utf8();
        let text = text.ok().filter(|text| !text.is_empty()).ok_or_else(|| {
            given.wrong(ErrorCode::INVALID_WATERMARK_TEXT, "percent-encoded UTF-8")
        })?;
        let opacity = 100 - transparency.unwrap_or(0);
        Ok(Some(Watermark {
            what: Mark::Text {
                text: text.into_owned(),
                size: size.unwrap_or(DEFAULT_TEXT_SIZE),
                font: font.to_owned(),
                color: color.unwrap_or(Color([0, 0, 0, 255])),
                outline: outline.filter(|color| color.0[3] > 0),
            },
            align: align.unwrap_or_default(),
            margin: margin.unwrap_or(DEFAULT_MARGIN),
            opacity: u8::try_from(opacity).unwrap_or(100),
            animate,
        }))
    }
}

/// `x,y,width,height`, or as it is written today.
fn crop(given: Given<'_>) -> Result<Region, Wrong> {
    if !given.value.contains(',') {
        return given.region();
    }
    let numbers: Option<Vec<u32>> = given.value.split(',').map(whole).collect();
    match numbers.as_deref() {
        Some([x, y, width @ 1..=MAX_SIDE, height @ 1..=MAX_SIDE]) => Ok(Region {
            width: *width,
            height: *height,
            offset: (i64::from(*x), i64::from(*y)),
            gravity: Gravity::NorthWest,
        }),
        _ => Err(given.wrong(
            ErrorCode::INVALID_CROP,
            "x,y,width,height or like 300x200a80a60",
        )),
    }
}

/// `<top|middle|bottom>,<left|center|right>`.
fn align(given: Given<'_>) -> Result<Gravity, Wrong> {
    Ok(match given.value {
        "top,left" => Gravity::NorthWest,
        "top,center" => Gravity::North,
        "top,right" => Gravity::NorthEast,
        "middle,left" => Gravity::West,
        "middle,center" => Gravity::Center,
        "middle,right" => Gravity::East,
        "bottom,left" => Gravity::SouthWest,
        "bottom,center" => Gravity::South,
        "bottom,right" => Gravity::SouthEast,
        _ => {
            let want = "top, middle or bottom, then left, center or right, like bottom,right";
            return Err(given.wrong(ErrorCode::INVALID_WATERMARK_ALIGN, want));
        }
    })
}

fn margin(given: Given<'_>) -> Result<(i64, i64), Wrong> {
    let pair = given.value.split_once(',');
    pair.and_then(|(x, y)| Some((whole(x)?.into(), whole(y)?.into())))
        .ok_or_else(|| {
            given.wrong(
                ErrorCode::INVALID_WATERMARK_MARGIN,
                "two distances like 20,20",
            )
        })
}

/// `#RRGGBB`.
fn color(given: Given<'_>) -> Result<Color, Wrong> {
    let bytes = given.value.strip_prefix('#').and_then(hex::<6>);
    match bytes.as_deref() {
        Some([red, green, blue]) => Ok(Color([*red, *green, *blue, 255])),
        _ => Err(given.wrong(ErrorCode::INVALID_WATERMARK_COLOR, "like #102030")),
    }
}

/// `#RRGGBBAA`, of which the last two say how transparent it is.
fn outline(given: Given<'_>) -> Result<Color, Wrong> {
    let bytes = given.value.strip_prefix('#').and_then(hex::<8>);
    match bytes.as_deref() {
        Some([red, green, blue, alpha]) => Ok(Color([*red, *green, *blue, 255 - alpha])),
        _ => Err(given.wrong(ErrorCode::INVALID_WATERMARK_BORDER, "like #cccccccc")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::recipe::Angle;

    fn asked(parameters: &[(&str, &str)]) -> Result<Asked, Unreadable> {
        let versions = [("small", "/fw/100/quality/50"), ("info", "/info")];
        let texts = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        ask(&texts(&versions), &texts(parameters), true)
    }

    fn look(parameters: &[(&str, &str)]) -> Recipe {
        *asked(parameters).unwrap().look.unwrap()
    }

    #[test]
    fn types_are_scalings() {
        for (kind, value, want) in [
            ("fix_width", "300", Scaling::Width(300)),
            ("fix_height", "200", Scaling::Height(200)),
            ("fix_width_or_height", "300x200", Scaling::Inside(300, 200)),
            ("fix_both", "300x200", Scaling::Both(300, 200)),
            ("fix_max", "200", Scaling::Longer(200)),
            ("fix_min", "200", Scaling::Shorter(200)),
            ("fix_scale", "50", Scaling::Percent(50)),
            ("square", "300", Scaling::Square(300)),
        ] {
            let recipe = look(&[("type", kind), ("value", value)]);
            assert_eq!(recipe.scaling, Some(want), "{kind}");
            assert!(recipe.unsharp, "{kind}");
            assert_eq!(recipe.output.quality, Some(95), "{kind}");
            assert_eq!(recipe.force, kind == "fix_both", "{kind}");
        }
    }

    #[test]
    fn versions_give_way_and_the_new_header_makes_the_old_void() {
        let recipe = look(&[("thumbnail", "small"), ("quality", "80")]);
        assert_eq!(recipe.scaling, Some(Scaling::Width(100)));
        assert_eq!(recipe.output.quality, Some(80));
        assert!(!recipe.unsharp);
        let recipe = look(&[("thumbnail", "small"), ("type", "fix_max"), ("value", "7")]);
        assert_eq!(recipe.scaling, Some(Scaling::Longer(7)));
        let recipe = look(&[("thumb", "/fh/9"), ("type", "magic"), ("crop", "x")]);
        assert_eq!(recipe.scaling, Some(Scaling::Height(9)));
        assert_eq!(
            asked(&[("thumbnail", "big")]),
            Err(Unreadable::NoVersion("big".to_owned()))
        );
        assert_eq!(
            asked(&[("thumb", "big/fw/1")]),
            Err(Unreadable::NoVersion("big/fw/1".to_owned()))
        );
    }

    #[test]
    fn turning_alone_sharpens_nothing() {
        let recipe = look(&[("rotate", "180")]);
        let want = Recipe {
            rotate: Some(Angle::of_degrees(180.0)),
            ..Recipe::default()
        };
        assert_eq!(recipe, want);
        assert!(look(&[("rotate", "auto")]).upright);
        // EXIF is kept with something else only, and a value without its type is useless.
        assert_eq!(asked(&[("exif-switch", "true")]).unwrap(), Asked::default());
        assert_eq!(asked(&[("value", "300")]).unwrap(), Asked::default());
        let kept = look(&[("crop", "0,0,100,200"), ("exif-switch", "true")]);
        assert!(kept.output.keep_exif);
        assert_eq!(kept.crop, look(&[("crop", "100x200a0a0")]).crop);
    }

    #[test]
    fn watermarks_of_old() {
        let recipe = look(&[
            ("watermark-text", "%E4%BD%A0a"),
            ("watermark-align", "bottom,right"),
            ("watermark-margin", "5,6"),
            ("watermark-opacity", "30"),
            ("watermark-color", "#102030"),
            ("watermark-border", "#cccccccc"),
            ("watermark-font", "simhei"),
            ("watermark-size", "20"),
        ]);
        let want = Watermark {
            what: Mark::Text {
                text: "你a".to_owned(),
                size: 20,
                font: "simhei".to_owned(),
                color: Color([0x10, 0x20, 0x30, 255]),
                outline: Some(Color([0xcc, 0xcc, 0xcc, 0x33])),
            },
            align: Gravity::SouthEast,
            margin: (5, 6),
            opacity: 70,
            animate: false,
        };
        assert_eq!(recipe.watermarks, [want]);
    }

    #[test]
    fn questions() {
        let of = |parameters: &[(&str, &str)]| asked(parameters).unwrap();
        let meta = of(&[("type", "get_meta"), ("thumb", "/fw/1")]);
        assert_eq!(meta.question, Some(Question::Exif));
        assert!(meta.look.is_some());
        let colors = of(&[("type", "get_theme_color"), ("extract-color-count", "9")]);
        let want = Question::Colors {
            count: 9,
            is_hex: true,
        };
        assert_eq!((colors.question, colors.look), (Some(want), None));
    }

    #[test]
    fn every_parameter_has_its_own_code() {
        let mut with_wrong_values = Vec::new();
        for (name, code) in PARAMETERS {
            let mut parameters = vec![(name, "?")];
            if name == "value" {
                parameters.push(("type", "fix_max"));
            }
            let is_right = match asked(&parameters) {
                Err(Unreadable::Wrong(wrong)) => wrong.code == code,
                Err(Unreadable::NoVersion(_)) => name == "thumbnail" || name == "thumb",
                // Any text will do for a watermark.
                Ok(_) => name == "watermark-text",
            };
            if !is_right {
                with_wrong_values.push(name);
            }
        }
        assert_eq!(with_wrong_values, Vec::<&str>::new());
        let wrong = asked(&[("watermark-text", "%ff")]);
        assert!(
            matches!(wrong, Err(Unreadable::Wrong(it)) if it.code == ErrorCode::INVALID_WATERMARK_TEXT)
        );
        let wrong = asked(&[("type", "fix_max")]);
        assert!(matches!(wrong, Err(Unreadable::Wrong(it)) if it.code == ErrorCode::INVALID_VALUE));
    }
}
