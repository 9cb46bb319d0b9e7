//! Paths as clients sign them by mistake.

use std::fmt::Write as _;

use upyun_client::protocol::path;

use super::variant::Variants;
use crate::accounts::Accounts;

const AS_SENT: &str = "sign the path exactly as it stands in the request line.";
/// Longer paths are only tried as they are: their variants would take too long.
const MAX_BYTES: usize = 4096;
/// How many characters from the front paths are cut at.
const MAX_CUTS: usize = 128;
/// How many other services are tried.
const MAX_SERVICES: usize = 16;

/// What a request line says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    /// Whether the query may be signed (REST) or must not (FORM).
    pub(super) query_is_signed: bool,
}

pub(super) fn variants(accounts: &Accounts, target: Target<'_>) -> Variants<String> {
    let path = target.path;
    let mut paths = Variants::right(path.to_owned());
    if path.len() > MAX_BYTES || target.query.is_some_and(|query| query.len() > MAX_BYTES) {
        return paths;
    }
    queries(&mut paths, target);
    encodings(&mut paths, path);
    slashes(&mut paths, path);
    services(&mut paths, accounts, path);
    urls(&mut paths, target);
    cuts(&mut paths, path);
    paths
}

fn queries(paths: &mut Variants<String>, target: Target<'_>) {
    let path = target.path;
    let Some(query) = target.query else {
        let cause = "The path was signed with a `?` after it, which was not sent.";
        return paths.add(format!("{path}?"), cause, AS_SENT);
    };
    let whole = format!("{path}?{query}");
    if target.query_is_signed {
        paths.add_right(whole);
    } else {
        let cause = "The path was signed with its query.";
        paths.add(whole, cause, "sign the path of a form without the query.");
    }
    const QUERY: &str = "sign path and query exactly as in the request line, or the path alone.";
    if let Ok(decoded) = path::decode(query.as_bytes()) {
        let cause = "The query was signed decoded, not as it was sent.";
        paths.add(format!("{path}?{decoded}"), cause, QUERY);
    }
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    let cause = "The query was signed with its parameters sorted.";
    paths.add(format!("{path}?{}", pairs.join("&")), cause, QUERY);
    let cause = "The query was signed without the `?` before it.";
    paths.add(format!("{path}&{query}"), cause, QUERY);
    paths.add(format!("{path}{query}"), cause, QUERY);
}

fn encodings(paths: &mut Variants<String>, path: &str) {
    const ONCE: &str = "encode the path once, and sign the same text as in the request line.";
    if let Ok(decoded) = path::decode(path.as_bytes()) {
        let cause = "The decoded path was signed, not the percent-encoded one.";
        paths.add(decoded.clone(), cause, AS_SENT);
        let cause = "The path was signed with a different percent-encoding than sent.";
        paths.add(path::encode(&decoded), cause, AS_SENT);
        let component = path::encode(&decoded).replace('/', "%2F");
        let cause = "The path was signed with its slashes encoded as %2F.";
        paths.add(component.clone(), cause, AS_SENT);
        if let Some(rest) = component.strip_prefix("%2F") {
            paths.add(format!("/{rest}"), cause, AS_SENT);
            if let Some((service, key)) = rest.split_once("%2F") {
                paths.add(format!("/{service}/{key}"), cause, AS_SENT);
            }
        }
        paths.add(component.to_lowercase(), cause, AS_SENT);
        let cause = "The path was signed with `+` for spaces.";
        let plus = "write a space in a path as %20, in the request line and in the signature.";
        paths.add(path::encode(&decoded).replace("%20", "+"), cause, plus);
        paths.add(decoded.replace(' ', "+"), cause, plus);
        let cause = "The path was signed with spaces where a `+` was sent.";
        paths.add(decoded.replace('+', " "), cause, AS_SENT);
        paths.add(path.replace('+', "%20"), cause, AS_SENT);
        let (gbk, _, _) = encoding_rs::GBK.encode(&decoded);
        let cause = "The path was encoded from GBK, not from UTF-8.";
        paths.add(percent(&gbk), cause, "encode the UTF-8 bytes of the path.");
        if let Ok(twice) = path::decode(decoded.as_bytes()) {
            let cause =
                "The path was percent-encoded once more in the request than in the signature.";
            paths.add(path::encode(&twice), cause, ONCE);
            paths.add(twice, cause, ONCE);
        }
    }
    let cause = "The path was percent-encoded twice before signing.";
    paths.add(path::encode(path), cause, ONCE);
    paths.add(path.replace('%', "%25"), cause, ONCE);
    paths.add(path::encode(path).replace('/', "%2F"), cause, ONCE);
    let cause = "The path was signed with its percent-escapes in the other case.";
    paths.add(escapes(path, |c| c.to_ascii_lowercase()), cause, AS_SENT);
    paths.add(escapes(path, |c| c.to_ascii_uppercase()), cause, AS_SENT);
    let cause = "The path was signed in lower case.";
    paths.add(path.to_lowercase(), cause, AS_SENT);
}

/// Percent-encodes all but ASCII letters, digits and `-._~/`.
fn percent(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// Changes the two characters after each `%`.
fn escapes(path: &str, change: fn(char) -> char) -> String {
    let mut digits = 0;
    path.chars()
        .map(|c| match (c, digits) {
            ('%', _) => {
                digits = 2;
                c
            }
            (_, 0) => c,
            _ => {
                digits -= 1;
                change(c)
            }
        })
        .collect()
}

fn slashes(paths: &mut Variants<String>, path: &str) {
    match path.strip_suffix('/') {
        Some(without) => {
            let cause = "The path was signed without its last slash.";
            paths.add(without.to_owned(), cause, AS_SENT);
        }
        None => {
            let cause = "A slash was added to the signed path.";
            paths.add(format!("{path}/"), cause, AS_SENT);
        }
    }
    let bare = path.trim_start_matches('/');
    let cause = "The path was signed without its first slash.";
    paths.add(bare.to_owned(), cause, AS_SENT);
    let cause = "The path was signed with a double slash.";
    paths.add(format!("/{path}"), cause, AS_SENT);
    if let Some((service, key)) = bare.split_once('/') {
        paths.add(format!("/{service}//{key}"), cause, AS_SENT);
    }
    let mut single = path.to_owned();
    while single.contains("//") {
        single = single.replace("//", "/");
    }
    let cause = "The path was sent with a double slash, but signed with a single one.";
    paths.add(single, cause, AS_SENT);
}

fn services(paths: &mut Variants<String>, accounts: &Accounts, path: &str) {
    const FULL: &str = "sign the path with the service in front: `/<service>/<key>`.";
    let bare = path.trim_start_matches('/');
    let (service, key) = bare.split_once('/').unwrap_or((bare, ""));
    let cause = "The path was signed without the service.";
    paths.add(format!("/{key}"), cause, FULL);
    let cause = "The key alone was signed, without `/<service>/`.";
    paths.add(key.to_owned(), cause, FULL);
    let cause = "The path was signed with the service twice.";
    paths.add(format!("/{service}{path}"), cause, AS_SENT);
    let cause = "The service was signed alone, without the key.";
    paths.add(format!("/{service}"), cause, FULL);
    paths.add(format!("/{service}/"), cause, FULL);
    let others = accounts.services();
    let others = others.iter().map(|other| other.name.as_str());
    for other in others.filter(|other| *other != service).take(MAX_SERVICES) {
        let cause = format!("The path was signed for the service {other}, not {service}.");
        paths.add(format!("/{other}/{key}"), cause, AS_SENT);
    }
}

fn urls(paths: &mut Variants<String>, target: Target<'_>) {
    let hosts = ["v0.api.upyun.com", "v1.api.upyun.com"];
    let bare = target
        .host
        .map(|host| host.split(':').next().unwrap_or(host));
    let mut tails = vec![target.path.to_owned()];
    tails.extend(target.query.map(|query| format!("{}?{query}", target.path)));
    for host in target.host.into_iter().chain(bare).chain(hosts) {
        for scheme in ["http://", "https://", "//", ""] {
            for tail in &tails {
                let cause = match scheme {
                    "http://" | "https://" => "The full URL was signed, not its path.",
                    _ => "The path was signed with the host in front of it.",
                };
                paths.add_rare(format!("{scheme}{host}{tail}"), cause, AS_SENT);
            }
        }
    }
}

fn cuts(paths: &mut Variants<String>, path: &str) {
    for (at, _) in path.char_indices().skip(1).take(MAX_CUTS) {
        let cause = format!("The path was cut at the front: its first {at} bytes were not signed.");
        paths.add_rare(path[at..].to_owned(), cause, AS_SENT);
        let cause = format!("The path was cut at the end: only its first {at} bytes were signed.");
        paths.add_rare(path[..at].to_owned(), cause, AS_SENT);
    }
}
