//! The storage API: `rest.md`.

mod delete;
mod get;
mod list;
mod put;
