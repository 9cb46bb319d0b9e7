//! What both ends of the wire share: strings and bytes in, values out; no clock, no socket, no file.
//!
//! # The protocol in one page
//!
//! **Names.** An object lives at `/<service>/<key>`; a [`ServiceName`] is one storage space (the
//! documentation also says bucket), a [`Key`] is a path inside it. Folders are entries of their own;
//! uploads create missing ones. A name is a file or a folder, never both. Paths are percent-encoded
//! once on the wire, see [`path`]; `+` is a plus sign, `%2F` separates like `/`.
//!
//! **Hosts.** REST, FORM and resumable uploads on v0…v3, asynchronous tasks on p0, synchronous ones
//! on p1, cache refresh on a host of its own; see [`host`].
//!
//! **Signatures.** An operator signs each request with the MD5 of the password, see [`sign`]. The
//! current form covers method, path, date and `Content-MD5`; the date may be 30 minutes off. The
//! server checks in this order: authorization present, known scheme, well-formed credential, date
//! present, readable, in the window (or for tokens expiry, prefix, postfix), operator known and not
//! blocked, signature, service known and usable, operator's rights there (`[choice A-29]`).
//!
//! **Operations.** What each does on the wire:
//!
//! | operation | request | success |
//! |---|---|---|
//! | upload | `PUT /<service>/<key>` + body | 200 |
//! | download | `GET /<service>/<key>` | 200, 206, 304 |
//! | info | `HEAD /<service>/<key or folder>` | 200 |
//! | delete a file or an empty folder | `DELETE /<service>/<key>` | 200 |
//! | make a folder | `POST /<service>/<folder>` + `folder: true` | 200 |
//! | list | `GET /<service>/<folder>` | 200 |
//! | usage | `GET /<service>/?usage` | 200 |
//! | copy, move | `PUT /<service>/<dest>` + `X-Upyun-Copy-Source` or `X-Upyun-Move-Source` | 200 |
//! | change metadata | `PATCH /<service>/<key>?metadata=<merge, replace or delete>` | 200 |
//!
//! **Lists** come in two formats with a cursor, see [`list`]. **Metadata** are headers
//! `x-upyun-meta-<name>`, case-insensitive, kept in lower case; `ttl` (days, 1…180) and `secret` are
//! special; see [`Directive`] for changes.
//!
//! **Errors** are numbers of eight digits, see [`ErrorCode`] and [`ErrorBody`].
//!
//! # Marks
//!
//! Where no documentation or official client settles a question, this project chose, and the text
//! cites the choice: `[choice R-3]`. All choices are listed in the emulator's `FIDELITY.md`.

pub mod access;
pub mod date;
mod digest;
mod directive;
mod error_code;
pub mod header;
pub mod host;
pub mod image;
mod key;
pub mod list;
pub mod path;
mod policy;
pub mod sign;

pub use digest::{Md5Digest, NotMd5, PasswordMd5};
pub use directive::{Directive, UnknownDirective};
pub use error_code::{ErrorBody, ErrorCode, Family};
pub use key::{Key, KeyError, ServiceName, ServiceNameError};
pub use policy::{FormPolicy, ThumbApp};
