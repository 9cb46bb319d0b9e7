//! What is signed is what is sent, whatever the key.

use crate::support::{Server, ok};

#[track_caller]
fn hex_is_upper(uri: &str) {
    assert!(uri.is_ascii() && !uri.contains(' '), "{uri}");
}

#[tokio::test]
async fn every_key_is_sent_as_it_is_signed() {
    let keys = [
        ("/a.txt", "/demo/a.txt"),
        ("a.txt", "/demo/a.txt"),
        ("/a b+c", "/demo/a%20b%2Bc"),
        ("/100%", "/demo/100%25"),
        ("/%41", "/demo/%2541"),
        ("/%2e%2e/x", "/demo/%252e%252e/x"),
        ("/what?x=y#z", "/demo/what%3Fx%3Dy%23z"),
        ("/it's", "/demo/it%27s"),
        ("/a|b^c`d\\e", "/demo/a%7Cb%5Ec%60d%5Ce"),
        (
            "/<>\"{}[]@:;,$&!*()=",
            "/demo/%3C%3E%22%7B%7D%5B%5D%40%3A%3B%2C%24%26%21%2A%28%29%3D",
        ),
        ("/图/片.png", "/demo/%E5%9B%BE/%E7%89%87.png"),
        ("/😀", "/demo/%F0%9F%98%80"),
        ("/ lead and trail ", "/demo/%20lead%20and%20trail%20"),
        ("/...", "/demo/..."),
        ("/-._~", "/demo/-._~"),
        ("/a//b", "/demo/a/b"),
        ("/\u{7f}\u{1}", "/demo/%7F%01"),
    ];
    let server = Server::start(keys.map(|_| ok())).await;
    let client = server.client();
    for (key, _) in keys {
        client.put(key).body("x").send().await.unwrap();
    }
    for (seen, (key, want)) in server.seen().iter().zip(keys) {
        assert_eq!(seen.target, want, "{key:?}");
        hex_is_upper(&seen.target);
    }
}

#[tokio::test]
async fn keys_that_cannot_be_are_not_sent() {
    let server = Server::start([]).await;
    let client = server.client();
    for key in ["/a/../b", "/a\nb", "/", "", "/folder/", "/a\0"] {
        let error = client.put(key).body("x").send().await.unwrap_err();
        assert_eq!(error.kind(), upyun_client::ErrorKind::Invalid, "{key:?}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn copy_sources_are_encoded() {
    let server = Server::start([ok(), ok()]).await;
    let client = server.client();
    client.copy("/a %41/图", "/b").send().await.unwrap();
    client.rename("/a+b", "/c").send().await.unwrap();
    let seen = server.seen();
    assert_eq!(
        seen[0].header("x-upyun-copy-source"),
        Some("/demo/a%20%2541/%E5%9B%BE")
    );
    assert_eq!(seen[0].header("content-length"), Some("0"));
    assert_eq!(seen[1].header("x-upyun-move-source"), Some("/demo/a%2Bb"));
}
