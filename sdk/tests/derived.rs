//! Clients derived from another, and how much of a body moves at a time.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use upyun_client::{
    Body, Client, Credential, Endpoint, ErrorKind, LocalSigner, RetryPolicy,
    protocol::{FormPolicy, PasswordMd5},
};
use upyun_mock::MockServer;

#[tokio::test]
async fn another_endpoint_and_another_signer() {
    let (here, there) = tokio::join!(MockServer::start(), MockServer::start());
    here.put_object("/a", "here").unwrap();
    there.put_object("/a", "there").unwrap();
    let client = here.client();
    let other = client.with_endpoint(Endpoint::url(there.url())).unwrap();
    let text = async |client: &Client| client.get("/a").send().await?.text().await;
    assert_eq!(text(&client).await.unwrap(), "here");
    assert_eq!(text(&other).await.unwrap(), "there");
    // From a host of the service's to this machine, which has other connections.
    let remote = Client::new(there.service_name().as_str(), other.operator(), "wrong").unwrap();
    let local = remote.with_endpoint(Endpoint::url(there.url())).unwrap();
    let local = local.with_retry(RetryPolicy::none());
    let refused = text(&local).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let password = there
        .operator()
        .password
        .as_ref()
        .unwrap()
        .reveal()
        .to_owned();
    let signer = LocalSigner::new(PasswordMd5::of(&password));
    let signed = local.with_signer(Credential::signer(signer));
    assert_eq!(text(&signed).await.unwrap(), "there");
    let wrong = client
        .with_endpoint(Endpoint::url("ftp://host"))
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn another_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::url(format!("http://{}", listener.local_addr().unwrap()));
    let client = Client::builder("demo", "operator", "password")
        .endpoint(endpoint)
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let client = client.with_timeout(Duration::from_millis(50));
    // It connects, and is never answered.
    assert!(client.usage("/").send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn forms_have_an_endpoint_of_their_own() {
    let (storage, forms) = tokio::join!(MockServer::start(), MockServer::start());
    let operator = storage.operator();
    let client = Client::builder(
        storage.service_name().as_str(),
        &*operator.name,
        operator.password.as_ref().unwrap().reveal(),
    )
    .endpoint(Endpoint::url(storage.url()))
    .form_endpoint(Endpoint::url(forms.url()))
    .build()
    .unwrap();
    let policy = FormPolicy::new("/a.txt");
    client
        .form(&policy)
        .file("a.txt", "x")
        .send()
        .await
        .unwrap();
    assert_eq!(forms.get_object("/a.txt").unwrap(), b"x");
    assert!(storage.get_object("/a.txt").is_err());
    let signed = client.sign_form(&policy).await.unwrap();
    assert!(
        signed.url.starts_with(&forms.url().to_string()),
        "{}",
        signed.url
    );
}

#[tokio::test]
async fn bodies_move_in_chunks_of_the_size_that_was_set() {
    let server = MockServer::start().await;
    let operator = server.operator();
    let builder = Client::builder(
        server.service_name().as_str(),
        &*operator.name,
        operator.password.as_ref().unwrap().reveal(),
    )
    .endpoint(Endpoint::url(server.url()));
    let none = builder.clone().chunk_size(0).build().unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Invalid);
    let client = builder.chunk_size(1000).build().unwrap();
    let bytes: Vec<u8> = (0..10_500_u32).map(|n| n as u8).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let open = std::fs::File::open(file.path()).unwrap();
    let bodies = [
        Body::from(bytes.clone()),
        Body::path(file.path()),
        Body::sync_reader(open),
    ];
    for body in bodies {
        let (sender, receiver) = std::sync::mpsc::channel();
        let put = client.put("/a").body(body);
        let put = put.on_progress(move |progress| {
            let _ = sender.send(progress.done);
        });
        put.send().await.unwrap();
        let done: Vec<u64> = receiver.into_iter().collect();
        let steps: Vec<u64> = (1..=10).map(|n| n * 1000).chain([10_500]).collect();
        assert_eq!(done, steps);
    }
    let mut download = client.get("/a").send().await.unwrap();
    let mut all = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        assert!(chunk.len() <= 1000);
        all.extend_from_slice(&chunk);
    }
    assert_eq!(all, bytes);
}
