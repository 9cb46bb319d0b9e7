//! thumb: more pictures of one that was uploaded by a form, whole or cut into tiles.

use std::io::Cursor;

use image::{ImageFormat, RgbaImage, imageops};
use serde_json::{Value, json};

use super::{
    job::{Job, Keeping, key_of},
    outcome::{Failure, Success},
};
use crate::{image::render::Rendered, store::Attributes};

/// The most tiles of a picture.
const MAX_TILES: u32 = 10_000;
/// Places of a tile in a name.
const PLACES: [&str; 3] = ["{row}", "{column}", "{seq}"];

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let look = job.recipe(job.needed("x-gmkerl-thumb")?)?;
    let tile = job.text("x-gmkerl-split").map(tile_size).transpose()?;
    let (source, object) = job.open(&job.entry.source).await?;
    let rendered = job.develop_object(object, look).await?;
    let suffix = suffix_of(&rendered);
    let names = Names {
        template: job.text("save_as"),
        path: source.as_str(),
        suffix,
        id: job.id(),
    };
    let mut keeping = Keeping::new(job);
    let mut told = Vec::new();
    let tiles = match tile {
        Some(size) => cut(&rendered, size)?,
        None => vec![Tile {
            place: None,
            size: (rendered.facts.width, rendered.facts.height),
            bytes: rendered.bytes.clone(),
        }],
    };
    let mut kept = Ok(());
    for tile in tiles {
        let path = names.of(tile.place);
        let mut info = json!({
            "path": path,
            "type": suffix,
            "width": tile.size.0,
            "height": tile.size.1,
            "frames": if tile.place.is_some() { 1 } else { rendered.facts.frames },
        });
        if let Some(Place { row, column, .. }) = tile.place {
            info["row"] = row.into();
            info["column"] = column.into();
        }
        told.push(info);
        let attributes = Attributes {
            content_type: Some(rendered.content_type.to_owned()),
            ..Attributes::default()
        };
        let body = job.body_of(tile.bytes).await?;
        kept = match key_of(&path) {
            Ok(key) => keeping.put(&key, body, attributes).await,
            Err(failure) => Err(failure),
        };
        if kept.is_err() {
            break;
        }
    }
    keeping.finish(kept).await?;
    // Tiles are a list even if there is one.
    Ok(match (tile, told.pop()) {
        (None, Some(one)) => Success::default().with("imginfo", one),
        (_, last) => {
            told.extend(last);
            Success::default().with("imginfos", Value::Array(told))
        }
    })
}

fn tile_size(text: &str) -> Result<(u32, u32), Failure> {
    let side = |text: &str| text.parse::<u32>().ok().filter(|it| *it > 0);
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| Failure::bad_parameter(format!("x-gmkerl-split is {text:?}; it is WxH")))
}

fn suffix_of(rendered: &Rendered) -> &'static str {
    match rendered.content_type {
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "jpg",
    }
}

/// Where a tile was in the picture, all from 0.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    number: u32,
}

struct Tile {
    place: Option<Place>,
    size: (u32, u32),
    bytes: Vec<u8>,
}

/// Cuts a picture from its top left on; tiles at the other edges may be smaller.
fn cut(rendered: &Rendered, (width, height): (u32, u32)) -> Result<Vec<Tile>, Failure> {
    let broken = |error: image::ImageError| Failure::internal(error.to_string());
    let picture = image::load_from_memory(&rendered.bytes).map_err(broken)?;
    let picture = picture.into_rgba8();
    let columns = picture.width().div_ceil(width);
    let rows = picture.height().div_ceil(height);
    if columns.saturating_mul(rows) > MAX_TILES {
        return Err(Failure::bad_parameter(format!(
            "there would be more than {MAX_TILES} tiles"
        )));
    }
    let mut tiles = Vec::new();
    for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
        let (x, y) = (column * width, row * height);
        let size = (
            width.min(picture.width() - x),
            height.min(picture.height() - y),
        );
        let part = imageops::crop_imm(&picture, x, y, size.0, size.1).to_image();
        tiles.push(Tile {
            place: Some(Place {
                row,
                column,
                number: row * columns + column,
            }),
            size,
            bytes: encoded(part, rendered.content_type).map_err(broken)?,
        });
    }
    Ok(tiles)
}

fn encoded(pixels: RgbaImage, content_type: &str) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::DynamicImage::ImageRgba8(pixels);
    match content_type {
        "image/png" => picture.write_to(&mut bytes, ImageFormat::Png)?,
        "image/gif" => picture.write_to(&mut bytes, ImageFormat::Gif)?,
        "image/webp" => picture.write_to(&mut bytes, ImageFormat::WebP)?,
        _ => picture
            .into_rgb8()
            .write_to(&mut bytes, ImageFormat::Jpeg)?,
    }
    Ok(bytes.into_inner())
}

/// Names of results.
struct Names<'a> {
    template: Option<&'a str>,
    /// Of the source.
    path: &'a str,
    /// Of the result.
    suffix: &'a str,
    id: &'a str,
}

impl Names<'_> {
    fn of(&self, place: Option<Place>) -> String {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        let (stem, suffix) = name.rsplit_once('.').unwrap_or((name, ""));
        let template = match self.template {
            Some(template) => template.to_owned(),
            None => format!("{folder}/{}.{}", self.id, self.suffix),
        };
        let has_place = PLACES.iter().any(|it| template.contains(it));
        let mut path = template
            .replace("{filepath}", self.path)
            .replace("{filename}", stem)
            .replace("{suffix}", suffix);
        if let Some(Place {
            row,
            column,
            number,
        }) = place
        {
            path = match has_place {
                true => path
                    .replace("{row}", &row.to_string())
                    .replace("{column}", &column.to_string())
                    .replace("{seq}", &number.to_string()),
                // From 1, with the suffix of the result.
                false => format!("{path}-{}.{}", number + 1, self.suffix),
            };
        }
        format!("/{}", path.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tiles() {
        let names = |template| Names {
            template,
            path: "/images/upyun.jpg",
            suffix: "png",
            id: "ID",
        };
        let place = Some(Place {
            row: 1,
            column: 2,
            number: 5,
        });
        let of = |template, place| names(template).of(place);
        assert_eq!(of(None, None), "/images/ID.png");
        assert_eq!(of(Some("a.png"), None), "/a.png");
        assert_eq!(
            of(Some("/images/upyun.jpg"), place),
            "/images/upyun.jpg-6.png"
        );
        let every = "/{filename}_{suffix}/{row}-{column}-{seq}{filepath}";
        assert_eq!(of(Some(every), place), "/upyun_jpg/1-2-5/images/upyun.jpg");
    }
}
