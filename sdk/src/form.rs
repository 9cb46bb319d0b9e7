//! FORM uploads: a policy, signed, that others may upload with.

#[cfg(feature = "client")]
mod request;
mod result;
#[cfg(feature = "client")]
mod signed;

pub use result::{FormResult, FormResultError};

#[cfg(feature = "client")]
pub use self::{request::FormRequest, signed::SignedForm};
