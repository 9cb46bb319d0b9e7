//! compress and depress.

use std::io::{Cursor, Write as _};

use serde_json::json;
use upyun_mock::MockServer;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    kit::{Send as _, start, tree},
    work::{carry_out, fails, has, run, status},
};

fn entries(archive: &[u8]) -> Vec<String> {
    let archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    archive.file_names().map(str::to_owned).collect()
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        if name.ends_with('/') {
            zip.add_directory(*name, SimpleFileOptions::default())
                .unwrap();
        } else {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn seeded() -> MockServer {
    let server = start();
    for key in [
        "/a/b/c/source/1.jpg",
        "/a/b/c/source/2.jpg",
        "/a/b/x.txt",
        "/a/b/c/y.txt",
    ] {
        server.put_object(key, key).unwrap();
    }
    server
}

#[track_caller]
fn compressed(server: &MockServer, mut task: serde_json::Value, want: &[&str]) {
    task["save_as"] = "/out/t.zip".into();
    let result = carry_out(server, "compress", task.clone());
    assert_eq!(result["status_code"], 200, "{result}");
    assert_eq!(
        (&result["path"], &result["error"]),
        (&"/out/t.zip".into(), &"".into())
    );
    let archive = server.get_object("/out/t.zip").unwrap();
    assert_eq!(entries(&archive), want, "{task}");
}

#[test]
fn names_of_entries() {
    let server = seeded();
    let two = json!(["/a/b/c/source/1.jpg", "a/b/c/source/2.jpg"]);
    let full = ["a/b/c/source/1.jpg", "a/b/c/source/2.jpg"];
    compressed(&server, json!({ "sources": two }), &full);
    let short = ["source/1.jpg", "source/2.jpg"];
    compressed(
        &server,
        json!({ "sources": two, "home_dir": "a/b/c" }),
        &short,
    );
    compressed(
        &server,
        json!({ "sources": two, "home_dir": "/a/b/c/" }),
        &short,
    );
    let task = json!({ "sources": two, "home_dir": "a/b/c", "parent_dir": "out" });
    compressed(&server, task, &["out/source/1.jpg", "out/source/2.jpg"]);
    let task = json!({ "sources": ["/a/b"], "home_dir": "a/b/c" });
    compressed(&server, task, &["source/1.jpg", "source/2.jpg", "y.txt"]);
    let twice = json!({ "sources": ["/a/b/x.txt", "/a/b/", "/a/b/x.txt"] });
    let each = [
        "a/b/x.txt",
        "a/b/c/source/1.jpg",
        "a/b/c/source/2.jpg",
        "a/b/c/y.txt",
    ];
    compressed(&server, twice, &each);
    server
        .put_object("/list.txt", "/a/b/x.txt\n\n a/b/c/y.txt \n")
        .unwrap();
    let list = json!({ "sources_list": "/list.txt", "sources": ["/none"] });
    compressed(&server, list, &["a/b/x.txt", "a/b/c/y.txt"]);
}

#[test]
fn empty_folders_stand_for_themselves() {
    let server = start();
    crate::kit::make_folder("/demo/dir/empty").ok(&server);
    server.put_object("/dir/图 片.txt", "x").unwrap();
    compressed(
        &server,
        json!({ "sources": ["dir"] }),
        &["dir/empty/", "dir/图 片.txt"],
    );
}

#[test]
fn a_tree_comes_back_byte_by_byte() {
    let server = start();
    let big: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let files = [
        ("/in/a.txt", &b"hello"[..]),
        ("/in/sub dir/大.bin", &big),
        ("/in/empty", b""),
    ];
    for (key, content) in files {
        server.put_object(key, content).unwrap();
    }
    compressed(
        &server,
        json!({ "sources": ["/in/"] }),
        &["in/a.txt", "in/empty", "in/sub dir/大.bin"],
    );
    let result = carry_out(
        &server,
        "depress",
        json!({ "sources": "/out/t.zip", "save_as": "/back/" }),
    );
    assert_eq!(result["path"], "/back/");
    for (key, content) in files {
        assert_eq!(
            server.get_object(&format!("/back{key}")).unwrap(),
            content,
            "{key}"
        );
    }
    let id = result["task_id"].as_str().unwrap();
    let record = server.get_object(&format!("/back/{id}")).unwrap();
    let record = String::from_utf8(record).unwrap();
    assert_eq!(
        record,
        "/back/in/a.txt\n/back/in/empty\n/back/in/sub dir/大.bin\n"
    );
    assert_eq!(status(&server, &[id.to_owned()])[id], 100);
    let info = crate::kit::head("/demo/back/in/a.txt").ok(&server);
    assert_eq!(info.header("content-type"), Some("text/plain"));
    if has("unzip", "-v") {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(
            directory.path().join("t.zip"),
            server.get_object("/out/t.zip").unwrap(),
        )
        .unwrap();
        run("unzip", &["-q", "t.zip"], directory.path());
        assert_eq!(
            std::fs::read(directory.path().join("in/sub dir/大.bin")).unwrap(),
            big
        );
    }
}

#[test]
fn archives_of_others_are_unpacked() {
    let server = start();
    // A name in GBK, without the flag of UTF-8.
    let mut old = zip(&[("XX.txt", "x"), ("dir/", ""), ("dir/y", "y")]);
    for index in 0..old.len() - 1 {
        if &old[index..index + 2] == b"XX" {
            old[index..index + 2].copy_from_slice(&[0xd6, 0xd0]);
        }
    }
    server.put_object("/old.zip", old).unwrap();
    let task = json!({ "sources": ["/old.zip", "/ignored.zip"], "save_as": "to" });
    let result = carry_out(&server, "depress", task);
    assert_eq!(result["status_code"], 200, "{result}");
    assert_eq!(server.get_object("/to/中.txt").unwrap(), b"x");
    assert_eq!(server.get_object("/to/dir/y").unwrap(), b"y");
}

#[test]
fn what_cannot_be_compressed() {
    let server = seeded();
    let check = |task, status, why: &str| {
        let result = carry_out(&server, "compress", task);
        fails(&server, &result, status, why);
        assert_eq!(result["path"], "");
    };
    let one = ["/a/b/x.txt"];
    check(json!({ "sources": one }), 400, "no save_as");
    check(json!({ "sources": one, "save_as": "/t.tar" }), 400, ".zip");
    check(json!({ "save_as": "/t.zip" }), 400, "sources");
    check(
        json!({ "sources": [], "save_as": "/t.zip" }),
        400,
        "sources",
    );
    check(
        json!({ "sources": [1], "save_as": "/t.zip" }),
        400,
        "sources",
    );
    check(
        json!({ "sources": ["/none"], "save_as": "/t.zip" }),
        404,
        "/none",
    );
    check(
        json!({ "sources_list": "/none", "save_as": "/t.zip" }),
        404,
        "/none",
    );
    check(
        json!({ "sources": one, "home_dir": "z", "save_as": "/t.zip" }),
        400,
        "nothing is left",
    );
    check(
        json!({ "sources": ["../x"], "save_as": "/t.zip" }),
        400,
        "..",
    );
    let many: String = (0..10_001).map(|it| format!("/many/{it}\n")).collect();
    for line in many.lines() {
        server.put_object(line, "").unwrap();
    }
    check(
        json!({ "sources": ["/many"], "save_as": "/t.zip" }),
        400,
        "10000 files",
    );
    server.put_object("/list", many).unwrap();
    check(
        json!({ "sources_list": "/list", "save_as": "/t.zip" }),
        400,
        "10000 files",
    );
    assert!(server.get_object("/t.zip").is_err());
}

#[test]
fn four_gigabytes_are_the_most() {
    let server = start();
    // Sparse, so that it costs nothing.
    for name in ["a", "b"] {
        let file = std::fs::File::create(server.directory().join(name)).unwrap();
        file.set_len(2 * 1024 * 1024 * 1024 + 1).unwrap();
    }
    server.put_object("/small", "x").unwrap();
    let task = json!({ "sources": ["/"], "save_as": "/t.zip" });
    let result = carry_out(&server, "compress", task);
    fails(&server, &result, 400, "4294967296 bytes");
}

#[test]
fn what_cannot_be_unpacked() {
    let server = MockServer::builder()
        .configure(|config| config.limits.task_output_bytes = 1_000_000)
        .start_blocking()
        .unwrap();
    server.put_object("/text.zip", "no archive").unwrap();
    for (name, evil) in [
        ("up", "../evil"),
        ("deep", "a/../../evil"),
        ("root", "/evil"),
        ("line", "a\nb"),
    ] {
        server
            .put_object(&format!("/{name}.zip"), zip(&[("good", "x"), (evil, "y")]))
            .unwrap();
    }
    let bomb = "0".repeat(2_000_000);
    server
        .put_object("/bomb.zip", zip(&[("good", "x"), ("bomb", &bomb)]))
        .unwrap();
    let mut cut = zip(&[("good", "x"), ("b", "hello hello hello")]);
    cut[40] ^= 0xff;
    server.put_object("/broken.zip", cut).unwrap();
    server.put_object("/file", "x").unwrap();
    server
        .put_object(
            "/deep-in-file.zip",
            zip(&[("a", "x"), ("file/x", "y"), ("file", "z")]),
        )
        .unwrap();
    let before = tree(&server.directory());
    let check = |source: &str, status, why: &str| {
        let task = json!({ "sources": source, "save_as": "/to" });
        let result = carry_out(&server, "depress", task);
        fails(&server, &result, status, why);
    };
    check("/none.zip", 404, "/none.zip");
    check("/text.zip", 400, "cannot be read");
    check("/up.zip", 400, "leads outside");
    check("/deep.zip", 400, "leads outside");
    check("/root.zip", 400, "absolute");
    check("/line.zip", 400, "control character");
    check("/bomb.zip", 400, "more than 1000000 bytes");
    check("/broken.zip", 400, "cannot be read");
    assert_eq!(tree(&server.directory()), before);
    let result = carry_out(&server, "depress", json!({ "sources": "/up.zip" }));
    fails(&server, &result, 400, "no save_as");
    let result = carry_out(&server, "depress", json!({ "save_as": "/to" }));
    fails(&server, &result, 400, "sources");
    // A folder cannot be made below a file: what was unpacked before is taken back.
    check("/deep-in-file.zip", 503, "file");
    assert!(server.get_object("/to/a").is_err());
    assert_eq!(tree(&server.directory()), before, "folders are left");
    // Folders that were there stay, with what is in them.
    server.put_object("/to/old/x", "x").unwrap();
    let entries = [
        ("a/b/", ""),
        ("old/new/y", "y"),
        ("file/x", ""),
        ("file", ""),
    ];
    server.put_object("/folders.zip", zip(&entries)).unwrap();
    let before = tree(&server.directory());
    let task = json!({ "sources": "/folders.zip", "save_as": "/to/" });
    let blocked = [("file", ""), ("c/d/", ""), ("file/x/", "")];
    server.put_object("/blocked.zip", zip(&blocked)).unwrap();
    for task in [task, json!({ "sources": "/blocked.zip", "save_as": "/to" })] {
        server.put_object("/to/file", "x").unwrap();
        let result = carry_out(&server, "depress", task);
        fails(&server, &result, 503, "file");
    }
    crate::kit::delete("/demo/to/file").ok(&server);
    crate::kit::delete("/demo/blocked.zip").ok(&server);
    assert_eq!(tree(&server.directory()), before);
}

/// An archive whose directory has so many entries, all of which are the one in `zip`.
fn zip_with_entries(zip: &[u8], claimed: u64, entries: usize) -> Vec<u8> {
    let at = zip.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    let end = zip.windows(4).position(|it| it == b"PK\x05\x06").unwrap();
    let directory = zip[at..end].repeat(entries);
    let (begin, length) = (at as u64, directory.len() as u64);
    let mut archive = [&zip[..at], &directory].concat();
    let record = archive.len() as u64;
    archive.extend(b"PK\x06\x06");
    archive.extend(44_u64.to_le_bytes());
    archive.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [claimed, claimed, length, begin] {
        archive.extend(number.to_le_bytes());
    }
    archive.extend(b"PK\x06\x07\0\0\0\0");
    archive.extend(record.to_le_bytes());
    archive.extend(1_u32.to_le_bytes());
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([0xff; 12]);
    archive.extend([0, 0]);
    archive
}

#[test]
fn entries_are_counted_before_the_directory_is_read() {
    let server = start();
    let one = zip(&[("a.txt", "x")]);
    let check = |archive: Vec<u8>, want: Option<&str>| {
        server.put_object("/t.zip", archive).unwrap();
        let task = json!({ "sources": "/t.zip", "save_as": "/to" });
        let result = carry_out(&server, "depress", task);
        match want {
            None => assert_eq!(result["status_code"], 200, "{result}"),
            Some(why) => fails(&server, &result, 400, why),
        }
    };
    check(zip_with_entries(&one, 1, 1), None);
    assert_eq!(server.get_object("/to/a.txt").unwrap(), b"x");
    let many = "100001 entries; 100000 are allowed";
    check(zip_with_entries(&one, 100_001, 100_001), Some(many));
    // A claim alone would take all memory. The one that counts may be any of several.
    let huge = zip_with_entries(&one, 1 << 40, 1);
    check(huge.clone(), Some("1099511627776 entries"));
    let comment = [
        &one[..one.len() - 2],
        &u16::try_from(huge.len()).unwrap().to_le_bytes(),
    ];
    check([&comment.concat(), &huge[..]].concat(), Some("entries"));
    // What is before the end of the file is not searched.
    let far = [huge, vec![0; 33 * 1024 * 1024]].concat();
    check(far, Some("last 33554432 bytes"));
    check(
        [vec![0; 33 * 1024 * 1024], zip(&[("b", "y")])].concat(),
        None,
    );
    assert_eq!(server.get_object("/to/b").unwrap(), b"y");
}
