//! A picture that is as hard to decode as a photograph: soft shapes, edges and noise.

use image::{ExtendedColorType, ImageEncoder as _, codecs::jpeg::JpegEncoder};

/// Of a camera with twelve megapixels.
pub(crate) const WIDTH: u32 = 4000;
pub(crate) const HEIGHT: u32 = 3000;
const QUALITY: u8 = 90;

/// The picture as a JPEG, the same every time.
pub(crate) fn jpeg() -> Vec<u8> {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (across, down) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
            let wave = (across * 40.0).sin() * (down * 30.0).cos() * 40.0;
            let is_inside = (across - 0.6).hypot(down - 0.4) < 0.25;
            let edge = if is_inside { 50.0 } else { 0.0 };
            for light in [across * 160.0, down * 160.0, (1.0 - across) * 120.0] {
                pixels.push((light + 30.0 + wave + edge + noise.next()).clamp(0.0, 255.0) as u8);
            }
        }
    }
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, QUALITY)
        .write_image(&pixels, WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .expect("memory takes any picture");
    file
}

struct Noise(u64);

impl Noise {
    /// From -6 to 6.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % 13) as f32 - 6.0
    }
}
