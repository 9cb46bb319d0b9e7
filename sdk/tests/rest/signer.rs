//! Credentials, remote signing, settings.

use upyun_client::{
    Client, Endpoint, ErrorKind, RemoteSigner,
    protocol::{
        PasswordMd5,
        sign::{HeaderSignature, upyun},
    },
};

use crate::support::{OPERATOR, PASSWORD, Server, ok, reply};

fn remote(server: &Server, signing: &Server) -> Client {
    let signer = RemoteSigner::new(&format!("{}/sign?app=1", signing.url)).unwrap();
    Client::builder("demo", OPERATOR, signer)
        .endpoint(Endpoint::url(&server.url))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_signing_server_is_asked_as_the_python_sdk_asks() {
    let signing = Server::start([reply(200, &[], "UPYUN operator:from-afar=")]).await;
    let server = Server::start([ok()]).await;
    let put = remote(&server, &signing)
        .put("/a b")
        .body("hello")
        .checksum();
    put.send().await.unwrap();

    let asked = signing.raw().remove(0);
    assert_eq!((&*asked.method, &*asked.target), ("POST", "/sign?app=1"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let question: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let seen = server.raw().remove(0);
    assert_eq!(
        question,
        serde_json::json!({
            "username": OPERATOR,
            "password": null,
            "method": "PUT",
            "uri": "/demo/a%20b",
            "date": seen.header("date").unwrap(),
            "content_md5": "5d41402abc4b2a76b9719d911017c592",
        })
    );
    assert_eq!(
        seen.header("authorization"),
        Some("UPYUN operator:from-afar=")
    );
}

#[tokio::test]
async fn without_a_signature_nothing_is_sent() {
    for (answer, part) in [
        (reply(200, &[], ""), "does not sign for operator `operator`"),
        (reply(403, &[], "no"), "403"),
        (reply(200, &[], "x".repeat(5000)), "too long"),
    ] {
        let signing = Server::start([answer]).await;
        let server = Server::start([]).await;
        let failed = remote(&server, &signing)
            .usage("/")
            .send()
            .await
            .unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Signing);
        let source = std::error::Error::source(&failed).unwrap().to_string();
        assert!(source.contains(part), "{source}");
        assert!(server.raw().is_empty());
    }
}

#[tokio::test]
async fn the_md5_of_the_password_suffices() {
    let server = Server::start([reply(200, &[], "1")]).await;
    let client = Client::builder("demo", OPERATOR, PasswordMd5::of(PASSWORD))
        .endpoint(Endpoint::url(&server.url))
        .user_agent("mine/1")
        .build()
        .unwrap();
    client.usage("/").send().await.unwrap();
    assert_eq!(server.only().header("user-agent"), Some("mine/1"));
}

#[test]
fn secrets_are_never_shown() {
    let key = PasswordMd5::of("hush-hush");
    let client = Client::new("demo", OPERATOR, "hush-hush").unwrap();
    let put = client.put("/a").secret("contentsecret");
    let shown = format!(
        "{client:?} {put:?} {:?}",
        Client::builder("demo", "op", key.clone())
    );
    for secret in ["hush-hush", key.reveal(), "contentsecret"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn mistakes_wait_until_build() {
    let check = |client: upyun_client::ClientBuilder| {
        assert_eq!(client.build().unwrap_err().kind(), ErrorKind::Invalid);
    };
    check(Client::builder("Not A Service", "op", "pw"));
    check(Client::builder("demo", "", "pw"));
    check(Client::builder("demo", "op:x", "pw"));
    check(Client::builder("demo", "op", "pw").user_agent("a\nb"));
    check(Client::builder("demo", "op", "pw").endpoint(Endpoint::url("http://host/prefix")));
    check(Client::builder("demo", "op", "pw").purge_endpoint(Endpoint::url("nope://")));
    assert!(RemoteSigner::new("sign.example.com").is_err());
}

#[test]
fn the_signature_of_a_vector() {
    let signature = HeaderSignature {
        method: "GET",
        uri: "/demo/",
        date: "Tue, 24 Nov 2026 00:00:00 GMT",
        content_md5: None,
    }
    .sign(&PasswordMd5::of("pw"));
    let request =
        upyun_client::SignRequest::new("op", "GET", "/demo/", "Tue, 24 Nov 2026 00:00:00 GMT");
    let value = request.authorization(&PasswordMd5::of("pw"));
    assert_eq!(value, upyun("op", &signature));
}
