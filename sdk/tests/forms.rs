//! FORM uploads against the emulator: by this client, and by others within its policy.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use futures_util::stream;
use upyun_client::{
    Body, Callback, CallbackVerifier, ErrorKind, FormResult, FormResultError,
    protocol::{ErrorCode, FormPolicy, PasswordMd5},
};
use upyun_mock::{
    MockServer,
    accounts::{Password, Service},
};

#[tokio::test]
async fn the_service_picks_the_key() {
    let server = MockServer::start().await;
    let client = server.client();
    let policy = FormPolicy::new("/f/{filename}/{filemd5}{.suffix}")
        .content_type("text/x-test")
        .meta("author", "Ann")
        .ext_param("a=b & 猫");
    let upload = client
        .form(&policy)
        .file("猫 \"1\".TXT", "hello")
        .checksum();
    let result = upload.send().await.unwrap();
    assert_eq!(
        result.url,
        "/f/猫 \"1\"/5d41402abc4b2a76b9719d911017c592.TXT"
    );
    assert_eq!(result.ext_param.as_deref(), Some("a=b & 猫"));
    assert_eq!(result.file_size, Some(5));
    assert_eq!(result.mime_type.as_deref(), Some("text/x-test"));
    assert_eq!(result.sign, None);
    assert_eq!(server.get_object(&result.url).unwrap(), b"hello");
    let info = client.info(&result.url).send().await.unwrap();
    assert_eq!(info.metadata.get("author"), Some("Ann"));
}

#[tokio::test]
async fn files_of_any_length_are_streamed() {
    let server = MockServer::start().await;
    let client = server.client();
    let chunks = || stream::iter((0..50_u8).map(|n| Ok::<_, std::io::Error>(vec![n; 100_000])));
    let want: Vec<u8> = (0..50_u8).flat_map(|n| vec![n; 100_000]).collect();
    let seen = Arc::new(Mutex::new(0));
    for (key, body) in [
        ("/chunked", Body::stream(chunks())),
        ("/sized", Body::stream(chunks()).length(5_000_000)),
    ] {
        let record = Arc::clone(&seen);
        let upload = client.form(&FormPolicy::new(key)).file("x", body);
        let upload = upload.on_progress(move |progress| *record.lock().unwrap() = progress.done);
        upload.send().await.unwrap();
        assert!(server.get_object(key).unwrap() == want, "{key}");
        assert_eq!(*seen.lock().unwrap(), 5_000_000);
    }
    let large = FormPolicy::new("/large").content_length(5_000_000);
    let body = Body::stream(chunks());
    client.form(&large).file("x", body).send().await.unwrap();
    let wrong = FormPolicy::new("/wrong").content_length(4_999_999);
    let upload = client.form(&wrong).file("x", Body::stream(chunks()));
    let error = upload.send().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::FILE_SIZE_NOT_MATCH));
    let stream = client.form(&large).file("x", Body::stream(chunks()));
    let error = stream.checksum().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused() {
    let server = MockServer::start().await;
    let client = server.client();
    let policy = || FormPolicy::new("/f/{random}{.suffix}");
    let past = SystemTime::now() - Duration::from_secs(60);
    for (policy, code) in [
        (
            policy().content_length_range(1..=4),
            ErrorCode::FILE_TOO_LARGE,
        ),
        (
            policy().content_length_range(6..=9),
            ErrorCode::FILE_TOO_SMALL,
        ),
        (
            policy().allow_file_types(["jpg", "png"]),
            ErrorCode::FILE_TYPE_ERROR,
        ),
        (
            policy().expires_at(past),
            ErrorCode::AUTHORIZATION_HAS_EXPIRED,
        ),
        (policy().image_width_range(1..=100), ErrorCode::NOT_AN_IMAGE),
        (
            policy().ext_param(&"x".repeat(256)),
            ErrorCode::DATA_TOO_LONG_FOR_EXT_PARAM,
        ),
    ] {
        for return_url in [None, Some("http://127.0.0.1:1/back?x=1#top")] {
            let policy = match return_url {
                Some(url) => policy.clone().return_url(url),
                None => policy.clone(),
            };
            let upload = client.form(&policy).file("a.txt", "hello");
            let error = upload.send().await.unwrap_err();
            assert_eq!(error.code(), Some(code), "{error}");
            assert_eq!(error.status(), Some(code.status()), "{error}");
            assert!(!error.is_retryable());
        }
    }
    assert!(!client.exists("/f").send().await.unwrap());
}

#[tokio::test]
async fn the_return_url_carries_the_result() {
    let server = MockServer::start().await;
    let policy = FormPolicy::new("/a b.txt").return_url("http://127.0.0.1:1/back?x=1#top");
    let upload = server.client().form(&policy).file("a.txt", "hello");
    let result = upload.send().await.unwrap();
    assert_eq!((&*result.url, result.file_size), ("/a b.txt", Some(5)));
    assert_eq!(result.other["x"], "1");
}

#[tokio::test]
async fn legacy_results_are_verified_with_the_form_secret() {
    let server = MockServer::builder()
        .service_with(Service {
            form_secret: Some(Password::new("s3cret")),
            ..Service::new("demo".parse().unwrap())
        })
        .start()
        .await
        .unwrap();
    let client = server.client();
    let policy = FormPolicy::new("/a.txt").ext_param("x");
    let upload = client.form(&policy).file("a.txt", "hello");
    let result = upload.form_secret("s3cret").send().await.unwrap();
    assert_eq!(result.verify("s3cret"), Ok(()));
    assert_eq!(result.verify("other"), Err(FormResultError::WrongSign));
    let upload = client.form(&policy).file("a.txt", "hello");
    let error = upload.form_secret("other").send().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::SIGNATURE_ERROR));
    assert_eq!(error.kind(), ErrorKind::Denied);
}

/// What a web server received: path, headers, body.
type Inbox = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

#[tokio::test]
async fn notifications_are_verified_and_read() {
    let inbox = Inbox::default();
    let receive = |State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes| async move {
        inbox.lock().unwrap().push((headers, body));
    };
    let app = Router::new()
        .route("/uploaded", post(receive))
        .with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });

    let server = MockServer::start().await;
    let url = format!("http://{address}/uploaded");
    let policy = FormPolicy::new("/猫.txt").notify_url(&url).ext_param("x y");
    let upload = server.client().form(&policy).file("a.txt", "hello");
    let answer = upload.send().await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let (headers, body) = loop {
        if let Some(received) = inbox.lock().unwrap().pop() {
            break received;
        }
        assert!(std::time::Instant::now() < deadline, "no notification");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap());
    let password = server.operator().password.as_ref().unwrap().reveal();
    let verifier = CallbackVerifier::new(&*server.operator().name, PasswordMd5::of(password));
    let callback = Callback {
        uri: "/uploaded",
        authorization: header("authorization"),
        date: header("date"),
        content_md5: header("content-md5"),
        body: &body,
    };
    verifier.verify(&callback).unwrap();
    let result = FormResult::from_query(std::str::from_utf8(&body).unwrap()).unwrap();
    assert_eq!(result, answer);
}
