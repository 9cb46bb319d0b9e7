//! The control plane under `/_mock/`.

mod accounts;
mod answer;
mod clock;
#[cfg(feature = "console")]
mod console;
#[cfg(not(feature = "console"))]
#[path = "control/no_console.rs"]
mod console;
mod events;
mod faults;
mod guard;
mod inbox;
mod objects;
mod operators;
mod records;
mod report;
mod requests;
mod router;
mod server;
mod services;
mod state;
mod uploads;

pub(super) use guard::is_own_host;
pub use records::{
    AddedOperator, ClockState, Health, PartRecord, RequestRecord, ServiceRecord, UploadRecord,
};
pub(super) use router::router;

use axum::response::Response;
use http::{Method, StatusCode, Uri};

use self::answer::problem;

/// Any other path.
async fn nothing_here(uri: Uri) -> Response {
    let message = format!(
        "the control plane has no {}; GET /_mock/openapi.json lists what there is",
        uri.path()
    );
    problem(StatusCode::NOT_FOUND, message)
}

/// A path that is there, with a method that it has not. The answer's `Allow` lists those that it has.
async fn not_that_way(method: Method, uri: Uri) -> Response {
    let message = format!(
        "{} cannot be asked by {method}; the header Allow lists what it can",
        uri.path()
    );
    problem(StatusCode::METHOD_NOT_ALLOWED, message)
}
