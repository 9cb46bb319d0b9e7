//! The cases, by API, one file an operation. What a case is called is where it stands.

mod http;
mod rest;
