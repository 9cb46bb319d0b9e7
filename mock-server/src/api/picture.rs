//! Pictures that are processed before they are stored.

use upyun_client::protocol::ErrorCode;

use super::{App, router::not_emulated};
use crate::{
    accounts,
    image::{
        self,
        grammar::{Wanted, understand},
        render::{MAX_PIXELS, MAX_SIDE, RenderError},
    },
    refusal::Refusal,
    store::{Body, Service},
};

/// A body that was processed.
#[derive(Debug)]
pub(super) struct Processed {
    pub(super) body: Body,
    /// If the format is another now.
    pub(super) content_type: Option<&'static str>,
}

/// Processes a body as `x-gmkerl-thumb` says.
pub(super) async fn process(
    app: &App,
    service: &accounts::Service,
    objects: &Service,
    body: Body,
    text: &str,
) -> Result<Processed, Refusal> {
    let recipe = match understand(&service.versions, text) {
        Ok(Some(Wanted::Look(recipe))) => *recipe,
        Ok(Some(Wanted::Answer(_))) => {
            return Err(Refusal::new(ErrorCode::INVALID_PARAM_IN_THUMB)
                .because("x-gmkerl-thumb asks a question, which only access domains answer."));
        }
        Ok(None) => {
            return Err(Refusal::new(ErrorCode::NO_THUMB_SETTING).because(format!(
                "The service {} has no version {text:?}.",
                service.name
            )));
        }
        Err(wrong) => return Err(Refusal::new(wrong.code).because(format!("{}.", wrong.why))),
    };
    let Some(before) = image::facts(&body).await else {
        return Err(Refusal::new(ErrorCode::NOT_AN_IMAGE)
            .because("An x-gmkerl-* header is there, but the body is no picture."));
    };
    let ignores = recipe.ignore_error;
    let rendered = app.darkroom.process_body(objects, &body, recipe).await;
    let rendered = match rendered {
        Ok(rendered) => rendered,
        // The original is stored instead.
        Err(RenderError::NotAnImage(_) | RenderError::TooLong | RenderError::TooMany)
            if ignores =>
        {
            return Ok(Processed {
                body,
                content_type: None,
            });
        }
        Err(error) => return Err(refused(error)),
    };
    let is_other = rendered.facts.file_type != before.file_type;
    let mut upload = objects.upload();
    upload.write(rendered.bytes.into()).await?;
    Ok(Processed {
        body: upload.finish().await?,
        content_type: is_other.then_some(rendered.content_type),
    })
}

fn refused(error: RenderError) -> Refusal {
    match error {
        RenderError::NotAnImage(why) => Refusal::new(ErrorCode::DECODE_IMAGE_INFO_ERROR)
            .because(format!("The picture cannot be decoded: {why}.")),
        RenderError::TooLong | RenderError::TooMany => {
            Refusal::new(ErrorCode::IMAGE_LIMIT_EXCEEDED).because(format!(
                "A picture may have {MAX_SIDE} pixels a side, and {MAX_PIXELS} in all frames."
            ))
        }
        RenderError::Parameter(why) => {
            Refusal::new(ErrorCode::INVALID_PARAM_IN_THUMB).because(format!("{why}."))
        }
        RenderError::Missing(what) => not_emulated(what),
    }
}
