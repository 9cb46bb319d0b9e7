//! The storage API: `rest.md`.

mod copy_move;
mod cors;
mod delete;
mod folder;
mod get;
mod head;
mod list;
mod metadata;
mod paths;
mod put;
mod usage;
