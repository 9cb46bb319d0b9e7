//! What the README of the official Python SDK shows, row by row, without async.
//!
//! ```text
//! upyun-mock &
//! UPYUN_ENDPOINT=http://127.0.0.1:8390 UPYUN_SERVICE=demo UPYUN_USERNAME=operator \
//!     UPYUN_PASSWORD=password cargo run --example blocking_tour --features blocking
//! ```
//!
//! It writes below `/tour-blocking/`, and removes that in the end.
#![allow(clippy::print_stdout, reason = "it says which row it is at")]

use std::{sync::Arc, time::Duration};

use upyun_client::{
    Body, Callback, Credential, Endpoint, FileCheckpoints, LocalSigner, RemoteSigner, Result,
    RetryPolicy, SignRequest, UploadSource, VideoTask,
    blocking::Client,
    protocol::{Directive, FormPolicy, Md5Digest, PasswordMd5},
};

/// Everything is below this folder.
const HOME: &str = "/tour-blocking";

#[allow(dead_code, reason = "a test calls `tour` itself")]
fn main() -> Result<()> {
    tour(&Client::from_env()?)
}

/// The rows, in the order of that README.
pub(crate) fn tour(client: &Client) -> Result<()> {
    clients(client)?;
    let folder = std::env::temp_dir().join(format!("upyun-tour-blocking-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("local.txt");
    std::fs::write(&file, "from a file")?;
    let done = rows(client, &file);
    std::fs::remove_dir_all(&folder)?;
    done
}

/// `UpYun(…)`: the ways to make a client. None of them sends anything.
fn clients(client: &Client) -> Result<()> {
    Client::new("demo", "operator", "password")?;
    Client::builder("demo", "operator", PasswordMd5::of("password"))
        .endpoint(Endpoint::Telecom)
        .timeout(Duration::from_secs(30))
        .chunk_size(8192)
        .retry(RetryPolicy::none())
        .build_blocking()?;
    // `auth_server`: another machine has the password.
    let signer = RemoteSigner::new("http://127.0.0.1:8399/")?;
    Client::builder("demo", "operator", signer).build_blocking()?;
    // `up.timeout = …`, `up.set_endpoint(…)`
    let _patient = client
        .with_timeout(Duration::from_secs(300))
        .with_endpoint(Endpoint::Auto)?;
    Ok(())
}

fn rows(client: &Client, file: &std::path::Path) -> Result<()> {
    let key = |name: &str| format!("{HOME}/{name}");

    println!("mkdir");
    client.make_folder(HOME).send()?;

    println!("put: text, a file, a stream, with headers and a checksum");
    client.put(key("text.txt")).body("hello").send()?;
    let put = client.put(key("file.txt")).body(Body::path(file));
    let stored = put.checksum().send()?;
    assert_eq!(stored.size, Some(11));
    let stream = Body::sync_reader(&b"streamed"[..]);
    client.put(key("stream.txt")).body(stream).send()?;
    client
        .put(key("headers.html"))
        .content_type("text/html")
        .meta("author", "Ann")
        .ttl_days(1)
        .header("cache-control", "max-age=60")
        .content_md5(Md5Digest::of("<p>hello</p>"))
        .body("<p>hello</p>")
        .send()?;

    println!("put(need_resume=True)");
    let checkpoints = Arc::new(FileCheckpoints::new(file.with_file_name("checkpoints")));
    let stored = client
        .upload_file(file, key("resumable.txt"))
        .checksum()
        .checkpoints(checkpoints)
        .on_progress(|progress| println!("  {} of {:?}", progress.done, progress.total))
        .send()?;
    assert_eq!(stored.md5, Some(Md5Digest::of("from a file")));
    let pipe = UploadSource::sync_reader(&b"read once"[..]);
    client.upload_file(pipe, key("pipe.txt")).send()?;

    println!("init_multi_uploader");
    let upload = client.begin_multipart(key("parts.bin")).send()?;
    upload.upload(0, vec![0; 1024 * 1024]).send()?;
    upload.upload(1, "the end").send()?;
    let stored = upload.complete().send()?;
    assert_eq!(stored.size, Some(1024 * 1024 + 7));

    println!("get: text, a file, a stream");
    assert_eq!(client.get(key("text.txt")).send()?.text()?, "hello");
    let target = file.with_file_name("downloaded.txt");
    client.get(key("file.txt")).send()?.into_file(&target)?;
    assert_eq!(std::fs::read(&target)?, b"from a file");
    let mut download = client.get(key("stream.txt")).send()?;
    let mut bytes = 0;
    while let Some(chunk) = download.chunk()? {
        bytes += chunk.len();
    }
    assert_eq!(bytes, 8);

    println!("getlist, iterlist");
    let page = client.list(HOME).limit(3).send()?;
    assert_eq!(page.entries.len(), 3);
    for entry in client.list(HOME).entries() {
        println!("  {}", entry?.name);
    }

    println!("getinfo, usage");
    let info = client.info(key("headers.html")).send()?;
    assert_eq!(info.metadata.get("author"), Some("Ann"));
    println!("  {} bytes are stored", client.usage("/").send()?);

    println!("copy, move");
    client.copy(key("text.txt"), key("copy.txt")).send()?;
    client
        .rename(key("copy.txt"), key("moved.txt"))
        .metadata_directive(Directive::Merge)
        .meta("moved", "yes")
        .send()?;

    println!("put(form=True)");
    let policy = FormPolicy::new(key("form-{filemd5}{.suffix}"));
    let form = client.form(&policy).file("a.txt", "by a form");
    println!("  {}", form.send()?.url);

    println!("put_tasks, pretreat, status");
    let archive = client.compress([key("text.txt")], key("text.zip"));
    let id = archive.send()?;
    let results = client.wait_for_tasks([&id]).send()?;
    println!("  {:?}", results[0].paths);
    let video = VideoTask::new()
        .preset("480p(16:9)")
        .save_as(key("small.mp4"));
    let ids = client.process_media(key("none.mp4")).task(video).send()?;
    println!("  {:?}", client.task_status(&ids).send()?);
    client.wait_for_tasks(&ids).send()?;

    println!("purge");
    let foreign = client.purge_keys([key("text.txt")]).send()?;
    assert!(foreign.is_empty());

    println!("verify_signature");
    verify(client)?;

    println!("delete");
    for entry in client.list(HOME).entries() {
        client.delete(key(&entry?.name)).send()?;
    }
    client.delete_folder(HOME).send()
}

/// A callback as the service sends it; here it is signed by ourselves.
fn verify(client: &Client) -> Result<()> {
    let key = PasswordMd5::of("password");
    let client = client.with_signer(Credential::signer(LocalSigner::new(key.clone())));
    let date = upyun_client::protocol::date::format(std::time::SystemTime::now());
    let md5 = Md5Digest::of("{}").to_string();
    let mut signed = SignRequest::new(client.operator(), "POST", "/notify", &date);
    signed.content_md5 = Some(&md5);
    let authorization = signed.authorization(&key);
    let callback = Callback {
        uri: "/notify",
        authorization: Some(&authorization),
        date: Some(&date),
        content_md5: Some(&md5),
        body: b"{}",
    };
    client.verify_callback(&callback)?;
    let client = client.with_signer(key);
    client.callback_verifier()?.verify(&callback)?;
    Ok(())
}
