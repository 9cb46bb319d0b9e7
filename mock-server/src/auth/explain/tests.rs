//! The list of known mistakes: each is made as a client makes it, and must be named.

use std::time::{Instant, SystemTime};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};
use upyun_client::protocol::{Md5Digest, ServiceName, date};

use super::*;
use crate::accounts::Service;

const DATE: &str = "Tue, 24 Nov 2026 00:00:00 GMT";
const PASSWORD: &str = "pass$wörd 1";
const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
/// The path that most rows request, with an escape and a space.
const PATH: &str = "/demo/dir/%E4%B8%AD%20a.txt";

fn accounts() -> (Accounts, Operator) {
    let accounts = Accounts::default();
    for name in ["demo", "other"] {
        accounts.put_service(Service::new(ServiceName::parse(name).unwrap()));
    }
    let operator = Operator::new("operator", PASSWORD);
    accounts.put_operator(operator.clone());
    accounts.put_operator(Operator::new("second", "drowssap"));
    (accounts, operator)
}

fn md5(text: impl AsRef<[u8]>) -> String {
    Md5Digest::of(text).to_string()
}

fn mac(key: impl AsRef<[u8]>, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_ref()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sign(key: impl AsRef<[u8]>, text: &str) -> String {
    BASE64_STANDARD.encode(mac(key, text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn request() -> Presented<'static> {
    Presented {
        method: "PUT",
        path: PATH,
        host: Some("v0.api.upyun.com"),
        date: Some(DATE),
        content_length: 12,
        ..Presented::default()
    }
}

/// Asserts what an explanation says, and that it holds no secret.
#[track_caller]
fn says(explanation: &Explanation, words: &str) {
    let text = explanation.to_string();
    assert!(
        explanation.cause.contains(words),
        "{text}\n does not say {words:?}"
    );
    for secret in [PASSWORD, "drowssap", &md5(PASSWORD), &md5("drowssap")] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[track_caller]
fn header_says(request: &Presented<'_>, given: &str, words: &str) {
    let (accounts, operator) = accounts();
    says(&header(&accounts, &operator, request, given), words);
}

#[test]
fn keys() {
    let text = format!("PUT&{PATH}&{DATE}");
    let twice = md5(md5(PASSWORD));
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (PASSWORD.into(), "with the password itself as the key"),
        (
            md5(PASSWORD).to_uppercase().into(),
            "MD5 of the password in upper case",
        ),
        (twice.into(), "MD5ed twice"),
        (
            Md5Digest::of(PASSWORD).as_bytes().to_vec(),
            "16 bytes of the password's MD5",
        ),
        (md5(PASSWORD)[8..24].into(), "middle half"),
        (md5(format!("{PASSWORD}\n")).into(), "a line feed after it"),
        (
            md5(format!("{PASSWORD}\r\n")).into(),
            "a line feed after it",
        ),
        (md5(format!("{PASSWORD} ")).into(), "a space after it"),
        (md5(format!(" {PASSWORD}")).into(), "a space before it"),
        (
            md5(format!("\"{PASSWORD}\"")).into(),
            "quotation marks around it",
        ),
        (md5("pass").into(), "cut at a special character"),
        (md5("").into(), "password is empty"),
        (md5("undefined").into(), "it was not set"),
        (md5("operator").into(), "name of the operator"),
        (md5("drowssap").into(), "that of the operator second"),
        (hex(&Sha1::digest(PASSWORD)).into(), "SHA-1 of the password"),
        (
            BASE64_STANDARD
                .encode(Md5Digest::of(PASSWORD).as_bytes())
                .into(),
            "in Base64",
        ),
    ];
    for (key, words) in rows {
        header_says(&request(), &sign(key, &text), words);
    }
}

#[test]
fn texts() {
    let key = md5(PASSWORD);
    let seconds = date::parse(DATE)
        .unwrap()
        .duration_since(SystemTime::UNIX_EPOCH);
    let unix = seconds.unwrap().as_secs();
    let rows = [
        (format!("put&{PATH}&{DATE}"), "signed in lower case"),
        (
            format!("GET&{PATH}&{DATE}"),
            "GET was signed, but PUT was sent",
        ),
        (format!("{PATH}&{DATE}"), "method was not signed"),
        (
            format!("PUT&/demo/dir/中 a.txt&{DATE}"),
            "The decoded path was signed",
        ),
        (
            format!("PUT&/demo/dir/%25E4%25B8%25AD%2520a.txt&{DATE}"),
            "encoded twice",
        ),
        (
            format!("PUT&/demo/dir%2F%E4%B8%AD%20a.txt&{DATE}"),
            "slashes encoded",
        ),
        (
            format!("PUT&%2Fdemo%2Fdir%2F%E4%B8%AD%20a.txt&{DATE}"),
            "slashes encoded",
        ),
        (
            format!("PUT&/demo/dir/%E4%B8%AD+a.txt&{DATE}"),
            "`+` for spaces",
        ),
        (format!("PUT&/demo/dir/%D6%D0%20a.txt&{DATE}"), "GBK"),
        (
            format!("PUT&/demo/dir/%e4%b8%ad%20a.txt&{DATE}"),
            "other case",
        ),
        (format!("PUT&/%E4%B8%AD%20a.txt&{DATE}"), "cut at the front"),
        (
            format!("PUT&http://v0.api.upyun.com{PATH}&{DATE}"),
            "The full URL was signed",
        ),
        (
            format!("PUT&v0.api.upyun.com{PATH}&{DATE}"),
            "with the host in front",
        ),
        (format!("PUT&{PATH}/&{DATE}"), "A slash was added"),
        (
            format!("PUT&/dir/%E4%B8%AD%20a.txt&{DATE}"),
            "without the service",
        ),
        (
            format!("PUT&{}&{DATE}", &PATH[1..]),
            "without its first slash",
        ),
        (format!("PUT&/demo{PATH}&{DATE}"), "the service twice"),
        (
            format!("PUT&/other/dir/%E4%B8%AD%20a.txt&{DATE}"),
            "service other, not demo",
        ),
        (
            format!("PUT&/demo//dir/%E4%B8%AD%20a.txt&{DATE}"),
            "double slash",
        ),
        (format!("PUT&{PATH}?&{DATE}"), "`?` after it"),
        (format!("PUT\n{PATH}\n{DATE}"), "joined with line feeds"),
        (format!("PUT{PATH}{DATE}"), "joined with no separator"),
        (format!("PUT {PATH} {DATE}"), "joined with spaces"),
        (format!("PUT&{PATH}&{DATE}&"), "An empty element"),
        (format!("PUT&{PATH}&&{DATE}"), "An empty element"),
        (format!("PUT&{DATE}&{PATH}"), "another order"),
        (format!("{DATE}&PUT&{PATH}"), "another order"),
        (
            format!("PUT&{PATH}&{DATE}&12"),
            "An extra element was signed: the Content-Length",
        ),
        (
            format!("PUT&{PATH}&{DATE}&{key}"),
            "An extra element was signed: the MD5 of the password",
        ),
        (
            format!("PUT&demo&{PATH}&{DATE}"),
            "An extra element was signed: the service",
        ),
        (format!("PUT&{PATH}&{DATE}\n"), "line feed at its end"),
        (format!("PUT&{PATH}"), "The date was not signed"),
        (format!("PUT&{PATH}&{unix}"), "A Unix time was signed"),
        (format!("PUT&{PATH}&{unix}000"), "A Unix time was signed"),
        (
            format!("PUT&{PATH}&Tue, 24 Nov 2026 08:00:00 GMT"),
            "zone +0800 was signed, but labelled GMT",
        ),
        (
            format!("PUT&{PATH}&Tue, 24 Nov 2026 08:00:00 +0800"),
            "with the time zone +0800",
        ),
        (
            format!("PUT&{PATH}&Mon, 23 Nov 2026 19:00:00 GMT"),
            "zone -0500 was signed, but labelled GMT",
        ),
        (
            format!("PUT&{PATH}&2026-11-24T00:00:00Z"),
            "in a different format",
        ),
        (
            format!("PUT&{PATH}&星期二, 24 十一月 2026 00:00:00 GMT"),
            "in a different format",
        ),
        (
            format!("PUT&{PATH}&Tue, 24 Nov 2026 00:00:00 UTC"),
            "a different zone name",
        ),
        (
            format!("PUT&{PATH}&Tue, 24 Nov 2026 00:00:31 GMT"),
            "00:00:31 GMT\" was signed, but",
        ),
        (
            format!("PUT&{PATH}&{DATE}&{MD5}"),
            "no Content-MD5 was sent",
        ),
    ];
    for (text, words) in &rows {
        header_says(&request(), &sign(&key, text), words);
        // Together with the likeliest wrong key.
        let both = sign(PASSWORD, text);
        header_says(&request(), &both, words);
        header_says(&request(), &both, "with the password itself as the key");
    }
}

#[test]
fn content_md5_and_query() {
    let key = md5(PASSWORD);
    let sent = Presented {
        content_md5: Some(MD5),
        query: Some("b=%20&a"),
        ..request()
    };
    let binary = BASE64_STANDARD.encode(MD5.parse::<Md5Digest>().unwrap().as_bytes());
    let upper = MD5.to_uppercase();
    for (text, words) in [
        (format!("PUT&{PATH}&{DATE}"), "sent but not signed"),
        (format!("PUT&{PATH}?b=%20&a&{DATE}"), "sent but not signed"),
        (
            format!("PUT&{PATH}&{DATE}&{binary}"),
            "in Base64 but sent in hex",
        ),
        (
            format!("PUT&{PATH}&{DATE}&{upper}"),
            "upper case but sent in lower",
        ),
        (
            format!("PUT&{PATH}?b= &a&{DATE}&{MD5}"),
            "query was signed decoded",
        ),
        (
            format!("PUT&{PATH}?a&b=%20&{DATE}&{MD5}"),
            "parameters sorted",
        ),
        (format!("PUT&{MD5}&{PATH}&{DATE}"), "another order"),
    ] {
        header_says(&sent, &sign(&key, &text), words);
    }
}

#[test]
fn functions_and_encodings() {
    let (key, text) = (md5(PASSWORD), format!("PUT&{PATH}&{DATE}"));
    let raw = mac(&key, &text);
    let plain = |text: String| BASE64_STANDARD.encode(Sha1::digest(text));
    let letters: String = raw.iter().map(|byte| char::from(*byte)).collect();
    for (given, words) in [
        (hex(&raw), "sent in hex"),
        (
            BASE64_STANDARD.encode(hex(&raw)),
            "hex-encoded before Base64",
        ),
        (
            BASE64_STANDARD.encode(BASE64_STANDARD.encode(&raw)),
            "Base64 twice",
        ),
        (BASE64_STANDARD.encode(letters), "turned into text"),
        (
            BASE64_STANDARD
                .encode(&raw)
                .trim_end_matches('=')
                .to_owned(),
            "padding",
        ),
        (BASE64_STANDARD.encode([7; 32]), "SHA-256"),
        (hex(&[7; 32]), "SHA-256"),
        (sign(&text, &key), "swapped"),
        (
            plain(format!("{text}{key}")),
            "plain SHA-1 of the string and the key",
        ),
        (plain(format!("{text}&{key}")), "plain SHA-1"),
        (
            hex(&Sha1::digest(format!("{text}{PASSWORD}"))),
            "plain SHA-1 of the string and the key",
        ),
        (plain(text.clone()), "without the key"),
        (BASE64_STANDARD.encode(PASSWORD), "in place of a signature"),
        (
            sign("another password", &text),
            "password is another one. Tried",
        ),
    ] {
        header_says(&request(), &given, words);
    }
    let safe = (0..).find_map(|count| {
        let path = format!("/demo/{count}");
        let raw = mac(&key, &format!("PUT&{path}&{DATE}"));
        let safe = BASE64_URL_SAFE.encode(&raw);
        safe.contains(['-', '_']).then_some((path, safe))
    });
    let (path, safe) = safe.unwrap();
    header_says(
        &Presented {
            path: &path,
            ..request()
        },
        &safe,
        "URL-safe",
    );
}

#[test]
fn legacy_signatures() {
    let (accounts, operator) = accounts();
    let (key, text) = (md5(PASSWORD), format!("PUT&{PATH}&{DATE}"));
    for (signed, words) in [
        (
            format!("put&{PATH}&{DATE}&12&{key}"),
            "signed in lower case",
        ),
        (format!("{text}&{key}"), "Content-Length was not signed"),
        (format!("{text}&0&{key}"), "length was signed as 0"),
        (format!("{text}&12&{PASSWORD}"), "with the password itself"),
        (
            format!("{text}&12{key}"),
            "plain MD5 of the string and the key",
        ),
        (format!("{text}&12"), "without the key"),
        (
            format!("PUT\n{PATH}\n{DATE}\n12&{key}"),
            "joined with line feeds",
        ),
    ] {
        says(
            &legacy(&accounts, &operator, &request(), &md5(signed)),
            words,
        );
    }
    says(
        &legacy(&accounts, &operator, &request(), &key),
        "in place of a signature",
    );
}

#[test]
fn forms_and_tokens() {
    let (accounts, operator) = accounts();
    let (key, json) = (
        md5(PASSWORD),
        "{\"bucket\":\"demo\",\"save-key\":\"/ÿþ~~??\"}",
    );
    let policy = BASE64_STANDARD.encode(json);
    let presented = PresentedForm {
        uri: "/demo",
        query: Some("x"),
        policy: &policy,
        date: Some(DATE),
        content_md5: None,
        authorization: "",
    };
    let right = format!("POST&/demo&{DATE}&{policy}");
    for (text, words) in [
        (format!("POST&/demo&{DATE}&{json}"), "as JSON"),
        (
            format!("POST&/demo&{DATE}&{}", BASE64_STANDARD.encode(&policy)),
            "Base64 twice",
        ),
        (
            format!("POST&/demo&{DATE}&{}", BASE64_URL_SAFE.encode(json)),
            "URL-safe",
        ),
        (format!("POST&/demo&{policy}"), "date was not signed"),
        (format!("POST&/demo?x&{DATE}&{policy}"), "with its query"),
        (format!("POST&/demo/&{DATE}&{policy}"), "A slash was added"),
    ] {
        let given = sign(&key, &text);
        says(
            &form(&accounts, &operator, &presented, right.clone(), &given),
            words,
        );
    }
    let given = md5(format!("{policy}&{PASSWORD}"));
    says(
        &form_legacy(&accounts, "secret", &policy, &given),
        "not the form secret",
    );
    let given = md5(format!("{policy}secret"));
    says(
        &form_legacy(&accounts, "secret", &policy, &given),
        "plain MD5",
    );
    let explanation = form_legacy(&accounts, "secret", &policy, "secret");
    says(&explanation, "The form secret or its MD5 was sent");
    assert_eq!(explanation.sent, None);
    let token = Presented {
        uri_prefix: Some("/demo/"),
        expire: Some("1795478400"),
        ..request()
    };
    let given = sign(&key, "PUT&/demo&1795478400");
    says(
        &delegated(&accounts, &operator, &token, &given),
        "without its last slash",
    );
    let given = sign(&key, "PUT&1795478400&/demo/");
    says(
        &delegated(&accounts, &operator, &token, &given),
        "another order",
    );
}

#[test]
fn two_mistakes_are_both_named() {
    let given = hex(&mac(PASSWORD, &format!("put&{PATH}&{DATE}")));
    for words in ["password itself", "lower case", "in hex"] {
        header_says(&request(), &given, words);
    }
}

#[test]
fn cache_refreshes() {
    let (accounts, operator) = accounts();
    let urls = "http://demo.b0.upaiyun.com/a\nhttp://demo.b0.upaiyun.com/b+c";
    let right = PurgeSignature {
        purge: urls,
        service: "demo",
        date: DATE,
    };
    let key = md5(PASSWORD);
    let rows = [
        (
            format!("{urls}\n&demo&{DATE}&{key}"),
            "line feed was signed",
        ),
        (
            format!("{}&demo&{DATE}&{key}", urls.replace('\n', "\r\n")),
            "signed as CR LF",
        ),
        (
            format!("{}&demo&{DATE}&{key}", urls.replace('+', " ")),
            "`+` decoded to spaces",
        ),
        (
            format!("http://demo.b0.upaiyun.com/a&demo&{DATE}&{key}"),
            "Only one URL",
        ),
        (format!("{urls}&{DATE}&{key}"), "service was not signed"),
        (format!("{urls}&/demo&{DATE}&{key}"), "slash before it"),
        (format!("{urls}&other&{DATE}&{key}"), "service other"),
        (format!("{urls}&demo&{key}"), "date was not signed"),
        (format!("{urls}&demo&{DATE}&{PASSWORD}"), "password itself"),
        (
            format!("demo&{urls}&{DATE}&{key}"),
            "in another order than the server's",
        ),
        (
            format!("{urls}&demo&{DATE}{key}"),
            "plain MD5 of the string and the key",
        ),
        (
            format!("{urls}&demo&{DATE}&{}", md5("wrong")),
            "password is another one",
        ),
    ];
    for (text, words) in rows {
        says(&purge(&accounts, &operator, right, &md5(text)), words);
    }
    let given = sign(&key, &format!("{urls}&demo&{DATE}"));
    says(
        &purge(&accounts, &operator, right, &given),
        "HMAC-SHA1 was used",
    );
    says(&purge(&accounts, &operator, right, "x"), "length is 1");
    let explanation = purge(&accounts, &operator, right, &key);
    says(&explanation, "in place of a signature");
}

/// Wrong signatures of requests with many variants: none is explained, so all is tried.
///
/// 20 ms are allowed, at half a microsecond a candidate in an optimized build.
#[test]
fn work_is_bounded() {
    const MOST_CANDIDATES: usize = 40_000;
    let (accounts, operator) = accounts();
    for number in 0..30 {
        let name = ServiceName::parse(&format!("service{number}")).unwrap();
        accounts.put_service(Service::new(name));
        accounts.put_operator(Operator::new(&format!("operator{number}"), "other"));
    }
    let long = format!("/demo/{}", "a/%20".repeat(800));
    for path in [PATH, &long, &long.repeat(50)] {
        let sent = Presented {
            path,
            query: Some("a=b"),
            content_md5: Some(MD5),
            x_date: Some("Tue, 24 Nov 2026 00:00:09 GMT"),
            ..request()
        };
        let start = Instant::now();
        let space = header_space(&accounts, &operator, &sent);
        let prepared = start.elapsed();
        let mut work = Work::default();
        assert!(search(&space, &sign("x", "y"), &mut work).is_none());
        eprintln!(
            "{} bytes of path: {work:?}, {prepared:?} + {:?}",
            path.len(),
            start.elapsed() - prepared
        );
        assert!(work.candidates <= MOST_CANDIDATES, "{work:?}");
        assert!(work.bytes <= 9_000_000, "{work:?}");
        // Long paths are not searched to the end, and the explanation says so.
        let explanation = header(&accounts, &operator, &sent, &sign("x", "y"));
        let is_long = path.len() > PATH.len();
        assert_eq!(explanation.cause.contains("Tried in part"), is_long);
    }
}

/// An ordinary request leaves room for all pairs: the work is not cut short.
#[test]
fn ordinary_requests_are_searched_to_the_end() {
    let (accounts, operator) = accounts();
    let space = header_space(&accounts, &operator, &request());
    let mut work = Work::default();
    assert!(search(&space, &sign("x", "y"), &mut work).is_none());
    assert!(!work.is_cut_short(), "{work:?}");
}
