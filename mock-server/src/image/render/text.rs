//! Text as a picture, for watermarks.

use ab_glyph::{Font as _, FontRef, Glyph, ScaleFont as _, point};
use fontdb::{Database, ID};
use image::{Rgba, RgbaImage};

use crate::image::error::{MAX_SIDE, RenderError};
use crate::image::{fonts, recipe::Color};

/// How a text looks.
#[derive(Clone, Debug)]
pub(crate) struct Lettering<'a> {
    pub(crate) font: &'a str,
    /// Pixels of an em.
    pub(crate) size: u32,
    pub(crate) color: Color,
    pub(crate) outline: Option<Color>,
}

/// One character in its place.
struct Placed {
    face: ID,
    glyph: Glyph,
}

/// Writes a text; lines end with `\n`.
pub(crate) fn write(
    database: &Database,
    text: &str,
    lettering: &Lettering<'_>,
) -> Result<RgbaImage, RenderError> {
    let faces = fonts::faces(database, lettering.font);
    let mut layout = Layout::new(database, &faces, lettering.size as f32);
    for (number, line) in text.lines().enumerate() {
        layout.line(number, line);
    }
    // Room for the outline on all sides.
    let edge = match lettering.outline {
        Some(_) => 1 + lettering.size / 32,
        None => 0,
    };
    let side = |length: f32| (length.ceil() as u32).max(1).saturating_add(2 * edge);
    let (width, height) = (side(layout.width), side(layout.height()));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::Parameter(format!(
            "the text of a watermark would be {width} x {height} pixels large; {MAX_SIDE} a side are \
             allowed"
        )));
    }
    let coverage = layout.coverage(width, height, edge);
    let mut picture = RgbaImage::new(width, height);
    if let Some(color) = lettering.outline {
        paint(&mut picture, &widened(&coverage, width, edge), color);
    }
    paint(&mut picture, &coverage, lettering.color);
    Ok(picture)
}

struct Layout<'a> {
    database: &'a Database,
    faces: &'a [ID],
    size: f32,
    placed: Vec<Placed>,
    width: f32,
    /// Of the first face: above and below the base line.
    ascent: f32,
    descent: f32,
    lines: usize,
}

impl<'a> Layout<'a> {
    fn new(database: &'a Database, faces: &'a [ID], size: f32) -> Self {
        let first = faces.first().and_then(|face| {
            with_font(database, *face, |font| {
                let font = font.as_scaled(scale(font, size));
                (font.ascent(), -font.descent())
            })
        });
        let (ascent, descent) = first.unwrap_or((size, 0.0));
        Self {
            database,
            faces,
            size,
            placed: Vec::new(),
            width: 0.0,
            ascent,
            descent,
            lines: 1,
        }
    }

    fn height(&self) -> f32 {
        (self.ascent + self.descent) * self.lines as f32
    }

    fn line(&mut self, number: usize, line: &str) {
        self.lines = number + 1;
        let base = (self.ascent + self.descent) * number as f32 + self.ascent;
        let mut x = 0.0;
        for letter in line.chars().filter(|letter| !letter.is_control()) {
            let Some(face) = self.face_of(letter) else {
                continue;
            };
            let size = self.size;
            let placed = with_font(self.database, face, |font| {
                let scale = scale(font, size);
                let id = font.glyph_id(letter);
                let glyph = id.with_scale_and_position(scale, point(x, base));
                (glyph, font.as_scaled(scale).h_advance(id))
            });
            if let Some((glyph, advance)) = placed {
                self.placed.push(Placed { face, glyph });
                x += advance;
            }
        }
        self.width = self.width.max(x);
    }

    /// The first face that has the character, else the first of all, which shows a box.
    fn face_of(&self, letter: char) -> Option<ID> {
        let has = |face: &&ID| {
            with_font(self.database, **face, |font| font.glyph_id(letter).0 != 0).unwrap_or(false)
        };
        self.faces.iter().find(has).or(self.faces.first()).copied()
    }

    /// How much of each pixel is covered, 0 to 1.
    fn coverage(&self, width: u32, height: u32, edge: u32) -> Vec<f32> {
        let mut coverage = vec![0.0; width as usize * height as usize];
        for placed in &self.placed {
            with_font(self.database, placed.face, |font| {
                let Some(outlined) = font.outline_glyph(placed.glyph.clone()) else {
                    return;
                };
                let corner = outlined.px_bounds().min;
                outlined.draw(|x, y, share| {
                    let x = i64::from(x) + corner.x as i64 + i64::from(edge);
                    let y = i64::from(y) + corner.y as i64 + i64::from(edge);
                    let is_inside =
                        (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
                    if is_inside {
                        let at = (y * i64::from(width) + x) as usize;
                        coverage[at] = (coverage[at] + share).min(1.0);
                    }
                });
            });
        }
        coverage
    }
}

fn with_font<T>(database: &Database, face: ID, look: impl FnOnce(&FontRef<'_>) -> T) -> Option<T> {
    database
        .with_face_data(face, |data, index| {
            FontRef::try_from_slice_and_index(data, index)
                .ok()
                .map(|font| look(&font))
        })
        .flatten()
}

/// The library's scale is the height of a line, the service's size that of an em.
fn scale(font: &FontRef<'_>, size: f32) -> f32 {
    let em = font.units_per_em().unwrap_or(1000.0);
    size * font.height_unscaled() / em
}

/// What is covered, and all that is near to it.
fn widened(coverage: &[f32], width: u32, by: u32) -> Vec<f32> {
    let width = width as usize;
    let height = coverage.len() / width;
    let by = by as usize;
    let most = |from: &[f32], along: usize, length: usize, step: usize, at: usize| {
        let (first, last) = (along.saturating_sub(by), (along + by).min(length - 1));
        let begin = at - (along - first) * step;
        (0..=last - first)
            .map(|it| from[begin + it * step])
            .fold(0.0, f32::max)
    };
    let across: Vec<f32> = (0..coverage.len())
        .map(|at| most(coverage, at % width, width, 1, at))
        .collect();
    (0..coverage.len())
        .map(|at| most(&across, at / width, height, width, at))
        .collect()
}

fn paint(picture: &mut RgbaImage, coverage: &[f32], Color(color): Color) {
    for (pixel, share) in picture.pixels_mut().zip(coverage) {
        let mut ink = color;
        ink[3] = (f32::from(color[3]) * share).round() as u8;
        image::Pixel::blend(pixel, &Rgba(ink));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::fonts::Fonts;

    fn written(text: &str, size: u32, outline: Option<Color>) -> RgbaImage {
        let lettering = Lettering {
            font: "arial",
            size,
            color: Color([200, 0, 0, 255]),
            outline,
        };
        write(&Fonts::default().database(), text, &lettering).unwrap()
    }

    fn inked(picture: &RgbaImage, color: [u8; 4]) -> usize {
        picture.pixels().filter(|pixel| pixel.0 == color).count()
    }

    #[test]
    fn letters_are_as_high_as_the_size_says() {
        let small = written("Hxg", 32, None);
        let large = written("Hxg", 64, None);
        assert!((32..48).contains(&small.height()), "{}", small.height());
        let double = large.height() as f32 / small.height() as f32;
        assert!((1.9..2.1).contains(&double), "{double}");
        assert!(inked(&small, [200, 0, 0, 255]) > 50);
        assert_eq!(small.get_pixel(0, small.height() - 1).0[3], 0);
    }

    #[test]
    fn lines_lie_one_below_the_other() {
        let one = written("H", 32, None);
        let two = written("H\nH", 32, None);
        assert!(two.height() >= 2 * one.height() - 2);
        assert_eq!(two.width(), one.width());
        assert!(written("HH", 32, None).width() > one.width());
    }

    #[test]
    fn an_outline_lies_around_the_letters() {
        let outlined = written("H", 32, Some(Color([0, 200, 0, 255])));
        assert!(inked(&outlined, [0, 200, 0, 255]) > 20);
        assert!(inked(&outlined, [200, 0, 0, 255]) > 20);
    }

    #[test]
    fn nothing_is_written_too_large() {
        let lettering = Lettering {
            font: "simsun",
            size: 2000,
            color: Color([0; 4]),
            outline: None,
        };
        let text = "M".repeat(40);
        let wrong = write(&Fonts::default().database(), &text, &lettering);
        assert!(matches!(wrong, Err(RenderError::Parameter(_))));
    }
}
