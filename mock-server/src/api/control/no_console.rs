//! The console in a build without the feature `console`.

use super::answer::Problem;
use crate::features::MissingFeature;

/// `GET /_mock`.
pub(super) async fn to_page() -> Problem {
    page().await
}

/// `GET /_mock/`.
pub(super) async fn page() -> Problem {
    MissingFeature::CONSOLE.into()
}

/// `GET /_mock/assets/{file}`.
pub(super) async fn asset() -> Problem {
    page().await
}
