//! Delete, folders, copy, move, metadata.

use std::time::Duration;

use upyun_client::protocol::ErrorCode;

use crate::kit::{Request, delete, get, head, make_folder, patch, put, request, start};

fn copy(to: &str, from: &str) -> Request {
    put(to, "").header("X-Upyun-Copy-Source", from)
}

fn move_(to: &str, from: &str) -> Request {
    put(to, "").header("X-Upyun-Move-Source", from)
}

#[test]
fn deleting_is_at_once() {
    let server = start();
    server.put_object("/dir/a", "x").unwrap();
    delete("/demo/dir").refused(&server, ErrorCode::DIRECTORY_NOT_EMPTY);
    assert_eq!(delete("/demo/dir/a").ok(&server).body, b"");
    get("/demo/dir/a").refused(&server, ErrorCode::FILE_NOT_FOUND);
    delete("/demo/dir/a").refused(&server, ErrorCode::FILE_NOT_FOUND);
    delete("/demo/dir").ok(&server);
    head("/demo/dir").refused(&server, ErrorCode::FILE_NOT_FOUND);
    for root in ["/demo", "/demo/"] {
        delete(root).refused(&server, ErrorCode::WRONG_URI);
    }
}

#[test]
fn asynchronous_deletion_waits_for_its_turn() {
    let server = start();
    server.clock().freeze();
    let now = server.clock().now();
    let later = |target: &str| delete(target).header("x-upyun-async", "True").at(now);
    for key in ["/dir/a", "/dir/b", "/kept/c"] {
        server.put_object(key, "x").unwrap();
    }
    later("/demo/dir/a").ok(&server);
    later("/demo/dir/b").ok(&server);
    later("/demo/dir").ok(&server);
    later("/demo/kept").ok(&server);
    later("/demo/missing").ok(&server);
    get("/demo/dir/a").at(now).ok(&server);
    server.clock().advance(Duration::from_secs(1));
    for gone in ["/demo/dir/a", "/demo/dir"] {
        let answer = get(gone).at(now).send(&server);
        answer.assert_refusal(ErrorCode::FILE_NOT_FOUND, "GET");
    }
    // A folder that is not empty when its turn comes stays.
    get("/demo/kept/c").at(now).ok(&server);
    // Any other value is synchronous.
    delete("/demo/kept/c")
        .header("x-upyun-async", "1")
        .at(now)
        .ok(&server);
    get("/demo/kept/c")
        .at(now)
        .refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn folders_are_made_in_every_known_way() {
    let server = start();
    for (n, request) in [
        make_folder("/demo/n0"),
        request("PUT", "/demo/n1").header("folder", "true"),
        request("POST", "/demo/n2/deep/er").header("x-upyun-folder", "true"),
        make_folder("/demo/n3/").header("mkdir", "true"),
        make_folder("/demo/n4").body("ignored"),
        request("POST", "/demo/n5")
            .header("folder", "true")
            .without_length()
            .header("Transfer-Encoding", "chunked")
            .body("0\r\n\r\n"),
        make_folder("/demo/n6").header("x-upyun-folder", "true"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(request.ok(&server).body, b"");
        let folder = head(&format!("/demo/n{n}")).ok(&server);
        assert_eq!(folder.header("x-upyun-file-type"), Some("folder"));
    }
    for again in ["/demo/n0", "/demo", "/demo/"] {
        make_folder(again).ok(&server);
    }
    head("/demo/n2/deep/er").ok(&server);
    request("POST", "/demo/x")
        .header("folder", "yes")
        .refused(&server, ErrorCode::FOLDER_ARGS_INVALID);
}

#[test]
fn a_copy_is_whole_and_a_move_leaves_nothing() {
    let server = start();
    put("/demo/a.txt", "x")
        .header("x-upyun-meta-a", "1")
        .header("Content-Secret", "s3cret")
        .header("Content-Type", "text/x-a")
        .ok(&server);
    let want = [("x-upyun-meta-a", "1"), ("x-upyun-meta-secret", "s3cret")];
    copy("/demo/new/b.jpg", "/demo/a.txt")
        .header("Content-Type", "image/jpeg")
        .header("x-upyun-meta-ignored", "1")
        .ok(&server);
    let copied = get("/demo/new/b.jpg").ok(&server);
    assert_eq!(copied.text(), "x");
    assert_eq!(copied.header("content-type"), Some("text/x-a"));
    assert_eq!(copied.all("x-upyun-meta-"), want);
    put("/demo/old", "old").ok(&server);
    move_("/demo/old", "/demo/a.txt").ok(&server);
    let moved = get("/demo/old").ok(&server);
    assert_eq!(
        (moved.text(), moved.all("x-upyun-meta-")),
        ("x", want.to_vec())
    );
    get("/demo/a.txt").refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn sources_come_in_many_spellings() {
    let server = start();
    server.put_object("/中 a", "x").unwrap();
    for (n, source) in [
        "/demo/%E4%B8%AD%20a",
        "/demo/中 a",
        "demo/%E4%B8%AD a",
        "/demo//中%20a",
    ]
    .into_iter()
    .enumerate()
    {
        copy(&format!("/demo/copy{n}"), source)
            .body("ignored")
            .ok(&server);
    }
}

#[test]
fn sources_can_be_wrong() {
    let server = start();
    server.put_object("/a", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    for operation in [copy, move_] {
        for (source, code) in [
            ("/other/a", ErrorCode::SOURCE_BUCKET_NOT_EQUAL_TARGET_BUCKET),
            ("/demo/b", ErrorCode::SOURCE_KEY_EQUALS_TARGET_KEY),
            ("/demo/%62", ErrorCode::SOURCE_KEY_EQUALS_TARGET_KEY),
            ("/demo", ErrorCode::SOURCE_KEY_WRONG),
            ("/demo/", ErrorCode::SOURCE_KEY_WRONG),
            ("/", ErrorCode::SOURCE_KEY_WRONG),
            ("/demo/%zz", ErrorCode::SOURCE_KEY_WRONG),
            ("/demo/../x", ErrorCode::SOURCE_KEY_WRONG),
            ("/demo/none", ErrorCode::FILE_NOT_FOUND),
            ("/demo/folder", ErrorCode::NOT_A_FILE),
        ] {
            operation("/demo/b", source).refused(&server, code);
        }
    }
    copy("/demo/b", "/demo/a")
        .header("X-Upyun-Move-Source", "/demo/a")
        .refused(&server, ErrorCode::SOURCE_KEY_WRONG);
    copy("/demo/b", "/demo/a")
        .header("X-Upyun-Metadata-Directive", "keep")
        .refused(&server, ErrorCode::WRONG_METADATA_DIRECTIVE);
    copy("/demo/b", "/demo/a")
        .header("Content-MD5", "d41d8cd98f00b204e9800998ecf8427e")
        .ok(&server);
}

#[test]
fn directives_say_what_becomes_of_metadata() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-a", "1")
        .header("x-upyun-meta-b", "2")
        .ok(&server);
    let (a1, a9, b2, c3) = (
        ("x-upyun-meta-a", "1"),
        ("x-upyun-meta-a", "9"),
        ("x-upyun-meta-b", "2"),
        ("x-upyun-meta-c", "3"),
    );
    for (directive, want) in [
        ("copy", vec![a1, b2]),
        ("replace", vec![a9, c3]),
        ("merge", vec![a9, b2, c3]),
        ("delete", vec![b2]),
    ] {
        copy("/demo/b", "/demo/a")
            .header("X-Upyun-Metadata-Directive", directive)
            .header("x-upyun-meta-a", "9")
            .header("x-upyun-meta-c", "3")
            .ok(&server);
        assert_eq!(
            head("/demo/b").ok(&server).all("x-upyun-meta-"),
            want,
            "{directive}"
        );
    }
}

#[test]
fn metadata_is_patched_as_documented() {
    let server = start();
    for (start_with, query, given, want) in [
        (
            &[("a", "1")][..],
            "?metadata=merge",
            &[("a", "2"), ("b", "3")][..],
            &[("a", "2"), ("b", "3")][..],
        ),
        (&[("a", "1")], "", &[("b", "3")], &[("a", "1"), ("b", "3")]),
        (
            &[("a", "1"), ("b", "2")],
            "?metadata=replace",
            &[("a", "3"), ("c", "4")],
            &[("a", "3"), ("c", "4")],
        ),
        (
            &[("a", "1"), ("b", "2")],
            "?metadata=delete",
            &[("a", "x"), ("unknown", "")],
            &[("b", "2")],
        ),
        (
            &[("secret", "abc"), ("ttl", "3")],
            "?metadata=replace",
            &[("a", "1")],
            &[("a", "1")],
        ),
        (
            &[("secret", "abc")],
            "?metadata=delete",
            &[("secret", "x")],
            &[],
        ),
    ] {
        let mut upload = put("/demo/a", "x").header("Content-Type", "x/y");
        for (name, value) in start_with {
            upload = upload.header(&format!("x-upyun-meta-{name}"), value);
        }
        upload.ok(&server);
        let mut change = patch(&format!("/demo/a{query}")).header("Content-Type", "a/b");
        for (name, value) in given {
            change = change.header(&format!("x-upyun-meta-{name}"), value);
        }
        assert_eq!(change.ok(&server).body, b"");
        let info = head("/demo/a").ok(&server);
        let want: Vec<_> = want
            .iter()
            .map(|(name, value)| (format!("x-upyun-meta-{name}"), (*value).to_owned()))
            .collect();
        let got: Vec<_> = info
            .all("x-upyun-meta-")
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(got, want, "{query}");
        assert_eq!(info.header("content-type"), Some("x/y"));
    }
}

#[test]
fn patching_has_rules() {
    let server = start();
    server.put_object("/a", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    let change = |target: &str| patch(target).header("x-upyun-meta-a", "1");
    change("/demo/a?metadata=x").refused(&server, ErrorCode::WRONG_METADATA_DIRECTIVE);
    change("/demo/a?update_last_modified=1").refused(&server, ErrorCode::INVALID_UPDATE_TIME);
    patch("/demo/a").refused(&server, ErrorCode::NEED_METADATA);
    change("/demo/none").refused(&server, ErrorCode::FILE_NOT_FOUND);
    change("/demo/folder").refused(&server, ErrorCode::NOT_A_FILE);
    change("/demo/a")
        .header("x-upyun-meta-ttl", "x")
        .refused(&server, ErrorCode::INVALID_FILE_TTL);
    change("/demo/a")
        .header("x-upyun-meta-secret", "-")
        .refused(&server, ErrorCode::INVALID_CONTENT_SECRET);
}

#[test]
fn the_modification_time_changes_only_on_request() {
    let server = start();
    server.clock().freeze();
    server.put_object("/a", "x").unwrap();
    let then = head("/demo/a").at(server.clock().now()).ok(&server);
    server.clock().advance(Duration::from_secs(100));
    let now = server.clock().now();
    let date = |query: &str| {
        patch(&format!("/demo/a{query}"))
            .header("x-upyun-meta-a", "1")
            .at(now)
            .ok(&server);
        let info = head("/demo/a").at(now).ok(&server);
        info.header("x-upyun-file-date")
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let before: u64 = then.header("x-upyun-file-date").unwrap().parse().unwrap();
    assert_eq!(date(""), before);
    assert_eq!(date("?update_last_modified=false"), before);
    assert_eq!(
        date("?metadata=merge&update_last_modified=true"),
        before + 100
    );
}
