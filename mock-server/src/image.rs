//! Pictures.

mod facts;

pub(crate) use facts::{facts, facts_of_file};
