//! Other elements than paths and dates, as clients sign them by mistake.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use upyun_client::protocol::{Md5Digest, path};

use super::variant::Variants;
use crate::accounts::Accounts;

/// A policy longer than this is only tried as it is.
const MAX_POLICY_BYTES: usize = 8192;

pub(super) fn methods(sent: &str) -> Variants<String> {
    let mut methods = Variants::right(sent.to_owned());
    let cause = "The method was signed in lower case.";
    methods.add(sent.to_lowercase(), cause, "sign the method in upper case.");
    for other in ["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS"] {
        let cause = format!("{other} was signed, but {sent} was sent.");
        methods.add(other.to_owned(), cause, "sign the method that is sent.");
    }
    for other in ["get", "put", "post", "head", "delete", "patch"] {
        let cause = format!("{other} was signed, but {sent} was sent.");
        let remedy = "sign the method that is sent, in upper case.";
        methods.add_rare(other.to_owned(), cause, remedy);
    }
    let cause = "The method was not signed.";
    methods.add(String::new(), cause, "sign the method before the path.");
    let capitalized = sent.get(..1).unwrap_or_default().to_owned()
        + &sent.get(1..).unwrap_or_default().to_lowercase();
    let cause = "The method was signed with only its first letter in upper case.";
    methods.add_rare(capitalized, cause, "sign the method in upper case.");
    methods
}

pub(super) fn content_md5s(sent: Option<&str>) -> Variants<String> {
    const BOTH: &str = "send Content-MD5 and sign it, or neither.";
    let mut md5s = Variants::right(sent.unwrap_or_default().to_owned());
    let Some(sent) = sent else {
        let empty = Md5Digest::of("");
        let cause = "The MD5 of an empty body was signed, but no Content-MD5 was sent.";
        md5s.add(empty.to_string(), cause, BOTH);
        md5s.add(STANDARD.encode(empty.as_bytes()), cause, BOTH);
        return md5s;
    };
    let cause = "Content-MD5 was sent but not signed.";
    md5s.add(String::new(), cause, BOTH);
    let cause = "Content-MD5 was signed in lower case but sent in upper case.";
    const AS_SENT: &str = "sign the value of Content-MD5 as it is sent.";
    md5s.add(sent.to_lowercase(), cause, AS_SENT);
    let cause = "Content-MD5 was signed in upper case but sent in lower case.";
    md5s.add(sent.to_uppercase(), cause, AS_SENT);
    if let Ok(digest) = sent.parse::<Md5Digest>() {
        let cause = "Content-MD5 was signed in Base64 but sent in hex.";
        md5s.add(STANDARD.encode(digest.as_bytes()), cause, AS_SENT);
    } else if let Ok(bytes) = STANDARD.decode(sent) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let cause = "Content-MD5 was signed in hex but sent in Base64.";
        md5s.add(hex, cause, "send and sign Content-MD5 in hex.");
    }
    let cause = "The MD5 of an empty body was signed, but another Content-MD5 was sent.";
    md5s.add(Md5Digest::of("").to_string(), cause, AS_SENT);
    md5s
}

pub(super) fn lengths(sent: u64) -> Variants<String> {
    const HEADER: &str = "sign the number in the Content-Length header, 0 if there is none.";
    let mut lengths = Variants::right(sent.to_string());
    lengths.add("0".to_owned(), "The length was signed as 0.", HEADER);
    let cause = "The Content-Length was not signed.";
    lengths.add(String::new(), cause, HEADER);
    lengths
}

pub(super) fn policies(sent: &str) -> Variants<String> {
    const FIELD: &str = "sign the text of the field policy, exactly as it is sent.";
    let mut policies = Variants::right(sent.to_owned());
    let cause = "The policy was not signed.";
    policies.add(String::new(), cause, FIELD);
    if sent.len() > MAX_POLICY_BYTES {
        return policies;
    }
    if let Ok(plain) = STANDARD.decode(sent) {
        if let Ok(json) = String::from_utf8(plain.clone()) {
            let cause = "The policy was signed as JSON, not as Base64.";
            policies.add(json, cause, FIELD);
        }
        let cause = "The policy was signed in URL-safe Base64, but sent in standard Base64.";
        policies.add(URL_SAFE.encode(&plain), cause, FIELD);
        policies.add(URL_SAFE_NO_PAD.encode(&plain), cause, FIELD);
        let cause = "The policy was signed without the padding of its Base64.";
        policies.add(STANDARD_NO_PAD.encode(&plain), cause, FIELD);
    }
    let cause = "The policy was encoded in Base64 twice before signing.";
    policies.add(STANDARD.encode(sent), cause, FIELD);
    let cause = "The policy was percent-encoded before signing.";
    policies.add(path::encode(sent).replace('/', "%2F"), cause, FIELD);
    let cause = "The policy was signed with line breaks in its Base64.";
    for (width, end) in [(76, "\n"), (76, "\r\n"), (64, "\n"), (60, "\n")] {
        let lines: Vec<&str> = sent
            .as_bytes()
            .chunks(width)
            .filter_map(|line| str::from_utf8(line).ok())
            .collect();
        let broken = lines.join(end);
        policies.add(format!("{broken}{end}"), cause, FIELD);
        policies.add(broken, cause, FIELD);
    }
    let cause = "The MD5 of the policy was signed, not the policy.";
    policies.add(Md5Digest::of(sent).to_string(), cause, FIELD);
    policies
}

/// The lists of URLs of a cache refresh.
pub(super) fn purges(sent: &str) -> Variants<String> {
    const DECODED: &str = "sign the decoded value of the field purge, byte for byte.";
    let mut lists = Variants::right(sent.to_owned());
    let cause = "A line feed was signed at the end, but that was not sent.";
    lists.add(format!("{sent}\n"), cause, DECODED);
    let cause = "The line feed at the end was sent but not signed.";
    lists.add(sent.trim_end().to_owned(), cause, DECODED);
    let cause = "The line feeds were sent as CR LF, but signed as LF.";
    lists.add(sent.replace("\r\n", "\n"), cause, DECODED);
    let cause = "The line feeds were sent as LF, but signed as CR LF.";
    lists.add(sent.replace('\n', "\r\n"), cause, DECODED);
    let cause = "The list was signed as it is encoded in the body.";
    let encoded: String = form_urlencoded::byte_serialize(sent.as_bytes()).collect();
    lists.add(format!("purge={encoded}"), cause, DECODED);
    lists.add(encoded, cause, DECODED);
    lists.add(path::encode(sent).replace('/', "%2F"), cause, DECODED);
    let cause = "The list was signed with its `+` decoded to spaces.";
    lists.add(sent.replace('+', " "), cause, DECODED);
    let cause = "The list of URLs was not signed.";
    lists.add(String::new(), cause, DECODED);
    let cause = "Only one URL of the list was signed.";
    for line in [sent.lines().next(), sent.lines().last()] {
        lists.add(line.unwrap_or_default().to_owned(), cause, DECODED);
    }
    lists
}

/// The service of a cache refresh.
pub(super) fn services(accounts: &Accounts, sent: &str) -> Variants<String> {
    const AS_SENT: &str = "sign the service that the Authorization header names.";
    let mut services = Variants::right(sent.to_owned());
    let cause = "The service was not signed.";
    services.add(String::new(), cause, AS_SENT);
    for other in accounts.services().iter().take(16) {
        let cause = format!("The service {} was signed, not {sent}.", other.name);
        services.add(other.name.to_string(), cause, AS_SENT);
    }
    let cause = "The service was signed with a slash before it.";
    services.add(format!("/{sent}"), cause, AS_SENT);
    services
}
