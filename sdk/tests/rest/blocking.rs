//! The synchronous facade.

use std::io::{Cursor, Read as _};

use upyun_client::{Body, ErrorKind, Order, blocking::Client, protocol::list};

use crate::support::{Reply, Server, error, ok, reply};

/// A scripted server on a runtime of the test's own.
fn serve(replies: Vec<Reply>) -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::start(replies));
    (runtime, server)
}

fn client(server: &Server) -> Client {
    server.builder().build_blocking().unwrap()
}

#[test]
fn readers_go_up_and_come_down() {
    let (_runtime, server) = serve(vec![
        ok(),
        ok(),
        reply(200, &[], "hello"),
        reply(200, &[], "hello"),
        reply(200, &[], "hello"),
        reply(200, &[], "hello"),
    ]);
    let client = client(&server);
    let put = || client.put("/a").meta("k", "v");
    put().body("hello").checksum().send().unwrap();
    let reader = Cursor::new(b"hello, and more");
    put()
        .body(Body::sync_reader(reader).length(5))
        .send()
        .unwrap();

    let mut download = client.get("/a").send().unwrap();
    assert_eq!(download.info().size, Some(5));
    let mut start = [0; 2];
    download.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"he");
    assert_eq!(download.text().unwrap(), "llo");
    let mut sink = Vec::new();
    let download = client.get("/a").send().unwrap();
    assert_eq!(download.write_to(&mut sink).unwrap(), 5);
    assert_eq!(sink, b"hello");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    client.get("/a").send().unwrap().into_file(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    let mut begun = client.get("/a").send().unwrap();
    assert_eq!(begun.chunk().unwrap().unwrap(), "hello");
    let refused = begun.into_file(&path).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    for seen in &server.seen()[..2] {
        assert_eq!(seen.body, b"hello");
        assert_eq!(seen.header("content-length"), Some("5"));
    }
}

#[test]
fn lists_are_iterators() {
    let page = |name, iter| {
        let body = format!("{name}\tN\t1\t2");
        reply(200, &[("x-upyun-list-iter", iter)], body)
    };
    let (_runtime, server) = serve(vec![
        page("a", "one"),
        page("b", list::Cursor::END),
        error(40400001, "file or directory not found"),
    ]);
    let client = client(&server);
    let entries = client.list("/").order(Order::Descending).text().entries();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().name).collect();
    assert_eq!(names, ["a", "b"]);
    let mut entries = client.list("/none").entries();
    assert!(entries.next().unwrap().unwrap_err().is_not_found());
    assert!(entries.next().is_none());
}

#[test]
fn many_threads_share_one_client() {
    let (_runtime, server) = serve(vec![reply(200, &[], "7"); 16]);
    let client = client(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..2 {
                    assert_eq!(client.usage("/").send().unwrap(), 7);
                }
            });
        }
    });
    assert_eq!(server.seen().len(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_in_asynchronous_code_does_not_panic() {
    let server = Server::start([reply(200, &[], "7"), reply(200, &[], "hello")]).await;
    let client = client(&server);
    assert_eq!(client.usage("/").send().unwrap(), 7);
    let download = client.get("/a").send().unwrap();
    drop(client);
    assert_eq!(download.bytes().unwrap(), "hello");
}

#[test]
fn a_panic_of_a_callback_reaches_the_caller() {
    let (_runtime, server) = serve(vec![ok()]);
    let client = client(&server);
    let put = client.put("/a").body("x").on_progress(|_| panic!("mine"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| put.send()));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"mine"));
    // The client works on.
    client.put("/a").send().unwrap();
}

#[test]
fn waiting_for_oneself_is_refused() {
    let (_runtime, server) = serve(vec![ok()]);
    let client = client(&server);
    let inner = client.clone();
    let (told, verdict) = std::sync::mpsc::channel();
    let put = client.put("/a").body("x").on_progress(move |_| {
        told.send(inner.usage("/").send().unwrap_err().kind())
            .unwrap();
    });
    put.send().unwrap();
    assert_eq!(verdict.recv().unwrap(), ErrorKind::Invalid);
}

#[test]
fn pictures_are_processed_and_asked_about() {
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let server = upyun_mock::MockServer::builder().start_blocking().unwrap();
    let client = upyun_client::Client::builder("demo", "operator", "password")
        .endpoint(upyun_client::Endpoint::url(server.url()))
        .build_blocking()
        .unwrap();
    let params = upyun_client::ImageParams::builder()
        .width(3)
        .enlarge()
        .build()
        .unwrap();
    let put = client.put("/a.gif").image(&params).body(&gif[..]).send();
    assert_eq!(put.unwrap().image.unwrap().width, 3);
    let domain = client.access_domain("demo.b0.upaiyun.com");
    let info = domain.image_info("/a.gif").send().unwrap();
    assert_eq!((info.width, &*info.file_type), (3, "GIF"));
    let part = domain.get("/a.gif").range(..3).send().unwrap();
    assert_eq!(part.text().unwrap(), "GIF");
}
