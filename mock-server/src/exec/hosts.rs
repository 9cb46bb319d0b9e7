//! The names that lead to the emulator.

use std::{fmt::Write as _, net::Ipv4Addr};

use upyun_client::protocol::host::{ACCESS_SUFFIXES, API_HOSTS};

use crate::accounts::Accounts;

/// The hosts of the APIs, and the access domains of the services.
pub(crate) fn names(accounts: &Accounts) -> Vec<String> {
    let mut names: Vec<String> = API_HOSTS.iter().map(ToString::to_string).collect();
    for service in accounts.services() {
        for suffix in ACCESS_SUFFIXES {
            names.push(format!("{}{suffix}", service.name));
        }
        names.extend(service.domains.iter().cloned());
    }
    names
}

/// Lines for a hosts file.
pub(crate) fn lines(names: &[String], address: Ipv4Addr) -> String {
    names.iter().fold(String::new(), |mut text, name| {
        // A string takes any text.
        let _ = writeln!(text, "{address} {name}");
        text
    })
}

/// The machine's hosts file as far as it speaks of the machine itself, and the emulator's names.
pub(crate) fn file(original: &str, host_name: &str, names: &[String], address: Ipv4Addr) -> String {
    let mut text = String::new();
    let mut knows_itself = false;
    for line in original.lines() {
        let mut words = line
            .split('#')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let address = words
            .next()
            .and_then(|word| word.parse::<std::net::IpAddr>().ok());
        if address.is_some_and(|address| address.is_loopback()) {
            knows_itself |= words.any(|word| word == host_name);
            let _ = writeln!(text, "{line}");
        }
    }
    if !text.contains("localhost") {
        text.push_str("127.0.0.1 localhost\n::1 localhost\n");
    }
    if !knows_itself && !host_name.is_empty() {
        let _ = writeln!(text, "127.0.0.1 {host_name}");
    }
    text + &lines(names, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_this_machine_is_left_out() {
        let original = "127.0.0.1\tlocalhost # comment\n10.0.0.7 box\n10.0.0.8 database\n::1 ip6\n";
        let names = ["v0.api.upyun.com".into()];
        let text = file(original, "box", &names, Ipv4Addr::LOCALHOST);
        assert_eq!(
            text,
            "127.0.0.1\tlocalhost # comment\n::1 ip6\n127.0.0.1 box\n127.0.0.1 v0.api.upyun.com\n"
        );
    }
}
