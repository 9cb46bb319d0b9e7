//! Pictures, and how they are asked for at an access domain.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::{
    Context,
    failure::{Failure, holds, same},
    wire::{Answer, Request, sign::base64},
};

pub(crate) const RED: [u8; 4] = [255, 0, 0, 255];
pub(crate) const GREEN: [u8; 4] = [0, 255, 0, 255];
pub(crate) const BLUE: [u8; 4] = [0, 0, 255, 255];
pub(crate) const YELLOW: [u8; 4] = [255, 255, 0, 255];
pub(crate) const WHITE: [u8; 4] = [255; 4];

/// A picture of four colours: red and green above blue and yellow.
pub(crate) fn quarters(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

/// A picture of one colour.
pub(crate) fn flat(width: u32, height: u32, colour: [u8; 4]) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba(colour))
}

/// A file of it.
pub(crate) fn encode(pixels: RgbaImage, format: ImageFormat) -> Result<Vec<u8>, Failure> {
    let picture = DynamicImage::ImageRgba8(pixels);
    let picture = match format {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(picture.into_rgb8()),
        _ => picture,
    };
    let mut bytes = Cursor::new(Vec::new());
    let written = picture.write_to(&mut bytes, format);
    written.map_err(|error| Failure::harness("to write a picture", error))?;
    Ok(bytes.into_inner())
}

/// A PNG of four colours.
pub(crate) fn png(width: u32, height: u32) -> Result<Vec<u8>, Failure> {
    encode(quarters(width, height), ImageFormat::Png)
}

/// A GIF of one frame for each shade of grey, shown 40 ms each.
pub(crate) fn animation(width: u32, height: u32, shades: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for shade in shades {
        let pixels = flat(width, height, [*shade, *shade, *shade, 255]);
        let delay = image::Delay::from_numer_denom_ms(40, 1);
        let frame = image::Frame::from_parts(pixels, 0, 0, delay);
        let written = encoder.encode_frame(frame);
        written.map_err(|error| Failure::harness("to write an animation", error))?;
    }
    drop(encoder);
    Ok(gif)
}

/// A JPEG with these segments of metadata before its pictures.
pub(crate) fn jpeg_with(
    (width, height): (u32, u32),
    segments: &[(u8, &[u8])],
) -> Result<Vec<u8>, Failure> {
    let jpeg = encode(quarters(width, height), ImageFormat::Jpeg)?;
    let mut made = jpeg[..2].to_vec();
    for (marker, content) in segments {
        let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
        made.extend([0xff, *marker]);
        made.extend(length.to_be_bytes());
        made.extend(*content);
    }
    made.extend(&jpeg[2..]);
    Ok(made)
}

/// EXIF that tells the make, this orientation, and 72 dots an inch.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x03\0".to_vec();
    // Make: text of 6 bytes, 50 bytes behind the header. Orientation: a short.
    tiff.extend([0x0f, 0x01, 2, 0, 6, 0, 0, 0, 50, 0, 0, 0]);
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    // XResolution: a fraction.
    tiff.extend([0x1a, 0x01, 5, 0, 1, 0, 0, 0, 56, 0, 0, 0]);
    tiff.extend(b"\0\0\0\0Canon\0");
    tiff.extend([72, 0, 0, 0, 1, 0, 0, 0]);
    tiff
}

/// A photograph of 100 × 60 with this orientation.
pub(crate) fn photograph(orientation: u8) -> Result<Vec<u8>, Failure> {
    jpeg_with((100, 60), &[(0xe1, &exif(orientation))])
}

/// What a picture's file holds.
pub(crate) fn decode(bytes: &[u8]) -> Result<RgbaImage, Failure> {
    let picture = image::load_from_memory(bytes);
    let picture = picture.map_err(|error| Failure::new("a picture", error.to_string()))?;
    Ok(picture.into_rgba8())
}

/// Path and more of a URL, as a parameter: `/` is written `|`.
pub(crate) fn coded(text: &str) -> String {
    base64(text).replace('/', "|")
}

/// `GET` of a name in the case's folder at the access domain, with what is asked of it.
pub(crate) fn public(cx: &Context, name: &str, wish: &str) -> Result<Request, Failure> {
    let path = format!("{}{wish}", crate::context::encode(&cx.key(name)));
    Ok(cx.request("GET", path).to(cx.domain()?).unsigned())
}

/// What is shown of `p.png` with these parameters.
pub(crate) async fn shown(cx: &Context, wish: &str) -> Result<RgbaImage, Failure> {
    shown_of(cx, "p.png", wish).await
}

/// What is shown of a picture with these parameters.
pub(crate) async fn shown_of(cx: &Context, name: &str, wish: &str) -> Result<RgbaImage, Failure> {
    let at = |failure: Failure| failure.at(wish);
    let answer = public(cx, name, &format!("!{wish}"))?
        .ok()
        .await
        .map_err(at)?;
    decode(&answer.body).map_err(at)
}

/// Expects sizes of `p.png` with each of these parameters.
pub(crate) async fn sizes(cx: &Context, rows: &[(&str, u32, u32)]) -> Result<(), Failure> {
    for (wish, width, height) in rows {
        let found = shown(cx, wish).await?.dimensions();
        same("a size of", found, (*width, *height)).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

/// Expects this colour, or nearly, at a place of `p.png` with these parameters.
pub(crate) async fn pixel(
    cx: &Context,
    wish: &str,
    (x, y): (u32, u32),
    want: [u8; 4],
) -> Result<(), Failure> {
    let picture = shown(cx, wish).await?;
    near(&picture, (x, y), want).map_err(|it| it.at(wish))
}

/// Expects this colour, or nearly, at a place.
pub(crate) fn near(picture: &RgbaImage, (x, y): (u32, u32), want: [u8; 4]) -> Result<(), Failure> {
    let found = picture.get_pixel_checked(x, y).map(|it| it.0);
    let is_near = found.is_some_and(|found| {
        let mut channels = found.iter().zip(want);
        channels.all(|(found, want)| found.abs_diff(want) < 16)
    });
    holds(is_near, format!("{want:?} at {x},{y}"), found)
}

/// Expects a refusal of the access domain: JSON with this code and text.
pub(crate) fn is_problem(
    answer: &Answer,
    status: u16,
    code: u32,
    text: &str,
) -> Result<(), Failure> {
    answer.is_status(status)?;
    let body = answer.json()?;
    let found = (body["code"].as_u64(), body["msg"].as_str());
    same("code and text", found, (Some(code.into()), Some(text)))?;
    same(
        "the id in the body",
        body["id"].as_str(),
        answer.header("x-request-id"),
    )
}

/// Uploads `p.png` of 1000 × 600.
pub(crate) async fn put_png(cx: &Context) -> Result<(), Failure> {
    cx.put("p.png", png(1000, 600)?).ok().await.map(drop)
}
