//! Access domains: objects as the public reads them, without a signature.

mod ask;
mod get;

use std::fmt;

use reqwest::header::HeaderValue;

pub use ask::AskRequest;
pub use get::AccessRequest;

use crate::{
    client::{Client, Target, call::Site},
    error::{Error, Result},
    protocol::{Key, access::Separator},
};

impl Client {
    /// A domain on which the public reads the objects of a service: its default one like
    /// `demo.b0.upaiyun.com`, or one that is bound to it. It shows pictures
    /// [processed](AccessRequest::image), and tells [what they are](AccessDomain::image_info).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    /// # client.put("/a.gif").body(&gif[..]).send().await?;
    /// use upyun_client::{ImageParams, protocol::image::ImageFormat};
    ///
    /// let domain = client.access_domain("demo.b0.upaiyun.com");
    /// let params = ImageParams::builder().width(200).enlarge().format(ImageFormat::Png).build()?;
    /// let picture = domain.get("/a.gif").image(&params).send().await?;
    /// assert_eq!(picture.info().content_type.as_deref(), Some("image/png"));
    /// let info = domain.image_info("/a.gif").send().await?;
    /// assert_eq!((info.width, &*info.file_type), (1, "GIF"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Where requests go
    ///
    /// To the domain itself: by https, or by the scheme of the client's endpoint, or as a domain that
    /// is written as a URL says. Where
    /// [`access_endpoint`](crate::ClientBuilder::access_endpoint) is set, every domain is asked
    /// there; and the service's default domains are asked where the storage API is if that is no
    /// host of the service's, but an emulator. In both cases the header `Host` has the domain.
    pub fn access_domain(&self, domain: impl Into<String>) -> AccessDomain {
        AccessDomain {
            client: self.clone(),
            domain: domain.into(),
            separator: Separator::default(),
        }
    }
}

/// A domain on which the public reads the objects of a service: see [`Client::access_domain`].
///
/// Requests to it are not signed. Its errors have a status; a [`code`](Error::code) only where a
/// parameter is wrong, or the service says one: 404 (kind NotFound) also for a version that it does
/// not have, and for an object with a secret; 405, 406 and 415 for what is no picture; 405, 409 and
/// 413 for what is too large.
#[derive(Clone, Debug)]
pub struct AccessDomain {
    client: Client,
    domain: String,
    separator: Separator,
}

impl AccessDomain {
    /// What the service has between a key and what follows it: `!` unless set.
    #[must_use]
    pub fn separator(mut self, separator: Separator) -> Self {
        self.separator = separator;
        self
    }

    /// The scheme and authority that requests go to, and the `Host` if that is another.
    fn site(&self) -> Result<Site> {
        let wrong = || Error::invalid(format!("`{}` is no domain", self.domain.escape_debug()));
        let (base, host) = self.client.access_base(&self.domain)?;
        let host = host.map(|host| HeaderValue::from_str(&host).map_err(|_| wrong()));
        Ok(Site {
            base,
            host: host.transpose()?,
        })
    }
}

/// The key of an object, which is no folder.
fn key(text: &str) -> Result<Key> {
    Target::file(text).map(|target| target.key)
}

fn invalid(error: impl fmt::Display) -> Error {
    Error::invalid(error.to_string())
}
