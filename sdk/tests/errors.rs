//! Every error of the crate becomes the one of its operations.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fs, path::Path};

use upyun_client::{
    Client, Endpoint, Error, ErrorKind, FormResult, ImageInfo, ImageParams, Result, RetryPolicy,
    TaskResult,
    protocol::{Key, Md5Digest, PasswordMd5, list},
};

/// A function as users write it.
fn everything(which: u32) -> Result<()> {
    match which {
        0 => drop(Key::parse("/a/../b")?),
        1 => drop("x".parse::<Md5Digest>()?),
        2 => {
            PasswordMd5::from_hex("x")?;
        }
        3 => drop(ImageParams::builder().build()?),
        4 => drop(FormResult::from_json(b"")?),
        5 => drop(TaskResult::from_json(b"")?),
        6 => drop(ImageInfo::from_json(b"")?),
        7 => drop(list::parse_text("x")?),
        _ => drop(fs::read("/nowhere/at/all")?),
    }
    Ok(())
}

#[test]
fn the_question_mark_works() {
    for which in 0..9 {
        let kind = everything(which).unwrap_err().kind();
        let want = match which {
            0..4 => ErrorKind::Invalid,
            4..8 => ErrorKind::Malformed,
            _ => ErrorKind::Io,
        };
        assert_eq!(kind, want, "{which}");
    }
    let inner = Error::from(Key::parse("/..").unwrap_err());
    let back = Error::from(std::io::Error::from(inner));
    assert_eq!(back.kind(), ErrorKind::Invalid);
}

#[test]
fn no_error_is_left_out() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let converted = fs::read_to_string(source.join("error/from.rs")).unwrap();
    let mut found = BTreeSet::new();
    collect(&source, &mut found);
    assert!(found.len() > 10, "{found:?}");
    let missing: Vec<_> = found
        .iter()
        .filter(|name| !converted.contains(*name))
        .collect();
    assert!(
        missing.is_empty(),
        "no `From` of {missing:?} in error/from.rs"
    );
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for part in text.split("thiserror::Error").skip(1) {
            let (_, declared) = part.split_once("\npub ").unwrap();
            let name = declared.split_whitespace().nth(1).unwrap();
            let name = name.split(['(', ';', '{']).next().unwrap();
            found.insert(name.to_owned());
        }
    }
}

#[tokio::test]
async fn a_connection_error_names_endpoint_and_reason() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder("demo", "operator", "password")
        .endpoint(Endpoint::url(&endpoint))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = client.usage("/").send().await.unwrap_err();
    assert!(error.is_connect());
    let text = error.to_string();
    assert!(text.contains(&endpoint), "{text}");
    assert!(text.contains("refused"), "{text}");
}
