//! Sockets: from a connection to requests.

mod serve;

pub(crate) use serve::{Farewell, bind, serve};
