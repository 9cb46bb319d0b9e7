//! A client of the UPYUN (又拍云) object store.

pub mod protocol;
