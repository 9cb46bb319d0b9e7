//! What is sent again, and what is not.

use std::time::{Duration, Instant};

use upyun_client::{
    Body, Client, Endpoint, ErrorKind, RetryPolicy,
    protocol::{Directive, ErrorCode},
};

use crate::support::{Reply, Server, broken, error, ok, reply};

#[tokio::test]
async fn busy_then_well() {
    for busy in [
        error(42900001, "too many requests"),
        error(40800001, "read client request timeout"),
        error(50300000, "service unavailable"),
        reply(
            502,
            &[("content-type", "text/html")],
            "<h1>Bad gateway</h1>",
        ),
        broken(),
    ] {
        let server = Server::start([busy.clone(), ok()]).await;
        let put = server.client().put("/a").body("hello").checksum();
        put.send().await.unwrap_or_else(|e| panic!("{busy:?}: {e}"));
        let seen = server.seen();
        assert_eq!(seen.len(), 2, "{busy:?}");
        assert!(seen.iter().all(|seen| seen.body == b"hello"));
    }
}

#[tokio::test]
async fn files_are_read_again_from_the_same_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    let content = vec![7; 400_000];
    std::fs::write(&path, &content).unwrap();
    let server = Server::start([broken(), ok()]).await;
    let file = tokio::fs::File::open(&path).await.unwrap();
    server.client().put("/a").body(file).send().await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| seen.body == content));
}

#[tokio::test]
async fn a_stream_that_has_been_read_is_not_sent_again() {
    let server = Server::start([error(42900001, "too many requests")]).await;
    let body = Body::reader(&b"hello"[..]);
    let refused = server
        .client()
        .put("/a")
        .body(body)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RateLimited);
    assert!(refused.is_retryable());
    assert_eq!(refused.attempts(), 1);
    server.only();
}

#[tokio::test]
async fn a_stream_survives_a_connection_that_is_not_made() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder("demo", "operator", "password")
        .endpoint(Endpoint::url(format!("http://{address}")))
        .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    let body = Body::reader(&b"hello"[..]);
    let failed = client.put("/a").body(body).send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Transport);
    assert!(failed.is_connect());
    assert_eq!(failed.attempts(), 3);
    assert!(failed.to_string().contains("PUT /demo/a: "), "{failed}");
}

#[tokio::test]
async fn refusals_are_final() {
    let server = Server::start([error(40100005, "signature error")]).await;
    let refused = server.client().put("/a").send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert_eq!(refused.code(), Some(ErrorCode::SIGNATURE_ERROR));
    server.only();
}

#[tokio::test]
async fn the_policy_bounds_the_attempts() {
    let busy = || error(42900001, "too many requests");
    let server = Server::start([busy(), busy(), busy()]).await;
    let refused = server.client().usage("/").send().await.unwrap_err();
    assert_eq!(refused.attempts(), 3);
    assert!(
        refused.to_string().contains("after 3 attempts"),
        "{refused}"
    );
    assert_eq!(server.seen().len(), 3);

    let server = Server::start([busy()]).await;
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    client.usage("/").send().await.unwrap_err();
    server.only();
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done() {
    let missing = || error(40400001, "file or directory not found");
    let server = Server::start([broken(), missing()]).await;
    server.client().delete("/a").send().await.unwrap();
    let server = Server::start([broken(), missing()]).await;
    server.client().rename("/a", "/b").send().await.unwrap();
    // The service said that it did nothing, so the first attempt did not do it.
    let server = Server::start([error(42900001, "too many requests"), missing()]).await;
    let refused = server.client().delete("/a").send().await.unwrap_err();
    assert!(refused.is_not_found());
    // A copy does not remove its source.
    let server = Server::start([broken(), missing()]).await;
    let copy = server
        .client()
        .copy("/a", "/b")
        .metadata_directive(Directive::Copy);
    assert!(copy.send().await.unwrap_err().is_not_found());
    let server = Server::start([missing()]).await;
    assert!(
        server
            .client()
            .delete("/a")
            .send()
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn silence_is_bounded() {
    let server = Server::start([Reply::Hang]).await;
    let client = server
        .builder()
        .timeout(Duration::from_millis(50))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let started = Instant::now();
    let failed = client.put("/a").body("hello").send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Transport);
    assert!(failed.is_timeout() && !failed.is_connect());
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_stalled_download_is_bounded() {
    let Reply::Write(stalls) = reply(200, &[("content-length", "10")], "hello") else {
        unreachable!()
    };
    let server = Server::start([Reply::Write(stalls)]).await;
    let client = server
        .builder()
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let mut download = client.get("/a").send().await.unwrap();
    assert_eq!(download.chunk().await.unwrap().unwrap(), "hello");
    let started = Instant::now();
    let failed = download.chunk().await.unwrap_err();
    assert!(failed.is_timeout() && failed.kind() == ErrorKind::Transport);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_slow_source_is_not_silence() {
    let server = Server::start([ok()]).await;
    let client = server
        .builder()
        .timeout(Duration::from_millis(40))
        .build()
        .unwrap();
    let (mut pipe, source) = tokio::io::duplex(16);
    tokio::spawn(async move {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            tokio::io::AsyncWriteExt::write_all(&mut pipe, b"x")
                .await
                .unwrap();
        }
    });
    client
        .put("/a")
        .body(Body::reader(source))
        .send()
        .await
        .unwrap();
    assert_eq!(server.only().body, b"xxx");
}
