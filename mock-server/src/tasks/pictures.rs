//! Tasks that change pictures.

use super::{
    audit, jigsaw,
    job::Job,
    outcome::{Failure, Success},
    thumb,
};
pub(super) use crate::image::recipe::Recipe;
use crate::{
    image::{
        Content, Setup,
        error::RenderError,
        grammar::{Wanted, understand},
        render::Rendered,
    },
    store::Body,
};

/// Carries out a task of the apps for pictures.
pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    match &*job.entry.app {
        "imgaudit" => audit::of_object(job).await,
        "jigsaw" => jigsaw::carry_out(job).await,
        _ => thumb::carry_out(job).await,
    }
}

impl Job {
    /// How a picture is to be changed: parameters, or a version of the service.
    pub(super) fn recipe(&self, text: &str) -> Result<Recipe, Failure> {
        let service = self.world.accounts.service(&self.entry.service);
        let versions = service.map(|it| it.versions.clone()).unwrap_or_default();
        match understand(&versions, text) {
            Ok(Some(Wanted::Look(recipe))) => Ok(*recipe),
            Ok(Some(Wanted::Answer(_))) => Err(Failure::bad_parameter(
                "x-gmkerl-thumb asks a question, which only access domains answer",
            )),
            Ok(None) => Err(Failure::bad_parameter(format!(
                "there is no version {text:?}"
            ))),
            Err(wrong) => Err(Failure::bad_parameter(wrong.why)),
        }
    }

    /// Makes a picture with a recipe at hand.
    pub(super) async fn develop<T: Send + 'static>(
        &self,
        recipe: Recipe,
        work: impl FnOnce(&Setup) -> Result<T, RenderError> + Send + 'static,
    ) -> Result<T, Failure> {
        let image_workers = &self.world.image_workers;
        let made = image_workers.work(&self.service, recipe, work).await;
        made.map_err(undeveloped)
    }

    /// Changes a picture that is not stored yet; returns it with its new content type.
    pub(super) async fn develop_body(
        &self,
        body: &Body,
        recipe: Recipe,
    ) -> Result<(Body, &'static str), Failure> {
        let content = Content::of_body(body);
        let content = content.map_err(|error| Failure::internal(error.to_string()))?;
        let image_workers = &self.world.image_workers;
        let made = image_workers.process(&self.service, content, recipe).await;
        let Rendered { bytes, kind, .. } = made.map_err(undeveloped)?;
        Ok((self.body_of(bytes).await?, kind.content_type()))
    }
}

fn undeveloped(error: RenderError) -> Failure {
    match error {
        RenderError::NotAnImage(why) => Failure::bad_parameter(format!("not an image: {why}")),
        RenderError::TooLong | RenderError::TooMany => Failure::bad_parameter(
            "the picture has too many pixels, or needs more memory than \
                 limits.picture_memory_bytes allows",
        ),
        RenderError::Parameter(why) => Failure::bad_parameter(why),
        RenderError::TooSlow => Failure::timed_out("the picture took too long"),
        RenderError::Busy => Failure::timed_out("other pictures took all places for too long"),
        RenderError::Internal(why) => Failure::internal(why),
    }
}
