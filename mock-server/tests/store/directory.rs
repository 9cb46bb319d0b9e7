//! Files that people put there themselves, and things that are no files.

use std::{fs, os::unix::fs::symlink};

use upyun_client::protocol::Md5Digest;

use crate::kit::{Send as _, delete, get, head, put, start};

#[test]
fn a_dropped_in_file_is_an_object() {
    let server = start();
    let directory = server.directory();
    fs::create_dir(directory.join("dir")).unwrap();
    fs::write(directory.join("dir/page.html"), "<p>").unwrap();
    let answer = get("/demo/dir/page.html").ok(&server);
    assert_eq!(answer.text(), "<p>");
    assert_eq!(answer.header("content-type"), Some("text/html"));
    let md5 = Md5Digest::of("<p>").to_string();
    assert_eq!(
        head("/demo/dir/page.html")
            .ok(&server)
            .header("content-md5"),
        Some(&*md5)
    );
    assert!(
        get("/demo/dir/")
            .ok(&server)
            .text()
            .starts_with("page.html\tN\t3\t")
    );
    assert_eq!(get("/demo/?usage").ok(&server).text(), "3");
    // Edited in place it is another object; the type that was put stays with what was put.
    fs::write(directory.join("dir/page.html"), "<p>longer").unwrap();
    assert_eq!(get("/demo/dir/page.html").ok(&server).text(), "<p>longer");
    fs::remove_file(directory.join("dir/page.html")).unwrap();
    get("/demo/dir/page.html").refused(&server, (404, 40400001, "file or directory not found"));
}

#[test]
fn objects_are_plain_files() {
    let server = start();
    put("/demo/dir/%E4%B8%AD.txt", "x").ok(&server);
    assert_eq!(
        fs::read(server.directory().join("dir/中.txt")).unwrap(),
        b"x"
    );
    let names: Vec<_> = fs::read_dir(server.directory()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing but the objects lies there");
}

#[test]
fn metadata_comes_back_with_the_content() {
    let server = start();
    put("/demo/a", "one")
        .header("x-upyun-meta-v", "1")
        .ok(&server);
    let file = server.directory().join("a");
    let backup = server.directory().join("backup");
    fs::copy(&file, &backup).unwrap();
    fs::write(&file, "edited").unwrap();
    assert_eq!(get("/demo/a").ok(&server).header("x-upyun-meta-v"), None);
    fs::copy(&backup, &file).unwrap();
    assert_eq!(
        get("/demo/a").ok(&server).header("x-upyun-meta-v"),
        Some("1")
    );
}

#[test]
fn links_and_devices_look_as_if_nothing_were_there() {
    let server = start();
    let directory = server.directory();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    symlink(outside.path(), directory.join("link")).unwrap();
    symlink(outside.path().join("secret"), directory.join("file-link")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(directory.join("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    for target in [
        "/demo/link",
        "/demo/link/secret",
        "/demo/file-link",
        "/demo/pipe",
    ] {
        get(target).refused(&server, (404, 40400001, "file or directory not found"));
        head(target).refused(&server, (404, 40400001, "file or directory not found"));
        delete(target).refused(&server, (404, 40400001, "file or directory not found"));
    }
    assert_eq!(get("/demo/").ok(&server).text(), "");
    assert_eq!(get("/demo/?usage").ok(&server).text(), "0");
    // What cannot be written through is refused, and nothing happens outside.
    assert_ne!(put("/demo/link/new", "x").send(&server).status, 200);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}
