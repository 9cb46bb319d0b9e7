//! A request on its way through an operation, and what it says about the object.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use upyun_client::protocol::{ErrorCode, Key, Md5Digest, header as names, path::RequestPath};

use crate::{
    accounts,
    api::{app::App, body, trace::Trace},
    auth::{
        Action, Presented, authenticate, authorize, check_usable, presented_text as text,
        usable_service,
    },
    refusal::{Explanation, Refusal},
    store::{Kind, Service},
};

/// A request on its way through an operation.
pub(super) struct Call<'a> {
    pub(super) app: &'a App,
    pub(super) parts: &'a Parts,
    pub(super) path: &'a RequestPath,
    pub(super) body: &'a mut Body,
    pub(super) trace: &'a mut Trace,
}

impl Call<'_> {
    /// Checks signature and rights, then the key: the path rules come after authorization.
    pub(super) fn admit(&self, action: Action) -> Result<(Service, Key), Refusal> {
        let app = self.app;
        let presented = Presented::of(self.parts);
        let operator = authenticate(&app.accounts, app.signing_time(), &presented)?;
        let account = self.account()?;
        authorize(&operator, &account, action)?;
        Ok((app.store.handle(&account.name), self.path.key()?))
    }

    /// The settings of the service that the path names.
    pub(super) fn account(&self) -> Result<Arc<accounts::Service>, Refusal> {
        let name = self.path.service();
        let known = self.trace.account.as_ref();
        let Some(account) = known.filter(|account| account.name.as_str() == name) else {
            return usable_service(&self.app.accounts, name);
        };
        check_usable(account)?;
        Ok(Arc::clone(account))
    }

    /// The next bytes of the body; `None` at its end.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Bytes>, Refusal> {
        body::next_chunk(self.app, self.body, self.trace).await
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The text of a header that is there and not empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        text(&self.parts.headers, name)
    }

    /// The value of a query parameter; empty if it stands without one.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.parts.uri.query()?.split('&').find_map(|pair| {
            let (known, value) = pair.split_once('=').unwrap_or((pair, ""));
            (known == name).then_some(value)
        })
    }
}

/// The hint which kind is meant (`[choice R-11]`); a trailing slash means a folder too
/// (`[choice R-9]`).
pub(super) fn kind(call: &Call<'_>) -> Kind {
    match call.header(names::X_UPYUN_FOLDER) {
        _ if call.path.has_trailing_slash() => Kind::Folder,
        Some(hint) if hint.eq_ignore_ascii_case("true") => Kind::Folder,
        Some(hint) if hint.eq_ignore_ascii_case("false") => Kind::File,
        _ => Kind::Any,
    }
}

/// A name of the other kind than was asked for.
pub(super) fn not_that_kind(call: &Call<'_>, found: &str) -> Refusal {
    Refusal::new(ErrorCode::FILE_NOT_FOUND).because(
        Explanation::new(format!("{} is a {found}.", call.parts.uri.path())).remedy(
            "a trailing slash or x-upyun-folder: true asks for folders only, false for files.",
        ),
    )
}

/// The length that the request announces; `None` for a chunked body.
pub(super) fn announced_size(call: &Call<'_>) -> Result<Option<u64>, Refusal> {
    let limit = call.app.settings.limits.max_object_bytes;
    match call.headers().get(header::CONTENT_LENGTH) {
        Some(length) => {
            let length = length
                .to_str()
                .ok()
                .and_then(|text| text.parse::<u64>().ok());
            let length = length.ok_or_else(|| {
                Refusal::new(ErrorCode::WRONG_CONTENT_LENGTH_HEADER)
                    .because("Content-Length is not a number of bytes.")
            })?;
            if length > limit {
                Err(too_large(length, limit))
            } else {
                Ok(Some(length))
            }
        }
        None if call.headers().contains_key(header::TRANSFER_ENCODING) => Ok(None),
        None => Err(Refusal::new(ErrorCode::NEED_CONTENT_LENGTH_HEADER).because(
            "The upload has neither Content-Length nor a chunked body; an empty body has \
             Content-Length: 0.",
        )),
    }
}

/// The refusal of a body that is larger than the server allows.
pub(super) fn too_large(bytes: u64, limit: u64) -> Refusal {
    Refusal::new(ErrorCode::CONTENT_LENGTH_TOO_LARGE).because(format!(
        "The body has at least {bytes} bytes; at most {limit} are allowed."
    ))
}

/// The `Content-MD5` of a request, if it has one.
pub(super) fn content_md5(headers: &HeaderMap) -> Result<Option<Md5Digest>, Refusal> {
    let Some(value) = text(headers, names::CONTENT_MD5) else {
        return Ok(None);
    };
    value
        .parse()
        .map(Some)
        .map_err(|_| Refusal::malformed_content_md5(value))
}
