//! What the feature `tracing` shows, and what it must not.
#![cfg(all(feature = "client", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fmt::{Debug, Write as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use upyun_mock::MockServer;

/// Keeps every span and event as a line.
#[derive(Clone, Default)]
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("upyun_client")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(span.metadata().name().to_owned());
        span.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn requests_are_shown_without_secrets() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    let server = MockServer::start().await;
    let client = server.client();
    let put = client.put("/a.txt").secret("hushhush").meta("a", "1");
    put.body("x").send().await.unwrap();
    client.info("/a.txt").send().await.unwrap();
    let domain = format!("{}.b0.upaiyun.com", client.service());
    let domain = client.access_domain(domain);
    let get = domain
        .get("/a.txt")
        .secret("hushhush")
        .query("_upt", "tokentoken");
    get.send().await.unwrap().bytes().await.unwrap();
    let missing = client.get("/none").send().await.unwrap_err();
    let lines = lines.lines.lock().unwrap().join("\n");
    for want in [
        "request method=PUT uri=\"/demo/a.txt\" service=\"demo\"",
        "x-upyun-meta-a: 1",
        "authorization: ***",
        "content-secret: ***",
        "status=200",
        "uri=\"/a.txt!***\"",
        missing.request_id().unwrap(),
        "the request failed",
    ] {
        assert!(lines.contains(want), "no {want} in\n{lines}");
    }
    for secret in ["hushhush", "tokentoken", "UPYUN "] {
        assert!(!lines.contains(secret), "{secret} is in\n{lines}");
    }
}
