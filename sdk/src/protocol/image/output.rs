//! How the result is written.

use super::ImageParamsBuilder;

/// What a picture can be turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are the names of formats")]
pub enum ImageFormat {
    Jpeg,
    Png,
    WebP,
}

impl ImageParamsBuilder {
    /// The format: that of the picture unless set. `format`.
    pub fn format(self, format: ImageFormat) -> Self {
        let value = match format {
            ImageFormat::Jpeg => "jpg",
            ImageFormat::Png => "png",
            ImageFormat::WebP => "webp",
        };
        self.put("format", value)
    }

    /// Of JPEG and WebP, 1 to 99: `quality`.
    pub fn quality(self, quality: u32) -> Self {
        self.check("quality", quality, (1, 99))
            .put("quality", quality)
    }

    /// WebP without loss: `lossless`.
    pub fn lossless(self) -> Self {
        self.put("lossless", true)
    }

    /// Makes JPEG and PNG smaller, with a slight loss: `compress`.
    pub fn compress(self) -> Self {
        self.put("compress", true)
    }

    /// Leaves out what the frames of a GIF share: smaller, and worse to look at after scaling.
    /// `coalesce/false`.
    pub fn no_coalesce(self) -> Self {
        self.put("coalesce", false)
    }

    /// Progressive JPEG: `progressive`.
    pub fn progressive(self) -> Self {
        self.put("progressive", true)
    }

    /// Drops the colour profile: `noicc`.
    pub fn no_icc(self) -> Self {
        self.put("noicc", true)
    }

    /// Drops EXIF, colour profile and the rest: `strip`.
    pub fn strip(self) -> Self {
        self.put("strip", true)
    }

    /// Keeps EXIF, which is dropped otherwise: `exifswitch`.
    pub fn keep_exif(self) -> Self {
        self.put("exifswitch", true)
    }

    /// Of a GIF that moves the first frame: `gifto`.
    pub fn first_frame(self) -> Self {
        self.put("gifto", true)
    }

    /// Gives the original where it is no picture or too large, and says so in the header
    /// `x-gmkerl-err-code`: `ignore-error`. A client reads it from
    /// `DownloadInfo::ignored_status`.
    pub fn ignore_errors(self) -> Self {
        self.put("ignore-error", true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::image::ImageParams;

    #[track_caller]
    fn check(set: impl FnOnce(ImageParamsBuilder) -> ImageParamsBuilder, want: &str) {
        let params = set(ImageParams::builder()).build();
        assert_eq!(params.unwrap().as_str(), want);
    }

    #[test]
    fn every_parameter_is_written_as_documented() {
        check(|it| it.format(ImageFormat::Jpeg), "/format/jpg");
        check(|it| it.format(ImageFormat::Png), "/format/png");
        check(
            |it| it.format(ImageFormat::WebP).lossless(),
            "/format/webp/lossless/true",
        );
        check(|it| it.quality(80), "/quality/80");
        check(|it| it.compress(), "/compress/true");
        check(|it| it.no_coalesce(), "/coalesce/false");
        check(|it| it.progressive(), "/progressive/true");
        check(|it| it.no_icc(), "/noicc/true");
        check(|it| it.strip(), "/strip/true");
        check(|it| it.keep_exif(), "/exifswitch/true");
        check(|it| it.first_frame(), "/gifto/true");
        check(|it| it.ignore_errors(), "/ignore-error/true");
        check(
            |it| it.width(300).sharpen().quality(80).format(ImageFormat::Png),
            "/fw/300/unsharp/true/quality/80/format/png",
        );
    }

    #[test]
    fn quality_has_bounds() {
        for wrong in [0, 100] {
            let params = ImageParams::builder().quality(wrong).build();
            assert_eq!(
                params.unwrap_err().to_string(),
                format!("quality is {wrong}; it is 1 to 99")
            );
        }
    }
}
