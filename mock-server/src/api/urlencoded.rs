//! Bodies of small forms, read whole.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};
use upyun_client::protocol::ErrorCode;

use super::{app::App, body::refusing_code, trace::Trace};
use crate::{auth::presented_text as text, refusal::Refusal};

/// The most that a small form may send.
const MAX_BYTES: usize = 1024 * 1024;

/// The type that a request gives its body, in lower case and without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let content_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// Reads a body of up to 1 MiB.
pub(super) async fn read(app: &App, body: &mut Body, trace: &mut Trace) -> Result<Bytes, Refusal> {
    let whole = Limited::new(body, MAX_BYTES).collect();
    let whole = tokio::time::timeout(app.settings.limits.body_timeout, whole).await;
    let code = match whole {
        Ok(Ok(whole)) => {
            let whole = whole.to_bytes();
            trace.received(&whole);
            return Ok(whole);
        }
        Ok(Err(error)) => refusing_code(&*error),
        Err(_) => ErrorCode::READ_CLIENT_REQUEST_TIMEOUT,
    };
    Err(Refusal::new(code).because("The form ended early, or is longer than 1 MiB."))
}

/// Reads a form of either kind, urlencoded or multipart, without files; of a field that is given
/// twice, the first counts.
pub(super) async fn fields(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Vec<(String, String)>, Refusal> {
    let whole = read(app, body, trace).await?;
    if media_type(&parts.headers) != "multipart/form-data" {
        return Ok(form_urlencoded::parse(&whole).into_owned().collect());
    }
    let content_type = text(&parts.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let malformed = |error: multer::Error| {
        Refusal::new(ErrorCode::CLIENT_ERROR).because(format!("The body is no form: {error}."))
    };
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let stream = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(whole)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(malformed)?));
    }
    Ok(fields)
}

/// The value of a field, if it is there.
pub(super) fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = fields.iter().filter(|(known, _)| known == name);
    values.next().map(|(_, value)| &**value)
}
