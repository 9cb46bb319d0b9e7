//! The parts of a request that signatures cover, as sent.

use http::{HeaderMap, header, request::Parts};
use upyun_client::protocol::{
    header as names,
    sign::{Authorization, TokenSignature},
};

/// What a request presents to be verified. Absent and empty headers are the same.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Presented<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, percent-encoded as sent, without the query.
    pub path: &'a str,
    /// The query without its `?`.
    pub query: Option<&'a str>,
    /// The host that was asked.
    pub host: Option<&'a str>,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `Date`.
    pub date: Option<&'a str>,
    /// The header `X-Date`, which replaces `Date`.
    pub x_date: Option<&'a str>,
    /// The header `Content-MD5`.
    pub content_md5: Option<&'a str>,
    /// The header `Content-Length`, in bytes; 0 if there is none.
    pub content_length: u64,
    /// The header `X-Upyun-Uri-Prefix`.
    pub uri_prefix: Option<&'a str>,
    /// The header `X-Upyun-Uri-Postfix`.
    pub uri_postfix: Option<&'a str>,
    /// The header `X-Upyun-Expire`.
    pub expire: Option<&'a str>,
}

impl<'a> Presented<'a> {
    /// Reads the head of a request.
    pub(crate) fn of(parts: &'a Parts) -> Self {
        let get = |name: &str| text(&parts.headers, name);
        Self {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query(),
            host: get(header::HOST.as_str()).or_else(|| parts.uri.host()),
            authorization: get(header::AUTHORIZATION.as_str()),
            date: get(header::DATE.as_str()),
            x_date: get(names::X_DATE),
            content_md5: get(names::CONTENT_MD5),
            content_length: get(header::CONTENT_LENGTH.as_str())
                .and_then(|length| length.parse().ok())
                .unwrap_or(0),
            uri_prefix: get(names::X_UPYUN_URI_PREFIX),
            uri_postfix: get(names::X_UPYUN_URI_POSTFIX),
            expire: get(names::X_UPYUN_EXPIRE),
        }
    }

    /// The date that counts: `X-Date` before `Date` (`[choice A-6]`).
    pub(crate) fn effective_date(&self) -> Option<&'a str> {
        self.x_date.or(self.date)
    }

    /// Who is named in the authorization, right or wrong.
    pub(crate) fn named_operator(&self) -> Option<String> {
        let authorization = Authorization::parse(self.authorization?).ok()?;
        Some(authorization.operator().to_owned())
    }

    /// Whether this is a token request (`[choice A-12]`).
    pub(crate) fn is_token(&self) -> bool {
        self.uri_prefix.is_some() || self.uri_postfix.is_some()
    }

    /// The token that the headers describe.
    pub(super) fn token(&self) -> TokenSignature<'a> {
        TokenSignature {
            method: self.method,
            prefix: self.uri_prefix,
            postfix: self.uri_postfix,
            expire: self.expire.unwrap_or_default(),
        }
    }

    /// Path and query as sent: the first of the two texts that may be signed.
    pub(crate) fn path_and_query(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

/// The text of a header, if it is there, is UTF-8 and is not empty.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?;
    std::str::from_utf8(value.as_bytes())
        .ok()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
