//! What a picture says beside its pixels: the colour profile is handed on, EXIF if that is asked for.

use img_parts::{DynImage, ImageEXIF as _, ImageICC as _};

use super::Picture;
use crate::image::recipe::Output;

pub(super) fn keep(bytes: Vec<u8>, picture: &Picture, output: &Output) -> Vec<u8> {
    let icc = picture.icc.clone().filter(|_| !output.no_icc);
    let exif = picture.exif.clone().filter(|_| output.keep_exif);
    if output.strip || (icc.is_none() && exif.is_none()) {
        return bytes;
    }
    // Formats that cannot hold them do without, as GIF does.
    let Ok(Some(mut whole)) = DynImage::from_bytes(bytes.clone().into()) else {
        return bytes;
    };
    whole.set_icc_profile(icc.map(Into::into));
    whole.set_exif(exif.map(Into::into));
    whole.encoder().bytes().to_vec()
}
