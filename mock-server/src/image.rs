//! Pictures.

mod facts;

pub(crate) use facts::facts;
