//! What the service says of a FORM upload: as JSON, in a return URL, in a notification.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    image::{self, ImageInfo, ImageTags},
    protocol::{image::Rgb, sign::FormCallback},
};

/// The result of a FORM upload, or why there is none.
///
/// It arrives in three ways: as the answer, in the query of the return URL, and as the body of a
/// POST to the notify URL.
///
/// ```
/// use upyun_client::FormResult;
///
/// let query = "code=200&message=ok&url=%2F2011%2F12%2Ffd0e30047f81fa95.mp3&time=1332129461";
/// let result = FormResult::from_query(query)?;
/// assert!(result.is_success());
/// assert_eq!(result.url, "/2011/12/fd0e30047f81fa95.mp3");
/// # Ok::<(), upyun_client::FormResultError>(())
/// ```
///
/// # Whether to believe it
///
/// A browser brings the return URL, and could bring any. Under the current signature nothing in it
/// proves where it comes from: ask the service, by [`info`](crate::Client::info), or wait for the
/// notification, which [`CallbackVerifier`](crate::CallbackVerifier) checks by its headers. Results
/// of uploads under the legacy signature carry a `sign`, which [`verify`](Self::verify) checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormResult {
    /// 200, or the status of the refusal.
    pub code: u16,
    /// `ok`, or the service's words for the refusal.
    pub message: String,
    /// The key of the object, as the policy has it but with its placeholders filled in.
    pub url: String,
    /// When the service answered, in whole seconds.
    pub time: SystemTime,
    /// The MIME type of the object. Absent under the legacy signature.
    pub mime_type: Option<String>,
    /// Bytes of the object. Absent under the legacy signature.
    pub file_size: Option<u64>,
    /// The facts of a picture.
    pub image: Option<ImageInfo>,
    /// The EXIF of the picture, where the [policy](crate::protocol::FormPolicy::exif) asks for it; in
    /// the answer only.
    pub exif: Option<ImageTags>,
    /// The theme colours of the picture, the most frequent first, where the
    /// [policy](crate::protocol::FormPolicy::theme_colors) asks for them; in the answer only.
    pub theme_colors: Vec<Rgb>,
    /// The policy's own text.
    pub ext_param: Option<String>,
    /// Of the policy's `apps`, in their order.
    pub task_ids: Vec<String>,
    /// The legacy signature, over the form secret.
    pub sign: Option<String>,
    /// The legacy checksum of a result that was made before the form secret was known. Everybody can
    /// make one.
    pub no_sign: Option<String>,
    /// Everything else, as text.
    pub other: BTreeMap<String, String>,
}

impl FormResult {
    /// The answer's body.
    ///
    /// # Errors
    /// [`FormResultError::Malformed`] for anything but the protocol's JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, FormResultError> {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Err(malformed("it is no JSON object"));
        };
        let (exif, theme_colors) = image::asked(&mut members);
        let mut pairs = Vec::new();
        for (name, value) in &members {
            match value {
                Value::Array(values) => {
                    pairs.extend(values.iter().map(|value| (name.into(), text_of(value))));
                }
                Value::Null => {}
                value => pairs.push((name.into(), text_of(value))),
            }
        }
        Ok(Self {
            exif,
            theme_colors,
            ..Self::from_pairs(pairs)?
        })
    }

    /// The query of a return URL, without the question mark, or the body of a notification.
    ///
    /// # Errors
    /// [`FormResultError::Malformed`] if the members that every result has are not there.
    pub fn from_query(query: &str) -> Result<Self, FormResultError> {
        Self::from_pairs(form_urlencoded::parse(query.as_bytes()))
    }

    fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    ) -> Result<Self, FormResultError> {
        let mut result = Self::empty();
        let mut other: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in pairs {
            let name = name.strip_suffix("[]").unwrap_or(&name);
            match name {
                // The service has called it both.
                "task_ids" | "task_id" => result.task_ids.push(value.into_owned()),
                // A return URL may have had a query with these names: what was appended is later.
                _ => {
                    other.insert(name.to_owned(), value.into_owned());
                }
            }
        }
        let mut take = |name: &str| other.remove(name);
        let number = |text: Option<String>| text.and_then(|text| text.trim().parse().ok());
        result.code = number(take("code"))
            .and_then(|code| u16::try_from(code).ok())
            .ok_or_else(|| malformed("it has no code"))?;
        result.message = take("message")
            .or_else(|| take("msg"))
            .ok_or_else(|| malformed("it has no message"))?;
        result.url = take("url").ok_or_else(|| malformed("it has no url"))?;
        let seconds = number(take("time")).ok_or_else(|| malformed("it has no time"))?;
        result.time = UNIX_EPOCH
            .checked_add(Duration::from_secs(seconds))
            .ok_or_else(|| malformed("its time is too far away"))?;
        result.mime_type = take("mimetype");
        result.file_size = number(take("file_size"));
        result.ext_param = take("ext-param");
        result.sign = take("sign");
        result.no_sign = take("no-sign");
        let pixels = |text| number(text).and_then(|pixels| u32::try_from(pixels).ok());
        let (width, height) = (pixels(take("image-width")), pixels(take("image-height")));
        let frames = pixels(take("image-frames")).unwrap_or(1);
        let file_type = take("image-type").unwrap_or_default();
        if let (Some(width), Some(height)) = (width, height) {
            result.image = Some(ImageInfo {
                width,
                height,
                frames,
                file_type,
            });
        }
        result.other = other;
        Ok(result)
    }

    fn empty() -> Self {
        Self {
            code: 0,
            message: String::new(),
            url: String::new(),
            time: UNIX_EPOCH,
            mime_type: None,
            file_size: None,
            image: None,
            exif: None,
            theme_colors: Vec::new(),
            ext_param: None,
            task_ids: Vec::new(),
            sign: None,
            no_sign: None,
            other: BTreeMap::new(),
        }
    }

    /// Whether the file was stored.
    pub fn is_success(&self) -> bool {
        self.code == 200
    }

    /// Checks the `sign` of a result under the legacy signature.
    ///
    /// # Errors
    /// [`FormResultError::NotSigned`] if it has none, which says nothing about the result;
    /// [`FormResultError::WrongSign`] if it is not that of this result.
    pub fn verify(&self, form_secret: &str) -> Result<(), FormResultError> {
        let given = self.sign.as_deref().ok_or(FormResultError::NotSigned)?;
        let time = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (code, time) = (self.code.to_string(), time.as_secs().to_string());
        let signed = FormCallback {
            code: &code,
            message: &self.message,
            url: &self.url,
            time: &time,
            ext_param: self.ext_param.as_deref(),
        };
        if signed.verify(form_secret, given) {
            Ok(())
        } else {
            Err(FormResultError::WrongSign)
        }
    }
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        value => value.to_string().into(),
    }
}

fn malformed(why: &'static str) -> FormResultError {
    FormResultError::Malformed { why }
}

/// Why a result cannot be read, or is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormResultError {
    /// It is not what the protocol says.
    #[error("this is no result of a FORM upload: {why}")]
    Malformed {
        /// What is missing.
        why: &'static str,
    },
    /// It has no `sign`.
    #[error(
        "the result has no `sign`: only the legacy signature makes one; verify the notification's \
         headers instead"
    )]
    NotSigned,
    /// Its `sign` was made with another secret, or of another result.
    #[error("the result's `sign` is wrong")]
    WrongSign,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn json_and_query_say_the_same() {
        let json = br#"{"code":200,"message":"ok","url":"\/a b.png","time":1450783577,"image-width":1000,
            "image-height":410,"image-frames":1,"image-type":"PNG","mimetype":"image\/png","file_size":7,
            "task_ids":["a","b"],"ext-param":"x=1&y","more":1}"#;
        let query = "code=200&message=ok&url=%2Fa%20b.png&time=1450783577&image-width=1000\
            &image-height=410&image-frames=1&image-type=PNG&mimetype=image%2Fpng&file_size=7\
            &task_ids=a&task_ids=b&ext-param=x%3D1%26y&more=1";
        let result = FormResult::from_json(json).unwrap();
        assert_eq!(FormResult::from_query(query).unwrap(), result);
        assert_eq!(result.url, "/a b.png");
        assert_eq!(result.image.as_ref().unwrap().file_type, "PNG");
        assert_eq!(result.task_ids, ["a", "b"]);
        assert_eq!(result.ext_param.as_deref(), Some("x=1&y"));
        assert_eq!(result.other["more"], "1");
    }

    #[test]
    fn what_was_asked_about_a_picture() {
        let exif = br#"{"code":200,"message":"ok","url":"/a","time":1,"EXIF":{"Make":"Canon"}}"#;
        let result = FormResult::from_json(exif).unwrap();
        assert_eq!(result.exif.unwrap().get("Make"), Some("Canon"));
        assert!(result.theme_colors.is_empty() && result.other.is_empty());
        let colors =
            br#"{"code":200,"message":"ok","url":"/a","time":1,"theme_color":[16711850,1056816]}"#;
        let result = FormResult::from_json(colors).unwrap();
        let two = [Rgb::new(255, 0, 170), Rgb::new(16, 32, 48)];
        assert_eq!(
            (result.theme_colors.as_slice(), result.exif),
            (&two[..], None)
        );
    }

    #[test]
    fn codes_may_be_texts() {
        let json = br#"{"code":"200","message":"ok","url":"/a","time":"1"}"#;
        assert!(FormResult::from_json(json).unwrap().is_success());
        let refused = "code=403&message=file+too+large&url=/a&time=1";
        let refused = FormResult::from_query(refused).unwrap();
        assert_eq!((refused.code, &*refused.message), (403, "file too large"));
    }

    #[test]
    fn what_is_no_result() {
        for wrong in ["", "code=200", "code=x&message=ok&url=/a&time=1"] {
            assert!(FormResult::from_query(wrong).is_err(), "{wrong}");
        }
        assert!(FormResult::from_json(b"[]").is_err());
        assert!(FormResult::from_json(b"{\"code\":200").is_err());
    }

    #[test]
    fn the_legacy_sign_covers_the_result() {
        let signed = FormCallback {
            code: "200",
            message: "ok",
            url: "/a",
            time: "1450783577",
            ext_param: Some("x"),
        };
        let sign = signed.sign("secret");
        let query = format!("code=200&message=ok&url=/a&time=1450783577&ext-param=x&sign={sign}");
        let result = FormResult::from_query(&query).unwrap();
        assert_eq!(result.verify("secret"), Ok(()));
        assert_eq!(result.verify("other"), Err(FormResultError::WrongSign));
        let forged = FormResult {
            url: "/b".to_owned(),
            ..result.clone()
        };
        assert_eq!(forged.verify("secret"), Err(FormResultError::WrongSign));
        let bare = FormResult {
            sign: None,
            ..result
        };
        assert_eq!(bare.verify("secret"), Err(FormResultError::NotSigned));
    }
}
