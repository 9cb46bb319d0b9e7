//! Upload.

use upyun_client::protocol::Md5Digest;

use crate::{
    Context, Outcome,
    case::case,
    failure::same,
    target::fixtures,
    wire::{Api, sign::md5},
};

case! {
    stores_what_is_sent: rest "3.2" rest "1";
    "What is uploaded is downloaded again, byte by byte, and the answer has no body."
}
async fn stores_what_is_sent(cx: Context) -> Outcome {
    let body: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    cx.put("a.bin", &body).ok().await?.is_empty()?;
    cx.get("a.bin").ok().await?.is_body(&body)?;
    Ok(())
}

case! {
    by_the_sdk: rest "3.1";
    "The SDK's upload keeps content, type and metadata."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    let key = cx.key("a.txt");
    let client = cx.sdk()?;
    let upload = client
        .put(&key)
        .content_type("text/x-own")
        .meta("by", "SDK");
    upload.checksum().body("hello").send().await?;
    let download = client.get(&key).send().await?;
    same(
        "the type",
        download.info().content_type.as_deref(),
        Some("text/x-own"),
    )?;
    same("the body", download.text().await?, "hello")?;
    let info = client.info(&key).send().await?;
    same("the MD5", info.md5, Some(Md5Digest::of(b"hello")))?;
    same("the metadata", info.metadata.get("by"), Some("SDK"))
}

case! {
    empty: rest "3.1", client;
    "An empty body makes an object of size 0."
}
async fn empty(cx: Context) -> Outcome {
    cx.put("empty", "").ok().await?;
    cx.head("empty").ok().await?.has("x-upyun-file-size", "0")?;
    cx.get("empty").ok().await?.is_empty()?;
    Ok(())
}

case! {
    chunked: rest "3.1", client;
    "A body in chunks, without Content-Length, is stored."
}
async fn chunked(cx: Context) -> Outcome {
    let request = cx.request("PUT", cx.path("a.txt"));
    request.chunked("hello").ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    neither_length_nor_chunks: rest "3.1", choice "R-13", codes 40300026;
    "An upload that says nothing about its length is refused."
}
async fn neither_length_nor_chunks(cx: Context) -> Outcome {
    let request = cx.request("PUT", cx.path("a.txt"));
    request
        .without_length()
        .refused((403, 40300026, "need content-length header"))
        .await?;
    Ok(())
}

case! {
    content_md5: rest "3.1";
    "A body that fits its signed Content-MD5 is stored."
}
async fn content_md5(cx: Context) -> Outcome {
    let request = cx.put("a.txt", "hello");
    request.header("Content-MD5", md5("hello")).ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has("Content-Md5", md5("hello"))?;
    Ok(())
}

case! {
    content_md5_in_capitals: common "http", choice "H-4";
    "A Content-MD5 in upper case fits too; the signature has it as it was sent."
}
async fn content_md5_in_capitals(cx: Context) -> Outcome {
    let md5 = md5("hello").to_uppercase();
    cx.put("a.txt", "hello")
        .header("Content-MD5", md5)
        .ok()
        .await?;
    Ok(())
}

case! {
    content_md5_mismatch: rest "3.3", choice "R-21", codes 40000006;
    "A body that does not fit its Content-MD5 is refused, and what was there stays."
}
async fn content_md5_mismatch(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    for name in ["a.txt", "new/b.txt"] {
        let request = cx.put(name, "new").header("Content-MD5", md5("other"));
        request
            .refused((400, 40000006, "content md5 not match"))
            .await?;
    }
    cx.get("a.txt").ok().await?.is_body("old")?;
    Ok(())
}

case! {
    content_md5_malformed: rest "3.3", choice "R-20", codes 40001001;
    "A Content-MD5 that is not 32 hex digits is refused."
}
async fn content_md5_malformed(cx: Context) -> Outcome {
    for wrong in ["XUFAKrxLKna5cZ2REBfFkg==", "5d41402a", &"g".repeat(32)] {
        let request = cx.put("a.txt", "hello").header("Content-MD5", wrong);
        request
            .refused((400, 40001001, "wrong content-md5"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    type_as_sent: rest "3.1", choice "R-17";
    "The Content-Type is kept as it was sent, whatever it is."
}
async fn type_as_sent(cx: Context) -> Outcome {
    for kind in [
        "text/x; charset=\"a b\"",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        cx.put("a.jpg", "x")
            .header("Content-Type", kind)
            .ok()
            .await?;
        cx.get("a.jpg").ok().await?.has("Content-Type", kind)?;
    }
    Ok(())
}

case! {
    type_by_extension: rest "3.1";
    "Without a Content-Type the key's extension decides."
}
async fn type_by_extension(cx: Context) -> Outcome {
    for (name, kind) in [
        ("a.jpg", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.mp4", "video/mp4"),
    ] {
        cx.put(name, "x").ok().await?;
        cx.get(name).ok().await?.has("Content-Type", kind)?;
    }
    Ok(())
}

case! {
    type_unknown: rest "3.1", choice "R-14";
    "Without a Content-Type and a known extension it is application/octet-stream."
}
async fn type_unknown(cx: Context) -> Outcome {
    for name in ["a", "a.unknown-extension"] {
        cx.put(name, "x").ok().await?;
        cx.get(name)
            .ok()
            .await?
            .has("Content-Type", "application/octet-stream")?;
    }
    Ok(())
}

case! {
    overwrites_everything: rest "3.1", choice "R-19";
    "Overwriting replaces content, type, metadata and secret together."
}
async fn overwrites_everything(cx: Context) -> Outcome {
    let first = cx
        .put("a.txt", "one, and longer")
        .header("Content-Type", "text/x-one");
    let first = first
        .header("x-upyun-meta-a", "1")
        .header("Content-Secret", "abc");
    first.ok().await?;
    cx.put("a.txt", "two").ok().await?;
    let answer = cx.get("a.txt").ok().await?;
    answer
        .is_body("two")?
        .has("Content-Type", "text/plain")?
        .has_metadata(&[])?;
    Ok(())
}

case! {
    overwritten_after_a_read: rest "3.1" rest "5";
    "A download after an overwrite is the new object, also where the old one was read before."
}
async fn overwritten_after_a_read(cx: Context) -> Outcome {
    for content in ["one", "two, and longer", "3"] {
        cx.put("a.txt", content).ok().await?;
        let answer = cx.get("a.txt").ok().await?;
        answer
            .is_body(content)?
            .has("ETag", format!("\"{}\"", md5(content)))?;
    }
    Ok(())
}

case! {
    by_post: rest "3.1", choice "R-18";
    "POST of a key with a body is an upload."
}
async fn by_post(cx: Context) -> Outcome {
    cx.post("a.txt", "hello").ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    answer_says_nothing_of_the_object: rest "3.2", choice "R-91";
    "The answer to an upload of no picture has neither ETag nor x-upyun headers."
}
async fn answer_says_nothing_of_the_object(cx: Context) -> Outcome {
    for name in ["a.txt", "a.gif"] {
        let answer = cx.put(name, "hello").ok().await?;
        answer.lacks("ETag")?.lacks("Content-MD5")?;
        same("the headers x-upyun-*", answer.headers_from("x-upyun-"), [])?;
    }
    Ok(())
}

case! {
    secret_is_metadata: rest "3.1" rest "4" rest "5", choice "R-31" "R-34";
    "A Content-Secret is kept as x-upyun-meta-secret, and does not hide the object from its operator."
}
async fn secret_is_metadata(cx: Context) -> Outcome {
    cx.put("a.txt", "hello")
        .header("Content-Secret", "Abc123")
        .ok()
        .await?;
    let answer = cx.get("a.txt").ok().await?;
    answer
        .is_body("hello")?
        .has_metadata(&[("secret", "Abc123")])?;
    Ok(())
}

case! {
    secret_malformed: rest "3.1", codes 40300016;
    "A Content-Secret of other than letters and digits is refused."
}
async fn secret_malformed(cx: Context) -> Outcome {
    for wrong in ["a-b", "a b", "\u{e9}"] {
        let request = cx.put("a.txt", "hello").header("Content-Secret", wrong);
        request
            .refused((403, 40300016, "content-secret only accept [a-zA-Z0-9]"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    ttl: rest "3.1";
    "A ttl of 1 to 180 days is kept."
}
async fn ttl(cx: Context) -> Outcome {
    for days in ["1", "180"] {
        cx.put("a.txt", "x")
            .header("x-upyun-meta-ttl", days)
            .ok()
            .await?;
        cx.head("a.txt")
            .ok()
            .await?
            .has_metadata(&[("ttl", days)])?;
    }
    Ok(())
}

case! {
    ttl_too_long: rest "3.1", codes 40011092;
    "A ttl above 180 days, or that is no integer, is refused."
}
async fn ttl_too_long(cx: Context) -> Outcome {
    for days in ["181", "1.5", "a day"] {
        let request = cx.put("a.txt", "x").header("x-upyun-meta-ttl", days);
        request
            .refused((400, 40011092, "invalid file ttl"))
            .await
            .map_err(|it| it.at(days))?;
    }
    Ok(())
}

case! {
    ttl_too_short: rest "3.1", choice "R-15", codes 40011092;
    "A ttl below one day is refused."
}
async fn ttl_too_short(cx: Context) -> Outcome {
    for days in ["0", "-1"] {
        let request = cx.put("a.txt", "x").header("x-upyun-meta-ttl", days);
        request
            .refused((400, 40011092, "invalid file ttl"))
            .await
            .map_err(|it| it.at(days))?;
    }
    Ok(())
}

case! {
    append_is_retired: rest "3.1", choice "R-16", codes 40001038;
    "The append mode of old is refused."
}
async fn append_is_retired(cx: Context) -> Outcome {
    let request = cx.put("a.txt", "x").header("X-Upyun-Append", "true");
    request
        .refused((400, 40001038, "invalid append file"))
        .await?;
    Ok(())
}

case! {
    conditions_do_not_matter: rest "5", choice "R-39";
    "Conditions on an upload are ignored."
}
async fn conditions_do_not_matter(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    cx.put("a.txt", "new")
        .header("If-None-Match", "*")
        .ok()
        .await?;
    cx.put("b.txt", "new")
        .header("If-Match", "\"x\"")
        .ok()
        .await?;
    Ok(())
}

case! {
    body_ends_early: rest "3.4", choice "R-22";
    "A body that ends before its length stores nothing; who still listens gets 408."
}
async fn body_ends_early(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    let mut bytes = cx.put("a.txt", "hello, and more").to_bytes();
    bytes.truncate(bytes.len() - 5);
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(bytes).await?;
    connection.finish_writing().await;
    if let Ok(answer) = connection.answer("PUT").await {
        answer.is_refusal((408, 40800001, "read client request timeout"))?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    length_malformed: rest "3.4", choice "R-24", codes 40300030;
    "A Content-Length that is no number is refused."
}
async fn length_malformed(cx: Context) -> Outcome {
    for wrong in ["five", "-1", "5x"] {
        let request = cx.put("a.txt", "").header("Content-Length", wrong);
        request
            .refused((403, 40300030, "wrong content-length header"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    service_is_full: rest "3.4", codes 40300004, tags NeedsControl;
    "An upload that does not fit into the service any more is refused."
}
async fn service_is_full(cx: Context) -> Outcome {
    let size = usize::try_from(fixtures::SMALL_BYTES).unwrap_or_default();
    let put = |size: usize| {
        let request = cx.request("PUT", format!("/{}/a", fixtures::SMALL));
        request.body(vec![b'x'; size])
    };
    put(size).ok().await?;
    put(size + 1)
        .refused((403, 40300004, "bucket is full"))
        .await?;
    let kept = cx
        .request("HEAD", format!("/{}/a", fixtures::SMALL))
        .ok()
        .await?;
    kept.has("x-upyun-file-size", size.to_string())?;
    Ok(())
}

case! {
    over_a_resumable_object: rest "3.4", choice "R-23", codes 40011059;
    "An object that was made by a resumable upload is not overwritten until it is deleted."
}
async fn over_a_resumable_object(cx: Context) -> Outcome {
    let stages = cx
        .put("a.bin", "whole")
        .header("X-Upyun-Multi-Stage", "initiate,upload,complete");
    let stages = stages
        .header("X-Upyun-Multi-Length", "5")
        .header("X-Upyun-Part-Id", "0");
    stages.send().await?.is_status(201)?;
    cx.put("a.bin", "other")
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.delete("a.bin").ok().await?;
    cx.put("a.bin", "other").ok().await?;
    Ok(())
}

case! {
    on_a_folder: rest "2.3", codes 40600001;
    "A folder is not overwritten by an upload."
}
async fn on_a_folder(cx: Context) -> Outcome {
    cx.make_folder("a").ok().await?;
    cx.put("a", "x")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    below_a_file: rest "2.3", choice "R-12", codes 40600001;
    "A file is no parent."
}
async fn below_a_file(cx: Context) -> Outcome {
    cx.put("a", "x").ok().await?;
    cx.put("a/b", "x")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    cx.put("a/b/c", "x")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    to_a_trailing_slash: rest "2.2", choice "R-10", codes 40600001;
    "A key with a slash at its end takes no upload."
}
async fn to_a_trailing_slash(cx: Context) -> Outcome {
    cx.put("a/", "x")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    on_the_bare_service: rest "17", choice "R-90", codes 40001000, tags Destructive;
    "PUT and POST of the service itself, without a form, are no operation."
}
async fn on_the_bare_service(cx: Context) -> Outcome {
    for method in ["PUT", "POST"] {
        let request = cx.request(method, format!("/{}/", cx.service()));
        request
            .refused((400, 40001000, "wrong uri"))
            .await
            .map_err(|it| it.at(method))?;
    }
    Ok(())
}

case! {
    over_the_limit: rest "3.4" common "http", codes 41300001;
    "An upload of more than 150 GB is refused before its body is sent."
}
async fn over_the_limit(cx: Context) -> Outcome {
    let request = cx.put("a.bin", "").header("Content-Length", "200000000000");
    request
        .refused((413, 41300001, "content length too large"))
        .await?;
    Ok(())
}

case! {
    picture_parameters_on_what_is_none: rest "3.4", codes 40300018, tags Images;
    "Picture parameters with what is no picture are refused."
}
async fn picture_parameters_on_what_is_none(cx: Context) -> Outcome {
    let request = cx
        .put("a.jpg", "no picture")
        .header("x-gmkerl-thumb", "/fw/10");
    request.refused((403, 40300018, "not an image")).await?;
    Ok(())
}
