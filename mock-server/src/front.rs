//! Sockets: from a connection to requests.

#[cfg(feature = "tls")]
mod ca;
mod connection;
mod duplex;
mod framing;
mod malformed;
mod proxy;
mod serve;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "front/no_tls.rs"]
mod tls;
#[cfg(feature = "tls")]
mod truststore;

#[cfg(feature = "program")]
pub(crate) use ca::{CaCertificate, LocalCa};
pub(crate) use connection::{FromAfar, Speaker, TwoLengths};
pub(crate) use duplex::Wire;
pub(crate) use malformed::{Answerer, UnreadableHead};
pub(crate) use proxy::Proxy;
pub(crate) use serve::{Farewell, bind, serve};
pub(crate) use tls::Tls;
