//! The control plane, as a test in another process uses it.

use std::time::Duration;

use upyun_mock::{ControlClient, MockServer, journal::JournalFilter};

#[tokio::test]
async fn a_server_is_seen_and_changed_from_outside() {
    let server = MockServer::start().await;
    let control = ControlClient::new(&server.url()).unwrap();
    assert_eq!(control.health().await.unwrap().status, "ok");

    control
        .put_object("demo", "/猫/a b.txt", "hello")
        .await
        .unwrap();
    assert_eq!(
        control.get_object("demo", "猫/a b.txt").await.unwrap(),
        b"hello"
    );
    assert_eq!(server.get_object("/猫/a b.txt").unwrap(), b"hello");

    let id = control
        .add_fault(&"GET => status=503 times=1".parse().unwrap())
        .await
        .unwrap();
    let download = server.client().get("/猫/a b.txt").send().await.unwrap();
    assert_eq!(download.text().await.unwrap(), "hello");
    let faults = control.faults().await.unwrap();
    assert_eq!(
        (&faults[0].id, faults[0].applied, faults[0].over),
        (&id, 1, true)
    );
    let filter = JournalFilter {
        faulted: Some(true),
        ..JournalFilter::default()
    };
    let requests = control.requests(&filter).await.unwrap();
    assert_eq!((requests.len(), requests[0].status), (1, 503));
    assert_eq!(requests[0].faults[0].id, id);
    control.remove_fault(&id).await.unwrap();
    assert_eq!(
        control.remove_fault(&id).await.unwrap_err().status(),
        Some(404)
    );

    let snapshot = control.snapshot().await.unwrap();
    control.delete_object("demo", "猫").await.unwrap();
    assert!(server.get_object("/猫/a b.txt").is_err());
    control.restore(&snapshot).await.unwrap();
    control.fork("demo", "copy").await.unwrap();
    assert_eq!(
        control.get_object("copy", "猫/a b.txt").await.unwrap(),
        b"hello"
    );

    assert!(control.freeze(true).await.unwrap().frozen);
    let before = control.clock().await.unwrap().unix_ms;
    let after = control.advance(Duration::from_secs(90)).await.unwrap();
    assert_eq!(after.unix_ms, before + 90_000);
    assert!(!control.freeze(false).await.unwrap().frozen);

    let service = control.add_service(None).await.unwrap();
    assert_eq!(service.operator.unwrap().password.len(), 16);
    control.remove_service(&service.name).await.unwrap();
    assert_eq!(control.report().await.unwrap().requests, 2);
    control.reset().await.unwrap();
    assert!(
        control
            .requests(&JournalFilter::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(control.callbacks().await.unwrap().is_empty());
    assert!(control.tasks().await.unwrap().is_empty());
    assert!(control.uploads().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let server = MockServer::builder()
        .configure(|config| config.control_token = Some("s3cret".to_owned()))
        .start()
        .await
        .unwrap();
    let control = ControlClient::new(&server.url()).unwrap();
    let error = control.clock().await.unwrap_err();
    assert_eq!(error.status(), Some(401), "{error}");
    assert!(control.token("s3cret").clock().await.is_ok());

    let error = ControlClient::new("ftp://x").unwrap_err();
    assert!(error.to_string().contains("http://"), "{error}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gone = ControlClient::new(&format!("http://{nobody}")).unwrap();
    let error = gone.health().await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}
