//! Pictures of a service through a recipe, on threads of their own and not too many at once.

use std::{
    io::{BufRead, BufReader, Cursor, Seek},
    sync::Arc,
};

use image::RgbaImage;
use tokio::sync::Semaphore;
use upyun_client::protocol::Key;

use super::{
    recipe::{Mark, Recipe},
    render::{self, RenderError, Rendered},
};
use crate::store::{Body, Opened, Service};

/// Processes pictures. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Darkroom(Arc<Semaphore>);

impl Darkroom {
    /// Works on so many pictures at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Changes a picture as a recipe says; pictures of watermarks are those of the service.
    pub(crate) async fn process(
        &self,
        service: &Service,
        content: impl BufRead + Seek + Send + 'static,
        recipe: Recipe,
    ) -> Result<Rendered, RenderError> {
        let mut marks = Vec::new();
        for watermark in &recipe.watermarks {
            marks.push(match &watermark.what {
                Mark::Picture { path, .. } => Some(open(service, path).await?),
                Mark::Text { .. } => None,
            });
        }
        // The semaphore is never closed.
        let _place = self.0.acquire().await;
        let work = move || {
            let marks = marks.into_iter().map(|mark| mark.map(read).transpose());
            let marks = marks.collect::<Result<Vec<_>, _>>()?;
            render::render(content, &recipe, &marks)
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(RenderError::NotAnImage(error.to_string())))
    }

    /// The same, of a body that is not stored yet.
    pub(crate) async fn process_body(
        &self,
        service: &Service,
        body: &Body,
        recipe: Recipe,
    ) -> Result<Rendered, RenderError> {
        let unreadable = |error: std::io::Error| RenderError::NotAnImage(error.to_string());
        match body.file().map_err(unreadable)? {
            Some(file) => self.process(service, BufReader::new(file), recipe).await,
            None => {
                let bytes = body.in_memory().unwrap_or_default();
                self.process(service, Cursor::new(bytes), recipe).await
            }
        }
    }
}

async fn open(service: &Service, path: &str) -> Result<std::fs::File, RenderError> {
    let absent = || RenderError::Parameter(format!("no picture for a watermark is at {path}"));
    let path = format!("/{}", path.trim_start_matches('/'));
    let key = Key::parse(&path).map_err(|_| absent())?;
    match service.open(&key).await {
        Ok(Opened::File(object)) => Ok(object.into_file()),
        _ => Err(absent()),
    }
}

fn read(file: std::fs::File) -> Result<RgbaImage, RenderError> {
    render::mark(BufReader::new(file))
        .map_err(|_| RenderError::Parameter("the picture of a watermark cannot be read".to_owned()))
}
