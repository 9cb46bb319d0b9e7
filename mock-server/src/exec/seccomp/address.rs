//! Addresses of `connect` and `sendto`, and what becomes of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What the service's hosts have in the hosts file: no machine uses it for anything else.
pub(crate) const RESERVED: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
const DNS_PORT: u16 = 53;

/// Where a program wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Internet(SocketAddr),
    /// A socket file.
    Local(Vec<u8>),
    /// A local socket with a name that is no file.
    Abstract(Vec<u8>),
    /// Anything else, like the kernel's own.
    Other,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on as if nobody had looked.
    Allowed,
    ToEmulator,
    ToNames,
    /// To a port of this machine, whoever serves it.
    ToPort(SocketAddr),
    /// To a local socket, whoever serves it.
    ToSocket,
    /// As if nobody listened, unless the program has a network of its own.
    Refused,
    /// As if nobody listened.
    Hidden,
    /// As if there were no network.
    Unreachable(SocketAddr),
}

impl Wanted {
    /// Reads a `sockaddr`.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Some((family, rest)) = bytes.split_first_chunk::<2>() else {
            return Self::Other;
        };
        let port = |rest: &[u8]| Some(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        match i32::from(u16::from_ne_bytes(*family)) {
            libc::AF_INET => {
                let address = rest.get(2..6).and_then(|it| <[u8; 4]>::try_from(it).ok());
                match (address, port(rest)) {
                    (Some(address), Some(port)) => Self::Internet((address, port).into()),
                    _ => Self::Other,
                }
            }
            libc::AF_INET6 => {
                let address = rest.get(6..22).and_then(|it| <[u8; 16]>::try_from(it).ok());
                match (address, port(rest)) {
                    (Some(address), Some(port)) => {
                        Self::Internet((Ipv6Addr::from(address), port).into())
                    }
                    _ => Self::Other,
                }
            }
            libc::AF_UNIX => {
                if let Some(name) = rest.strip_prefix(&[0]) {
                    return Self::Abstract(name.to_owned());
                }
                let end = rest.iter().position(|byte| *byte == 0);
                match rest[..end.unwrap_or(rest.len())] {
                    // One without a name.
                    [] => Self::Other,
                    ref path => Self::Local(path.to_owned()),
                }
            }
            _ => Self::Other,
        }
    }

    /// Decides. `is_stream` tells TCP from the rest.
    pub(super) fn judge(&self, is_stream: bool) -> Verdict {
        match self {
            Self::Local(path) if resolves_names(path) => Verdict::Hidden,
            Self::Local(_) | Self::Abstract(_) => Verdict::ToSocket,
            Self::Other => Verdict::Allowed,
            Self::Internet(address) => match (loopback_of(address.ip()), is_stream) {
                (IpAddr::V4(RESERVED), true) => Verdict::ToEmulator,
                (IpAddr::V4(RESERVED), false) => Verdict::Refused,
                (ip, true) if ip.is_loopback() && address.port() == DNS_PORT => Verdict::ToNames,
                (ip, false) if ip.is_loopback() && address.port() == DNS_PORT => Verdict::Refused,
                (ip, _) if ip.is_loopback() => Verdict::ToPort((ip, address.port()).into()),
                // What looks for the way to a host, and asks no host, uses port 0.
                (_, false) if address.port() == 0 => Verdict::Refused,
                _ => Verdict::Unreachable(*address),
            },
        }
    }
}

/// An address, or the loopback for the address that stands for all: Linux connects to it then.
fn loopback_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// Whether a daemon resolves names there: it would know the real ones.
fn resolves_names(path: &[u8]) -> bool {
    let path = path.strip_prefix(b"/var").unwrap_or(path);
    path.starts_with(b"/run/nscd/") || path.starts_with(b"/run/systemd/resolve/")
}

/// An address of this machine for a socket of the same family as another address.
pub(super) fn of_family(to: SocketAddr, like: &SocketAddr) -> SocketAddr {
    match (to.ip(), like) {
        (IpAddr::V4(ip), SocketAddr::V6(_)) => {
            let ip = if ip.is_unspecified() {
                Ipv4Addr::LOCALHOST
            } else {
                ip
            };
            (ip.to_ipv6_mapped(), to.port()).into()
        }
        (ip, _) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, to.port()).into(),
        _ => to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn internet(text: &str) -> Wanted {
        Wanted::Internet(text.parse().unwrap())
    }

    #[test]
    fn addresses_are_read() {
        let family = |family: i32| u16::try_from(family).unwrap().to_ne_bytes();
        let mut four = family(libc::AF_INET).to_vec();
        four.extend([1, 187, 127, 77, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Wanted::parse(&four), internet("127.77.0.1:443"));
        let mut six = family(libc::AF_INET6).to_vec();
        six.extend([0, 80, 0, 0, 0, 0]);
        six.extend(Ipv6Addr::LOCALHOST.octets());
        six.extend([0; 4]);
        assert_eq!(Wanted::parse(&six), internet("[::1]:80"));
        let mut local = family(libc::AF_UNIX).to_vec();
        local.extend(b"/run/x\0\0");
        assert_eq!(Wanted::parse(&local), Wanted::Local(b"/run/x".to_vec()));
        let mut hidden = family(libc::AF_UNIX).to_vec();
        assert_eq!(Wanted::parse(&hidden), Wanted::Other);
        hidden.extend(b"\0name");
        assert_eq!(Wanted::parse(&hidden), Wanted::Abstract(b"name".to_vec()));
        for cut in [0, 1, 3, 7] {
            assert_eq!(Wanted::parse(&four[..cut]), Wanted::Other);
        }
    }

    #[test]
    fn nothing_but_this_machine_is_reached() {
        let judge = |text: &str| internet(text).judge(true);
        assert_eq!(judge("127.77.0.1:443"), Verdict::ToEmulator);
        assert_eq!(judge("[::ffff:127.77.0.1]:80"), Verdict::ToEmulator);
        for (wanted, port) in [
            ("127.0.0.1:5432", "127.0.0.1:5432"),
            ("[::1]:5432", "[::1]:5432"),
            ("0.0.0.0:5432", "127.0.0.1:5432"),
            ("[::]:5432", "[::1]:5432"),
            ("[::ffff:0.0.0.0]:5432", "127.0.0.1:5432"),
        ] {
            let want = Verdict::ToPort(port.parse().unwrap());
            assert_eq!(judge(wanted), want, "{wanted}");
            assert_eq!(internet(wanted).judge(false), want, "{wanted}");
        }
        assert_eq!(judge("127.0.0.1:53"), Verdict::ToNames);
        for far in [
            "192.0.2.1:80",
            "[2001:db8::1]:443",
            "[::ffff:192.0.2.1]:80",
            "169.254.169.254:80",
        ] {
            assert_eq!(
                judge(far),
                Verdict::Unreachable(far.parse().unwrap()),
                "{far}"
            );
        }
        assert_eq!(internet("127.0.0.1:53").judge(false), Verdict::Refused);
        assert_eq!(internet("192.0.2.1:0").judge(false), Verdict::Refused);
        let local = |path: &str| Wanted::Local(path.into()).judge(true);
        for daemon in [
            "/var/run/nscd/socket",
            "/run/systemd/resolve/io.systemd.Resolve",
        ] {
            assert_eq!(local(daemon), Verdict::Hidden, "{daemon}");
        }
        assert_eq!(local("/tmp/x"), Verdict::ToSocket);
        let name = Wanted::Abstract(b"x".to_vec());
        assert_eq!(name.judge(true), Verdict::ToSocket);
    }
}
