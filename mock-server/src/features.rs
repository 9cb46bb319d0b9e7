//! Cargo features that a build can leave out.

/// A cargo feature that a request needs and this build leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "upyun-mock was built without its cargo feature `{0}`; add \"{0}\" to the features of the \
     dependency upyun-mock in Cargo.toml, or leave out default-features = false"
)]
pub(crate) struct MissingFeature(pub(crate) &'static str);

// A build uses those that it leaves out.
#[allow(dead_code)]
impl MissingFeature {
    pub(crate) const ARCHIVES: Self = Self("archives");
    pub(crate) const CONSOLE: Self = Self("console");
    pub(crate) const EXEC: Self = Self("exec");
    pub(crate) const IMAGES: Self = Self("images");
    pub(crate) const MEDIA: Self = Self("media");
    pub(crate) const TLS: Self = Self("tls");
}
