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
    for name in BUNDLE_VARIABLES {
        set(name, trust.bundle().as_ref());
    }
    for name in EXTRA_VARIABLES {
        set(name, trust.ca().as_ref());
    }
    set("JAVA_TOOL_OPTIONS", java(via, address, trust).as_ref());
    // Whatever proxy the machine uses is not reachable, or not to be used.
    for name in PROXY_VARIABLES {
        variables.insert(name, None);
    }
    if via == Via::Proxy {
        let proxy = format!("http://{address}");
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
            variables.insert(name, Some(proxy.clone().into()));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            variables.insert(name, Some(NO_PROXY.into()));
        }
    }
    variables
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

fn java(via: Via, address: SocketAddr, trust: &TrustFiles) -> String {
    let mut options = std::env::var("JAVA_TOOL_OPTIONS").unwrap_or_default();
    let mut add = |option: String| {
        if !options.is_empty() {
            options.push(' ');
        }
        options.push_str(&option);
    };
    let store = trust.truststore();
    add(format!(
        "-Djavax.net.ssl.trustStore=\"{}\"",
        store.display()
    ));
    add("-Djavax.net.ssl.trustStorePassword=changeit".to_owned());
    add("-Djavax.net.ssl.trustStoreType=PKCS12".to_owned());
    if via == Via::Proxy {
        for scheme in ["http", "https"] {
            add(format!("-D{scheme}.proxyHost={}", address.ip()));
            add(format!("-D{scheme}.proxyPort={}", address.port()));
        }
        add("-Dhttp.nonProxyHosts=\"localhost|127.*|[::1]|0.0.0.0|[::]\"".to_owned());
    }
    options
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
