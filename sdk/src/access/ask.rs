//! Asking what a picture is.

use std::fmt;

use reqwest::Method;

use super::{AccessDomain, invalid, key};
use crate::{
    client::call::Call,
    error::{Error, Result},
    image::{Faces, ImageAnswerError, ImageInfo, ImageMeta, theme_colors_from_json},
    protocol::{
        host::Api,
        image::{ImageQuestion, Rgb, ThemeColors},
    },
};

/// More of an answer is not read.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

impl AccessDomain {
    /// Asks for size, format and frames of a picture.
    pub fn image_info(&self, key: impl AsRef<str>) -> AskRequest<ImageInfo> {
        self.ask(key, ImageQuestion::Info, ImageInfo::from_json)
    }

    /// Asks for the EXIF of a picture.
    pub fn image_exif(&self, key: impl AsRef<str>) -> AskRequest<ImageMeta> {
        self.ask(key, ImageQuestion::Exif, ImageMeta::from_json)
    }

    /// Asks for the IPTC of a picture.
    pub fn image_iptc(&self, key: impl AsRef<str>) -> AskRequest<ImageMeta> {
        self.ask(key, ImageQuestion::Iptc, ImageMeta::from_json)
    }

    /// Asks for everything that a picture says of itself.
    pub fn image_meta(&self, key: impl AsRef<str>) -> AskRequest<ImageMeta> {
        self.ask(key, ImageQuestion::All, ImageMeta::from_json)
    }

    /// Asks for the colours of a picture; they come with the most frequent first.
    pub fn theme_colors(&self, key: impl AsRef<str>, colors: ThemeColors) -> AskRequest<Vec<Rgb>> {
        let question = ImageQuestion::ThemeColors(colors);
        self.ask(key, question, theme_colors_from_json)
    }

    /// Asks where faces are in a picture of up to 8 MB.
    pub fn faces(&self, key: impl AsRef<str>) -> AskRequest<Faces> {
        self.ask(key, ImageQuestion::Faces, Faces::from_json)
    }

    fn ask<T>(
        &self,
        key: impl AsRef<str>,
        question: ImageQuestion,
        read: Reader<T>,
    ) -> AskRequest<T> {
        AskRequest {
            domain: self.clone(),
            key: key.as_ref().to_owned(),
            question,
            read,
        }
    }
}

type Reader<T> = fn(&[u8]) -> std::result::Result<T, ImageAnswerError>;

/// A question about a picture: see [`AccessDomain`].
#[must_use = "a request does nothing until it is sent"]
pub struct AskRequest<T> {
    domain: AccessDomain,
    key: String,
    question: ImageQuestion,
    read: Reader<T>,
}

impl<T> AskRequest<T> {
    /// Asks.
    ///
    /// # Errors
    /// Kind NotFound if there is no such object, Refused with status 406 or 415 if it is no picture;
    /// kind Malformed if the answer is something else.
    pub async fn send(self) -> Result<T> {
        let uri = self
            .question
            .path(&key(&self.key)?, self.domain.separator)
            .map_err(invalid)?;
        let call = Call {
            api: Api::Access,
            site: Some(self.domain.site()?),
            ..Call::new(Method::GET, uri.clone())
        };
        let name = |error: Error| error.of_request("GET", &uri);
        let mut answer = self.domain.client.send(call).await?;
        let body = answer.read(MAX_ANSWER_BYTES).await.map_err(name)?;
        (self.read)(&body).map_err(|error| {
            let malformed = answer.malformed("the answer is not what was asked for");
            name(malformed.with_source(error))
        })
    }
}

impl<T> fmt::Debug for AskRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskRequest")
            .field("domain", &self.domain.domain)
            .field("key", &self.key)
            .field("question", &self.question)
            .finish_non_exhaustive()
    }
}
