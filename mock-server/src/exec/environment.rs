//! Variables that tell a program where the emulator is and whom to trust.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    net::SocketAddr,
};

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
    if let (Some(service), Some(operator)) =
        (accounts.services().first(), accounts.operators().first())
    {
        set("UPYUN_SERVICE", service.name.as_str().as_ref());
        set("UPYUN_USERNAME", (*operator.name).as_ref());
        if let Some(password) = &operator.password {
            set("UPYUN_PASSWORD", password.reveal().as_ref());
        }
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
