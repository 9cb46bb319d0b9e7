//! The UPYUN (又拍云) object store on loopback.
//!
//! As a program it is `upyun-mock`; as a library it is a [`MockServer`] inside a test:
//!
//! ```
//! use upyun_mock::MockServer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::start().await;
//! let client = server.client();
//!
//! client.put("/hello.txt").body("hello").send().await?;
//! assert_eq!(server.get_object("/hello.txt")?, b"hello");
//!
//! let requests = server.requests();
//! assert_eq!((requests[0].method(), requests[0].status), ("PUT", 200));
//! # Ok(())
//! # }
//! ```
//!
//! # Tour
//!
//! | task | start at |
//! |---|---|
//! | a server for a test | [`MockServer::start`], [`MockServer::builder`] |
//! | point a program at it | [`MockServer::url`], [`MockServer::client`] |
//! | put objects there, look at what arrived | [`MockServer::put_object`], [`MockServer::get_object`], [`MockServer::directory`] |
//! | do that to another service | [`MockServer::service`], [`ServiceHandle`] |
//! | see what was asked and why it was refused | [`MockServer::requests`], [`MockServer::requests_where`], [`JournalEntry`](journal::JournalEntry) |
//! | expect requests, verified on drop | [`MockServer::expect`], [`Expect`] |
//! | let an object expire | [`Clock`], [`MockServer::clock`] |
//! | make it misbehave | [`MockServer::add_fault`], [`MockServer::add_fault_scoped`], [`Fault`](faults::Fault) |
//! | see what a program never did | [`MockServer::report`] |
//! | do all that to a server in another process | [`ControlClient`] |
//! | start every test from the same state | [`MockServer::snapshot`], [`MockServer::restore`], [`MockServer::reset`] |
//! | operators with rights, blocked services, quotas | [`accounts`], [`Config`] |
//!
//! A time limit, on the server's clock:
//!
//! ```
//! # use std::time::Duration;
//! # use upyun_mock::MockServer;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::start().await;
//! let client = server.client();
//! client.put("/offer.txt").ttl_days(1).body("today only").send().await?;
//!
//! server.clock().advance(Duration::from_secs(86_400) - Duration::from_secs(60));
//! assert!(server.get_object("/offer.txt").is_ok());
//! server.clock().advance(Duration::from_secs(61));
//! assert!(server.get_object("/offer.txt").is_err());
//! # Ok(())
//! # }
//! ```
//!
//! A client whose own clock stays behind gets `date offset error`, as it would from the service:
//! the clock of the test moved, the client's did not.
//!
//! A fault for a part of a test, and the requests that are expected meanwhile:
//!
//! ```
//! use http::Method;
//! use upyun_mock::{Expect, MockServer, faults::Fault};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::start().await;
//! let client = server.client();
//!
//! let fault = Fault::on(Method::PUT).path("/demo/**").status(503).times(1);
//! let _fault = server.add_fault_scoped(fault)?; // removed when it is dropped
//! let put = Expect::on(Method::PUT).path("/demo/a.txt");
//! let _twice = server.expect(put.times(2))?; // verified when it is dropped
//!
//! client.put("/a.txt").body("sent again after 503").send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! All are on by default and make the whole program. A test that needs less builds faster with
//! `default-features = false` and the features that it names. Without any there are REST, resumable
//! uploads, forms, purges, callbacks to http URLs, access domains, faults, the clock, the journal, the
//! control plane and [`ControlClient`].
//!
//! | feature | has | without it |
//! |---|---|---|
//! | `archives` | the tasks `compress` and `depress` | they are refused |
//! | `client` | `MockServer::client()`; includes `tls` | no such method |
//! | `console` | the page `/_mock/` | 503; the JSON under `/_mock/` is there |
//! | `exec` | `upyun-mock exec`; includes `program` | the subcommand says so |
//! | `images` | facts about uploaded pictures, `x-gmkerl-*`, pictures on access domains, the tasks `thumb`, `jigsaw` and `imgaudit` | pictures are files without facts; limits of their size and changes to them are refused |
//! | `media` | the tasks `naga` and `videoaudit`, transcoding of uploads, snapshots and `avmeta`, by ffmpeg | they are refused |
//! | `program` | the program `upyun-mock`; includes `images` and `tls` | a library only |
//! | `tls` | HTTPS on every port, tunnels (CONNECT) to the service's hosts, the local CA, callbacks and sources by https | `ca.pem` and tunnels are answered 503, HTTPS addresses are not listened on, requests to https URLs fail |
//!
//! What is refused is answered 503, code 50300040, with a text that names the feature.
//!
//! # Promises
//!
//! * The directory is the truth: objects are plain files, and files that are dropped in are objects.
//! * An upload is visible whole, with its metadata, or not at all.
//! * Memory grows with concurrent requests, not with sizes.
//! * Nothing is global: a hundred servers run in one process, each on a thread of its own.
//!
//! What the service's documents leave open is decided in one place each; FIDELITY.md beside this
//! crate lists them.

// Stores, tasks and connections have functions that only these parts call.
#![cfg_attr(
    not(all(feature = "archives", feature = "exec", feature = "media")),
    allow(dead_code)
)]

pub mod accounts;
mod api;
mod api_name;
mod auth;
#[cfg(feature = "program")]
mod cli;
mod clock;
mod config;
mod control_client;
#[cfg(feature = "program")]
mod exec;
pub mod faults;
mod features;
mod front;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "images")]
mod image;
#[cfg(not(feature = "images"))]
#[path = "image/off.rs"]
mod image;
pub mod journal;
mod leaks;
mod limits;
mod operation;
mod refusal;
pub mod report;
mod request_id;
mod server;
mod store;
mod tasks;
mod words;

pub use api::{
    AddedOperator, ClockState, ForkError, Health, PartRecord, RequestRecord, ServiceRecord,
    UploadRecord,
};
pub use api_name::ApiName;
pub use clock::{Clock, CompletedJob};
pub use config::{Config, ConfigError, Fidelity, PutAnswer, TaskResults};
pub use control_client::{ControlClient, ControlError};
pub use limits::Limits;
pub use operation::OperationName;
pub use refusal::Explanation;
pub use request_id::RequestId;
pub use server::{
    Builder, Expect, ExpectError, ExpectGuard, FaultGuard, MockServer, ServiceHandle, StartError,
    Times, UnknownService, UnmetExpectation,
};
pub use store::{ImageFacts, ObjectInfo, Origin, Snapshot, StoreError};
pub use tasks::{Attempt, CallbackEntry, CallbackState, TaskEntry, TaskState, Verdict};

/// The program `upyun-mock`: runs it with the arguments of this process.
#[cfg(feature = "program")]
#[doc(hidden)]
pub fn main() -> std::process::ExitCode {
    cli::main(std::env::args_os())
}
