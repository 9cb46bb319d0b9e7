//! From bytes to pixels, within bounds.

use std::io::{BufRead, Read as _, Seek, SeekFrom};

use image::{
    AnimationDecoder, ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{gif::GifDecoder, webp::WebPDecoder},
    metadata::{LoopCount, Orientation},
};

use super::{Frame, Look, Picture, svg};
use crate::image::error::{MAX_PIXELS, MAX_SIDE, RenderError, broken};
use crate::image::{
    frames::{gif_frames, webp_frames},
    kind::{Kind, TELLING_BYTES},
    resources::Resources,
};

/// What is made of a frame.
pub(crate) type Change<'c> = dyn FnMut(DynamicImage) -> Result<DynamicImage, RenderError> + 'c;

/// Four bytes a pixel, twice: as read, and as they will be.
const MAX_BYTES: u64 = 8 * MAX_PIXELS;
const MAX_PROFILE_BYTES: u64 = 16 * 1024 * 1024;
/// For what else decoders need.
const ROOM_BYTES: u64 = 1024 * 1024;

/// Reads the first frame of a picture, upright by EXIF or as it is.
pub(crate) fn read_first(
    content: impl BufRead + Seek,
    upright: bool,
    resources: &Resources,
) -> Result<Picture, RenderError> {
    read(content, true, upright, resources, &mut Ok)
}

/// Reads a picture: all frames or the first, upright by EXIF or as they are. If there are more
/// frames than one, `change` is applied to each as soon as it is decoded, so that only the results
/// are held.
pub(crate) fn read(
    mut content: impl BufRead + Seek,
    only_first: bool,
    upright: bool,
    resources: &Resources,
    change: &mut Change<'_>,
) -> Result<Picture, RenderError> {
    let kind = kind_of(&mut content)?;
    match (kind, kind.of_library()) {
        (Kind::Gif, _) if !only_first => {
            let begin = content.stream_position().map_err(broken)?;
            let frames = gif_frames(&mut content).unwrap_or(0);
            content.seek(SeekFrom::Start(begin)).map_err(broken)?;
            let decoder = GifDecoder::new(content).map_err(broken)?;
            check(decoder.dimensions(), frames.into())?;
            animation(decoder, kind, frames, resources, change)
        }
        (Kind::WebP, _) => {
            let begin = content.stream_position().map_err(broken)?;
            let frames = webp_frames(&mut content).unwrap_or(1);
            content.seek(SeekFrom::Start(begin)).map_err(broken)?;
            let decoder = WebPDecoder::new(content).map_err(broken)?;
            if !only_first && decoder.has_animation() {
                return animation(decoder, kind, frames, resources, change);
            }
            still(decoder, kind, upright)
        }
        (_, Some(format)) => {
            let reader = reader(content, format);
            still(reader.into_decoder().map_err(broken)?, kind, upright)
        }
        (_, None) => {
            let pixels = svg::draw(content, resources)?;
            Ok(Picture::drawn(pixels, kind))
        }
    }
}

/// What is known of a picture before [`read`] decodes it, and what that takes.
pub(super) fn look(
    content: &mut (impl BufRead + Seek),
    only_first: bool,
) -> Result<Look, RenderError> {
    let kind = kind_of(content)?;
    let begin = content.stream_position().map_err(broken)?;
    let frames = match kind {
        Kind::Gif if !only_first => gif_frames(&mut *content).unwrap_or(0),
        Kind::WebP if !only_first => webp_frames(&mut *content).unwrap_or(1),
        _ => 1,
    };
    content.seek(SeekFrom::Start(begin)).map_err(broken)?;
    let Some(format) = kind.of_library() else {
        let (size, bytes) = svg::look(content)?;
        return Ok(Look {
            size,
            frames,
            has_alpha: true,
            bytes,
        });
    };
    let decoder = reader(&mut *content, format)
        .into_decoder()
        .map_err(broken)?;
    let size = decoder.dimensions();
    check(size, frames.into())?;
    let pixels = u64::from(size.0) * u64::from(size.1);
    let color = decoder.color_type();
    let bytes = match (frames, color) {
        // As they are in the file, and as they will be.
        (1, ColorType::Rgb8 | ColorType::Rgba8) => decoder.total_bytes(),
        (1, _) => decoder.total_bytes() + 4 * pixels,
        // Two frames, and those that the decoder works with.
        _ => 4 * pixels * (2 + 3),
    };
    Ok(Look {
        size,
        frames,
        has_alpha: color.has_alpha(),
        bytes,
    })
}

/// Reads what comes before the pixels. Of what unpacks there, a colour profile, so much and no more.
pub(crate) fn reader<R: BufRead + Seek>(content: R, format: ImageFormat) -> ImageReader<R> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PROFILE_BYTES);
    let mut reader = ImageReader::with_format(content, format);
    reader.limits(limits);
    reader
}

/// The block of a picture that holds IPTC, if there is one.
pub(crate) fn iptc_block(mut content: impl BufRead + Seek) -> Option<Vec<u8>> {
    let format = kind_of(&mut content).ok()?.of_library()?;
    let mut decoder = reader(content, format).into_decoder().ok()?;
    decoder.iptc_metadata().ok()?
}

/// Tells the format, and leaves the content where it was.
pub(crate) fn kind_of(content: &mut (impl BufRead + Seek)) -> Result<Kind, RenderError> {
    let mut begin = Vec::new();
    let at = content.stream_position().map_err(broken)?;
    let mut telling = (&mut *content).take(TELLING_BYTES as u64);
    telling.read_to_end(&mut begin).map_err(broken)?;
    content.seek(SeekFrom::Start(at)).map_err(broken)?;
    Kind::guess(&begin).ok_or_else(|| broken("its first bytes are those of no picture"))
}

fn still(
    mut decoder: impl ImageDecoder,
    kind: Kind,
    upright: bool,
) -> Result<Picture, RenderError> {
    check(decoder.dimensions(), 1)?;
    let mut limits = Limits::no_limits();
    let (width, height) = decoder.dimensions();
    // At most eight bytes a pixel, twice.
    let needed = 16 * u64::from(width) * u64::from(height) + ROOM_BYTES;
    limits.max_alloc = Some(needed.min(MAX_BYTES));
    decoder.set_limits(limits).map_err(broken)?;
    // From here on there is nothing but RGB, to which the profile of a grey or CMYK picture does not apply.
    let icc = decoder.icc_profile().map_err(broken)?;
    let icc = icc.filter(|icc| icc.get(16..20) == Some(b"RGB "));
    let mut exif = decoder.exif_metadata().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let mut pixels = match pixels.color().has_alpha() {
        true => DynamicImage::from(pixels.into_rgba8()),
        false => DynamicImage::from(pixels.into_rgb8()),
    };
    if upright {
        pixels.apply_orientation(orientation);
        if let Some(exif) = &mut exif {
            // `None` where there was no orientation to be reset.
            let _ = Orientation::remove_from_exif_chunk(exif);
        }
    }
    Ok(Picture {
        frames: vec![Frame::still(pixels)],
        kind,
        loops: LoopCount::Infinite,
        icc,
        exif,
    })
}

fn animation<'a>(
    mut decoder: impl AnimationDecoder<'a> + ImageDecoder,
    kind: Kind,
    frames: u32,
    resources: &Resources,
    change: &mut Change<'_>,
) -> Result<Picture, RenderError> {
    let size = decoder.dimensions();
    check(size, 1)?;
    let mut limits = Limits::no_limits();
    // The picture so far, a frame, and both together. A frame may say that it is larger than all.
    let pixels = u64::from(size.0) * u64::from(size.1);
    limits.max_alloc = Some(3 * 4 * pixels + ROOM_BYTES);
    decoder.set_limits(limits).map_err(broken)?;
    let loops = decoder.loop_count();
    // Memory is reserved for those that were counted.
    let most = usize::try_from(frames).unwrap_or(usize::MAX);
    let mut frames = Vec::new();
    // Until the next one comes, it may be the only one.
    let mut last: Option<Frame> = None;
    for frame in decoder.into_frames().take(most) {
        resources.stop.check()?;
        let frame = frame.map_err(broken)?;
        let frame = Frame {
            delay: frame.delay(),
            pixels: frame.into_buffer().into(),
        };
        if let Some(before) = last.replace(frame) {
            frames.push(before.changed(change)?);
        }
        check(size, frames.len() as u64 + 1)?;
    }
    let last = last.ok_or_else(|| broken("it has no frames"))?;
    frames.push(match frames.is_empty() {
        true => last,
        false => last.changed(change)?,
    });
    Ok(Picture {
        frames,
        kind,
        loops,
        icc: None,
        exif: None,
    })
}

fn check((width, height): (u32, u32), frames: u64) -> Result<(), RenderError> {
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::TooLong);
    }
    if u64::from(width) * u64::from(height) * frames > MAX_PIXELS {
        return Err(RenderError::TooMany);
    }
    Ok(())
}
