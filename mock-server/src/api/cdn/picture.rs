//! Pictures on access domains: `<key>!/fw/300`, `<key>!<version>`.

use std::io::{BufReader, Seek as _};

use axum::{body::Body, response::Response};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::json;
use upyun_client::protocol::ErrorCode;

use crate::{
    accounts::Service,
    api::{App, Trace, router::not_emulated},
    auth::Explanation,
    image::{
        self,
        grammar::{Wanted, Wrong, understand},
        recipe::{Question, Recipe},
        render::RenderError,
    },
    refusal::Refusal,
    store::{self, ImageFacts, Object},
};

/// The header that tells what was ignored.
const ERR_CODE: &str = "x-gmkerl-err-code";

/// Answers with a picture that was processed, or with what is asked about it.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    (service, objects): (&Service, &store::Service),
    object: Object,
    text: &str,
    trace: &Trace,
) -> Result<Response, Refusal> {
    let problem = |status, text: &str, code: u32, why: String| {
        problem(parts, trace, (status, text, code), why)
    };
    let wanted = match understand(&service.versions, text) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => {
            let why = format!("The service {} has no version {text:?}.", service.name);
            return Ok(problem(StatusCode::NOT_FOUND, "Not Profile", 404, why));
        }
        Err(Wrong { code, why }) => {
            let text = code.message().unwrap_or_default();
            let why = format!("{why}.");
            return Ok(problem(StatusCode::BAD_REQUEST, text, code.as_u32(), why));
        }
    };
    let info = object.info();
    let again = || objects.open(object.key());
    let recipe: Recipe = match wanted {
        Wanted::Look(recipe) => *recipe,
        Wanted::Answer(Question::Info) => {
            return Ok(match image::facts_of_file(object.into_file()).await {
                Some(facts) => json_answer(&facts_json(&facts)),
                None => {
                    let why = "Information was asked of something that is no picture.".to_owned();
                    problem(StatusCode::NOT_ACCEPTABLE, "Not an image", 406, why)
                }
            });
        }
        Wanted::Answer(Question::Faces) => {
            return Ok(match image::facts_of_file(object.into_file()).await {
                Some(facts) => json_answer(&json!({
                    "size": [facts.width, facts.height],
                    "face": [],
                })),
                None => {
                    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                    let why = "Faces are looked for in pictures only.".to_owned();
                    problem(status, "Not an image", 415, why)
                }
            });
        }
        Wanted::Answer(Question::Exif) => {
            let file = object.into_file();
            let second = file.try_clone().map_err(|error| {
                Refusal::new(ErrorCode::GET_FILE_FROM_FS_ERROR).because(format!("{error}."))
            })?;
            let Some(facts) = image::facts_of_file(file).await else {
                let why = "Information was asked of something that is no picture.".to_owned();
                let status = StatusCode::NOT_ACCEPTABLE;
                return Ok(problem(status, "Not an image", 406, why));
            };
            let read = move || {
                let mut content = BufReader::new(second);
                content.rewind().map(|()| image::exif::read(content))
            };
            let exif = tokio::task::spawn_blocking(read).await;
            let exif = exif.ok().and_then(Result::ok).unwrap_or_default();
            let mut told = facts_json(&facts);
            told["EXIF"] = exif.into();
            return Ok(json_answer(&told));
        }
        Wanted::Answer(_) => {
            return Err(not_emulated("IPTC and theme colours of pictures"));
        }
    };
    let ignores = recipe.ignore_error;
    let original = match ignores {
        true => again().await.ok(),
        false => None,
    };
    let content = BufReader::new(object.into_file());
    let (status, text, why) = match app.darkroom.process(objects, content, recipe).await {
        Ok(rendered) => {
            let mut answer = Response::new(Body::from(rendered.bytes));
            let kind = HeaderValue::from_static(rendered.content_type);
            answer.headers_mut().insert(header::CONTENT_TYPE, kind);
            return Ok(answer);
        }
        Err(RenderError::Missing(what)) => return Err(not_emulated(what)),
        Err(RenderError::Parameter(why)) => {
            let code = ErrorCode::INVALID_PARAM_IN_THUMB;
            let text = code.message().unwrap_or_default();
            let why = format!("{why}.");
            return Ok(problem(StatusCode::BAD_REQUEST, text, code.as_u32(), why));
        }
        Err(RenderError::NotAnImage(why)) => (StatusCode::METHOD_NOT_ALLOWED, "Not an image", why),
        Err(RenderError::TooLong) => (
            StatusCode::METHOD_NOT_ALLOWED,
            "Image Width/Height Limit Error",
            format!("a side is longer than {}", image::render::MAX_SIDE),
        ),
        Err(RenderError::TooMany) => (
            StatusCode::CONFLICT,
            "Limit Exceeded",
            format!("there are more than {} pixels", image::render::MAX_PIXELS),
        ),
    };
    if let Some(store::Opened::File(original)) = original {
        let mut answer = crate::api::rest::download::download(original, &parts.headers)?;
        let code = HeaderValue::from(status.as_u16());
        answer.headers_mut().insert(ERR_CODE, code);
        return Ok(answer);
    }
    let why = format!("{}: {why}.", info.content_type);
    Ok(problem(status, text, status.as_u16().into(), why))
}

fn facts_json(facts: &ImageFacts) -> serde_json::Value {
    json!({
        "width": facts.width,
        "height": facts.height,
        "type": facts.file_type,
        "frames": facts.frames,
    })
}

fn json_answer(value: &serde_json::Value) -> Response {
    crate::api::rest::text_answer(value.to_string(), "application/json")
}

/// Errors of pictures: the code is the table's for parameters, and the status for everything else.
fn problem(
    parts: &Parts,
    trace: &Trace,
    (status, text, code): (StatusCode, &str, u32),
    why: String,
) -> Response {
    let body = json!({ "msg": text, "code": code, "id": trace.id.as_str() });
    let mut answer = json_answer(&body);
    *answer.status_mut() = status;
    if parts.method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
    let why = std::sync::Arc::new(Explanation::new(why));
    answer.extensions_mut().insert(why);
    answer
}
