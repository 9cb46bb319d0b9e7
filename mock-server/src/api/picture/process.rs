//! Pictures that are processed before they are stored.

use serde_json::{Map, Value};
use upyun_client::protocol::ErrorCode;

use super::{Processed, Requested, as_it_is};
use crate::{
    accounts,
    api::app::App,
    image::{
        self, Content, Unanswered,
        error::{MAX_PIXELS, MAX_SIDE, RenderError},
        grammar::{Asked, Unreadable, ask, code_of},
        recipe::Question,
    },
    refusal::{Explanation, Refusal},
    store::{Body, Service},
};

/// Why a picture was not processed that may be another time.
pub(in crate::api) const BUSY: &str = "Other pictures took all places for longer than limits.picture_timeout; \
    try again, or raise limits.tasks_at_once.";

/// Refuses a parameter that is neither a text nor a number; `None` if there is none of this name.
pub(in crate::api) fn not_a_text(parameter: &str, name: &str) -> Option<Refusal> {
    let explanation = Explanation::new(format!("{name} is no text."))
        .remedy("write \"true\" with quotation marks.");
    Some(Refusal::new(code_of(parameter)?).because(explanation))
}

/// Refuses a file that is no picture where a policy limits width or height.
pub(in crate::api) fn without_size() -> Refusal {
    Refusal::new(ErrorCode::NOT_AN_IMAGE)
        .because("The policy limits width or height, but the file is no picture.")
}

/// Processes a body as the upload wants it.
pub(super) async fn process(
    app: &App,
    service: &accounts::Service,
    objects: &Service,
    body: Body,
    requested: &Requested,
) -> Result<Processed, Refusal> {
    let asked = ask(
        &service.versions,
        &requested.parameters,
        requested.hex_by_default,
    );
    let Asked { look, question } = asked.map_err(|error| unreadable(error, service))?;
    let Some(before) = image::facts(&body).await else {
        return Err(Refusal::new(ErrorCode::NOT_AN_IMAGE)
            .because("An x-gmkerl-* parameter is there, but the body is no picture."));
    };
    let answers = match question {
        Some(question) => answer(app, &body, question).await?,
        None => Map::new(),
    };
    let Some(recipe) = look else {
        return Ok(Processed {
            answers,
            ..as_it_is(Some(before), body)
        });
    };
    let ignores = recipe.ignore_error;
    let rendered = match content(&body) {
        Ok(content) => app.image_workers.process(objects, content, *recipe).await,
        Err(refusal) => return Err(refusal),
    };
    let rendered = match rendered {
        Ok(rendered) => rendered,
        // The original is stored instead.
        Err(RenderError::NotAnImage(_) | RenderError::TooLong | RenderError::TooMany)
            if ignores =>
        {
            return Ok(Processed {
                answers,
                ..as_it_is(Some(before), body)
            });
        }
        Err(error) => return Err(refused(error)),
    };
    let is_other = rendered.facts.file_type != before.file_type;
    let mut upload = objects.upload();
    upload.write(rendered.bytes.into()).await?;
    Ok(Processed {
        body: upload.finish().await?,
        facts: Some(rendered.facts),
        content_type: is_other.then_some(rendered.kind.content_type()),
        answers,
    })
}

fn content(body: &Body) -> Result<Content, Refusal> {
    Content::of_body(body).map_err(|error| {
        Refusal::new(ErrorCode::GET_FILE_FROM_FS_ERROR).because(format!("{error}."))
    })
}

async fn answer(app: &App, body: &Body, question: Question) -> Result<Map<String, Value>, Refusal> {
    let answer = app.image_workers.answer(content(body)?, question).await;
    let mut answer = answer.map_err(|error| match error {
        Unanswered::Undecodable(error) => refused(error),
        Unanswered::NotAnImage | Unanswered::TooManyBytes => {
            Refusal::new(ErrorCode::GET_IMAGE_INFO_ERROR)
                .because("Nothing can be told of this picture.")
        }
    })?;
    let mut answers = Map::new();
    match question {
        Question::Colors { .. } => answers.insert("theme_color".into(), answer),
        _ => answers.insert("EXIF".into(), answer["EXIF"].take()),
    };
    Ok(answers)
}

fn unreadable(error: Unreadable, service: &accounts::Service) -> Refusal {
    match error {
        Unreadable::Wrong(wrong) => Refusal::new(wrong.code).because(format!("{}.", wrong.why)),
        Unreadable::NoVersion(name) => Refusal::new(ErrorCode::NO_THUMB_SETTING).because(format!(
            "The service {} has no version {name:?}.",
            service.name
        )),
    }
}

fn refused(error: RenderError) -> Refusal {
    match error {
        RenderError::NotAnImage(why) => Refusal::new(ErrorCode::DECODE_IMAGE_INFO_ERROR)
            .because(format!("The picture cannot be decoded: {why}.")),
        RenderError::TooLong | RenderError::TooMany => Refusal::new(
            ErrorCode::IMAGE_LIMIT_EXCEEDED,
        )
        .because(format!(
            "A picture may have {MAX_SIDE} pixels a side and {MAX_PIXELS} in all frames, and may \
                 need the memory that limits.picture_memory_bytes allows."
        )),
        RenderError::Parameter(why) => {
            Refusal::new(ErrorCode::INVALID_PARAM_IN_THUMB).because(format!("{why}."))
        }
        RenderError::TooSlow => Refusal::new(ErrorCode::SERVICE_ERROR_IN_THUMB)
            .because("Processing took longer than limits.picture_timeout allows."),
        RenderError::Busy => Refusal::new(ErrorCode::SERVICE_ERROR_IN_THUMB).because(BUSY),
        RenderError::Internal(why) => {
            Refusal::new(ErrorCode::SERVICE_ERROR_IN_THUMB).because(format!("{why}."))
        }
    }
}
