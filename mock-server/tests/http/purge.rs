//! Cache refresh.

use std::time::SystemTime;

use upyun_client::protocol::{PasswordMd5, date, sign::PurgeSignature};
use upyun_mock::MockServer;

use crate::kit::{Request, Send as _, get, request, start};

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
                http://img.example.com/c\nhttp://img.example.com/c\nhttp://other.example.com/d\n";
    let answer = purge(urls).ok(&server);
    assert_eq!(
        answer.text(),
        r#"{"invalid_domain_of_url":["http://other.example.com/d"]}"#
    );
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
fn refusals_are_explained_and_purge_nothing() {
    let server = start();
    let url = "http://demo.b0.upaiyun.com/a";
    unsigned(url)
        .refused(&server, (401, 40100004, "need authorization header"))
        .says("UpYun <service>");
    unsigned(url)
        .header("Authorization", "UpYun demo:operator:0")
        .header("Date", date::format(SystemTime::now()))
        .refused(&server, (401, 40100005, "signature error"))
        .says("the password");
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
            .refused(&server, (401, 40100005, "signature error"))
            .says(why)
            .says("&demo&");
    }
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
