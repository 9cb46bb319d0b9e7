//! Theme colours: the few colours that a picture is mostly made of.

use std::collections::HashMap;

use image::RgbaImage;

/// So many pixels are looked at.
const MOST_PIXELS: usize = 1_000_000;

/// Red, green and blue.
type Rgb = [u8; 3];

/// Colours, and how many pixels have each.
type Weighed = Vec<(Rgb, u64)>;

/// At most `count` colours, the most frequent first, as `0xRRGGBB`.
///
/// A picture that has no more colours than that is told exactly; else similar colours become one by
/// cutting the box of all colours in halves of equal weight, along its longest side.
pub(crate) fn theme(pixels: &RgbaImage, count: usize) -> Vec<u32> {
    let step = (pixels.len() / 4).div_ceil(MOST_PIXELS).max(1);
    let mut weights: HashMap<Rgb, u64> = HashMap::new();
    for pixel in pixels.pixels().step_by(step) {
        let [red, green, blue, alpha] = pixel.0;
        if alpha >= 128 {
            *weights.entry([red, green, blue]).or_default() += 1;
        }
    }
    let mut colors: Weighed = weights.into_iter().collect();
    colors.sort_unstable();
    let mut boxes = vec![colors];
    while boxes.len() < count {
        let widest = boxes
            .iter()
            .enumerate()
            .filter(|(_, colors)| colors.len() > 1)
            .max_by_key(|(_, colors)| u64::from(longest(colors).1) * weight(colors));
        let Some((at, _)) = widest else { break };
        let (left, right) = halves(boxes.swap_remove(at));
        boxes.push(left);
        boxes.push(right);
    }
    let mut theme: Vec<(u64, u32)> = boxes
        .iter()
        .filter(|colors| !colors.is_empty())
        .map(|colors| (weight(colors), average(colors)))
        .collect();
    theme.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut told = Vec::new();
    for (_, color) in theme {
        if !told.contains(&color) {
            told.push(color);
        }
    }
    told
}

fn weight(colors: &[(Rgb, u64)]) -> u64 {
    colors.iter().map(|(_, weight)| weight).sum()
}

/// The channel that varies most, and by how much.
fn longest(colors: &[(Rgb, u64)]) -> (usize, u8) {
    let extent = |channel: usize| {
        let values = colors.iter().map(|(color, _)| color[channel]);
        let (least, most) = values.fold((u8::MAX, 0), |(a, b), it| (a.min(it), b.max(it)));
        most.saturating_sub(least)
    };
    (0..3)
        .map(|channel| (channel, extent(channel)))
        .max_by_key(|it| it.1)
        .unwrap_or((0, 0))
}

/// Neither half is empty.
fn halves(mut colors: Weighed) -> (Weighed, Weighed) {
    let (channel, _) = longest(&colors);
    colors.sort_by_key(|(color, _)| color[channel]);
    let half = weight(&colors) / 2;
    let mut sum = 0;
    let middle = colors
        .iter()
        .position(|(_, weight)| {
            sum += weight;
            sum >= half
        })
        .unwrap_or(0);
    let at = (middle + 1).min(colors.len() - 1);
    let right = colors.split_off(at);
    (colors, right)
}

fn average(colors: &[(Rgb, u64)]) -> u32 {
    let total = weight(colors).max(1);
    let channel = |channel: usize| {
        let sum: u64 = colors
            .iter()
            .map(|(color, weight)| u64::from(color[channel]) * weight)
            .sum();
        u32::try_from((sum + total / 2) / total).unwrap_or(255)
    };
    channel(0) << 16 | channel(1) << 8 | channel(2)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn few_colours_are_told_exactly_most_frequent_first() {
        let picture = RgbaImage::from_fn(10, 10, |x, _| match x {
            0..6 => Rgba([0xff, 0, 0xaa, 255]),
            6..9 => Rgba([0x10, 0x20, 0x30, 255]),
            _ => Rgba([1, 2, 3, 0]),
        });
        assert_eq!(theme(&picture, 256), [0xff00aa, 0x102030]);
        assert_eq!(theme(&picture, 2), [16_711_850, 1_056_816]);
        assert_eq!(theme(&picture, 1).len(), 1);
    }

    #[test]
    fn many_colours_become_few() {
        let picture = RgbaImage::from_fn(256, 64, |x, y| {
            let shade = u8::try_from(x).unwrap();
            Rgba([shade, u8::try_from(y).unwrap(), 255 - shade, 255])
        });
        let theme = theme(&picture, 16);
        assert_eq!(theme.len(), 16);
        let empty = RgbaImage::new(3, 3);
        assert!(super::theme(&empty, 5).is_empty());
    }
}
