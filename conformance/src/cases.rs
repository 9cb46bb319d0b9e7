//! The cases, by API, one file an operation. What a case is called is where it stands.

mod auth;
mod block;
mod http;
mod multipart;
mod rest;
