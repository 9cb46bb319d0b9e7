//! What a UPYUN (又拍云) object store must do, case by case, and whether a target does.
//!
//! A [`Case`] is one thing that must hold, with the section of the protocol that says so and how
//! certain that is. Cases speak HTTP to an address, signed by a signer of their own, or use the SDK;
//! a [`Target`] is the emulator, embedded or at a URL, or the live service. [`run`](run::run) runs
//! cases on a target into a [`RunReport`], which [`report`] renders.
//!
//! # Adding a case
//!
//! Find the file in `cases/` that is named for the operation, and write what must hold:
//!
//! ```ignore
//! case! {
//!     content_md5_mismatch: rest "3.3", choice "R-21", codes 40000006;
//!     "A body that does not fit its Content-MD5 is refused, and what was there stays."
//! }
//! async fn content_md5_mismatch(cx: Context) -> Outcome {
//!     cx.put("a.txt", "old").ok().await?;
//!     cx.put("a.txt", "new").header("Content-MD5", md5("other")).refused(40000006).await?;
//!     cx.get("a.txt").ok().await?.text("old")
//! }
//! ```
//!
//! Its id is its place: `rest.put.content-md5-mismatch`. Names without a leading slash are in the
//! case's own new folder. [`refused`](wire::Request::refused) also checks the answer's whole shape
//! and that nothing in that folder changed. A case that says something about another request than
//! those of REST builds it by [`Context::request`].
//!
//! A case must also be able to fail: [`damage`] has wrong behaviours that cases must notice.

pub mod case;
mod cases;
pub mod catalog;
pub mod cli;
pub mod context;
pub mod coverage;
pub mod damage;
pub mod failure;
pub mod ledger;
pub mod model;
pub mod recording;
pub mod report;
pub mod run;
pub mod strict;
pub mod target;
pub mod wire;

pub use case::{Case, Certainty, Document, Outcome, Section, Tag};
pub use context::Context;
pub use failure::Failure;
pub use report::model::RunReport;
pub use target::Target;
