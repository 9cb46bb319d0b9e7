//! What the service tells of an uploaded picture: kind, size, frames. By content, never by name.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Seek},
};

use super::{
    frames::{gif, webp},
    kind::{Kind, TELLING_BYTES},
    render::{kind_of, reader, svg_size},
};
use crate::store::{Body, ImageFacts};

/// The facts of a body; `None` if it is no picture that can be read.
pub(crate) async fn facts(body: &Body) -> Option<ImageFacts> {
    if let Some(content) = body.in_memory() {
        // Most bodies are no pictures, and a look at the first bytes tells.
        let begin = content.get(..TELLING_BYTES).unwrap_or(&content);
        Kind::guess(begin)?;
        return read(Cursor::new(content));
    }
    facts_of_file(body.file().ok().flatten()?).await
}

/// The facts of a file, from where it stands.
pub(crate) async fn facts_of_file(file: File) -> Option<ImageFacts> {
    // Reads headers only, but of a GIF all blocks.
    let look = move || read(BufReader::new(file));
    tokio::task::spawn_blocking(look).await.ok().flatten()
}

/// Whether a file holds a picture of these formats.
pub(crate) async fn is_png_or_webp(file: File) -> bool {
    let facts = facts_of_file(file).await;
    facts.is_some_and(|facts| matches!(&*facts.file_type, "PNG" | "WEBP"))
}

pub(super) fn read(mut content: impl BufRead + Seek) -> Option<ImageFacts> {
    let kind = kind_of(&mut content).ok()?;
    let (width, height, frames) = match (kind, kind.of_library()) {
        (Kind::Gif, _) => gif(content)?,
        (Kind::WebP, _) => webp(content)?,
        (_, Some(format)) => {
            let (width, height) = reader(content, format).into_dimensions().ok()?;
            (width, height, 1)
        }
        (_, None) => {
            let (width, height) = svg_size(content).ok()?;
            (width, height, 1)
        }
    };
    Some(ImageFacts {
        width,
        height,
        frames,
        file_type: kind.name().to_owned(),
    })
}
