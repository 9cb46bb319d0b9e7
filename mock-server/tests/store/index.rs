//! Large folders are listed from an index, which must not miss what happens behind its back.

use std::fs;

use upyun_mock::MockServer;

use crate::kit::{Send as _, delete, get, put, start};

fn list(server: &MockServer, iter: &str) -> (Vec<String>, String) {
    let page = get("/demo/big/")
        .header("x-list-limit", "10000")
        .header("x-list-iter", iter)
        .ok(server);
    let names = page.text().split('\n').filter(|line| !line.is_empty());
    let names = names.map(|line| line.split('\t').next().unwrap().to_owned());
    (
        names.collect(),
        page.header("x-upyun-list-iter").unwrap().to_owned(),
    )
}

#[test]
fn an_index_follows_changes_from_both_sides() {
    let server = start();
    let big = server.directory().join("big");
    fs::create_dir(&big).unwrap();
    for n in 0..3000 {
        fs::write(big.join(format!("{n:05}")), "").unwrap();
    }
    assert_eq!(list(&server, "").0.len(), 3000);
    put("/demo/big/00000a", "x").ok(&server);
    delete("/demo/big/00007").ok(&server);
    fs::write(big.join("zz"), "x").unwrap();
    fs::remove_file(big.join("00001")).unwrap();
    fs::rename(big.join("00002"), big.join("00002-renamed")).unwrap();
    let (names, _) = list(&server, "");
    assert_eq!(names.len(), 3000);
    assert!(names.is_sorted());
    for (name, is_there) in [
        ("00000a", true),
        ("00007", false),
        ("zz", true),
        ("00001", false),
        ("00002", false),
        ("00002-renamed", true),
    ] {
        assert_eq!(names.iter().any(|known| known == name), is_there, "{name}");
    }
    fs::remove_dir_all(&big).unwrap();
    fs::create_dir(&big).unwrap();
    fs::write(big.join("only"), "x").unwrap();
    assert_eq!(list(&server, "").0, ["only"]);
}

#[test]
fn pages_of_a_large_folder_cover_it_once() {
    let server = start();
    let big = server.directory().join("big");
    fs::create_dir(&big).unwrap();
    for n in 0..2345 {
        fs::write(big.join(format!("{n}")), "").unwrap();
    }
    let (mut all, mut iter) = (Vec::new(), String::new());
    loop {
        let page = get("/demo/big/")
            .header("x-list-limit", "100")
            .header("x-list-iter", &iter)
            .ok(&server);
        all.extend(
            page.text()
                .split('\n')
                .filter_map(|line| line.split('\t').next())
                .map(str::to_owned),
        );
        page.header("x-upyun-list-iter")
            .unwrap()
            .clone_into(&mut iter);
        if iter == "g2gCZAAEbmV4dGQAA2VvZg" {
            break;
        }
    }
    let mut want: Vec<_> = (0..2345).map(|n| n.to_string()).collect();
    want.sort();
    assert_eq!(all, want);
}
