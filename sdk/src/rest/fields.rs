//! The headers that a request collects from its setters.

use reqwest::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName,
    HeaderValue, TRANSFER_ENCODING,
};

use crate::{
    error::{Error, Result},
    protocol::header::{self, CONTENT_MD5, CONTENT_SECRET, META_SECRET, META_TTL, X_DATE},
};

/// The setters of every request that stores an object, which keeps them in `self.fields`.
macro_rules! object_setters {
    ($request:ident, $content_type:literal) => {
        impl $request {
            #[doc = concat!("The MIME type. Unless set, ", $content_type)]
            pub fn content_type(mut self, content_type: &str) -> Self {
                self.fields
                    .set(reqwest::header::CONTENT_TYPE.as_str(), content_type);
                self
            }

            /// Metadata: a name without the prefix `x-upyun-meta-`, and its value. The last value of
            /// a name wins.
            pub fn meta(mut self, name: &str, value: &str) -> Self {
                self.fields.meta(name, value);
                self
            }

            /// Lets the service remove the object after 1 to 180 days.
            pub fn ttl_days(mut self, days: u32) -> Self {
                self.fields.ttl_days(days);
                self
            }

            /// A content secret, letters and digits, without which access domains do not show the
            /// object.
            pub fn secret(mut self, secret: &str) -> Self {
                self.fields.secret(secret, true);
                self
            }

            /// Any other header, like the legacy `x-gmkerl-rotate`.
            pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
                self.fields.any(name, value.as_ref());
                self
            }
        }
    };
}
pub(crate) use object_setters;

/// The setters of requests whose body may be a picture that the service processes.
macro_rules! picture_setters {
    ($request:ident) => {
        impl $request {
            /// How the picture is processed before it is stored. The object, and the response, are
            /// those of the result.
            ///
            /// ```
            /// # #[tokio::main(flavor = "current_thread")]
            /// # async fn main() -> upyun_client::Result<()> {
            /// # let (server, gif) = (upyun_mock::MockServer::start().await, b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
            /// use upyun_client::{ImageParams, protocol::image::ImageFormat};
            ///
            /// let client = server.client();
            /// let params = ImageParams::builder().width(200).format(ImageFormat::Png).build()?;
            /// let put = client.put("/a.png").image(&params).body(&gif[..]).send().await?;
            /// assert_eq!(put.image.map(|image| image.file_type).as_deref(), Some("PNG"));
            /// # Ok(())
            /// # }
            /// ```
            pub fn image(mut self, params: &$crate::ImageParams) -> Self {
                use $crate::protocol::header;
                self.fields.set(header::X_GMKERL_THUMB, params.as_str());
                self
            }

            /// Asks for the EXIF of the picture: [`PutResult::exif`](crate::PutResult::exif). Instead
            /// of [`theme_colors`](Self::theme_colors).
            pub fn exif(mut self) -> Self {
                use $crate::protocol::header;
                self.fields.set(header::X_GMKERL_TYPE, header::GET_META);
                self
            }

            /// Asks for the theme colours of the picture:
            /// [`PutResult::theme_colors`](crate::PutResult::theme_colors). Instead of
            /// [`exif`](Self::exif).
            pub fn theme_colors(mut self, colors: $crate::ThemeColors) -> Self {
                use $crate::protocol::header;
                let count = colors.count().to_string();
                self.fields
                    .set(header::X_GMKERL_TYPE, header::GET_THEME_COLOR);
                self.fields.set(header::X_GMKERL_EXTRACT_COLOR_COUNT, count);
                self.fields
                    .set(header::X_GMKERL_EXTRACT_FORMAT, colors.format());
                self
            }
        }
    };
}
pub(crate) use picture_setters;

/// Headers, and the first mistake among them, which waits for `send`.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    map: HeaderMap,
    mistake: Option<Error>,
}

/// Headers that were complete once.
impl From<HeaderMap> for Fields {
    fn from(map: HeaderMap) -> Self {
        Self { map, mistake: None }
    }
}

impl Fields {
    /// A header of the caller's choice, except those that the client makes itself.
    pub(crate) fn any(&mut self, name: &str, value: &[u8]) {
        let lower = name.to_ascii_lowercase();
        let own = [
            AUTHORIZATION.as_str(),
            CONNECTION.as_str(),
            CONTENT_LENGTH.as_str(),
            DATE.as_str(),
            HOST.as_str(),
            TRANSFER_ENCODING.as_str(),
            X_DATE,
        ];
        if own.contains(&&*lower) {
            self.fail(format!("the header {lower} is made by the client"));
        } else if lower == CONTENT_MD5 {
            self.fail("give the MD5 by `content_md5`, so that it is signed".to_owned());
        } else {
            self.set(&lower, value);
        }
    }

    /// A header of the protocol.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            let shown = name.escape_debug();
            return self.fail(format!("`{shown}` cannot name a header"));
        };
        let Ok(mut value) = HeaderValue::from_bytes(value.as_ref()) else {
            return self.fail(format!("the value of {name} holds control characters"));
        };
        value.set_sensitive(name == CONTENT_SECRET || name.ends_with("-meta-secret"));
        self.map.insert(header, value);
    }

    pub(crate) fn meta(&mut self, name: &str, value: &str) {
        if name.is_empty() {
            return self.fail("a metadata name is empty".to_owned());
        }
        let lower = name.to_ascii_lowercase();
        if lower.starts_with(header::X_UPYUN_META_PREFIX) {
            return self.fail(format!(
                "give the metadata name `{name}` without the prefix {}",
                header::X_UPYUN_META_PREFIX
            ));
        }
        // A tab may stand in a header, but not in metadata.
        if value.contains('\t') {
            return self.fail(format!("the metadata `{name}` holds control characters"));
        }
        self.set(&format!("{}{lower}", header::X_UPYUN_META_PREFIX), value);
    }

    pub(crate) fn ttl_days(&mut self, days: u32) {
        if (1..=180).contains(&days) {
            self.meta(META_TTL, &days.to_string());
        } else {
            self.fail(format!("a life of {days} days: 1 to 180 are possible"));
        }
    }

    /// The content secret: a header of its own on uploads, metadata elsewhere.
    pub(crate) fn secret(&mut self, secret: &str, is_upload: bool) {
        if secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.fail("a content secret is letters and digits".to_owned());
        } else if is_upload {
            self.set(CONTENT_SECRET, secret);
        } else {
            self.meta(META_SECRET, secret);
        }
    }

    pub(crate) fn fail(&mut self, message: String) {
        self.mistake.get_or_insert_with(|| Error::invalid(message));
    }

    /// The content type, removed.
    pub(crate) fn take_content_type(&mut self) -> Option<HeaderValue> {
        self.map.remove(CONTENT_TYPE)
    }

    pub(crate) fn has_meta(&self) -> bool {
        self.map
            .keys()
            .any(|name| name.as_str().starts_with(header::X_UPYUN_META_PREFIX))
    }

    /// The headers, or the first mistake.
    pub(crate) fn finish(self) -> Result<HeaderMap> {
        match self.mistake {
            Some(mistake) => Err(mistake),
            None => Ok(self.map),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: impl FnOnce(&mut Fields), want: Option<&str>) {
        let mut fields = Fields::default();
        set(&mut fields);
        let got = fields.finish().err().map(|error| error.to_string());
        match want {
            None => assert_eq!(got, None),
            Some(part) => assert!(got.as_ref().is_some_and(|m| m.contains(part)), "{got:?}"),
        }
    }

    #[test]
    fn what_the_client_makes_itself_is_refused() {
        check(|f| f.any("Authorization", b"x"), Some("made by the client"));
        check(|f| f.any("X-Date", b"x"), Some("made by the client"));
        check(|f| f.any("Content-MD5", b"x"), Some("content_md5"));
        check(|f| f.any("x-gmkerl-thumb", b"/fw/200"), None);
        check(|f| f.any("bad name", b"x"), Some("cannot name a header"));
        check(|f| f.any("x-a", b"a\r\nb: c"), Some("control characters"));
    }

    #[test]
    fn metadata_is_checked() {
        check(|f| f.meta("Cache-Control", "no-store"), None);
        check(|f| f.meta("name", "猫"), None);
        check(|f| f.meta("", "x"), Some("empty"));
        check(|f| f.meta("a b", "x"), Some("cannot name a header"));
        check(
            |f| f.meta("x-upyun-meta-a", "x"),
            Some("without the prefix"),
        );
        check(|f| f.meta("a", "x\ty"), Some("control characters"));
        check(|f| f.ttl_days(0), Some("1 to 180"));
        check(|f| f.ttl_days(180), None);
        check(|f| f.secret("a-b", true), Some("letters and digits"));
    }

    #[test]
    fn the_first_mistake_counts() {
        check(
            |f| {
                f.ttl_days(999);
                f.meta("", "x");
            },
            Some("999"),
        );
    }
}
