//! The cases, by API, one file an operation. What a case is called is where it stands.

mod auth;
mod block;
mod cdn;
mod form;
mod http;
mod images;
mod multipart;
mod purge;
mod rest;
mod support;
mod sync_tasks;
mod tasks;
