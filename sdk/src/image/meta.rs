//! EXIF, IPTC, faces.

use std::collections::{BTreeMap, btree_map};

use serde_json::Value;

use super::{
    ImageAnswerError, ImageInfo,
    json::{Members, number, object},
};

/// What a picture says of itself: the answer of an access domain to `!/meta`, `!/meta/iptc` and
/// `!/meta/all`.
///
/// ```
/// use upyun_client::ImageMeta;
///
/// let answer = br#"{"width":4032,"height":3024,"EXIF":{"Orientation":"6","Model":"EOS 7D"}}"#;
/// let meta = ImageMeta::from_json(answer)?;
/// let exif = meta.exif.unwrap_or_default();
/// assert_eq!(exif.get("Model"), Some("EOS 7D"));
/// # Ok::<(), upyun_client::ImageAnswerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ImageMeta {
    /// The basic facts.
    pub image: Option<ImageInfo>,
    /// Empty if the picture has none, `None` if it was not asked for.
    pub exif: Option<ImageTags>,
    /// Empty if the picture has none, `None` if it was not asked for.
    pub iptc: Option<ImageTags>,
    /// Everything else.
    pub other: BTreeMap<String, Value>,
}

impl ImageMeta {
    /// The answer's body.
    ///
    /// # Errors
    /// [`ImageAnswerError`] if it is no JSON object.
    pub fn from_json(body: &[u8]) -> Result<Self, ImageAnswerError> {
        let mut members = object(body)?;
        let image = ImageInfo::of(&members);
        if image.is_some() {
            for basic in ["width", "height", "frames", "type"] {
                members.remove(basic);
            }
        }
        let mut tags = |name: &str| ImageTags::of(&members.remove(name)?);
        Ok(Self {
            image,
            exif: tags("EXIF"),
            iptc: tags("IPTC"),
            other: members.into_iter().collect(),
        })
    }
}

/// EXIF or IPTC: texts by the names of their tags.
///
/// Fractions are written `50/1`, lists with commas, and tags without a name have their number:
/// `0xA434`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageTags(BTreeMap<String, String>);

impl ImageTags {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(values) => {
                let texts: Vec<String> = values.iter().map(text_of).collect();
                texts.join(",")
            }
            value => text_of(value),
        };
        let tags = members.iter();
        Some(Self(
            tags.map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        ))
    }

    /// A tag by its name, like `Model` or `Keywords`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A tag that is a whole number, like `Orientation`.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim().parse().ok()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (&**name, &**text))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

impl IntoIterator for ImageTags {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Where faces are in a picture: the answer of an access domain to `!/face/detection`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faces {
    /// Of the picture, in pixels.
    pub width: u32,
    /// Of the picture, in pixels.
    pub height: u32,
    /// The faces; none if there is none to be seen.
    pub faces: Vec<Face>,
}

/// A face in a picture, in pixels from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "it is a rectangle")]
pub struct Face {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Faces {
    /// The answer's body.
    ///
    /// # Errors
    /// [`ImageAnswerError`] if it is something else.
    pub fn from_json(body: &[u8]) -> Result<Self, ImageAnswerError> {
        Self::of(&object(body)?).ok_or(ImageAnswerError::NO_FACES)
    }

    fn of(members: &Members) -> Option<Self> {
        let pixels = |value: &Value| u32::try_from(number(value)?).ok();
        let [width, height] = members.get("size")?.as_array()?.as_slice() else {
            return None;
        };
        let face = |value: &Value| {
            let part = |name| pixels(value.get(name)?);
            Some(Face {
                x: part("x")?,
                y: part("y")?,
                width: part("width")?,
                height: part("height")?,
            })
        };
        let faces = members.get("face").and_then(Value::as_array);
        Some(Self {
            width: pixels(width)?,
            height: pixels(height)?,
            faces: faces
                .into_iter()
                .flatten()
                .map(face)
                .collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exif_as_programs_saw_it() {
        let meta = ImageMeta::from_json(
            br#"{"width":"4032","height":3024,"type":"JPEG","frames":"1","EXIF":{"Make":"Canon",
            "Orientation":6,"FocalLength":"50/1","GPSLatitude":["30/1","16/1"],"0xA434":"EF-S15"},
            "more":[1]}"#,
        )
        .unwrap();
        let image = meta.image.unwrap();
        assert_eq!((image.width, image.height, image.frames), (4032, 3024, 1));
        assert_eq!(image.file_type, "JPEG");
        let exif = meta.exif.unwrap();
        assert_eq!(exif.number("Orientation"), Some(6));
        assert_eq!(exif.get("FocalLength"), Some("50/1"));
        assert_eq!(exif.get("GPSLatitude"), Some("30/1,16/1"));
        assert_eq!(exif.get("0xA434"), Some("EF-S15"));
        assert_eq!(exif.len(), 5);
        assert_eq!(meta.iptc, None);
        assert_eq!(
            meta.other.into_iter().collect::<Vec<_>>(),
            [("more".to_owned(), serde_json::json!([1]))]
        );
    }

    #[test]
    fn members_may_be_missing() {
        let all =
            ImageMeta::from_json(br#"{"EXIF":{},"IPTC":{"Keywords":"a,b","City":"Hangzhou"}}"#);
        let all = all.unwrap();
        assert_eq!(all.image, None);
        assert!(all.exif.unwrap().is_empty());
        let iptc = all.iptc.unwrap();
        let tags: Vec<_> = iptc.iter().collect();
        assert_eq!(tags, [("City", "Hangzhou"), ("Keywords", "a,b")]);
        assert_eq!(ImageMeta::from_json(b"{}"), Ok(ImageMeta::default()));
        assert!(ImageMeta::from_json(b"[]").is_err());
    }

    #[test]
    fn faces_have_places() {
        let faces = Faces::from_json(
            br#"{"size":[598,960],"face":[{"x":179,"y":"290","width":288,"height":288}]}"#,
        )
        .unwrap();
        assert_eq!((faces.width, faces.height), (598, 960));
        let face = Face {
            x: 179,
            y: 290,
            width: 288,
            height: 288,
        };
        assert_eq!(faces.faces, [face]);
        let none = Faces::from_json(br#"{"size":["598","960"]}"#).unwrap();
        assert!(none.faces.is_empty());
        for wrong in [
            "{}",
            r#"{"size":[1]}"#,
            r#"{"size":[1,2],"face":[{"x":1}]}"#,
            "x",
        ] {
            assert!(Faces::from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
