//! Lists: order, pages, formats.

use upyun_client::protocol::ErrorCode;
use upyun_mock::MockServer;

use crate::kit::{delete, get, make_folder, put, start};

const END: &str = "g2gCZAAEbmV4dGQAA2VvZg";

fn names(text: &str) -> Vec<&str> {
    text.split('\n')
        .filter_map(|line| line.split('\t').next())
        .filter(|name| !name.is_empty())
        .collect()
}

/// All pages of a folder.
fn pages(server: &MockServer, order: &str, limit: &str) -> Vec<Vec<String>> {
    let (mut pages, mut iter) = (Vec::new(), String::new());
    while iter != END {
        let page = get("/demo/")
            .header("x-list-iter", &iter)
            .header("x-list-limit", limit)
            .header("x-list-order", order)
            .ok(server);
        pages.push(names(page.text()).into_iter().map(str::to_owned).collect());
        page.header("x-upyun-list-iter")
            .unwrap()
            .clone_into(&mut iter);
    }
    pages
}

#[test]
fn the_text_answer_is_exact() {
    let server = start();
    put("/demo/dir/foo", "four").ok(&server);
    make_folder("/demo/dir/bar").ok(&server);
    put("/demo/dir/bar/below", "x").ok(&server);
    for target in ["/demo/dir", "/demo/dir/"] {
        let answer = get(target).ok(&server);
        let lines: Vec<Vec<&str>> = answer
            .text()
            .split('\n')
            .map(|line| line.split('\t').collect())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0][..3], ["bar", "F", "0"]);
        assert_eq!(lines[1][..3], ["foo", "N", "4"]);
        assert!(lines[1][3].parse::<u64>().unwrap() > 1_700_000_000);
        assert_eq!(answer.header("x-upyun-list-iter"), Some(END));
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
}

#[test]
fn the_json_answer_has_types_and_integers() {
    let server = start();
    put("/demo/foo.jpg", "four").ok(&server);
    make_folder("/demo/bar").ok(&server);
    let ask = || get("/demo/").header("Accept", "text/html, application/json");
    let answer = ask().ok(&server);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-upyun-list-iter"), Some(END));
    let list = answer.json();
    assert_eq!(list["iter"], END);
    assert_eq!(list["files"][0]["type"], "folder");
    assert_eq!(list["files"][0]["length"], 0);
    assert_eq!(list["files"][1]["name"], "foo.jpg");
    assert_eq!(list["files"][1]["type"], "image/jpeg");
    assert_eq!(list["files"][1]["length"], 4);
    assert!(list["files"][1]["last_modified"].is_u64());
    let page = ask().header("x-list-limit", "1").ok(&server);
    assert_eq!(
        page.header("x-upyun-list-iter"),
        page.json()["iter"].as_str()
    );
    let empty = get("/demo/bar")
        .header("Accept", "application/json")
        .ok(&server);
    assert_eq!(empty.json()["files"], serde_json::json!([]));
}

#[test]
fn pages_follow_byte_order_both_ways() {
    let server = start();
    let keys = ["A", "a", "a b", "a+", "b", "é", "中", "𐀀"];
    for (n, key) in keys.into_iter().enumerate() {
        if n % 2 == 0 {
            server.put_object(&format!("/{key}"), "x").unwrap();
        } else {
            server.put_object(&format!("/{key}/below"), "x").unwrap();
        }
    }
    let forth = pages(&server, "asc", "3");
    assert_eq!(forth, [&keys[..3], &keys[3..6], &keys[6..]]);
    let mut reversed = keys;
    reversed.reverse();
    let back = pages(&server, "desc", "4");
    assert_eq!(back, [&reversed[..4], &reversed[4..]]);
    // The last page that holds entries carries the end marker already.
    assert_eq!(pages(&server, "asc", "8").len(), 1);
}

#[test]
fn changes_between_pages_do_not_disturb() {
    let server = start();
    for key in ["/b", "/d", "/f", "/h"] {
        server.put_object(key, "x").unwrap();
    }
    let page = |iter: &str| {
        get("/demo/")
            .header("x-list-limit", "2")
            .header("x-list-iter", iter)
            .ok(&server)
    };
    let first = page("");
    assert_eq!(names(first.text()), ["b", "d"]);
    delete("/demo/d").ok(&server);
    put("/demo/a", "x").ok(&server);
    put("/demo/e", "x").ok(&server);
    let second = page(first.header("x-upyun-list-iter").unwrap());
    assert_eq!(names(second.text()), ["e", "f"]);
}

#[test]
fn limits_and_orders_have_rules() {
    let server = start();
    for n in 0..120 {
        server.put_object(&format!("/{n:03}"), "").unwrap();
    }
    assert_eq!(names(get("/demo/").ok(&server).text()).len(), 100);
    let limited = |limit: &str| get("/demo/").header("x-list-limit", limit);
    assert_eq!(names(limited("99999").ok(&server).text()).len(), 120);
    for wrong in ["0", "-1", "x", "1.5"] {
        limited(wrong).refused(&server, ErrorCode::ITER_ARGS_INVALID);
    }
    get("/demo/")
        .header("x-list-order", "random")
        .refused(&server, ErrorCode::INVALID_LIST_ORDER);
    for wrong in ["%%%", "AAAA", "g2gC"] {
        get("/demo/")
            .header("x-list-iter", wrong)
            .refused(&server, ErrorCode::ITER_ARGS_INVALID);
    }
    let end = get("/demo/").header("x-list-iter", END).ok(&server);
    assert_eq!(
        (end.text(), end.header("x-upyun-list-iter")),
        ("", Some(END))
    );
}

#[test]
fn other_lists_are_for_the_root() {
    let server = start();
    make_folder("/demo/folder").ok(&server);
    let list = |target: &str, kind: &str| get(target).header("X-Upyun-List-Type", kind);
    list("/demo/", "other").refused(&server, ErrorCode::LIST_TYPE_NOT_SUPPORT);
    list("/demo/folder", "multi").refused(&server, ErrorCode::FLAT_LIST_ONLY_ON_ROOT);
}
