//! Pictures of a service through a recipe, on threads of their own and not too many at once.
//!
//! The threads are not the runtime's, so that the end of the server does not wait for them.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use image::RgbaImage;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use upyun_client::protocol::Key;

use super::{
    answer::{self, Unanswered},
    drawer::Drawer,
    error::RenderError,
    fonts::Fonts,
    memory::{Memory, Reserved},
    recipe::{Mark, Question, Recipe},
    render::{self, Frames, Look, Picture, Rendered, text},
    resources::Resources,
    stop::Stop,
};
use crate::{
    limits::Limits,
    store::{Body, Opened, Service},
};

/// Processes pictures. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct ImageWorkers {
    places: Arc<Semaphore>,
    /// For work that was given up, but does not end.
    abandoned: Arc<Semaphore>,
    resources: Resources,
    timeout: Duration,
}

/// A recipe, and all that it takes to follow it.
pub(crate) struct Setup {
    recipe: Recipe,
    /// Of the watermarks that are pictures.
    files: Vec<Option<Result<File, RenderError>>>,
    resources: Resources,
}

impl ImageWorkers {
    /// With the bounds of the server, and with the program that draws, if there is one.
    pub(crate) fn new(limits: &Limits, drawing_program: Option<PathBuf>) -> Self {
        let timeout = limits.picture_timeout;
        Self {
            places: Arc::new(Semaphore::new(limits.tasks_at_once)),
            abandoned: Arc::new(Semaphore::new(limits.tasks_at_once)),
            resources: Resources {
                fonts: Fonts::default(),
                memory: Memory::new(limits.picture_memory_bytes),
                drawer: drawing_program.map(|program| Drawer::new(program, timeout)),
                stop: Arc::default(),
            },
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
        let mut content = content;
        let work = move |setup: &Setup| {
            let _memory = setup.reserve(setup.bytes(&mut content))?;
            let changed = setup.read_changed(content)?;
            setup.encode(&changed)
        };
        self.work(service, recipe, work).await
    }

    /// Whatever is to be done with a recipe at hand. It reserves its memory first.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        service: &Service,
        recipe: Recipe,
        work: impl FnOnce(&Setup) -> Result<T, RenderError> + Send + 'static,
    ) -> Result<T, RenderError> {
        let mut files = Vec::new();
        for watermark in &recipe.watermarks {
            files.push(match &watermark.what {
                Mark::Picture { path, .. } => Some(open(service, path).await),
                Mark::Text { .. } => None,
            });
        }
        let work = move |resources| {
            work(&Setup {
                recipe,
                files,
                resources,
            })
        };
        self.run(work).await.unwrap_or_else(Err)
    }

    /// Answers a question about a picture.
    pub(crate) async fn answer(
        &self,
        content: Content,
        question: Question,
    ) -> Result<Value, Unanswered> {
        let work = move |resources| answer::answer(content, question, &resources);
        let worked = self.run(work).await;
        worked.unwrap_or_else(|error| Err(Unanswered::Undecodable(error)))
    }

    /// On a thread of its own, when there is a place. Work that takes too long, or that nobody waits for
    /// any more, is stopped.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(Resources) -> T + Send + 'static,
    ) -> Result<T, RenderError> {
        let place = self.places.clone().acquire_owned();
        // The semaphore is never closed.
        let Ok(Ok(place)) = tokio::time::timeout(self.timeout, place).await else {
            return Err(RenderError::Busy);
        };
        let attempt = Attempt {
            stop: Arc::default(),
            place: Arc::new(Mutex::new(Some(place))),
            abandoned: self.abandoned.clone(),
        };
        let resources = Resources {
            stop: attempt.stop.clone(),
            ..self.resources.clone()
        };
        let place = Place(attempt.place.clone());
        let (done, result) = oneshot::channel();
        let work = move || {
            let _place = place;
            // Nobody may wait for it any more.
            let _ = done.send(work(resources));
        };
        let thread = std::thread::Builder::new().name("upyun-mock-image".into());
        thread
            .spawn(work)
            .map_err(|error| RenderError::Internal(error.to_string()))?;
        match tokio::time::timeout(self.timeout, result).await {
            Ok(Ok(worked)) => Ok(worked),
            Ok(Err(_)) => Err(RenderError::Internal("the work panicked".to_owned())),
            Err(_) => Err(RenderError::TooSlow),
        }
    }
}

/// The place of work on a thread, until that ends.
struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().take();
    }
}

/// Work that somebody waits for. When this is dropped before it ends, it is stopped, and gives its place
/// to others. Work that cannot be stopped may be left so as often as there are places.
struct Attempt {
    stop: Arc<Stop>,
    place: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    abandoned: Arc<Semaphore>,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.stop.request();
        let mut place = self.place.lock();
        if place.is_some()
            && let Ok(other) = self.abandoned.clone().try_acquire_owned()
        {
            *place = Some(other);
        }
    }
}

impl Setup {
    /// What it takes to read, change and write a picture; 0 if it cannot be read.
    pub(crate) fn bytes(&self, content: &mut Content) -> u64 {
        render::bytes(content, &self.recipe)
    }

    /// What is known of a picture before its first frame is read.
    pub(crate) fn look_at(&self, content: &mut Content) -> Result<Look, RenderError> {
        render::look_at(content, true)
    }

    /// What it takes to change and write a picture.
    pub(crate) fn bytes_of_changes(&self, look: Look) -> u64 {
        render::bytes_of_changes(look, &self.recipe)
    }

    /// Waits until there is so much memory, and that for the recipe's watermarks. A job does so once,
    /// before it reads any picture, and keeps it until it holds no more pixels.
    ///
    /// # Errors
    /// As of [`Memory::reserve`].
    pub(crate) fn reserve(&self, bytes: u64) -> Result<Reserved, RenderError> {
        let marks = self.files.iter().flatten().flatten().map(|file| {
            let mut file = BufReader::new(file);
            file.rewind()
                .map_or(0, |()| render::bytes_of_first(&mut file))
        });
        let bytes = bytes + marks.sum::<u64>();
        self.resources.memory.reserve(bytes, &self.resources.stop)
    }

    /// Reads the first frame of a picture.
    pub(crate) fn read_first(&self, content: Content) -> Result<Picture, RenderError> {
        render::read_first(content, self.recipe.upright, &self.resources)
    }

    /// Reads a picture and changes it as the recipe says; of an animation, one frame after the other.
    pub(crate) fn read_changed(&self, content: Content) -> Result<Picture, RenderError> {
        let mut marks = None;
        let mut change = |pixels| {
            // Not before: what is wrong with watermarks matters only to pictures that can be read.
            if marks.is_none() {
                marks = Some(self.marks()?);
            }
            let marks = marks.as_deref().unwrap_or_default();
            render::change(pixels, &self.recipe, marks, Frames::Several)
        };
        let (only_first, upright) = (self.recipe.needs_one_frame(), self.recipe.upright);
        let picture = render::read(content, only_first, upright, &self.resources, &mut change)?;
        match picture.frames.len() {
            1 => self.change(picture),
            _ => Ok(picture),
        }
    }

    /// Changes the first frame of a picture as the recipe says, and drops the others.
    pub(crate) fn change(&self, mut picture: Picture) -> Result<Picture, RenderError> {
        let marks = self.marks()?;
        picture.frames.truncate(1);
        for frame in &mut picture.frames {
            self.resources.stop.check()?;
            let pixels = std::mem::take(&mut frame.pixels);
            frame.pixels = render::change(pixels, &self.recipe, &marks, Frames::One)?;
        }
        Ok(picture)
    }

    /// The recipe's watermarks as pictures.
    fn marks(&self) -> Result<Vec<RgbaImage>, RenderError> {
        let marks = self.files.iter().zip(&self.recipe.watermarks);
        let marks =
            marks.map(|(file, watermark)| mark(file.as_ref(), &watermark.what, &self.resources));
        marks.collect()
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
fn mark(
    file: Option<&Result<File, RenderError>>,
    mark: &Mark,
    resources: &Resources,
) -> Result<RgbaImage, RenderError> {
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
            text::write(&resources.fonts.database(), text, &lettering)
        }
        (Mark::Picture { path, .. }, file) => {
            let unreadable =
                || RenderError::Parameter(format!("the watermark {path} is no picture"));
            let file = file
                .ok_or_else(unreadable)?
                .as_ref()
                .map_err(Clone::clone)?;
            let mut file = file.try_clone().map_err(|_| unreadable())?;
            file.rewind().map_err(|_| unreadable())?;
            let content = Content::of_file(file);
            render::read_first(content, false, resources)
                .and_then(Picture::into_pixels)
                .map_err(|_| unreadable())
        }
    }
}
