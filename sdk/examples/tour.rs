//! What the README of the official Python SDK shows, row by row, asynchronously.
//!
//! ```text
//! upyun-mock &
//! UPYUN_ENDPOINT=http://127.0.0.1:8390 UPYUN_SERVICE=demo UPYUN_USERNAME=operator \
//!     UPYUN_PASSWORD=password cargo run --example tour
//! ```
//!
//! It writes below `/tour/`, and removes that in the end.
#![allow(clippy::print_stdout, reason = "it says which row it is at")]

use std::{sync::Arc, time::Duration};

use upyun_client::{
    Body, Callback, Client, Credential, Endpoint, FileCheckpoints, LocalSigner, RemoteSigner,
    Result, RetryPolicy, SignRequest, UploadSource, VideoTask,
    protocol::{Directive, FormPolicy, Md5Digest, PasswordMd5},
};

/// Everything is below this folder.
const HOME: &str = "/tour";

#[tokio::main]
#[allow(dead_code, reason = "a test calls `tour` itself")]
async fn main() -> Result<()> {
    tour(&Client::from_env()?).await
}

/// The rows, in the order of that README.
pub(crate) async fn tour(client: &Client) -> Result<()> {
    clients(client)?;
    let folder = std::env::temp_dir().join(format!("upyun-tour-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("local.txt");
    std::fs::write(&file, "from a file")?;
    let done = rows(client, &file).await;
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
        .build()?;
    // `auth_server`: another machine has the password.
    let signer = RemoteSigner::new("http://127.0.0.1:8399/")?;
    Client::builder("demo", "operator", signer).build()?;
    // `up.timeout = …`, `up.set_endpoint(…)`
    let _patient = client
        .with_timeout(Duration::from_secs(300))
        .with_endpoint(Endpoint::Auto)?;
    Ok(())
}

async fn rows(client: &Client, file: &std::path::Path) -> Result<()> {
    let key = |name: &str| format!("{HOME}/{name}");

    println!("mkdir");
    client.make_folder(HOME).send().await?;

    println!("put: text, a file, a stream, with headers and a checksum");
    client.put(key("text.txt")).body("hello").send().await?;
    let put = client.put(key("file.txt")).body(Body::path(file));
    let stored = put.checksum().send().await?;
    assert_eq!(stored.size, Some(11));
    let stream = Body::reader(&b"streamed"[..]);
    client.put(key("stream.txt")).body(stream).send().await?;
    client
        .put(key("headers.html"))
        .content_type("text/html")
        .meta("author", "Ann")
        .ttl_days(1)
        .header("cache-control", "max-age=60")
        .content_md5(Md5Digest::of("<p>hello</p>"))
        .body("<p>hello</p>")
        .send()
        .await?;

    println!("put(need_resume=True)");
    let checkpoints = Arc::new(FileCheckpoints::new(file.with_file_name("checkpoints")));
    let stored = client
        .upload_file(file, key("resumable.txt"))
        .checksum()
        .checkpoints(checkpoints)
        .on_progress(|progress| println!("  {} of {:?}", progress.done, progress.total))
        .send()
        .await?;
    assert_eq!(stored.md5, Some(Md5Digest::of("from a file")));
    let pipe = UploadSource::reader(&b"read once"[..]);
    client.upload_file(pipe, key("pipe.txt")).send().await?;

    println!("init_multi_uploader");
    let upload = client.begin_multipart(key("parts.bin")).send().await?;
    upload.upload(0, vec![0; 1024 * 1024]).send().await?;
    upload.upload(1, "the end").send().await?;
    let stored = upload.complete().send().await?;
    assert_eq!(stored.size, Some(1024 * 1024 + 7));

    println!("get: text, a file, a stream");
    assert_eq!(
        client.get(key("text.txt")).send().await?.text().await?,
        "hello"
    );
    let target = file.with_file_name("downloaded.txt");
    client
        .get(key("file.txt"))
        .send()
        .await?
        .into_file(&target)
        .await?;
    assert_eq!(std::fs::read(&target)?, b"from a file");
    let mut download = client.get(key("stream.txt")).send().await?;
    let mut bytes = 0;
    while let Some(chunk) = download.chunk().await? {
        bytes += chunk.len();
    }
    assert_eq!(bytes, 8);

    println!("getlist, iterlist");
    let page = client.list(HOME).limit(3).send().await?;
    assert_eq!(page.entries.len(), 3);
    let mut entries = client.list(HOME).entries();
    while let Some(entry) = entries.next().await {
        println!("  {}", entry?.name);
    }

    println!("getinfo, usage");
    let info = client.info(key("headers.html")).send().await?;
    assert_eq!(info.metadata.get("author"), Some("Ann"));
    println!("  {} bytes are stored", client.usage("/").send().await?);

    println!("copy, move");
    client.copy(key("text.txt"), key("copy.txt")).send().await?;
    client
        .rename(key("copy.txt"), key("moved.txt"))
        .metadata_directive(Directive::Merge)
        .meta("moved", "yes")
        .send()
        .await?;

    println!("put(form=True)");
    let policy = FormPolicy::new(key("form-{filemd5}{.suffix}"));
    let form = client.form(&policy).file("a.txt", "by a form");
    println!("  {}", form.send().await?.url);

    println!("put_tasks, pretreat, status");
    let archive = client.compress([key("text.txt")], key("text.zip"));
    let id = archive.send().await?;
    let results = client.wait_for_tasks([&id]).send().await?;
    println!("  {:?}", results[0].paths);
    let video = VideoTask::new()
        .preset("480p(16:9)")
        .save_as(key("small.mp4"));
    let ids = client
        .process_media(key("none.mp4"))
        .task(video)
        .send()
        .await?;
    println!("  {:?}", client.task_status(&ids).send().await?);
    client.wait_for_tasks(&ids).send().await?;

    println!("purge");
    let foreign = client.purge_keys([key("text.txt")]).send().await?;
    assert!(foreign.is_empty());

    println!("verify_signature");
    verify(client).await?;

    println!("delete");
    let mut entries = client.list(HOME).entries();
    while let Some(entry) = entries.next().await {
        client.delete(key(&entry?.name)).send().await?;
    }
    client.delete_folder(HOME).send().await
}

/// A callback as the service sends it; here it is signed by ourselves.
async fn verify(client: &Client) -> Result<()> {
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
    client.verify_callback(&callback).await?;
    let client = client.with_signer(key);
    client.callback_verifier()?.verify(&callback)?;
    Ok(())
}
