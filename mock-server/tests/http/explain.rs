//! Each known mistake in signing is recognised and named, and no secret leaks.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use upyun_client::protocol::{Md5Digest, PasswordMd5, date};
use upyun_mock::MockServer;

use crate::kit::{Refused, Request, Send as _, get, put};

fn start() -> MockServer {
    MockServer::builder()
        .service("demo")
        .service("other")
        .operator("operator", "password")
        .operator("second", "drowssap")
        .start_blocking()
        .unwrap()
}

fn mac(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn now() -> String {
    date::format(SystemTime::now())
}

fn md5(password: &str) -> String {
    PasswordMd5::of(password).reveal().to_owned()
}

/// Sends a request with a signature made by hand.
#[track_caller]
fn refused(request: Request, date: &str, credential: &str) -> Refused {
    let server = start();
    let refused = request
        .unsigned()
        .header("Date", date)
        .header("Authorization", format!("UPYUN operator:{credential}"))
        .refused(&server, (401, 40100005, "signature error"));
    let journal = serde_json::to_string(&refused.entry).unwrap();
    for secret in ["password\"", "drowssap", &md5("password"), &md5("drowssap")] {
        assert!(!journal.contains(secret), "{journal}");
    }
    refused
}

/// GET of a path, signed with this key over this text, in which `DATE` stands for the date.
#[track_caller]
fn check(path: &str, key: &str, text: &str, want: &str) {
    let date = now();
    let credential = BASE64_STANDARD.encode(mac(key, &text.replace("DATE", &date)));
    refused(get(path), &date, &credential).says(want);
}

#[test]
fn wrong_keys() {
    let text = "GET&/demo/a&DATE";
    check(
        "/demo/a",
        "password",
        text,
        "The signature was made with the password itself as the key",
    );
    let upper = md5("password").to_uppercase();
    check("/demo/a", &upper, text, "MD5 of the password in upper case");
    let twice = md5(&md5("password"));
    check("/demo/a", &twice, text, "MD5ed twice");
    check(
        "/demo/a",
        &md5("drowssap"),
        text,
        "password is that of the operator second",
    );
}

#[test]
fn wrong_methods_and_paths() {
    let key = md5("password");
    check("/demo/a", &key, "get&/demo/a&DATE", "signed in lower case");
    check(
        "/demo/a",
        &key,
        "PUT&/demo/a&DATE",
        "PUT was signed, but GET was sent",
    );
    let encoded = "/demo/%E4%B8%AD";
    check(
        encoded,
        &key,
        "GET&/demo/中&DATE",
        "The decoded path was signed",
    );
    check(
        "/demo/a/",
        &key,
        "GET&/demo/a&DATE",
        "without its last slash",
    );
    check("/demo/a", &key, "GET&/demo/a/&DATE", "A slash was added");
    check("/demo/a", &key, "GET&/a&DATE", "without the service");
    check(
        "/demo/a",
        &key,
        "GET&demo/a&DATE",
        "without its first slash",
    );
    check(
        "/demo/a",
        &key,
        "GET&/other/a&DATE",
        "signed for the service other, not demo",
    );
}

#[test]
fn wrong_dates() {
    let key = md5("password");
    check("/demo/a", &key, "GET&/demo/a", "The date was not signed");
    let sent = date::format(SystemTime::now());
    let signed = date::format(date::parse(&sent).unwrap() - Duration::from_secs(2));
    let credential = BASE64_STANDARD.encode(mac(&key, &format!("GET&/demo/a&{signed}")));
    refused(get("/demo/a"), &sent, &credential)
        .says(&format!("{signed:?} was signed, but {sent:?} was sent"));
}

#[test]
fn wrong_content_md5() {
    let (key, date) = (md5("password"), now());
    let body_md5 = Md5Digest::of("x").to_string();
    let sign = |text: String| BASE64_STANDARD.encode(mac(&key, &text));
    let sent = put("/demo/a", "x").header("Content-MD5", &body_md5);
    refused(sent, &date, &sign(format!("PUT&/demo/a&{date}"))).says("sent but not signed");
    let empty = Md5Digest::of("").to_string();
    let credential = sign(format!("PUT&/demo/a&{date}&{empty}"));
    refused(put("/demo/a", "x"), &date, &credential).says("MD5 of an empty body was signed");
    let upper = body_md5.to_uppercase();
    let sent = put("/demo/a", "x").header("Content-MD5", &upper);
    refused(sent, &date, &sign(format!("PUT&/demo/a&{date}&{body_md5}")))
        .says("lower case but sent in upper case");
}

#[test]
fn wrong_encodings() {
    let (key, date) = (md5("password"), now());
    let raw = mac(&key, &format!("GET&/demo/a&{date}"));
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    refused(get("/demo/a"), &date, &hex).says("in hex");
    refused(get("/demo/a"), &date, &BASE64_STANDARD.encode(&hex)).says("hex");
    let unpadded = BASE64_STANDARD.encode(&raw);
    refused(get("/demo/a"), &date, unpadded.trim_end_matches('=')).says("padding");
}

#[test]
fn url_safe_base64() {
    let key = md5("password");
    // Some date within the window gives a signature with a `+` or `/`.
    let (date, raw) = (0..)
        .map(|ago| {
            let date = date::format(SystemTime::now() - Duration::from_secs(ago));
            let raw = mac(&key, &format!("GET&/demo/a&{date}"));
            (date, raw)
        })
        .find(|(_, raw)| BASE64_STANDARD.encode(raw).contains(['+', '/']))
        .unwrap();
    let credential = base64::prelude::BASE64_URL_SAFE.encode(raw);
    refused(get("/demo/a"), &date, &credential).says("URL-safe");
}

#[test]
fn two_mistakes_at_once_are_both_named() {
    let date = now();
    let text = format!("get&/demo/a&{date}");
    let credential = BASE64_STANDARD.encode(mac("password", &text));
    refused(get("/demo/a"), &date, &credential)
        .says("The signature was made with the password itself as the key")
        .says("signed in lower case");
}

#[test]
fn legacy_strings_to_sign_are_masked() {
    let date = now();
    let key = md5("password");
    let wrong = Md5Digest::of(format!("get&/demo/a&{date}&0&{key}")).to_string();
    let refused = refused(get("/demo/a"), &date, &wrong);
    refused.says("signed in lower case").says("&***");
    let explanation = refused.entry.explanation.unwrap();
    let signed = explanation.string_to_sign.as_deref().unwrap();
    assert_eq!(signed, format!("GET&/demo/a&{date}&0&***"));
}

#[test]
fn what_the_server_signed_is_shown() {
    let date = now();
    let credential = BASE64_STANDARD.encode(mac(&md5("wrong"), "x"));
    let refused = refused(get("/demo/a?usage"), &date, &credential);
    let explanation = refused.entry.explanation.unwrap();
    let signed = explanation.string_to_sign.as_deref().unwrap();
    assert_eq!(signed, format!("GET&/demo/a?usage&{date}"));
    assert_eq!(explanation.sent.as_deref(), Some(&*credential));
    assert_eq!(explanation.client_signed, None);
}
