//! `/gaussblur/<radius>x<sigma>`.

use image::{ImageFormat, Rgba, RgbaImage};

use super::{encoded, gallery, shown};

#[test]
fn a_small_radius_cuts_a_strong_blur_off() {
    let server = gallery();
    let mut dot = RgbaImage::from_pixel(9, 9, Rgba([0, 0, 0, 255]));
    dot.put_pixel(4, 4, Rgba([255; 4]));
    let dot = encoded(dot, ImageFormat::Png);
    server.put_object("/dot.png", dot).unwrap();
    let blurred = shown(&server, "/dot.png!/gaussblur/1x10").into_rgb8();
    for (x, y, pixel) in blurred.enumerate_pixels() {
        let is_near = x.abs_diff(4) <= 1 && y.abs_diff(4) <= 1;
        // All but flat: a ninth of the dot for each pixel around.
        let want = if is_near { 28 } else { 0 };
        assert_eq!(pixel.0, [want; 3], "{x},{y}");
    }
}

#[test]
fn what_is_transparent_colours_nothing() {
    let server = gallery();
    let half = RgbaImage::from_fn(20, 20, |x, _| match x < 10 {
        true => Rgba([200, 0, 0, 255]),
        false => Rgba([0, 255, 0, 0]),
    });
    server
        .put_object("/half.png", encoded(half, ImageFormat::Png))
        .unwrap();
    for blur in ["0x2", "2x9"] {
        let blurred = shown(&server, &format!("/half.png!/gaussblur/{blur}")).into_rgba8();
        let Rgba([red, green, _, alpha]) = *blurred.get_pixel(10, 10);
        assert!(red > 190 && green == 0, "{blur}: {red} {green}");
        assert!((60..200).contains(&alpha), "{blur}: {alpha}");
    }
}
