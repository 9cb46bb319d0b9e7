//! The tours of the examples, against the emulator.
#![cfg(feature = "blocking")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use upyun_client::{Client, Endpoint};
use upyun_mock::MockServer;

#[path = "../examples/blocking_tour.rs"]
mod blocking_tour;
#[path = "../examples/tour.rs"]
mod tour;

#[tokio::test]
async fn the_asynchronous_tour_leaves_nothing_behind() {
    let server = MockServer::start().await;
    tour::tour(&server.client()).await.unwrap();
    assert!(!server.client().exists("/tour").send().await.unwrap());
}

#[tokio::test]
async fn the_blocking_tour_leaves_nothing_behind() {
    let server = MockServer::start().await;
    let operator = server.operator();
    let client = Client::builder(
        server.service_name().as_str(),
        &*operator.name,
        operator.password.as_ref().unwrap().reveal(),
    );
    let client = client.endpoint(Endpoint::url(server.url()));
    let client = client.build_blocking().unwrap();
    let tour = tokio::task::spawn_blocking(move || blocking_tour::tour(&client));
    tour.await.unwrap().unwrap();
    assert!(
        !server
            .client()
            .exists("/tour-blocking")
            .send()
            .await
            .unwrap()
    );
}
