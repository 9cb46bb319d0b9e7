//! Expectations, faults for a part of a test, handles of services, and servers that do not start.

use std::{thread, time::Duration};

use http::Method;
use upyun_client::protocol::ErrorCode;
use upyun_mock::{
    Expect, ExpectError, MockServer, OperationName, StartError, StoreError, accounts::Service,
    faults::Fault, journal::JournalFilter,
};

use crate::kit::{Send as _, delete, get, put, start};

/// The message of the panic of a closure.
fn panic_of(run: impl FnOnce() + Send) -> Option<String> {
    let payload = thread::scope(|scope| scope.spawn(run).join()).err()?;
    let text = payload.downcast::<String>().expect("a formatted message");
    Some(*text)
}

#[test]
fn an_expectation_counts_what_comes_after_it() {
    let server = start();
    put("/demo/early", "x").ok(&server);
    let puts = server
        .expect(Expect::on(Method::PUT).path("/demo/**").times(2))
        .unwrap();
    let rest = server
        .expect(Expect::any().operation(OperationName::Get).times(..=1))
        .unwrap();
    put("/demo/a", "x").ok(&server);
    put("/demo/b/c", "x").ok(&server);
    get("/demo/a").ok(&server);
    assert_eq!(puts.count(), 2);
    rest.verify().unwrap();
}

#[test]
fn an_unmet_expectation_lists_what_came_the_nearest_first() {
    let server = start();
    let unmet = panic_of(|| {
        let guard = server.expect(Expect::on(Method::PUT).path("/demo/a").status(200));
        let _guard = guard.unwrap();
        delete("/demo/none").send(&server);
        put("/demo/b", "x").ok(&server);
        put("/demo/a", "x")
            .by("operator", "wrong")
            .refused(&server, (401, 40100005, "signature error"));
    });
    let unmet = unmet.unwrap();
    let lines: Vec<_> = unmet.lines().map(str::trim).collect();
    assert_eq!(
        lines[..2],
        [
            "expected at least 1 request of PUT /demo/a, status 200, but 0 came",
            "instead, the nearest first:",
        ]
    );
    assert_eq!(lines[2], "#2 PUT /demo/b: 200 (other path)");
    assert!(
        lines[3].starts_with("#3 PUT /demo/a: 401, code 40100005: ")
            && lines[3].ends_with("(other status)"),
        "{unmet}"
    );
    assert!(
        lines[4].starts_with("#1 DELETE /demo/none: 404, code 40400001")
            && lines[4].ends_with("(other path, method, status)"),
        "{unmet}"
    );
}

#[test]
fn too_many_requests_are_listed_too() {
    let server = start();
    let guard = server.expect(Expect::on(Method::GET).times(1)).unwrap();
    for _ in 0..12 {
        get("/demo/none").send(&server);
    }
    let unmet = guard.verify().unwrap_err();
    assert_eq!(unmet.count(), 12);
    let text = unmet.to_string();
    assert!(
        text.contains("expected 1 request of GET, but 12 came"),
        "{text}"
    );
    assert!(text.ends_with("and 2 more"), "{text}");
    let silent = server.expect(Expect::any()).unwrap().verify();
    let silent = silent.unwrap_err().to_string();
    assert!(silent.ends_with("there was no request at all"), "{silent}");
}

#[test]
fn a_guard_does_not_panic_while_the_thread_panics() {
    let server = start();
    let message = panic_of(|| {
        let _guard = server.expect(Expect::any()).unwrap();
        panic!("{}", "the first panic");
    });
    assert_eq!(message.as_deref(), Some("the first panic"));
}

#[test]
fn an_expectation_outlives_its_server_and_needs_a_journal() {
    let server = start();
    let guard = server.expect(Expect::on(Method::PUT)).unwrap();
    put("/demo/a", "x").ok(&server);
    drop(server);
    guard.verify().unwrap();

    let builder = MockServer::builder().configure(|config| config.limits.journal_entries = 0);
    let server = builder.start_blocking().unwrap();
    let error = server.expect(Expect::any()).unwrap_err();
    assert_eq!(error, ExpectError::NoJournal);
    let server = start();
    let error = server.expect(Expect::any().path("/demo/[")).unwrap_err();
    assert!(error.to_string().contains("no glob"), "{error}");
}

#[test]
fn a_scoped_fault_ends_with_its_guard() {
    let server = start();
    let stays = server
        .add_fault(Fault::on(Method::PUT).status(503))
        .unwrap();
    {
        let fault = server
            .add_fault_scoped(Fault::on(Method::GET).path("/demo/*").status(418))
            .unwrap();
        assert_eq!(get("/demo/a").send(&server).status, 418);
        assert_eq!(fault.applied(), 1);
        assert_eq!(server.faults()[1].id, fault.id());
    }
    get("/demo/a").refused(&server, (404, 40400001, "file or directory not found"));
    let ids: Vec<_> = server.faults().into_iter().map(|fault| fault.id).collect();
    assert_eq!(ids, [stays]);
    assert!(server.add_fault_scoped(Fault::any()).is_err());
}

#[test]
fn requests_are_selected_and_waited_for() {
    let server = start();
    put("/demo/a", "x").ok(&server);
    get("/demo/none").send(&server);
    let missing = JournalFilter::new().method("get").status(404);
    assert_eq!(server.requests_where(&missing).len(), 1);
    let code = missing
        .clone()
        .code(ErrorCode::FILE_NOT_FOUND)
        .operator("operator");
    assert_eq!(server.requests_where(&code)[0].path(), "/demo/none");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let later = JournalFilter::new().path("/demo/later");
    let found = thread::scope(|scope| {
        scope.spawn(|| put("/demo/later", "x").ok(&server));
        let waiting = server.wait_for_request(&later, Duration::from_secs(10));
        runtime.block_on(waiting)
    });
    assert_eq!(found.unwrap().status, 200);
    let never = JournalFilter::new().status(500);
    let never = server.wait_for_request(&never, Duration::ZERO);
    assert!(runtime.block_on(never).is_none());
}

#[test]
fn each_service_has_a_handle() {
    let builder = MockServer::builder().service("demo").service("photos");
    let server = builder.start_blocking().unwrap();
    let photos = server.service("photos").unwrap();
    photos.put_object("/d/a", "x").unwrap();
    photos.set_metadata("/d/a", [("Color", "blue")]).unwrap();
    let info = photos.head_object("/d/a").unwrap();
    assert_eq!(info.meta, [("color".to_owned(), b"blue".to_vec())]);
    let answer = get("/photos/d/a").ok(&server);
    assert_eq!(answer.header("x-upyun-meta-color"), Some("blue"));
    // A file that another program put there.
    std::fs::write(photos.directory().join("d/b"), "yz").unwrap();
    let names: Vec<_> = photos
        .list_folder("/d")
        .unwrap()
        .into_iter()
        .map(|entry| (entry.name, entry.size))
        .collect();
    assert_eq!(names, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert!(photos.exists("/d").unwrap() && !photos.exists("/d/a/b").unwrap());
    let full = photos.delete_object("/d").unwrap_err();
    assert!(matches!(full, StoreError::NotEmpty(_)), "{full}");
    photos.delete_object("/d/a").unwrap();
    assert!(!photos.exists("/d/a").unwrap() && photos.get_object("/d/b").unwrap() == b"yz");
    photos.clear().unwrap();
    assert!(photos.list_folder("/").unwrap().is_empty());
    let unknown = server.service("videos").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no service \"videos\"; the server has demo, photos"
    );
}

#[test]
fn a_server_that_cannot_be_configured_says_all_that_is_wrong() {
    let mut odd = Service::new("odd".parse().unwrap());
    odd.separator = '+';
    let builder = MockServer::builder().service("No Name").service_with(odd);
    let started = builder.operator("a:b", "secret").start_blocking();
    let Err(StartError::Config(errors)) = started else {
        panic!("it started");
    };
    let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
    for (error, word) in text.iter().zip(["No Name", "separator", "a:b"]) {
        assert!(error.contains(word), "{text:?}");
    }
    assert_eq!(errors.len(), 3);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let started = MockServer::builder().listen(address).start_blocking();
    assert!(
        matches!(started, Err(StartError::AddressTaken { address: named, .. }) if named == address)
    );
}
