//! The services and operators that cases with the tag `needs-control` can count on.
//!
//! Passwords are [`PASSWORD`]. `demo` is the service of all other cases, with all rights for its
//! operator.

use super::Operator;

/// The password of every operator below.
pub const PASSWORD: &str = "a password";
/// The form secret of `demo` and of [`NO_FORMS`].
pub const FORM_SECRET: &str = "form-secret";
/// How much [`SMALL`] may hold.
pub const SMALL_BYTES: u64 = 1000;

/// May read in `demo`, and nothing else.
pub const READER: &str = "reader";
/// May write in `demo`, and nothing else.
pub const WRITER: &str = "writer";
/// May delete in `demo`, and nothing else.
pub const DELETER: &str = "deleter";
/// May read and write in `demo`, but not delete.
pub const EDITOR: &str = "editor";
/// Is granted nothing in `demo`, but everything in [`SECOND`].
pub const STRANGER: &str = "stranger";
/// Is blocked everywhere.
pub const BLOCKED_OPERATOR: &str = "blocked";
/// Is blocked in `demo`.
pub const BLOCKED_HERE: &str = "blocked-here";

/// A second service, where the operator of `demo` has all rights.
pub const SECOND: &str = "second";
/// Can be read only.
pub const READ_ONLY: &str = "read-only";
/// Is blocked.
pub const BLOCKED: &str = "blocked";
/// Was removed.
pub const REMOVED: &str = "removed";
/// Is full after [`SMALL_BYTES`].
pub const SMALL: &str = "small";
/// Has FORM uploads switched off.
pub const NO_FORMS: &str = "no-forms";
/// Knows neither FORM nor resumable uploads.
pub const SINGLE_COPY: &str = "single-copy";
/// Its domains want the token `_upt`, signed with [`TOKEN_SECRET`].
pub const TOKENS: &str = "tokens";
/// The secret of the tokens of [`TOKENS`].
pub const TOKEN_SECRET: &str = "token-secret";
/// Its pictures have `_` before their parameters.
pub const UNDERSCORE: &str = "underscore";

/// A version for pictures of `demo`, and what it stands for.
pub const VERSION: (&str, &str) = ("half", "/scale/50");
/// A domain that is bound to `demo`.
pub const BOUND_DOMAIN: &str = "img.example.com";

/// One of the operators above.
pub fn operator(name: &str) -> Operator {
    Operator::new(name, PASSWORD)
}
