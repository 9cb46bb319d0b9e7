//! Pictures: `images.md`.

mod animation;
mod codes;
mod crop;
mod draw;
mod facts;
mod grammar;
mod limits;
mod old;
mod output;
mod problems;
mod scale;
mod turn;
mod upload;
mod watermark;
