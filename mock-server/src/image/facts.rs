//! What the service tells of an uploaded picture: kind, size, frames. By content, never by name.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Seek},
};

use super::{
    kind::{Kind, TELLING_BYTES},
    render::{kind_of, reader, svg_size},
};
use crate::store::{Body, ImageFacts};

/// Pictures with more frames than this are counted no further.
const MOST_FRAMES: u32 = 100_000;

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

/// How many frames a GIF has, without a look at their pixels.
pub(super) fn gif_frames(content: impl BufRead) -> Option<u32> {
    gif(content).map(|(_, _, frames)| frames)
}

/// How many frames a WebP has.
pub(super) fn webp_frames(content: impl BufRead + Seek) -> Option<u32> {
    webp(content).map(|(_, _, frames)| frames)
}

fn gif(content: impl BufRead) -> Option<(u32, u32, u32)> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(content).ok()?;
    let (width, height) = (decoder.width().into(), decoder.height().into());
    let mut frames = 0;
    // What comes after a broken frame is not counted; a picture without any frame is none.
    while let Ok(Some(_)) = decoder.next_frame_info() {
        frames += 1;
        if frames == MOST_FRAMES {
            break;
        }
    }
    (frames > 0).then_some((width, height, frames))
}

fn webp(content: impl BufRead + Seek) -> Option<(u32, u32, u32)> {
    let decoder = image_webp::WebPDecoder::new(content).ok()?;
    let (width, height) = decoder.dimensions();
    let frames = if decoder.is_animated() {
        decoder.num_frames()
    } else {
        1
    };
    Some((width, height, frames))
}
