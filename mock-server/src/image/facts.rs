//! What the service tells of an uploaded picture: kind, size, frames. By content, never by name.

use std::io::{BufRead, BufReader, Cursor, Seek};

use image::{ImageFormat, ImageReader};

use crate::store::{Body, ImageFacts};

/// Pictures with more frames than this are counted no further.
const MOST_FRAMES: u32 = 100_000;

/// The facts of a body; `None` if it is no picture that can be read.
pub(crate) async fn facts(body: &Body) -> Option<ImageFacts> {
    if let Some(content) = body.in_memory() {
        // Most bodies are no pictures, and a look at the first bytes tells.
        image::guess_format(&content).ok()?;
        return read(Cursor::new(content));
    }
    facts_of_file(body.file().ok().flatten()?).await
}

/// The facts of a file, from where it stands.
pub(crate) async fn facts_of_file(file: std::fs::File) -> Option<ImageFacts> {
    // Reads headers only, but of a GIF all blocks.
    tokio::task::spawn_blocking(move || read(BufReader::new(file)))
        .await
        .ok()
        .flatten()
}

fn read(mut content: impl BufRead + Seek) -> Option<ImageFacts> {
    let format = image::guess_format(content.fill_buf().ok()?).ok()?;
    let file_type = match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WEBP",
        ImageFormat::Bmp => "BMP",
        _ => return None,
    };
    let (width, height, frames) = match format {
        ImageFormat::Gif => gif(content)?,
        ImageFormat::WebP => webp(content)?,
        _ => {
            let (width, height) = ImageReader::with_format(content, format)
                .into_dimensions()
                .ok()?;
            (width, height, 1)
        }
    };
    Some(ImageFacts {
        width,
        height,
        frames,
        file_type: file_type.to_owned(),
    })
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
