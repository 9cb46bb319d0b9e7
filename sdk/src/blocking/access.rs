//! Access domains.

use std::{fmt, sync::Arc, time::SystemTime};

use super::{Client, Download, requests::request, runtime::Runtime};
use crate::{
    Faces, ImageInfo, ImageMeta, ImageParams, Progress, ThemeColors,
    error::Result,
    protocol::{access::Separator, image::Rgb},
};

impl Client {
    /// As [`crate::Client::access_domain`].
    pub fn access_domain(&self, domain: impl Into<String>) -> AccessDomain {
        AccessDomain {
            inner: self.inner.access_domain(domain),
            runtime: Arc::clone(&self.runtime),
        }
    }
}

/// As [`crate::AccessDomain`].
#[derive(Clone, Debug)]
pub struct AccessDomain {
    inner: crate::AccessDomain,
    runtime: Arc<Runtime>,
}

/// The questions of a domain, each of which is a request for something else.
macro_rules! questions {
    ($($method:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        impl AccessDomain {
            $(
                #[doc = concat!("As [`crate::AccessDomain::", stringify!($method), "`].")]
                pub fn $method(&self, key: impl AsRef<str>, $($arg: $kind),*) -> AskRequest<$answer> {
                    AskRequest {
                        inner: self.inner.$method(key, $($arg),*),
                        runtime: Arc::clone(&self.runtime),
                    }
                }
            )*
        }
    };
}

questions! {
    image_info() -> ImageInfo;
    image_exif() -> ImageMeta;
    image_iptc() -> ImageMeta;
    image_meta() -> ImageMeta;
    theme_colors(colors: ThemeColors) -> Vec<Rgb>;
    faces() -> Faces;
}

impl AccessDomain {
    /// As [`crate::AccessDomain::separator`].
    #[must_use]
    pub fn separator(mut self, separator: Separator) -> Self {
        self.inner = self.inner.separator(separator);
        self
    }
}

request! {
    AccessRequest -> Download;
    from AccessDomain: get(key: impl AsRef<str>);
    image(params: &ImageParams);
    secret(secret: &str);
    query(name: &str, value: &str);
    range(range: impl std::ops::RangeBounds<u64>);
    last_bytes(bytes: u64);
    if_none_match(etag: &str);
    if_modified_since(time: SystemTime);
    header(name: &str, value: impl AsRef<[u8]>);
    on_progress(callback: impl Fn(Progress) + Send + Sync + 'static);
}

/// As [`crate::AskRequest`].
#[must_use = "a request does nothing until it is sent"]
pub struct AskRequest<T> {
    inner: crate::AskRequest<T>,
    runtime: Arc<Runtime>,
}

impl<T: Send + 'static> AskRequest<T> {
    /// Sends the question and waits.
    ///
    /// # Errors
    /// As [`crate::AskRequest::send`].
    pub fn send(self) -> Result<T> {
        self.runtime.run(self.inner.send())
    }
}

impl<T> fmt::Debug for AskRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
