//! Entry points for the fuzz targets in `fuzz/`, which see the crate from outside.
//!
//! Each takes what a stranger may send. It may refuse it, but must come back soon, in bounded memory
//! and without a panic; what is written and can be read must be read as the same.

/// Parameters of pictures: of new, and of old.
pub fn grammar(text: &str) {
    crate::image::fuzzing::grammar(text);
}

/// A picture: it is read, changed by one of a few recipes, written, and asked about.
pub fn decode(bytes: &[u8]) {
    crate::image::fuzzing::decode(bytes);
}

/// Headers, policies, parameters of tasks, and what else has a grammar of its own.
pub fn parsers(text: &str) {
    crate::api::fuzzing::parsers(text);
    crate::tasks::try_options(text);
}
