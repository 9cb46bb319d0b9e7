//! Sockets: from a connection to requests.

mod malformed;
mod serve;

pub(crate) use malformed::Answerer;
pub(crate) use serve::{Farewell, bind, serve};
