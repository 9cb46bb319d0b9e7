//! Lists over their pages.

use futures_util::TryStreamExt as _;
use upyun_client::{
    ErrorKind, Order,
    protocol::list::{Cursor, EntryKind},
};

use crate::support::{Reply, Server, error, reply};

fn json(names: &[&str], iter: &str) -> Reply {
    let files: Vec<_> = names
        .iter()
        .map(|name| {
            format!(r#"{{"type":"text/plain","length":1,"name":"{name}","last_modified":2}}"#)
        })
        .collect();
    let body = format!(r#"{{"files":[{}],"iter":"{iter}"}}"#, files.join(","));
    let headers = [
        ("content-type", "application/json"),
        ("x-upyun-list-iter", iter),
    ];
    reply(200, &headers, body)
}

#[tokio::test]
async fn entries_cross_pages() {
    // The last page may be empty, and so may one in the middle.
    let server = Server::start([
        json(&["a", "b"], "one"),
        json(&[], "two"),
        json(&["c"], "three"),
        json(&[], Cursor::END),
    ])
    .await;
    let list = server
        .client()
        .list("/dir")
        .limit(2)
        .order(Order::Descending);
    let entries: Vec<_> = list.entries().try_collect().await.unwrap();
    let names: Vec<_> = entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let seen = server.seen();
    let iters: Vec<_> = seen.iter().map(|seen| seen.header("x-list-iter")).collect();
    assert_eq!(iters, [None, Some("one"), Some("two"), Some("three")]);
    for seen in seen {
        assert_eq!(seen.target, "/demo/dir/");
        assert_eq!(seen.header("x-list-limit"), Some("2"));
        assert_eq!(seen.header("x-list-order"), Some("desc"));
        assert_eq!(seen.header("accept"), Some("application/json"));
        assert_eq!(seen.header("x-upyun-folder"), Some("true"));
    }
}

#[tokio::test]
async fn a_page_in_text() {
    let headers = [("x-upyun-list-iter", "g2gCZAAEbmV4dG0AAAADZm9v")];
    let body = "bar\tF\t0\t1415096260\n猫\tN\t4237\t1415096225";
    let server = Server::start([reply(200, &headers, body)]).await;
    let page = server.client().list("/").text().send().await.unwrap();
    assert_eq!(page.next.as_deref(), Some("g2gCZAAEbmV4dG0AAAADZm9v"));
    assert_eq!(page.entries[0].kind, EntryKind::Folder);
    assert_eq!(page.entries[1].name, "猫");
    let seen = server.only();
    assert_eq!(seen.target, "/demo/");
    assert_ne!(seen.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn lists_that_are_none() {
    let server = Server::start([
        reply(200, &[("content-type", "text/plain")], "a file"),
        reply(200, &[("content-type", "application/json")], "{}"),
        error(40400001, "file or directory not found"),
        json(&["a"], "same"),
        json(&["b"], "same"),
    ])
    .await;
    let client = server.client();
    let kind = |error: upyun_client::Error| error.kind();
    let list = || async { kind(client.list("/a").send().await.unwrap_err()) };
    assert_eq!(list().await, ErrorKind::Malformed);
    assert_eq!(list().await, ErrorKind::Malformed);
    assert_eq!(list().await, ErrorKind::NotFound);
    let mut entries = client.list("/a").entries();
    assert_eq!(entries.try_next().await.unwrap().unwrap().name, "a");
    assert_eq!(
        kind(entries.try_next().await.unwrap_err()),
        ErrorKind::Malformed
    );
    let limit = client.list("/a").limit(0).send().await.unwrap_err();
    assert_eq!(kind(limit), ErrorKind::Invalid);
    server.seen();
}
