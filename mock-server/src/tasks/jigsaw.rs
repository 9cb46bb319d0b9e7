//! jigsaw: rows of pictures become one.

use image::{RgbaImage, imageops};
use serde_json::Value;

use super::{
    job::{Job, Keeping, key_of},
    outcome::{Failure, Success},
};
use crate::{
    image::{
        Content, Kind, Setup,
        error::{RenderError, check_result},
        geometry::Size,
        recipe::Recipe,
        render::{Look, Picture},
    },
    store::Attributes,
};

/// Pictures of one jigsaw.
const MOST_PICTURES: usize = 10;

/// Pictures from left to right, with their paths.
type Row = Vec<(String, Content)>;

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let save_as = key_of(job.needed("save_as")?)?;
    let recipe = match job.text("x-gmkerl-thumb") {
        Some(text) => job.recipe(text)?,
        None => Recipe::default(),
    };
    let mut rows: Vec<Row> = Vec::new();
    for paths in matrix(job.entry.parameters.get("image_matrix"))? {
        let mut row = Vec::new();
        for path in paths {
            // Missing pieces make the whole task a bad one.
            let opened = job.open(&path).await;
            let (_, object) =
                opened.map_err(|_| Failure::malformed(format!("there is no picture {path}")))?;
            row.push((path, Content::of_file(object.into_file())));
        }
        rows.push(row);
    }
    let work = move |setup: &Setup| {
        let _memory = setup.reserve(bytes(setup, &mut rows))?;
        let mut pieces = Vec::new();
        for row in rows {
            let mut pictures = Vec::new();
            for (path, content) in row {
                let picture = setup.read_first(content).and_then(Picture::into_pixels);
                let picture = picture.map_err(|error| match error {
                    RenderError::NotAnImage(why) => {
                        RenderError::NotAnImage(format!("{path}: {why}"))
                    }
                    other => other,
                });
                pictures.push(picture?);
            }
            pieces.push(pictures);
        }
        let whole = Picture::drawn(joined(&pieces)?, Kind::Png);
        setup.encode(&setup.change(whole)?)
    };
    let rendered = job.develop(recipe, work).await?;
    let attributes = Attributes {
        content_type: Some(rendered.kind.content_type().to_owned()),
        ..Attributes::default()
    };
    let body = job.body_of(rendered.bytes).await?;
    let mut keeping = Keeping::new(job);
    let kept = keeping.put(&save_as, body, attributes).await;
    keeping.finish(kept).await?;
    Ok(Success::of(save_as.as_str()))
}

fn matrix(given: Option<&Value>) -> Result<Vec<Vec<String>>, Failure> {
    let wrong = |why: &str| Failure::malformed(format!("image_matrix {why}"));
    let rows = given.and_then(Value::as_array);
    let rows = rows.ok_or_else(|| wrong("is no array of rows"))?;
    let mut matrix = Vec::new();
    for row in rows {
        let paths = row.as_array().filter(|row| !row.is_empty());
        let paths = paths.ok_or_else(|| wrong("has a row that is no array of paths"))?;
        let paths = paths.iter().map(|path| path.as_str().map(str::to_owned));
        let paths: Option<Vec<_>> = paths.collect();
        matrix.push(paths.ok_or_else(|| wrong("has a path that is no text"))?);
    }
    match matrix.iter().map(Vec::len).sum() {
        1..=MOST_PICTURES => Ok(matrix),
        count => Err(wrong(&format!(
            "has {count} pictures; it has 1 to {MOST_PICTURES}"
        ))),
    }
}

/// What all pictures take, and what is made of them.
fn bytes(setup: &Setup, rows: &mut [Row]) -> u64 {
    let mut bytes = 0;
    let mut sizes = Vec::new();
    for row in rows {
        let mut row_sizes = Vec::new();
        for (_, content) in row {
            // What cannot be read takes nothing.
            if let Ok(look) = setup.look_at(content) {
                bytes += look.bytes + 4 * u64::from(look.size.0) * u64::from(look.size.1);
                row_sizes.push(look.size);
            }
        }
        sizes.push(row_sizes);
    }
    let size = joined_size(&sizes);
    if check_result(size).is_err() {
        // It is not made.
        return bytes;
    }
    let whole = Look {
        size,
        frames: 1,
        has_alpha: true,
        bytes: 4 * u64::from(size.0) * u64::from(size.1),
    };
    bytes + whole.bytes + setup.bytes_of_changes(whole)
}

/// The size of rows of pictures of these sizes. No more than ten sides of a picture are added.
fn joined_size(rows: &[Vec<Size>]) -> Size {
    let high = |row: &Vec<Size>| row.iter().map(|size| size.1).max().unwrap_or(0);
    let wide = |row: &Vec<Size>| row.iter().map(|size| size.0).sum();
    (
        rows.iter().map(wide).max().unwrap_or(0),
        rows.iter().map(high).sum(),
    )
}

/// Rows from top to bottom, each from left to right; gaps are transparent.
fn joined(rows: &[Vec<RgbaImage>]) -> Result<RgbaImage, RenderError> {
    let sizes = |row: &Vec<RgbaImage>| row.iter().map(RgbaImage::dimensions).collect();
    let sizes: Vec<Vec<Size>> = rows.iter().map(sizes).collect();
    let (width, height) = joined_size(&sizes);
    check_result((width, height))?;
    let mut whole = RgbaImage::new(width, height);
    let mut y = 0;
    for row in rows {
        let mut x = 0;
        for piece in row {
            imageops::replace(&mut whole, piece, i64::from(x), i64::from(y));
            x += piece.width();
        }
        y += row.iter().map(RgbaImage::height).max().unwrap_or(0);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use image::Rgba;
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_as_high_as_their_highest() {
        let piece = |width, height| RgbaImage::from_pixel(width, height, Rgba([1, 2, 3, 255]));
        let whole = joined(&[vec![piece(100, 80), piece(50, 60)], vec![piece(70, 30)]]).unwrap();
        assert_eq!(whole.dimensions(), (150, 110));
        let alpha = |x, y| whole.get_pixel(x, y).0[3];
        assert_eq!(
            (alpha(99, 79), alpha(149, 59), alpha(69, 109)),
            (255, 255, 255)
        );
        assert_eq!((alpha(149, 60), alpha(70, 80)), (0, 0));
    }

    #[test]
    fn one_to_ten_pictures() {
        let count = |given: Value| matrix(Some(&given)).map(|it| it.iter().map(Vec::len).sum());
        assert_eq!(count(json!([["/a", "/b"], ["/c"]])), Ok(3));
        let eleven: Vec<Value> = (0..11).map(|_| json!(["/a"])).collect();
        for wrong in [
            json!([]),
            json!([[]]),
            json!("/a"),
            json!([[1]]),
            eleven.into(),
        ] {
            assert!(count(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(matrix(None).is_err());
    }
}
