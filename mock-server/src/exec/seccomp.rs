//! Interception without a network of our own: the kernel asks this process about some calls.
//!
//! Where namespaces are forbidden, as on hosted CI runners, a filter is put on the program and all
//! that it starts. Connections and opened files are then decided here, while the program waits:
//!
//! * connections to the reserved address, which the service's hosts have in the hosts file that the
//!   program sees, are made to the emulator instead;
//! * those to services of this machine, by loopback or by a local socket, are noted and let through,
//!   or fail if they are to be cut off; the program's own services are left alone;
//! * all others fail at once, and are noted;
//! * the hosts file, the resolver's settings and the bundles of certificates are ours.
//!
//! Beside a network of our own the filter watches: connections that would fail there are noted,
//! whatever their port and protocol, and those to services of this machine are led out.
//!
//! Either way there are no vsock, packet and raw sockets, which would lead out unseen.
//!
//! The program's memory is read to learn addresses and paths, so another of its threads could change
//! them in between: this isolates tests, it is no wall against a program that wants out.

mod address;
mod filter;
mod kernel;
mod sink;
mod sockets;
mod start;
mod supervisor;

pub(crate) use address::RESERVED;
pub(crate) use filter::Task;
pub(crate) use sink::Sinks;
pub(crate) use sockets::Sockets;
pub(crate) use start::{run, works};
pub(crate) use supervisor::{Interception, Leads, supervise};
