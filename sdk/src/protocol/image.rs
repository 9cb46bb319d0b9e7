//! Parameters of pictures: how they shall look, and what is asked about them.
//!
//! The same text is the header `x-gmkerl-thumb` of an upload, the policy member of a FORM upload,
//! the member of a task, and what follows the [separator](super::access::Separator) in a URL of an
//! access domain: [`ImageParams`]. What is asked about a picture stands in URLs only:
//! [`ImageQuestion`].

mod color;
mod effects;
mod error;
mod frame;
mod gravity;
mod output;
mod params;
mod question;
mod region;
mod scaling;
mod watermark;

pub use color::{Rgb, Rgba};
pub use effects::Flip;
pub use error::ImageParamsError;
pub use frame::{Gradient, GradientDirection};
pub use gravity::Gravity;
pub use output::ImageFormat;
pub use params::{ImageParams, ImageParamsBuilder};
pub use question::{ImageQuestion, ThemeColors};
pub use region::Region;
pub use watermark::{Font, PictureWatermark, TextWatermark, Watermark};

/// The longest side of a picture, in pixels.
const MAX_SIDE: u32 = 20_000;
