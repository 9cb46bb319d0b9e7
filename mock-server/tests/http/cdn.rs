//! What the journal says of refused tokens of access domains.

use upyun_client::protocol::sign::CdnToken;
use upyun_mock::{
    MockServer,
    accounts::{Password, Service},
};

use crate::kit::{Send as _, get};

#[test]
fn refused_tokens_are_explained() {
    let server = MockServer::builder()
        .configure(|config| {
            let mut demo = Service::new("demo".parse().unwrap());
            demo.token_secret = Some(Password::new("mysecret"));
            config.services.push(demo);
        })
        .start_blocking()
        .unwrap();
    server.put_object("/dir/a b.txt", "hello").unwrap();
    let now = server.clock().unix();
    let token = |etime, uri| {
        let secret = "mysecret";
        CdnToken { secret, etime, uri }.upt()
    };
    let path = "/dir/a%20b.txt";
    let ask = |query: &str, cookie: &str| {
        get(&format!("{path}{query}"))
            .unsigned()
            .host("demo.b0.upaiyun.com")
            .header("Cookie", cookie)
            .send(&server)
    };
    let good = token(now + 60, path);
    for (query, cookie, why) in [
        (String::new(), String::new(), "has no token"),
        (
            format!("?_upt={}", token(now, path)),
            String::new(),
            "ended at",
        ),
        (
            format!("?_upt={}", token(now + 60, "/dir/a b.txt")),
            String::new(),
            "none for",
        ),
        ("?_upt=short".into(), String::new(), "Unix seconds"),
        // The query wins.
        ("?_upt=wrong".into(), format!("_upt={good}"), "Unix seconds"),
    ] {
        let answer = ask(&query, &cookie);
        assert_eq!(answer.status, 403, "{query} {cookie}");
        assert_eq!(answer.json()["code"], "403");
        let entry = server.requests().pop().unwrap();
        let said = entry.explanation.as_ref().unwrap().to_string();
        assert!(said.contains(why), "{said}");
    }
}
