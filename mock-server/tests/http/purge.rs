//! Cache refresh.

use std::time::{Duration, SystemTime};

use serde_json::json;
use upyun_client::protocol::{ErrorCode, PasswordMd5, date, sign::PurgeSignature};
use upyun_mock::{MockServer, accounts::Operator};

use crate::kit::{Request, get, request, start};

const FORM: &str = "application/x-www-form-urlencoded";

fn encode(purge: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("purge", purge)
        .finish()
}

/// A purge, signed by the default operator.
fn purge(urls: &str) -> Request {
    signed(urls, urls, "operator", "password")
}

fn signed(urls: &str, signed: &str, operator: &str, password: &str) -> Request {
    let now = date::format(SystemTime::now());
    let signature = PurgeSignature {
        purge: signed,
        service: "demo",
        date: &now,
    };
    let key = PasswordMd5::of(password);
    unsigned(urls)
        .header("Date", &now)
        .header("Authorization", signature.authorization(operator, &key))
}

fn unsigned(urls: &str) -> Request {
    request("POST", "/purge/")
        .unsigned()
        .host("purge.upyun.com")
        .header("Content-Type", FORM)
        .body(encode(urls))
}

#[test]
fn urls_of_the_service_are_purged_and_listed() {
    let server = MockServer::builder()
        .service("demo")
        .configure(|config| config.services[0].domains.push("Img.example.com".into()))
        .start_blocking()
        .unwrap();
    let urls = "http://demo.b0.upaiyun.com/a b.png\nhttps://DEMO.test.upcdn.net:443/图?x\n\n\
                http://img.example.com/c\nhttp://img.example.com/c\n";
    let answer = purge(urls).ok(&server);
    assert_eq!(answer.text(), r#"{"invalid_domain_of_url":{}}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let purged: Vec<_> = server.purges().into_iter().map(|it| it.url).collect();
    let want = [
        "http://demo.b0.upaiyun.com/a b.png",
        "https://DEMO.test.upcdn.net:443/图?x",
        "http://img.example.com/c",
    ];
    assert_eq!(purged, want);
    let shown = get("/_mock/purges").unsigned().ok(&server).json();
    assert_eq!(shown["purges"][0]["operator"], "operator");
    assert_eq!(shown["purges"][2]["url"], want[2]);
}

#[test]
fn urls_of_others_are_given_back() {
    let server = start();
    let urls = "http://demo.b0.upaiyun.com/a\nhttp://other.b0.upaiyun.com/b\nftp://x/c\nno url";
    let answer = purge(urls).ok(&server).json();
    let want = json!(["http://other.b0.upaiyun.com/b", "ftp://x/c", "no url"]);
    assert_eq!(answer["invalid_domain_of_url"], want);
    assert_eq!(server.purges().len(), 1);
}

#[test]
fn curl_sends_multipart() {
    let server = start();
    let url = "http://demo.b0.upaiyun.com/a";
    let now = date::format(SystemTime::now());
    let signature = PurgeSignature {
        purge: url,
        service: "demo",
        date: &now,
    };
    let key = PasswordMd5::of("password");
    request("POST", "/purge/")
        .unsigned()
        .header("Date", &now)
        .header("Authorization", signature.authorization("operator", &key))
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(format!(
            "--b\r\nContent-Disposition: form-data; name=\"purge\"\r\n\r\n{url}\r\n--b--\r\n"
        ))
        .ok(&server);
    assert_eq!(server.purges()[0].url, url);
}

#[test]
fn who_may_not_purge() {
    let server = MockServer::builder()
        .operator("operator", "password")
        .operator_with(
            Operator::new("reader", "password")
                .limited([], upyun_mock::accounts::Rights::parse("r").unwrap()),
        )
        .start_blocking()
        .unwrap();
    let url = "http://demo.b0.upaiyun.com/a";
    let check = |request: Request, code| request.refused(&server, code);
    check(unsigned(url), ErrorCode::NEED_AUTHORIZATION_HEADER).says("UpYun <service>");
    let realm = ErrorCode::UNKNOWN_REALM_IN_AUTHORIZATION_HEADER;
    check(unsigned(url).header("Authorization", "Bearer x"), realm);
    check(
        unsigned(url).header("Authorization", "UpYun operator:x"),
        realm,
    );
    let named = |who: &str| unsigned(url).header("Authorization", format!("UpYun {who}:0"));
    check(named("demo:operator"), ErrorCode::NEED_DATE_HEADER);
    let dated = |who: &str, date: &str| named(who).header("Date", date);
    check(
        dated("demo:operator", "x"),
        ErrorCode::INVALID_DATE_VALUE_IN_HEADER,
    );
    let old = date::format(SystemTime::now() - Duration::from_secs(1900));
    check(dated("demo:operator", &old), ErrorCode::DATE_OFFSET_ERROR);
    let now = date::format(SystemTime::now());
    check(dated("demo:nobody", &now), ErrorCode::USER_NOT_EXISTS);
    check(dated("none:operator", &now), ErrorCode::BUCKET_NOT_EXIST);
    check(dated("demo:operator", &now), ErrorCode::SIGNATURE_ERROR).says("the password");
    let reader = signed(url, url, "reader", "password");
    check(reader, ErrorCode::USER_NEED_PERMISSION);
    check(purge(""), ErrorCode::NEED_PURGE_BODY);
    let get = request("GET", "/purge/").unsigned();
    check(get, ErrorCode::METHOD_NOT_ALLOWED);
    assert!(server.purges().is_empty());
}

#[test]
fn wrong_signatures_are_explained() {
    let server = start();
    let url = "http://demo.b0.upaiyun.com/a?b+c";
    for (sent, text, why) in [
        (url.to_owned(), format!("{url}\n"), "that was not sent"),
        (format!("{url}\n"), url.to_owned(), "sent but not signed"),
        (
            url.to_owned(),
            "http%3A%2F%2Fdemo.b0.upaiyun.com%2Fa%3Fb%2Bc".to_owned(),
            "encoded",
        ),
    ] {
        signed(&sent, &text, "operator", "password")
            .refused(&server, ErrorCode::SIGNATURE_ERROR)
            .says(why)
            .says("&demo&");
    }
}

#[test]
fn a_service_purges_600_urls_a_minute() {
    let server = start();
    let urls = |count: usize| "http://demo.b0.upaiyun.com/a\n".repeat(count);
    purge(&urls(601)).refused(&server, ErrorCode::PURGE_TOO_MUCH_ITEMS);
    purge(&urls(599)).ok(&server);
    purge(&urls(2)).refused(&server, ErrorCode::PURGE_RATE_EXCEEDED);
    purge(&urls(1)).ok(&server);
    server.clock().advance(Duration::from_secs(61));
    purge(&urls(600)).ok(&server);
}

#[test]
fn a_bound_domain_reads_objects() {
    let server = MockServer::builder()
        .configure(|config| {
            let mut demo = upyun_mock::accounts::Service::new("demo".parse().unwrap());
            demo.domains.push("img.example.com".into());
            config.services.push(demo);
        })
        .start_blocking()
        .unwrap();
    server.put_object("/a.txt", "hello").unwrap();
    let read = |host| get("/a.txt").unsigned().host(host).send(&server);
    assert_eq!(read("img.example.com").body, b"hello");
    assert_eq!(read("IMG.example.com:8080").body, b"hello");
    let by_proxy = get("http://img.example.com/a.txt").unsigned();
    let by_proxy = by_proxy.host("img.example.com").ok(&server);
    assert_eq!(by_proxy.body, b"hello");
    assert_eq!(read("other.b0.upaiyun.com").status, 404);
}
