//! What is known of an object besides its bytes, as a line of JSON.

use serde::{Deserialize, Serialize};
use upyun_client::protocol::Md5Digest;

use super::files::Identity;

/// What an upload says about its object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// The MIME type; by the extension of the key if `None`.
    pub content_type: Option<String>,
    /// Metadata by lower-case name, without the prefix of the headers.
    pub meta: Vec<(String, Vec<u8>)>,
    /// Facts, if the content is a picture.
    pub image: Option<ImageFacts>,
    /// How the object was made.
    pub origin: Origin,
    /// Unix seconds from which it no longer exists.
    pub expires_at: Option<u64>,
}

/// How an object was made. One from a resumable upload must be deleted before another kind of
/// upload may use its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// By a plain upload, a copy, or by hand.
    #[default]
    Plain,
    /// By a resumable upload.
    Resumable,
}

/// What the service tells of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// 1 for a picture that does not move.
    pub frames: u32,
    /// `JPEG`, `PNG`, `GIF`, `WEBP`, `BMP`.
    pub file_type: String,
}

/// One line of a sidecar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) size: u64,
    /// The content's modification time in nanoseconds, which no other content has.
    pub(super) stamp: i64,
    #[serde(with = "md5_text")]
    pub(super) md5: Md5Digest,
    /// Unix seconds by the server's clock.
    pub(super) modified: u64,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) meta: Vec<(String, MetaValue)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<ImageFacts>,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub(super) origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<u64>,
}

fn is_plain(origin: &Origin) -> bool {
    *origin == Origin::Plain
}

/// A header value: text if it is UTF-8, so that a person can read the sidecar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum MetaValue {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for MetaValue {
    fn from(value: Vec<u8>) -> Self {
        String::from_utf8(value).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }
}

impl From<MetaValue> for Vec<u8> {
    fn from(value: MetaValue) -> Self {
        match value {
            MetaValue::Text(text) => text.into_bytes(),
            MetaValue::Bytes(bytes) => bytes,
        }
    }
}

impl Record {
    pub(super) fn new(
        identity: Identity,
        md5: Md5Digest,
        modified: u64,
        attributes: Attributes,
    ) -> Self {
        let Identity { size, stamp } = identity;
        let mut record = Self {
            size,
            stamp,
            md5,
            modified,
            content_type: None,
            meta: Vec::new(),
            image: None,
            origin: Origin::Plain,
            expires_at: None,
        };
        record.set_attributes(attributes);
        record
    }

    pub(super) fn identity(&self) -> Identity {
        Identity {
            size: self.size,
            stamp: self.stamp,
        }
    }

    /// Whether its life had its end by these Unix seconds.
    pub(super) fn is_over(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    pub(super) fn attributes(&self) -> Attributes {
        let meta = self
            .meta
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()));
        Attributes {
            content_type: self.content_type.clone(),
            meta: meta.collect(),
            image: self.image.clone(),
            origin: self.origin,
            expires_at: self.expires_at,
        }
    }

    pub(super) fn set_attributes(&mut self, attributes: Attributes) {
        let Attributes {
            content_type,
            meta,
            image,
            origin,
            expires_at,
        } = attributes;
        let meta = meta.into_iter().map(|(name, value)| (name, value.into()));
        self.meta = meta.collect();
        (self.content_type, self.image, self.origin, self.expires_at) =
            (content_type, image, origin, expires_at);
    }
}

pub(super) mod md5_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use upyun_client::protocol::Md5Digest;

    pub(in crate::store) fn serialize<S: Serializer>(
        md5: &Md5Digest,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(md5)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Md5Digest, D::Error> {
        std::borrow::Cow::<'_, str>::deserialize(from)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_every_byte() {
        let attributes = Attributes {
            content_type: Some("text/plain".into()),
            meta: vec![("a".into(), "图".into()), ("b".into(), vec![0xff, 0])],
            image: Some(ImageFacts {
                width: 1,
                height: 2,
                frames: 3,
                file_type: "GIF".into(),
            }),
            origin: Origin::Resumable,
            expires_at: Some(9),
        };
        let identity = Identity {
            size: 5,
            stamp: 1_795_482_975_000_000_007,
        };
        let record = Record::new(identity, Md5Digest::of("hello"), 7, attributes.clone());
        let line = serde_json::to_string(&record).unwrap();
        let read: Record = serde_json::from_str(&line).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.attributes(), attributes);
        assert_eq!(read.identity(), identity);
    }

    #[test]
    fn a_plain_object_has_a_short_line() {
        let identity = Identity { size: 5, stamp: 7 };
        let record = Record::new(identity, Md5Digest::of("hello"), 7, Attributes::default());
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"size":5,"stamp":7,"md5":"5d41402abc4b2a76b9719d911017c592","modified":7}"#
        );
    }
}
