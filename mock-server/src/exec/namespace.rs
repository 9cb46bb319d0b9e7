//! A network and a view of the files of our own, without being root.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
};

use rustix::{
    mount::{MountPropagationFlags, mount_bind, mount_change},
    process::{getegid, geteuid},
    thread::UnshareFlags,
};

use super::netlink;
use crate::front;

/// The sockets of the new network.
pub(crate) struct Inside {
    pub(crate) listeners: Vec<std::net::TcpListener>,
    pub(crate) dns: UdpSocket,
}

/// Moves this process into namespaces of its own. It must have one thread only.
///
/// `files` are pairs of a file and the place where it shall be seen. `port` is one that the server
/// has outside, and gets inside too.
///
/// # Errors
/// A sentence that says what is forbidden here and what to do.
pub(crate) fn enter(files: &[(PathBuf, PathBuf)], port: u16) -> Result<Inside, String> {
    isolate()?;
    let private = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
    mount_change("/", private)
        .map_err(|error| format!("mounts cannot be made private: {error}"))?;
    for (from, to) in files {
        if !to.exists() {
            continue;
        }
        mount_bind(from, to).map_err(|error| {
            format!(
                "{} cannot be put over {}: {error}",
                from.display(),
                to.display()
            )
        })?;
    }
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: io::Error| format!("{what}: {error}")
    };
    netlink::loopback_up().map_err(failed("the new loopback does not come up"))?;
    netlink::every_address_is_here().map_err(failed("addresses cannot be taken over"))?;
    let mut listeners = Vec::new();
    for port in [80, 443, port] {
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        listeners.push(front::bind(address).map_err(failed("a port inside cannot be had"))?);
    }
    let dns = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 53));
    Ok(Inside {
        listeners,
        dns: dns.map_err(failed("port 53 inside cannot be had"))?,
    })
}

fn isolate() -> Result<(), String> {
    let (user, group) = (geteuid(), getegid());
    let without_user = UnshareFlags::NEWNS | UnshareFlags::NEWNET;
    // Root keeps its users and groups if it may.
    if user.is_root() && unshare(without_user).is_ok() {
        return Ok(());
    }
    unshare(UnshareFlags::NEWUSER | without_user).map_err(|error| forbidden(error.into()))?;
    let failed = |error: io::Error| format!("the user cannot be mapped: {error}");
    fs::write("/proc/self/setgroups", "deny").map_err(failed)?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1")).map_err(failed)?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1")).map_err(failed)
}

#[expect(
    deprecated,
    reason = "its replacement is unsafe because of `UnshareFlags::FILES`, which is never set here"
)]
fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    rustix::thread::unshare(flags)
}

/// Why the kernel does not let us, and what to do.
fn forbidden(error: io::Error) -> String {
    let is =
        |path: &str, value: &str| fs::read_to_string(path).is_ok_and(|text| text.trim() == value);
    let why = if is(
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
    ) {
        "AppArmor restricts user namespaces; `sudo sysctl -w \
         kernel.apparmor_restrict_unprivileged_userns=0` allows them"
    } else if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        "user namespaces are for root only; `sudo sysctl -w kernel.unprivileged_userns_clone=1` \
         allows them"
    } else if is("/proc/sys/user/max_user_namespaces", "0") {
        "no user namespaces are allowed; `sudo sysctl -w user.max_user_namespaces=10000` allows them"
    } else if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        "the container's seccomp profile forbids namespaces; start it with `--security-opt \
         seccomp=unconfined`, or as root with `--cap-add SYS_ADMIN`"
    } else {
        "the kernel or a policy forbids user namespaces"
    };
    format!("{why} ({error}); `--via proxy` works without")
}
