//! Verifies a request and says in words why it fails.
//!
//! Two questions, in the order of the protocol (`[choice A-29]`): who asks ([`authenticate`]), and
//! may they ([`authorize`]). A failed signature is then compared with what known mistakes would
//! have produced ([`explain`](mod@explain)).

pub(crate) mod authenticate;
mod authorize;
pub(crate) mod explain;
mod form;
mod presented;

pub(crate) use authenticate::authenticate;
pub(crate) use authenticate::{check_date, known_operator};
pub(crate) use authorize::{Action, authorize};
pub(crate) use authorize::{check_usable, usable_service};
pub(crate) use form::{PresentedForm, authenticate_form, authenticate_form_legacy};
pub(crate) use presented::Presented;
pub(crate) use presented::text as presented_text;
