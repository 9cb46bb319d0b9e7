//! Pictures on access domains: `<key>!/fw/300`, `<key>!<version>`.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::json;
use upyun_client::protocol::{ErrorCode, Key};

use crate::{
    accounts::Service,
    api::{
        answer::text_answer,
        app::App,
        content::{self, Version},
        picture::BUSY,
        trace::Trace,
    },
    image::{
        Content, Kind, Unanswered,
        error::{MAX_PIXELS, MAX_SIDE, RenderError},
        grammar::{Wanted, Wrong, understand},
        recipe::{Mark, Question, Recipe},
        results::{Made, ResultKey, Sources},
    },
    refusal::{Explanation, Refusal},
    store::{self, Entry, Object, ObjectInfo, Opened},
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
    let problem = match understand(&service.versions, text) {
        Ok(Some(Wanted::Look(recipe))) => {
            let ignores = recipe.ignore_error;
            let key = object.key().clone();
            match look(app, parts, objects, object, *recipe).await? {
                Looked::Answer(answer) => return Ok(answer),
                Looked::Problem(problem) if ignores && problem.can_be_ignored() => {
                    return original(objects, &key, parts, &problem).await;
                }
                Looked::Problem(problem) => problem,
            }
        }
        Ok(Some(Wanted::Answer(question))) => {
            let content = Content::of_file(object.into_file());
            match app.image_workers.answer(content, question).await {
                Ok(answer) => return Ok(json_answer(&answer)),
                Err(error) => Problem::unanswered(error, question),
            }
        }
        Ok(None) => Problem {
            status: StatusCode::NOT_FOUND,
            text: "Not Profile",
            code: 404,
            why: format!("The service {} has no version {text:?}.", service.name),
        },
        Err(Wrong { code, why }) => Problem::parameter(code, &why),
    };
    Ok(problem.answer(parts, trace))
}

/// Why a picture is not answered.
struct Problem {
    status: StatusCode,
    text: &'static str,
    /// The table's for parameters, and the status for everything else.
    code: u32,
    why: String,
}

impl Problem {
    fn new(status: StatusCode, text: &'static str, why: impl Into<String>) -> Self {
        Self {
            status,
            text,
            code: status.as_u16().into(),
            why: why.into(),
        }
    }

    fn parameter(code: ErrorCode, why: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: code.message().unwrap_or_default(),
            code: code.as_u32(),
            why: format!("{why}."),
        }
    }

    fn of(error: RenderError, info: &ObjectInfo) -> Self {
        match error {
            RenderError::Parameter(why) => Self::parameter(ErrorCode::INVALID_PARAM_IN_THUMB, &why),
            RenderError::NotAnImage(why) => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "Not an image",
                format!("{}: {why}.", info.content_type),
            ),
            RenderError::TooLong => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "Image Width/Height Limit Error",
                format!("A side is longer than {MAX_SIDE} pixels."),
            ),
            RenderError::TooMany => Self::new(
                StatusCode::CONFLICT,
                "Limit Exceeded",
                format!(
                    "There are more than {MAX_PIXELS} pixels, or they need more memory than \
                     limits.picture_memory_bytes allows."
                ),
            ),
            RenderError::TooSlow => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "A Big Image!",
                "Processing took longer than limits.picture_timeout allows.",
            ),
            RenderError::Busy => Self::unavailable(BUSY.to_owned()),
            RenderError::Internal(why) => Self::unavailable(format!("{why}.")),
        }
    }

    fn unavailable(why: String) -> Self {
        let code = ErrorCode::SERVICE_ERROR_IN_THUMB;
        let text = code.message().unwrap_or_default();
        Self::new(StatusCode::SERVICE_UNAVAILABLE, text, why)
    }

    fn unanswered(error: Unanswered, question: Question) -> Self {
        if error == Unanswered::Undecodable(RenderError::Busy) {
            return Self::unavailable(BUSY.to_owned());
        }
        let status = match (&error, question) {
            (Unanswered::TooManyBytes, _) => {
                let why = "Faces are looked for in pictures up to 8 MB.";
                return Self::new(StatusCode::PAYLOAD_TOO_LARGE, "A Big Image!", why);
            }
            (_, Question::Faces) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::NOT_ACCEPTABLE,
        };
        let why = match error {
            Unanswered::Undecodable(error) => format!("The picture cannot be read: {error:?}."),
            _ => "Information was asked of something that is no picture.".to_owned(),
        };
        Self::new(status, "Not an image", why)
    }

    fn can_be_ignored(&self) -> bool {
        matches!(self.status.as_u16(), 405 | 409 | 503)
    }

    fn answer(self, parts: &Parts, trace: &Trace) -> Response {
        let body = json!({ "msg": self.text, "code": self.code, "id": trace.id.as_str() });
        let mut answer = json_answer(&body);
        *answer.status_mut() = self.status;
        if parts.method == Method::HEAD {
            *answer.body_mut() = Body::empty();
        }
        let why = Arc::new(Explanation::new(self.why));
        answer.extensions_mut().insert(why);
        answer
    }
}

/// What comes of a recipe.
enum Looked {
    Answer(Response),
    Problem(Problem),
}

/// A picture that was processed, now or before.
async fn look(
    app: &App,
    parts: &Parts,
    objects: &store::Service,
    object: Object,
    recipe: Recipe,
) -> Result<Looked, Refusal> {
    let info = object.info();
    let key = ResultKey {
        service: objects.name().clone(),
        key: object.key().clone(),
        recipe: recipe.clone(),
    };
    let made_from = versions(objects, &info, &recipe).await;
    if let Some((file, made)) = app.results.find(&key, &made_from) {
        return result(file, made, &info, parts).map(Looked::Answer);
    }
    let content = Content::of_file(object.into_file());
    let rendered = match app.image_workers.process(objects, content, recipe).await {
        Ok(rendered) => rendered,
        Err(error) => return Ok(Looked::Problem(Problem::of(error, &info))),
    };
    let results = app.results.clone();
    let kept = tokio::task::spawn_blocking(move || results.keep(key, made_from, &rendered)).await;
    match kept.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
        Ok((file, made)) => result(file, made, &info, parts).map(Looked::Answer),
        Err(error) => Err(Refusal::new(ErrorCode::PUT_FILE_TO_FS_ERROR)
            .because(format!("The result cannot be written: {error}."))),
    }
}

/// The versions of the object and of all watermarks: a result is good for these only.
async fn versions(objects: &store::Service, info: &ObjectInfo, recipe: &Recipe) -> Sources {
    let mut versions = vec![info.md5];
    for watermark in &recipe.watermarks {
        if let Mark::Picture { path, .. } = &watermark.what
            && let Ok(key) = Key::parse(&format!("/{}", path.trim_start_matches('/')))
            && let Ok(Entry::File(mark)) = objects.entry(&key).await
        {
            versions.push(mark.md5);
        }
    }
    versions
}

fn result(
    file: std::fs::File,
    made: Made,
    source: &ObjectInfo,
    parts: &Parts,
) -> Result<Response, Refusal> {
    let version = Version {
        size: made.size,
        md5: made.md5,
        modified: source.modified,
    };
    let mut answer = content::content(file, &version, &parts.headers)?;
    if answer.status() != StatusCode::NOT_MODIFIED {
        answer
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind(made.kind));
    }
    Ok(answer)
}

fn kind(kind: Kind) -> HeaderValue {
    HeaderValue::from_static(kind.content_type())
}

/// The object as it is, with what was wrong.
async fn original(
    objects: &store::Service,
    key: &Key,
    parts: &Parts,
    problem: &Problem,
) -> Result<Response, Refusal> {
    let object = match objects.open(key).await? {
        Opened::File(object) => object,
        Opened::Folder(_) => return Err(super::absent(format!("{key} is a folder."))),
    };
    let mut answer = content::download(object, &parts.headers)?;
    let code = HeaderValue::from(problem.status.as_u16());
    answer.headers_mut().insert(ERR_CODE, code);
    Ok(answer)
}

fn json_answer(value: &serde_json::Value) -> Response {
    text_answer(value.to_string(), "application/json")
}
