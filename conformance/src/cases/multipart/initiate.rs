//! Beginning an upload.

use super::{MIB, Upload, initiate, initiate_disorder, stage};
use crate::{Context, Outcome, case::case, failure::holds, target::fixtures, wire::sign::md5};

case! {
    answers: multipart "2";
    "Initiate answers 204 with a uuid and the first part."
}
async fn answers(cx: Context) -> Outcome {
    let answer = initiate(&cx, "a.bin", 5).send().await?;
    answer.is_status(204)?.is_empty()?;
    answer.has("x-upyun-next-part-id", "0")?;
    same_length(answer.the("x-upyun-multi-uuid")?)
}

fn same_length(uuid: &str) -> Outcome {
    holds(uuid.len() == 36, "36 characters", uuid)
}

case! {
    uuid: multipart "1", client;
    "A uuid is 8-4-4-4-12 lower-case hex digits, another for each upload."
}
async fn uuid(cx: Context) -> Outcome {
    let one = Upload::ordered(&cx, "a.bin", 5).await?.uuid;
    let groups: Vec<_> = one.split('-').collect();
    let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let is_hex = groups.concat().bytes().all(is_hex);
    holds(is_hex && lengths == [8, 4, 4, 4, 12], "a uuid", &one)?;
    let other = Upload::ordered(&cx, "a.bin", 5).await?.uuid;
    holds(one != other, "another uuid", other)
}

case! {
    tells_the_part_size: multipart "2", choice "M-9";
    "Ordered answers tell the size of the next part."
}
async fn tells_the_part_size(cx: Context) -> Outcome {
    let answer = initiate(&cx, "a.bin", 5).send().await?;
    answer.has("x-upyun-next-part-size", MIB.to_string())?;
    let request = initiate(&cx, "a.bin", 5);
    let request = request.header("X-Upyun-Multi-Part-Size", (2 * MIB).to_string());
    let answer = request.send().await?;
    answer.has("x-upyun-next-part-size", (2 * MIB).to_string())?;
    Ok(())
}

case! {
    disorder_tells_no_part: multipart "1" multipart "2", choice "M-1";
    "Parts that come in any order have no next."
}
async fn disorder_tells_no_part(cx: Context) -> Outcome {
    let answer = initiate_disorder(&cx, "a.bin").send().await?;
    answer.is_status(204)?.is_empty()?;
    answer
        .lacks("x-upyun-next-part-id")?
        .lacks("x-upyun-next-part-size")?;
    same_length(answer.the("x-upyun-multi-uuid")?)
}

case! {
    nothing_to_come: multipart "2", choice "M-8";
    "An upload of length 0 has all its parts."
}
async fn nothing_to_come(cx: Context) -> Outcome {
    let answer = initiate(&cx, "a.bin", 0).send().await?;
    answer.is_status(204)?.has("x-upyun-next-part-id", "-1")?;
    Ok(())
}

case! {
    type_and_metadata: multipart "2";
    "Type and metadata of initiate are those of the object."
}
async fn type_and_metadata(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.txt", 5).header("X-Upyun-Multi-Type", "video/mp4");
    let begin = begin
        .header("x-upyun-meta-a", "1")
        .header("x-upyun-meta-ttl", "3");
    let upload = Upload::by(&cx, "a.txt", begin).await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    let answer = cx.get("a.txt").ok().await?;
    answer.is_body("hello")?.has("Content-Type", "video/mp4")?;
    answer.has_metadata(&[("a", "1"), ("ttl", "3")])?;
    Ok(())
}

case! {
    type_absent: multipart "2", client;
    "Without a type, or with an empty one, the object is application/octet-stream."
}
async fn type_absent(cx: Context) -> Outcome {
    for (name, kind) in [("a.txt", None), ("b.txt", Some(""))] {
        let mut begin = initiate(&cx, name, 5);
        if let Some(kind) = kind {
            begin = begin.header("X-Upyun-Multi-Type", kind);
        }
        let upload = Upload::by(&cx, name, begin).await?;
        upload.store(0, "hello").await?;
        upload.complete().send().await?.is_status(201)?;
        cx.head(name)
            .ok()
            .await?
            .has("Content-Type", "application/octet-stream")?;
    }
    Ok(())
}

case! {
    later_headers_do_not_matter: multipart "2", choice "M-10";
    "Type and metadata on later stages are ignored."
}
async fn later_headers_do_not_matter(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.txt", 5).header("X-Upyun-Multi-Type", "video/mp4");
    let upload = Upload::by(&cx, "a.txt", begin.header("x-upyun-meta-a", "1")).await?;
    for request in [upload.part(0, "hello"), upload.complete()] {
        let request = request.header("X-Upyun-Multi-Type", "text/plain");
        let request = request.header("Content-Type", "text/html");
        let answer = request.header("x-upyun-meta-b", "2").send().await?;
        holds(answer.status < 300, "a success", answer.status)?;
    }
    let answer = cx.head("a.txt").ok().await?;
    answer
        .has("Content-Type", "video/mp4")?
        .has_metadata(&[("a", "1")])?;
    Ok(())
}

case! {
    secret: multipart "2", client;
    "A Content-Secret is kept as of an upload."
}
async fn secret(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.txt", 5).header("Content-Secret", "abc");
    let upload = Upload::by(&cx, "a.txt", begin).await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("secret", "abc")])?;
    Ok(())
}

case! {
    metadata_malformed: multipart "2", client, codes 40300016 40011092 40001003;
    "Secret, ttl and metadata are checked as of an upload."
}
async fn metadata_malformed(cx: Context) -> Outcome {
    let long = "x".repeat(10_000);
    for (name, value, code) in [
        (
            "Content-Secret",
            "a-b",
            (403, 40300016, "content-secret only accept [a-zA-Z0-9]"),
        ),
        (
            "x-upyun-meta-ttl",
            "181",
            (400, 40011092, "invalid file ttl"),
        ),
        ("x-upyun-meta-a", &*long, (400, 40001003, "meta invalid")),
    ] {
        let request = initiate(&cx, "a.txt", 5).header(name, value);
        request.refused(code).await.map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    content_md5: multipart "2", client;
    "The signed MD5 of its empty body may be sent along."
}
async fn content_md5(cx: Context) -> Outcome {
    let request = initiate(&cx, "a.txt", 5).header("Content-MD5", md5(""));
    request.send().await?.is_status(204)?;
    Ok(())
}

case! {
    length_wrong: multipart "2" multipart "10", choice "M-47", codes 40011052;
    "An ordered upload needs a length that is a number of bytes."
}
async fn length_wrong(cx: Context) -> Outcome {
    stage(&cx, "a.bin", "initiate", "")
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    for length in ["", "-1", "5x", "1.5", "0x10"] {
        let refused = initiate(&cx, "a.bin", length)
            .refused((400, 40011052, "invalid x-upyun-multi-length"))
            .await;
        refused.map_err(|it| it.at(format!("{length:?}")))?;
    }
    let request = initiate_disorder(&cx, "a.bin").header("X-Upyun-Multi-Length", "5x");
    request
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    Ok(())
}

case! {
    length_too_large: multipart "10", choice "M-47", codes 40011052;
    "More than 150 GB cannot be announced, however large the parts."
}
async fn length_too_large(cx: Context) -> Outcome {
    let begin = |length: u64| {
        let request = initiate(&cx, "a.bin", length);
        request.header("X-Upyun-Multi-Part-Size", (100 * MIB).to_string())
    };
    // A gigabyte may be of either kind.
    begin(149_000_000_000).send().await?.is_status(204)?;
    begin(151 << 30)
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    begin(u64::MAX)
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    Ok(())
}

case! {
    too_many_parts: multipart "1" multipart "10", choice "M-47", codes 40011052;
    "More than 10000 parts cannot be announced."
}
async fn too_many_parts(cx: Context) -> Outcome {
    let most = 10_000 * MIB;
    initiate(&cx, "a.bin", most).send().await?.is_status(204)?;
    initiate(&cx, "a.bin", most + 1)
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    let request = initiate(&cx, "a.bin", most + 1);
    let request = request.header("X-Upyun-Multi-Part-Size", (2 * MIB).to_string());
    request.send().await?.is_status(204)?;
    Ok(())
}

case! {
    type_malformed: multipart "10", choice "M-47", codes 40011053;
    "A type is type/subtype."
}
async fn type_malformed(cx: Context) -> Outcome {
    for kind in ["nonsense", "video/", "/mp4"] {
        let request = initiate(&cx, "a.bin", 5).header("X-Upyun-Multi-Type", kind);
        request
            .refused((400, 40011053, "invalid x-upyun-multi-type"))
            .await
            .map_err(|it| it.at(kind))?;
    }
    Ok(())
}

case! {
    part_size: multipart "1", client;
    "Parts may be of any number of MiB up to 50."
}
async fn part_size(cx: Context) -> Outcome {
    for size in [1, 2, 50] {
        let request = initiate(&cx, "a.bin", 5);
        let size = (size * MIB).to_string();
        let request = request.header("X-Upyun-Multi-Part-Size", &size);
        request
            .send()
            .await?
            .is_status(204)
            .map_err(|it| it.at(&size))?;
    }
    Ok(())
}

case! {
    part_size_of_large_files: multipart "1", choice "M-2", codes 40011054;
    "Parts may be of 100 MiB, and not of more."
}
async fn part_size_of_large_files(cx: Context) -> Outcome {
    let begin = |size: usize| {
        let request = initiate(&cx, "a.bin", 5);
        request.header("X-Upyun-Multi-Part-Size", (size * MIB).to_string())
    };
    begin(100).send().await?.is_status(204)?;
    begin(101)
        .refused((400, 40011054, "invalid x-upyun-part-size"))
        .await?;
    Ok(())
}

case! {
    part_size_wrong: multipart "1" multipart "10", client, codes 40011054;
    "A part size that is no multiple of 1 MiB is refused."
}
async fn part_size_wrong(cx: Context) -> Outcome {
    for size in ["0", "102400", "1048575", "1572864", "-1048576", "1M"] {
        let request = initiate(&cx, "a.bin", 5).header("X-Upyun-Multi-Part-Size", size);
        request
            .refused((400, 40011054, "invalid x-upyun-part-size"))
            .await
            .map_err(|it| it.at(size))?;
    }
    Ok(())
}

case! {
    disorder_is_true: multipart "1", client;
    "Parts come in any order if X-Upyun-Multi-Disorder is true; the length may then be told or not."
}
async fn disorder_is_true(cx: Context) -> Outcome {
    let begin = initiate_disorder(&cx, "a.bin");
    begin
        .header("X-Upyun-Multi-Length", "5")
        .send()
        .await?
        .is_status(204)?;
    let begin = stage(&cx, "a.bin", "initiate", "").header("X-Upyun-Multi-Disorder", "false");
    begin
        .refused((400, 40011052, "invalid x-upyun-multi-length"))
        .await?;
    Ok(())
}

case! {
    stage_unknown: multipart "1" multipart "10", codes 40011055;
    "Other stages, and stages in another order, are refused."
}
async fn stage_unknown(cx: Context) -> Outcome {
    for name in [
        "",
        "initate",
        "begin",
        "upload,initiate",
        "complete,upload",
        "initiate,complete",
        "upload,upload",
        "initiate,",
        "initiate;upload",
    ] {
        let request = stage(&cx, "a.bin", name, "").header("X-Upyun-Multi-Length", "0");
        let request = request.header("X-Upyun-Part-Id", "0");
        request
            .refused((400, 40011055, "invalid invalid multipart stage"))
            .await
            .map_err(|it| it.at(format!("{name:?}")))?;
    }
    Ok(())
}

case! {
    headers_in_any_case: multipart "1", client;
    "The headers may be spelled in any case of letters."
}
async fn headers_in_any_case(cx: Context) -> Outcome {
    let begin = cx
        .put("a.bin", "")
        .header("x-upyun-multi-stage", "initiate");
    let upload = Upload::by(&cx, "a.bin", begin.header("X-UPYUN-MULTI-LENGTH", "5")).await?;
    let part = stage(&cx, "a.bin", "upload", "hello");
    let part = part.header("X-Upyun-Multi-UUID", &upload.uuid);
    part.header("X-Upyun-Part-ID", "0")
        .send()
        .await?
        .is_status(204)?;
    let complete = stage(&cx, "a.bin", "complete", "");
    let complete = complete.header("X-Upyun-Multi-MD5", md5("hello"));
    let complete = complete.header("x-upyun-multi-uuid", &upload.uuid);
    complete.send().await?.is_status(201)?;
    Ok(())
}

case! {
    of_no_file: multipart "1" rest "2.2", choice "R-10", codes 40600001 40001000;
    "A key with a slash at its end, and the service itself, take no upload."
}
async fn of_no_file(cx: Context) -> Outcome {
    cx.put("file", "x").ok().await?;
    cx.make_folder("folder").ok().await?;
    for name in ["a/", "folder", "file/below"] {
        let refused = initiate(&cx, name, 5).refused((406, 40600001, "dir not acceptable"));
        refused.await.map_err(|failure| failure.at(name))?;
    }
    let root = cx.request("PUT", format!("/{}/", cx.service()));
    let root = root.header("X-Upyun-Multi-Stage", "initiate");
    root.header("X-Upyun-Multi-Length", "5")
        .refused((400, 40001000, "wrong uri"))
        .await?;
    Ok(())
}

case! {
    single_copy: multipart "10", choice "M-47", codes 40600004, tags NeedsControl;
    "A service of single copies knows no resumable uploads."
}
async fn single_copy(cx: Context) -> Outcome {
    let request = cx.request("PUT", format!("/{}/a.bin", fixtures::SINGLE_COPY));
    let request = request.header("X-Upyun-Multi-Stage", "initiate");
    request
        .header("X-Upyun-Multi-Length", "5")
        .refused((
            406,
            40600004,
            "single-copy bucket not support breakpoint resume",
        ))
        .await?;
    Ok(())
}
