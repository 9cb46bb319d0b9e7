//! Access domains: objects as the public reads them, without a signature.
//!
//! What follows the separator is a content secret, or says how a picture shall look.

#[cfg(feature = "images")]
mod picture;
#[cfg(not(feature = "images"))]
#[path = "cdn/picture/off.rs"]
mod picture;
mod token;

use axum::{body::Body, response::Response};
use http::{HeaderValue, Method, header, request::Parts};
use serde_json::json;
use upyun_client::protocol::{
    ErrorCode, Key, header as names,
    path::{RequestPath, decode},
};

use super::{app::App, content, trace::Trace};
use crate::{
    accounts::Service,
    refusal::{Explanation, Refusal},
    store::Opened,
};

/// Serves a request to an access domain.
pub(super) async fn serve(app: &App, parts: &Parts, service: &Service, trace: &Trace) -> Response {
    if let Some(secret) = &service.token_secret
        && let Err(why) = token::check(secret, parts, app.signing_unix())
    {
        let why = match app.clock.moved_in_words() {
            Some(moved) => why.with_moved_clock(&moved),
            None => why,
        };
        return public(parts, token::refused(why));
    }
    match read(app, parts, service, trace).await {
        Ok(answer) => public(parts, answer),
        Err(refusal) => public(parts, refused(refusal, trace)),
    }
}

/// Answers for an access domain of a service that does not exist.
pub(super) fn unbound(parts: &Parts, host: &str, trace: &Trace) -> Response {
    let refusal = absent(format!("No service is read at {host:?}."));
    public(parts, refused(refusal, trace))
}

fn absent(why: String) -> Refusal {
    Refusal::new(ErrorCode::FILE_NOT_FOUND).because(why)
}

/// The public sees no header of the service's own.
fn public(parts: &Parts, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    let own: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-upyun-"))
        .cloned()
        .collect();
    own.iter().for_each(|name| drop(headers.remove(name)));
    if parts.method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
    answer
}

async fn read(
    app: &App,
    parts: &Parts,
    service: &Service,
    trace: &Trace,
) -> Result<Response, Refusal> {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED).because(
            Explanation::new(format!("Access domains have no method {}.", parts.method))
                .remedy("write through v0.api.upyun.com."),
        ));
    }
    let path = format!("/{}{}", service.name, parts.uri.path());
    let path = RequestPath::parse(path.as_bytes())?;
    let text = decode(parts.uri.path().as_bytes())?;
    let (key, given) = match text.split_once(service.separator) {
        Some((key, given)) => (Key::parse(key)?, Some(given)),
        None => (path.key()?, None),
    };
    let objects = app.store.handle(&service.name);
    let object = match objects.open(&key).await? {
        Opened::File(object) => object,
        Opened::Folder(_) => return Err(absent(format!("{key} is a folder."))),
    };
    let info = object.info();
    let mut meta = info.meta.iter();
    let secret = meta.find(|(name, _)| name == names::META_SECRET);
    let secret = secret.map(|(_, secret)| secret.as_slice());
    match (secret, given) {
        (Some(secret), Some(given)) if secret == given.as_bytes() => {}
        (None, None) => {}
        (_, Some(given)) => {
            return picture::serve(app, parts, (service, &objects), object, given, trace).await;
        }
        (Some(_), None) => {
            return Err(absent(format!(
                "{key} has a content secret, so it is read as {key}{}<secret> only.",
                service.separator
            )));
        }
    }
    let mut answer = content::download(object, &parts.headers)?;
    if let Some(disposition) = disposition(parts.uri.query()) {
        answer
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(answer)
}

/// `?_upd=true` downloads, `?_upd=<name>` under this name.
fn disposition(query: Option<&str>) -> Option<HeaderValue> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    let (_, wanted) = pairs.find(|(name, _)| name == "_upd")?;
    let text = match &*wanted {
        "" => return None,
        "true" => "attachment".to_owned(),
        name => format!(
            "attachment; filename=\"{}\"",
            name.replace(['"', '\\'], "_")
        ),
    };
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// Errors have another shape here: the code is a text.
fn refused(refusal: Refusal, trace: &Trace) -> Response {
    let code = refusal.code();
    let body = json!({
        "code": code.as_u32().to_string(),
        "msg": refusal.message(),
    });
    let (parts, _) = refusal.into_answer(&trace.id, false).into_parts();
    Response::from_parts(parts, Body::from(body.to_string()))
}
