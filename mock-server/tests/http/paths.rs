//! Paths: decoding, limits, files and folders.

use upyun_client::protocol::ErrorCode;

use crate::kit::{delete, get, head, make_folder, patch, put, start};

#[test]
fn paths_are_percent_decoded_once() {
    let server = start();
    for (target, key) in [
        ("/demo/%E4%B8%AD%20a", "/中 a"),
        ("/demo/a+b", "/a+b"),
        ("/demo/dir%2Fb", "/dir/b"),
        ("/demo/100%2525", "/100%25"),
        ("/demo//x///y", "/x/y"),
        ("/demo/;,:@&=$-_.!~*()'", "/;,:@&=$-_.!~*()'"),
    ] {
        put(target, target).ok(&server);
        assert_eq!(server.get_object(key).unwrap(), target.as_bytes(), "{key}");
        assert_eq!(get(target).ok(&server).text(), target);
    }
}

#[test]
fn names_that_are_none_are_refused() {
    let server = start();
    let name = |bytes: usize| format!("/demo/{}", "n".repeat(bytes));
    let deep = |parts: usize| format!("/demo{}", format!("/{}", "p".repeat(99)).repeat(parts));
    for (target, code) in [
        (
            "/demo/%ff".to_owned(),
            ErrorCode::PATH_ENCODING_SHOULD_BE_UTF8,
        ),
        ("/demo/a%0Ab".to_owned(), ErrorCode::FILE_NAME_INVALID_CHARS),
        ("/demo/a%0d".to_owned(), ErrorCode::FILE_NAME_INVALID_CHARS),
        ("/demo/%09".to_owned(), ErrorCode::FILE_NAME_INVALID_CHARS),
        ("/demo/a%00".to_owned(), ErrorCode::WRONG_URI),
        ("/demo/a%2".to_owned(), ErrorCode::WRONG_URI),
        ("/demo/a%zz".to_owned(), ErrorCode::WRONG_URI),
        ("/demo/../x".to_owned(), ErrorCode::WRONG_URI),
        ("/demo/a/%2e%2e/x".to_owned(), ErrorCode::WRONG_URI),
        ("/demo/./x".to_owned(), ErrorCode::WRONG_URI),
        (name(256), ErrorCode::FILE_NAME_TOO_LONG),
        (deep(11), ErrorCode::FILE_PATH_TOO_LONG),
    ] {
        for request in [
            put(&target, "x"),
            get(&target),
            delete(&target),
            head(&target),
        ] {
            request.refused(&server, code);
        }
    }
    put(&name(255), "x").ok(&server);
    put(&deep(10), "x").ok(&server);
}

#[test]
fn a_trailing_slash_means_a_folder() {
    let server = start();
    server.put_object("/file", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    for request in [
        get("/demo/file/"),
        head("/demo/file/"),
        delete("/demo/file/"),
        patch("/demo/file/").header("x-upyun-meta-a", "1"),
    ] {
        request.refused(&server, ErrorCode::FILE_NOT_FOUND);
    }
    put("/demo/new/", "x").refused(&server, ErrorCode::DIR_NOT_ACCEPTABLE);
    for target in ["/demo/folder", "/demo/folder/"] {
        head(target).ok(&server);
        get(target).ok(&server);
    }
    delete("/demo/folder/").ok(&server);
}

#[test]
fn the_hint_restricts_to_a_kind() {
    let server = start();
    server.put_object("/file", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    for (target, hint) in [("/demo/file", "true"), ("/demo/folder", "false")] {
        for method in [get, head, delete] {
            method(target)
                .header("x-upyun-folder", hint)
                .refused(&server, ErrorCode::FILE_NOT_FOUND);
        }
    }
    get("/demo/file")
        .header("x-upyun-folder", "false")
        .ok(&server);
    get("/demo/folder")
        .header("x-upyun-folder", "true")
        .ok(&server);
}

#[test]
fn a_name_is_a_file_or_a_folder() {
    let server = start();
    server.put_object("/file", "x").unwrap();
    server.put_object("/source", "s").unwrap();
    make_folder("/demo/folder").ok(&server);
    for request in [
        put("/demo/folder", "x"),
        put("/demo/file/below", "x"),
        make_folder("/demo/file"),
        make_folder("/demo/file/below"),
        put("/demo/folder", "").header("X-Upyun-Copy-Source", "/demo/source"),
        put("/demo/folder", "").header("X-Upyun-Move-Source", "/demo/source"),
        put("/demo/file/below", "").header("X-Upyun-Copy-Source", "/demo/source"),
        put("/demo/", "x").header("X-Upyun-Move-Source", "/demo/source"),
    ] {
        request.refused(&server, ErrorCode::DIR_NOT_ACCEPTABLE);
    }
    get("/demo/file/below").refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn parents_are_made_and_stay() {
    let server = start();
    put("/demo/a/b/c.txt", "x")
        .header("mkdir", "true")
        .ok(&server);
    delete("/demo/a/b/c.txt").ok(&server);
    assert_eq!(
        head("/demo/a/b").ok(&server).header("x-upyun-file-type"),
        Some("folder")
    );
    // Names differ by case.
    head("/demo/A").refused(&server, ErrorCode::FILE_NOT_FOUND);
}
