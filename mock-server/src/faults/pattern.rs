//! Whether a rule is for a request.

use globset::{GlobBuilder, GlobMatcher};
use http::{HeaderMap, HeaderName};

use super::{FaultError, FaultMatch, HeaderWanted};
use crate::api_name::ApiName;

/// What a rule may ask of a request.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) method: &'a str,
    /// Decoded.
    pub(crate) path: &'a str,
    pub(crate) host: &'a str,
    pub(crate) api: Option<ApiName>,
    pub(crate) operator: Option<&'a str>,
    pub(crate) service: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) part: Option<u64>,
    pub(crate) is_callback: bool,
}

/// A rule's question, with its globs understood.
#[derive(Debug)]
pub(crate) struct Pattern {
    method: Option<String>,
    path: Option<GlobMatcher>,
    host: Option<GlobMatcher>,
    api: Option<ApiName>,
    operator: Option<GlobMatcher>,
    service: Option<GlobMatcher>,
    headers: Vec<(HeaderName, Header)>,
    part: Option<u64>,
    is_callback: bool,
}

#[derive(Debug)]
enum Header {
    Present(bool),
    Like(GlobMatcher),
}

impl Pattern {
    pub(crate) fn of(when: &FaultMatch) -> Result<Self, FaultError> {
        let glob = |text: &Option<String>, across| {
            text.as_ref().map(|text| glob(text, across)).transpose()
        };
        let header = |(name, wanted): (&String, &HeaderWanted)| {
            let wanted = match wanted {
                HeaderWanted::Present(is) => Header::Present(*is),
                HeaderWanted::Glob(text) => Header::Like(self::glob(text, true)?),
            };
            match name.parse() {
                Ok(name) => Ok((name, wanted)),
                Err(_) => Err(FaultError(format!("{name:?} is no name of a header"))),
            }
        };
        Ok(Self {
            method: when.method.clone(),
            path: glob(&when.path, false)?,
            host: glob(&when.host, true)?,
            api: when.api,
            operator: glob(&when.operator, true)?,
            service: glob(&when.service, true)?,
            headers: when.header.iter().map(header).collect::<Result<_, _>>()?,
            part: when.part,
            is_callback: when.callback,
        })
    }

    pub(crate) fn fits(&self, facts: &Facts<'_>) -> bool {
        let like = |glob: &Option<GlobMatcher>, text: Option<&str>| match glob {
            None => true,
            Some(glob) => text.is_some_and(|text| glob.is_match(text)),
        };
        let host = facts.host.to_ascii_lowercase();
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &host,
        };
        let method = |method: &String| method.eq_ignore_ascii_case(facts.method);
        self.is_callback == facts.is_callback
            && self.method.as_ref().is_none_or(method)
            && self.api.is_none_or(|api| facts.api == Some(api))
            && self.part.is_none_or(|part| facts.part == Some(part))
            && like(&self.path, Some(facts.path))
            && like(&self.host, Some(host))
            && like(&self.operator, facts.operator)
            && like(&self.service, facts.service)
            && self.headers.iter().all(|it| has(facts.headers, it))
    }
}

fn has(headers: &HeaderMap, (name, wanted): &(HeaderName, Header)) -> bool {
    match wanted {
        Header::Present(is) => headers.contains_key(name) == *is,
        Header::Like(glob) => headers
            .get_all(name)
            .iter()
            .any(|value| glob.is_match(&*String::from_utf8_lossy(value.as_bytes()))),
    }
}

fn glob(text: &str, across: bool) -> Result<GlobMatcher, FaultError> {
    GlobBuilder::new(text)
        .literal_separator(!across)
        .case_insensitive(false)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| FaultError(format!("{text:?} is no glob: {error}")))
}
