//! The policy of a FORM upload: what may be uploaded, where, and until when.

mod thumb;

use std::{fmt, ops::RangeInclusive, time::SystemTime};

use serde_json::{Map, Value};

use super::{
    Md5Digest, ServiceName, header,
    image::{ImageParams, ThemeColors},
    sign::encode_policy,
};

pub use thumb::ThumbApp;

/// What a FORM upload is allowed to be. Whoever holds the signed policy can upload within it.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use upyun_client::protocol::FormPolicy;
///
/// let policy = FormPolicy::new("/avatars/{year}/{random32}{.suffix}")
///     .expires_at(SystemTime::now() + Duration::from_secs(600))
///     .content_length_range(1..=5_000_000)
///     .allow_file_types(["jpg", "png"])
///     .notify_url("https://example.com/uploaded");
/// ```
///
/// # Save-key
///
/// The key of the object may hold placeholders, which the service fills in, in UTC:
///
/// | placeholder | becomes |
/// |---|---|
/// | `{year}` `{mon}` `{day}` `{hour}` `{min}` `{sec}` | the time of the upload, zero-padded |
/// | `{filemd5}` | the MD5 of the file in hex |
/// | `{random}`, `{random32}` | 16 or 32 random digits, anew each time |
/// | `{filename}` | the uploaded name without its extension |
/// | `{suffix}`, `{.suffix}` | the extension without or with its dot |
#[derive(Clone, PartialEq, Eq)]
pub struct FormPolicy {
    members: Map<String, Value>,
    expires_at: Option<SystemTime>,
}

impl FormPolicy {
    /// A policy that lets any file be stored under this save-key.
    pub fn new(save_key: impl Into<String>) -> Self {
        let mut members = Map::new();
        members.insert("save-key".to_owned(), save_key.into().into());
        Self {
            members,
            expires_at: None,
        }
    }

    /// Until when uploads are taken: 30 minutes after signing unless set.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// Extensions, without dots, of which the file must have one.
    #[must_use]
    pub fn allow_file_types<T: AsRef<str>>(self, types: impl IntoIterator<Item = T>) -> Self {
        let types: Vec<String> = types.into_iter().map(|it| it.as_ref().to_owned()).collect();
        self.set("allow-file-type", types.join(","))
    }

    /// How many bytes the file may have.
    #[must_use]
    pub fn content_length_range(self, bytes: RangeInclusive<u64>) -> Self {
        self.range("content-length-range", bytes)
    }

    /// How many pixels wide the picture may be; no other file is then taken.
    #[must_use]
    pub fn image_width_range(self, pixels: RangeInclusive<u64>) -> Self {
        self.range("image-width-range", pixels)
    }

    /// How many pixels high the picture may be; no other file is then taken.
    #[must_use]
    pub fn image_height_range(self, pixels: RangeInclusive<u64>) -> Self {
        self.range("image-height-range", pixels)
    }

    /// How the picture is processed before it is stored; no other file is then taken.
    ///
    /// ```
    /// use upyun_client::protocol::{FormPolicy, image::ImageParams};
    ///
    /// let params = ImageParams::builder().square(200).build()?;
    /// let policy = FormPolicy::new("/avatars/{random32}{.suffix}").image(&params);
    /// # Ok::<(), upyun_client::protocol::image::ImageParamsError>(())
    /// ```
    #[must_use]
    pub fn image(self, params: &ImageParams) -> Self {
        self.set(header::X_GMKERL_THUMB, params.as_str())
    }

    /// Asks for the EXIF of the picture: [`FormResult::exif`](crate::FormResult::exif). Instead of
    /// [`theme_colors`](Self::theme_colors).
    #[must_use]
    pub fn exif(mut self) -> Self {
        self.members.remove(header::X_GMKERL_EXTRACT_COLOR_COUNT);
        self.members.remove(header::X_GMKERL_EXTRACT_FORMAT);
        self.set(header::X_GMKERL_TYPE, header::GET_META)
    }

    /// Asks for the theme colours of the picture:
    /// [`FormResult::theme_colors`](crate::FormResult::theme_colors). Instead of
    /// [`exif`](Self::exif).
    #[must_use]
    pub fn theme_colors(self, colors: ThemeColors) -> Self {
        let count = colors.count().to_string();
        self.set(header::X_GMKERL_TYPE, header::GET_THEME_COLOR)
            .set(header::X_GMKERL_EXTRACT_COLOR_COUNT, count)
            .set(header::X_GMKERL_EXTRACT_FORMAT, colors.format())
    }

    /// The MD5 of the one file that may be uploaded.
    #[must_use]
    pub fn content_md5(self, md5: Md5Digest) -> Self {
        self.set("content-md5", md5.to_string())
    }

    /// The size of the one file that may be uploaded: large-file mode, in which the service wants
    /// the field `file` last and does not spool it. Meant for files over 100 MB.
    #[must_use]
    pub fn content_length(self, bytes: u64) -> Self {
        self.set("content-length", bytes)
    }

    /// The MIME type. Unless set, the service takes it from the key's extension.
    #[must_use]
    pub fn content_type(self, content_type: &str) -> Self {
        self.set("content-type", content_type)
    }

    /// A content secret, without which access domains do not show the object.
    #[must_use]
    pub fn secret(self, secret: &str) -> Self {
        self.set("content-secret", secret)
    }

    /// Where the service redirects the browser to, with the result as query: see
    /// [`FormResult`](crate::FormResult).
    #[must_use]
    pub fn return_url(self, url: &str) -> Self {
        self.set("return-url", url)
    }

    /// Where the service POSTs the result to, signed: see
    /// [`CallbackVerifier`](crate::CallbackVerifier).
    #[must_use]
    pub fn notify_url(self, url: &str) -> Self {
        self.set("notify-url", url)
    }

    /// A text of at most 255 bytes that comes back in the result.
    #[must_use]
    pub fn ext_param(self, text: &str) -> Self {
        self.set("ext-param", text)
    }

    /// The field `file` will be Base64, and the service decodes it.
    #[must_use]
    pub fn b64encoded(self) -> Self {
        self.set("b64encoded", "on")
    }

    /// Lets the service remove the object after 1 to 180 days.
    #[must_use]
    pub fn ttl_days(self, days: u32) -> Self {
        self.meta(header::META_TTL, days.to_string())
    }

    /// Metadata: a name without the prefix `x-upyun-meta-`, and its value.
    #[must_use]
    pub fn meta(self, name: &str, value: impl Into<String>) -> Self {
        self.set(
            &format!("{}{name}", header::X_UPYUN_META_PREFIX),
            value.into(),
        )
    }

    /// Any other member, like the old `x-gmkerl-rotate`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn range(self, name: &str, range: RangeInclusive<u64>) -> Self {
        self.set(name, format!("{},{}", range.start(), range.end()))
    }

    /// A member, if it is there.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// When the policy ends, if that was said.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The field `policy`. The date is a part of it, and of the signature.
    pub fn encode(&self, service: &ServiceName, expires_at: SystemTime, date: &str) -> String {
        let expiration = expires_at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let mut members = Map::new();
        members.insert("bucket".to_owned(), service.as_str().into());
        members.insert("expiration".to_owned(), expiration.into());
        members.insert("date".to_owned(), date.into());
        members.extend(self.members.clone());
        encode_policy(&Value::Object(members).to_string())
    }
}

impl fmt::Debug for FormPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.members.clone();
        if let Some(secret) = shown.get_mut("content-secret") {
            *secret = "***".into();
        }
        f.debug_struct("FormPolicy")
            .field("members", &shown)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    fn the_field_is_the_base64_of_the_members() {
        let policy = FormPolicy::new("/a{.suffix}")
            .content_length_range(1..=10)
            .allow_file_types(["jpg", "png"])
            .content_length(7)
            .ttl_days(3);
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_409_200_758);
        let service: ServiceName = "demo".parse().unwrap();
        let json = BASE64_STANDARD
            .decode(policy.encode(&service, at, "a date"))
            .unwrap();
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"bucket":"demo","expiration":1409200758,"date":"a date","save-key":"/a{.suffix}","content-length-range":"1,10","allow-file-type":"jpg,png","content-length":7,"x-upyun-meta-ttl":"3"}"#
        );
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    fn pictures_are_processed_and_asked_about() {
        let params = ImageParams::builder().width(300).build().unwrap();
        let policy = FormPolicy::new("/a").image(&params);
        let text = |policy: &FormPolicy, name| policy.get(name).cloned();
        assert_eq!(text(&policy, "x-gmkerl-thumb"), Some("/fw/300".into()));
        let colors = policy.theme_colors(ThemeColors::at_most(5).unwrap().hex());
        for (name, want) in [
            ("x-gmkerl-type", "get_theme_color"),
            ("x-gmkerl-extract-color-count", "5"),
            ("x-gmkerl-extract-format", "hex"),
        ] {
            assert_eq!(text(&colors, name), Some(want.into()), "{name}");
        }
        let exif = colors.exif();
        assert_eq!(text(&exif, "x-gmkerl-type"), Some("get_meta".into()));
        assert_eq!(text(&exif, "x-gmkerl-extract-format"), None);
    }

    #[test]
    fn the_secret_is_not_shown() {
        let policy = FormPolicy::new("/a").secret("hush");
        assert!(!format!("{policy:?}").contains("hush"));
    }
}
