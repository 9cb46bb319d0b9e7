//! Variables that tell a program where the emulator is and whom to trust.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use upyun_client::protocol::PasswordMd5;

use super::{Via, trust::TrustFiles};
use crate::accounts::Accounts;

/// Runtimes that read a whole bundle of certificates from a file of this name.
const BUNDLE_VARIABLES: [&str; 9] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
    "HTTPLIB2_CA_CERTS",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];
/// Runtimes that add the certificates of a file of this name to their own.
const EXTRA_VARIABLES: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"];
const PROXY_VARIABLES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
const NO_PROXY: &str = "localhost,127.0.0.1,::1,0.0.0.0,::";

/// Variables to set, or to remove if `None`.
pub(crate) type Variables = BTreeMap<&'static str, Option<OsString>>;

/// The variables of a program that runs this way.
pub(crate) fn variables(
    via: Via,
    address: SocketAddr,
    accounts: &Accounts,
    trust: &TrustFiles,
) -> Variables {
    let mut variables = Variables::new();
    let mut set = |name, value: &OsStr| variables.insert(name, Some(value.to_owned()));
    let address = reachable(address);
    let inherited = |name: &str| std::env::var(name).ok();
    for (name, value) in credentials(accounts, inherited) {
        set(name, value.as_ref());
    }
    set("UPYUN_ENDPOINT", format!("http://{address}").as_ref());
    if via == Via::Env {
        return variables;
    }
    let address = (address.ip().to_string(), address.port());
    let proxy = (via == Via::Proxy).then_some((&*address.0, address.1));
    variables.extend(network_variables(proxy, trust));
    variables
}

/// The variables that make a program trust the CA and use this host and port as its proxy, or none.
pub(crate) fn network_variables(proxy: Option<(&str, u16)>, trust: &TrustFiles) -> Variables {
    let mut variables = Variables::new();
    let mut set = |name, value: &OsStr| variables.insert(name, Some(value.to_owned()));
    for name in BUNDLE_VARIABLES {
        set(name, trust.bundle().as_ref());
    }
    for name in EXTRA_VARIABLES {
        set(name, trust.ca().as_ref());
    }
    set("JAVA_TOOL_OPTIONS", java(proxy, trust).as_ref());
    // Whatever proxy the machine uses is not reachable, or not to be used.
    for name in PROXY_VARIABLES {
        variables.insert(name, None);
    }
    if let Some((host, port)) = proxy {
        let proxy = http_url(host, port);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
            variables.insert(name, Some(proxy.clone().into()));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            variables.insert(name, Some(NO_PROXY.into()));
        }
    }
    variables
}

/// The URL of a server; a literal IPv6 address is given without its brackets.
pub(crate) fn http_url(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("http://[{host}]:{port}"),
        false => format!("http://{host}:{port}"),
    }
}

/// An address that a program of this machine can connect to: loopback instead of a wildcard.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Service and operator: the inherited ones if the emulator knows them, else the first of each.
pub(crate) fn credentials(
    accounts: &Accounts,
    inherited: impl Fn(&str) -> Option<String>,
) -> Vec<(&'static str, String)> {
    let mut credentials = Vec::new();
    let service = inherited("UPYUN_SERVICE").and_then(|name| accounts.service(&name));
    if let Some(service) = service.or_else(|| accounts.first_service()) {
        credentials.push(("UPYUN_SERVICE", service.name.to_string()));
    }
    if let (Some(name), Some(password)) = (inherited("UPYUN_USERNAME"), inherited("UPYUN_PASSWORD"))
        && let Some(operator) = accounts.operator(&name)
        && operator.key == PasswordMd5::of(&password)
    {
        credentials.push(("UPYUN_USERNAME", name));
        credentials.push(("UPYUN_PASSWORD", password));
    } else if let Some(operator) = accounts.first_operator() {
        credentials.push(("UPYUN_USERNAME", operator.name.to_string()));
        if let Some(password) = &operator.password {
            credentials.push(("UPYUN_PASSWORD", password.reveal().to_owned()));
        }
    }
    credentials
}

fn java(proxy: Option<(&str, u16)>, trust: &TrustFiles) -> String {
    let store = trust.truststore();
    let mut options = vec![
        format!("-Djavax.net.ssl.trustStore=\"{}\"", store.display()),
        "-Djavax.net.ssl.trustStorePassword=changeit".to_owned(),
        "-Djavax.net.ssl.trustStoreType=JKS".to_owned(),
    ];
    if let Some((host, port)) = proxy {
        for scheme in ["http", "https"] {
            options.push(format!("-D{scheme}.proxyHost={host}"));
            options.push(format!("-D{scheme}.proxyPort={port}"));
        }
        options.push("-Dhttp.nonProxyHosts=\"localhost|127.*|[::1]|0.0.0.0|[::]\"".to_owned());
    }
    let options = options.join(" ");
    match std::env::var("JAVA_TOOL_OPTIONS") {
        // A shell may have read them before.
        Ok(inherited) if inherited.contains(&options) => inherited,
        Ok(inherited) if !inherited.is_empty() => format!("{inherited} {options}"),
        _ => options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Operator, Service};

    #[test]
    fn known_credentials_of_the_caller_stay() {
        let accounts = Accounts::default();
        for name in ["pears", "apples"] {
            accounts.put_service(Service::new(name.parse().unwrap()));
            accounts.put_operator(Operator::new(name, name));
        }
        let check = |inherited: [&str; 3], want: [&str; 3]| {
            let names = ["UPYUN_SERVICE", "UPYUN_USERNAME", "UPYUN_PASSWORD"];
            let inherited: BTreeMap<_, _> = names.into_iter().zip(inherited).collect();
            let got = credentials(&accounts, |name| Some(inherited[name].to_owned()));
            let got: Vec<_> = got.iter().map(|(name, value)| (*name, &**value)).collect();
            assert_eq!(got, names.into_iter().zip(want).collect::<Vec<_>>());
        };
        check(
            ["apples", "apples", "apples"],
            ["apples", "apples", "apples"],
        );
        check(["plums", "apples", "wrong"], ["pears", "pears", "pears"]);
        check(["apples", "plums", "apples"], ["apples", "pears", "pears"]);
    }
}
