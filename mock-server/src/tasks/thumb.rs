//! thumb: more pictures of one that was uploaded by a form, whole or cut into tiles.

use image::imageops;
use serde_json::{Value, json};

use super::{
    job::{Job, Keeping, key_of},
    outcome::{Failure, Success},
};
use crate::{
    image::{
        Content, Setup,
        error::RenderError,
        render::{Picture, Rendered},
    },
    store::Attributes,
};

/// The most tiles of a picture.
const MAX_TILES: u32 = 10_000;
/// Places of a tile in a name.
const PLACES: [&str; 3] = ["{row}", "{column}", "{seq}"];

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let look = job.recipe(job.needed("x-gmkerl-thumb")?)?;
    let tile = job.text("x-gmkerl-split").map(tile_size).transpose()?;
    let (source, object) = job.open(&job.entry.source).await?;
    let mut content = Content::of_file(object.into_file());
    let work = move |setup: &Setup| {
        let _memory = setup.reserve(setup.bytes(&mut content))?;
        let picture = setup.read_changed(content)?;
        match tile {
            Some(size) => tiles(setup, picture, size),
            None => Ok(vec![(None, setup.encode(&picture)?)]),
        }
    };
    let made = job.develop(look, work).await?;
    let names = |suffix| Names {
        template: job.text("save_as"),
        path: source.as_str(),
        suffix,
        id: job.id(),
    };
    let mut keeping = Keeping::new(job);
    let mut told = Vec::new();
    let mut kept = Ok(());
    for (place, rendered) in made {
        let suffix = rendered.kind.suffix();
        let path = names(suffix).of(place);
        let mut info = json!({
            "path": path,
            "type": suffix,
            "width": rendered.facts.width,
            "height": rendered.facts.height,
            "frames": rendered.facts.frames,
        });
        if let Some(Place { row, column, .. }) = place {
            info["row"] = row.into();
            info["column"] = column.into();
        }
        told.push(info);
        let attributes = Attributes {
            content_type: Some(rendered.kind.content_type().to_owned()),
            ..Attributes::default()
        };
        let body = job.body_of(rendered.bytes).await;
        kept = match (key_of(&path), body) {
            (Ok(key), Ok(body)) => keeping.put(&key, body, attributes).await,
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
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

/// Where a tile was in the picture, all from 0.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    number: u32,
}

/// Cuts a picture from its top left on; tiles at the other edges may be smaller.
fn tiles(
    setup: &Setup,
    picture: Picture,
    (width, height): (u32, u32),
) -> Result<Vec<(Option<Place>, Rendered)>, RenderError> {
    let kind = picture.kind;
    let picture = picture.into_pixels()?;
    let columns = picture.width().div_ceil(width);
    let rows = picture.height().div_ceil(height);
    if columns.saturating_mul(rows) > MAX_TILES {
        return Err(RenderError::Parameter(format!(
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
        let place = Place {
            row,
            column,
            number: row * columns + column,
        };
        tiles.push((Some(place), setup.encode(&Picture::drawn(part, kind))?));
    }
    Ok(tiles)
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
