//! The other errors of this crate, and the system's, as the one that its operations return.

use super::{Error, ErrorKind};
use crate::{
    CallbackError, FormResultError, ImageAnswerError, TaskResultError,
    protocol::{
        KeyError, NotMd5, ServiceNameError, UnknownDirective, access::AccessPathError,
        image::ImageParamsError, list::ListError, path::PathError, sign::AuthorizationError,
    },
};

macro_rules! from {
    ($($kind:ident: $($error:ty),+;)*) => {$($(
        #[doc = concat!("Of kind [`", stringify!($kind), "`](ErrorKind::", stringify!($kind), ").")]
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::new(ErrorKind::$kind, error.to_string())
            }
        }
    )+)*};
}

from! {
    Invalid: KeyError, NotMd5, ServiceNameError, UnknownDirective, AccessPathError, ImageParamsError,
        PathError, AuthorizationError;
    Malformed: ImageAnswerError, ListError, TaskResultError;
}

/// Of kind [`Malformed`](ErrorKind::Malformed) for what cannot be read, else
/// [`Denied`](ErrorKind::Denied): it cannot be trusted.
impl From<CallbackError> for Error {
    fn from(error: CallbackError) -> Self {
        let kind = match &error {
            CallbackError::MissingHeader { .. }
            | CallbackError::MalformedAuthorization
            | CallbackError::MalformedDate => ErrorKind::Malformed,
            _ => ErrorKind::Denied,
        };
        Self::new(kind, error.to_string())
    }
}

/// Of kind [`Malformed`](ErrorKind::Malformed) for what cannot be read, else
/// [`Denied`](ErrorKind::Denied): it cannot be trusted.
impl From<FormResultError> for Error {
    fn from(error: FormResultError) -> Self {
        let kind = match &error {
            FormResultError::Malformed { .. } => ErrorKind::Malformed,
            _ => ErrorKind::Denied,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(feature = "axum")]
impl From<crate::NotVerified> for Error {
    fn from(error: crate::NotVerified) -> Self {
        match error {
            crate::NotVerified::Signature(error) => error.into(),
            error @ crate::NotVerified::Body(_) => Self::malformed(error.to_string()),
        }
    }
}

/// Of kind [`Io`](ErrorKind::Io), unless it holds an error of this crate, as those of readers do:
/// then that one.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) => Self::new(ErrorKind::Io, error.to_string()).with_source(error),
        }
    }
}
