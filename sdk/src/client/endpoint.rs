//! Where requests go.

use crate::{
    error::{Error, Result},
    protocol::host::{self, Api},
};

/// Where the service is.
///
/// The four lines reach the same service; a URL is for emulators, proxies and private deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// The route that the service chooses: `v0.api.upyun.com`. The default.
    #[default]
    Auto,
    /// China Telecom: `v1.api.upyun.com`.
    Telecom,
    /// China Unicom (Netcom): `v2.api.upyun.com`.
    Cnc,
    /// China Mobile (Tietong): `v3.api.upyun.com`.
    Ctt,
    /// Scheme, host and port; see [`Endpoint::url`].
    Url(String),
}

impl Endpoint {
    /// A URL without a path, like `http://127.0.0.1:8390`, or a bare host, which is asked by https.
    ///
    /// All APIs go there unless they are set apart. A URL that names one of the service's own hosts
    /// moves only the storage API, and sets the scheme for the others.
    pub fn url(url: impl Into<String>) -> Self {
        Self::Url(url.into())
    }

    fn base(&self) -> Result<Base> {
        let name = match self {
            Self::Auto => host::AUTO,
            Self::Telecom => host::TELECOM,
            Self::Cnc => host::CNC,
            Self::Ctt => host::CTT,
            Self::Url(url) => return Base::parse(url),
        };
        Ok(Base(format!("https://{name}")))
    }
}

/// Scheme and authority, without a slash at the end: what a request path is appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(String);

impl Base {
    fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("the endpoint `{text}` {why}"));
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = reqwest::Url::parse(&full).map_err(|e| wrong(&format!("is not a URL: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The text is not repeated: it holds a password.
            return Err(Error::invalid("the endpoint has a user name or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(
                "has a path or query; paths are signed, so a prefix would break every signature",
            ));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a request: exactly the bytes of `uri` behind the base, or an error that shows it
    /// as `shown`.
    pub(crate) fn url(&self, uri: &str, shown: &str) -> Result<reqwest::Url> {
        let text = format!("{}{uri}", self.0);
        let url = reqwest::Url::parse(&text)
            .map_err(|error| Error::invalid("the request has no URL").with_source(error))?;
        // The URL library normalises what it parses. Encoded as `path::encode` does, nothing is left
        // to normalise; were it otherwise, the signature would be over other bytes than are sent.
        if url.as_str() == text {
            Ok(url)
        } else {
            Err(Error::invalid(format!(
                "`{shown}` cannot be sent unchanged"
            )))
        }
    }

    fn authority(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

/// Every API with its endpoint as the caller set it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    pub(crate) storage: Endpoint,
    pub(crate) form: Option<Endpoint>,
    pub(crate) tasks: Option<Endpoint>,
    pub(crate) sync_tasks: Option<Endpoint>,
    pub(crate) purge: Option<Endpoint>,
    pub(crate) block: Option<Endpoint>,
    pub(crate) access: Option<Endpoint>,
}

/// Every API with its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bases {
    storage: Base,
    form: Base,
    tasks: Base,
    sync_tasks: Base,
    purge: Base,
    block: Base,
    access: Option<Base>,
    /// Whether the storage API is at a host of the service's.
    is_known: bool,
}

impl Choice {
    pub(crate) fn resolve(&self) -> Result<Bases> {
        let storage = self.storage.base()?;
        // With a path that belongs to no API, only a known host can tell the two apart.
        let is_known = Api::of(storage.authority(), "/purge/") != Api::Purge;
        let of = |own: &Option<Endpoint>, name: &str| match own {
            Some(endpoint) => endpoint.base(),
            None if is_known => Ok(Base(format!("{}://{name}", storage.scheme()))),
            None => Ok(storage.clone()),
        };
        Ok(Bases {
            form: match &self.form {
                Some(endpoint) => endpoint.base()?,
                None => storage.clone(),
            },
            tasks: of(&self.tasks, host::TASKS)?,
            sync_tasks: of(&self.sync_tasks, host::SYNC_TASKS)?,
            purge: of(&self.purge, host::PURGE)?,
            block: of(&self.block, host::BLOCK)?,
            access: self.access.as_ref().map(Endpoint::base).transpose()?,
            is_known,
            storage,
        })
    }
}

impl Bases {
    pub(crate) fn of(&self, api: Api) -> &Base {
        match api {
            Api::Tasks => &self.tasks,
            Api::SyncTasks => &self.sync_tasks,
            Api::Purge => &self.purge,
            Api::Block => &self.block,
            _ => &self.storage,
        }
    }
}

impl Bases {
    /// What requests to an access domain, a name or a URL, go to; and its name if that is another.
    pub(crate) fn of_access_domain(&self, domain: &str) -> Result<(Base, Option<String>)> {
        let full = if domain.contains("://") {
            domain.to_owned()
        } else {
            // By https, or as the service's APIs are asked.
            let scheme = if self.is_known {
                self.storage.scheme()
            } else {
                "https"
            };
            format!("{scheme}://{domain}")
        };
        // The text is not repeated: it may hold a password.
        let wrong = |_| {
            Error::invalid("the access domain is neither a host nor a URL of scheme and host only")
        };
        let own = Base::parse(&full).map_err(wrong)?;
        let is_default = host::service_of_access_domain(own.authority()).is_some();
        let elsewhere = match &self.access {
            Some(base) => Some(base),
            None if is_default && !self.is_known => Some(&self.storage),
            None => None,
        };
        Ok(match elsewhere {
            Some(base) => (base.clone(), Some(own.authority().to_owned())),
            None => (own, None),
        })
    }

    /// What FORM uploads go to.
    pub(crate) fn form(&self) -> &Base {
        &self.form
    }

    pub(crate) fn access(&self) -> Option<&Base> {
        self.access.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(endpoint: &str, storage: &str, purge: &str) {
        let choice = Choice {
            storage: Endpoint::url(endpoint),
            ..Choice::default()
        };
        let bases = choice.resolve().unwrap();
        assert_eq!(bases.of(Api::Storage).as_str(), storage);
        assert_eq!(bases.of(Api::Purge).as_str(), purge);
    }

    #[test]
    fn a_custom_url_takes_all_apis_along() {
        let local = "http://127.0.0.1:8390";
        check(local, local, local);
        check("http://[::1]:80/", "http://[::1]", "http://[::1]");
        check(
            "store.example.com",
            "https://store.example.com",
            "https://store.example.com",
        );
    }

    #[test]
    fn a_known_host_takes_its_scheme_along() {
        let purge = "http://purge.upyun.com";
        check("http://v1.api.upyun.com", "http://v1.api.upyun.com", purge);
    }

    #[test]
    fn every_line_has_its_host() {
        let bases = Choice::default().resolve().unwrap();
        assert_eq!(bases.of(Api::Storage).as_str(), "https://v0.api.upyun.com");
        assert_eq!(bases.of(Api::Tasks).as_str(), "https://p0.api.upyun.com");
        assert_eq!(
            bases.of(Api::SyncTasks).as_str(),
            "https://p1.api.upyun.com"
        );
        assert_eq!(bases.of(Api::Block).as_str(), "https://m0.api.upyun.com");
    }

    #[test]
    fn access_domains_are_asked_themselves_or_where_the_emulator_is() {
        let at = |choice: &Choice, domain: &str| {
            let (base, host) = choice.resolve().unwrap().of_access_domain(domain).unwrap();
            (base.0, host)
        };
        let own = |base: &str| (base.to_owned(), None);
        let hosted = |base: &str, host: &str| (base.to_owned(), Some(host.to_owned()));
        let local = "http://127.0.0.1:8390";
        let default = Choice::default();
        assert_eq!(
            at(&default, "demo.b0.upaiyun.com"),
            own("https://demo.b0.upaiyun.com")
        );
        assert_eq!(at(&default, "http://img.a.com"), own("http://img.a.com"));
        let emulated = Choice {
            storage: Endpoint::url(local),
            ..Choice::default()
        };
        assert_eq!(
            at(&emulated, "demo.b0.upaiyun.com"),
            hosted(local, "demo.b0.upaiyun.com")
        );
        assert_eq!(at(&emulated, "img.a.com"), own("https://img.a.com"));
        let all = Choice {
            access: Some(Endpoint::url(local)),
            ..Choice::default()
        };
        assert_eq!(at(&all, "img.a.com"), hosted(local, "img.a.com"));
        assert_eq!(
            at(&all, "http://img.a.com:81"),
            hosted(local, "img.a.com:81")
        );
        for wrong in ["", "a/b", "ftp://a", "u:hush@a"] {
            let error = default.resolve().unwrap().of_access_domain(wrong);
            assert!(!error.unwrap_err().to_string().contains("hush"), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_an_endpoint() {
        for bad in [
            "",
            "http://",
            "ftp://host",
            "http://host/prefix",
            "http://host/?q",
            "http://user:pw@host",
        ] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
        let error = Base::parse("http://user:hush@host").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"));
    }
}
