//! Pictures of a service through a recipe, on threads of their own and not too many at once.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
    sync::Arc,
    time::Duration,
};

use image::RgbaImage;
use serde_json::Value;
use tokio::sync::Semaphore;
use upyun_client::protocol::Key;

use super::{
    answer::{self, Unanswered},
    fonts::Fonts,
    recipe::{Mark, Question, Recipe},
    render::{self, Picture, RenderError, Rendered, text},
};
use crate::store::{Body, Opened, Service};

/// Processes pictures. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Darkroom {
    places: Arc<Semaphore>,
    fonts: Fonts,
    timeout: Duration,
}

/// A recipe, and all that it takes to follow it.
pub(crate) struct Setup {
    recipe: Recipe,
    marks: Vec<RgbaImage>,
    fonts: Fonts,
}

impl Darkroom {
    /// Works on so many pictures at once, on none for longer.
    pub(crate) fn new(at_once: usize, timeout: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once)),
            fonts: Fonts::default(),
            timeout,
        }
    }

    /// Changes a picture as a recipe says; pictures of watermarks are those of the service.
    pub(crate) async fn process(
        &self,
        service: &Service,
        content: Content,
        recipe: Recipe,
    ) -> Result<Rendered, RenderError> {
        let work = move |setup: &Setup| {
            let changed = setup.change(setup.read(content)?)?;
            setup.encode(&changed)
        };
        self.work(service, recipe, work).await
    }

    /// Whatever is to be done with a recipe at hand.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        service: &Service,
        recipe: Recipe,
        work: impl FnOnce(&Setup) -> Result<T, RenderError> + Send + 'static,
    ) -> Result<T, RenderError> {
        let mut files = Vec::new();
        for watermark in &recipe.watermarks {
            files.push(match &watermark.what {
                Mark::Picture { path, .. } => Some(open(service, path).await?),
                Mark::Text { .. } => None,
            });
        }
        let fonts = self.fonts.clone();
        let prepare = move || {
            let marks = files.into_iter().zip(&recipe.watermarks);
            let marks = marks.map(|(file, watermark)| mark(file, &watermark.what, &fonts));
            let marks = marks.collect::<Result<_, _>>()?;
            work(&Setup {
                recipe,
                marks,
                fonts,
            })
        };
        let worked = self.run(prepare).await;
        worked.unwrap_or_else(Err)
    }

    /// Answers a question about a picture.
    pub(crate) async fn answer(
        &self,
        content: Content,
        question: Question,
    ) -> Result<Value, Unanswered> {
        let fonts = self.fonts.clone();
        let worked = self
            .run(move || answer::answer(content, question, &fonts))
            .await;
        worked.unwrap_or_else(|error| Err(Unanswered::Undecodable(error)))
    }

    /// On a thread of its own, when there is a place. What takes too long is not waited for, but keeps
    /// its place until it ends.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, RenderError> {
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await;
        let work = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        match tokio::time::timeout(self.timeout, work).await {
            Ok(Ok(worked)) => Ok(worked),
            Ok(Err(error)) => Err(RenderError::Internal(error.to_string())),
            Err(_) => Err(RenderError::TooSlow),
        }
    }
}

impl Setup {
    /// Reads a picture as the recipe wants it.
    pub(crate) fn read(&self, content: Content) -> Result<Picture, RenderError> {
        let Recipe {
            first_frame,
            upright,
            ..
        } = self.recipe;
        render::read(content, first_frame, upright, &self.fonts)
    }

    /// Changes a picture as the recipe says.
    pub(crate) fn change(&self, picture: Picture) -> Result<Picture, RenderError> {
        render::change(picture, &self.recipe, &self.marks)
    }

    /// Writes a picture as the recipe says.
    pub(crate) fn encode(&self, picture: &Picture) -> Result<Rendered, RenderError> {
        render::encode(picture, &self.recipe.output)
    }
}

/// The bytes of a picture: in a file, or in memory.
#[derive(Debug)]
pub(crate) enum Content {
    File(BufReader<File>),
    Memory(Cursor<bytes::Bytes>),
}

impl Content {
    pub(crate) fn of_file(file: File) -> Self {
        Self::File(BufReader::new(file))
    }

    /// Of a body that is not stored yet.
    pub(crate) fn of_body(body: &Body) -> std::io::Result<Self> {
        Ok(match body.file()? {
            Some(file) => Self::of_file(file),
            None => Self::Memory(Cursor::new(body.in_memory().unwrap_or_default())),
        })
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl BufRead for Content {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        match self {
            Self::File(file) => file.fill_buf(),
            Self::Memory(bytes) => bytes.fill_buf(),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self {
            Self::File(file) => file.consume(bytes),
            Self::Memory(memory) => memory.consume(bytes),
        }
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Memory(bytes) => bytes.seek(to),
        }
    }
}

async fn open(service: &Service, path: &str) -> Result<File, RenderError> {
    let absent = || RenderError::Parameter(format!("no picture for a watermark is at {path}"));
    let path = format!("/{}", path.trim_start_matches('/'));
    let key = Key::parse(&path).map_err(|_| absent())?;
    match service.open(&key).await {
        Ok(Opened::File(object)) => Ok(object.into_file()),
        _ => Err(absent()),
    }
}

/// A watermark as a picture.
fn mark(file: Option<File>, mark: &Mark, fonts: &Fonts) -> Result<RgbaImage, RenderError> {
    match (mark, file) {
        (
            Mark::Text {
                text,
                size,
                font,
                color,
                outline,
            },
            _,
        ) => {
            let lettering = text::Lettering {
                font,
                size: *size,
                color: *color,
                outline: *outline,
            };
            text::write(&fonts.database(), text, &lettering)
        }
        (Mark::Picture { path, .. }, file) => {
            let unreadable =
                || RenderError::Parameter(format!("the watermark {path} is no picture"));
            let content = Content::of_file(file.ok_or_else(unreadable)?);
            render::read(content, true, false, fonts)
                .and_then(Picture::into_pixels)
                .map_err(|_| unreadable())
        }
    }
}
