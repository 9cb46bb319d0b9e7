//! Making an object of the parts.

use super::{MIB, UNKNOWN, Upload, initiate, initiate_disorder, tells};
use crate::{Context, Failure, Outcome, case::case, wire::sign::md5};

/// An upload with all its parts: `hello`, in one.
async fn ready(cx: &Context, name: &str) -> Result<Upload, Failure> {
    let upload = Upload::ordered(cx, name, 5).await?;
    upload.store(0, "hello").await?;
    Ok(upload)
}

case! {
    of_a_new_key: multipart "4", codes 40400001;
    "Completing an ordered upload of a new key is answered with 201, uuid, type and length."
}
async fn of_a_new_key(cx: Context) -> Outcome {
    let begin = initiate(&cx, "new/a.bin", 5).header("X-Upyun-Multi-Type", "video/mp4");
    let upload = Upload::by(&cx, "new/a.bin", begin).await?;
    upload.store(0, "hello").await?;
    cx.get("new/a.bin")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    let answer = upload.complete().send().await?;
    answer.is_status(201)?.is_empty()?;
    answer.has("x-upyun-multi-uuid", &upload.uuid)?;
    answer.has("x-upyun-multi-type", "video/mp4")?;
    answer.has("x-upyun-multi-length", "5")?;
    let answer = cx.get("new/a.bin").ok().await?;
    answer.is_body("hello")?.has("Content-Type", "video/mp4")?;
    cx.head("new/a.bin")
        .ok()
        .await?
        .has("x-upyun-file-size", "5")?
        .has("Content-Md5", md5("hello"))?;
    Ok(())
}

case! {
    of_a_known_key: multipart "4" multipart "1";
    "Over an object it is answered with 204, and replaces content, type and metadata."
}
async fn of_a_known_key(cx: Context) -> Outcome {
    let put = cx
        .put("a.txt", "old, and longer")
        .header("x-upyun-meta-a", "1");
    put.header("Content-Secret", "abc").ok().await?;
    let answer = ready(&cx, "a.txt").await?.complete().send().await?;
    answer.is_status(204)?.has("x-upyun-multi-length", "5")?;
    let answer = cx.get("a.txt").ok().await?;
    answer.is_body("hello")?.has_metadata(&[])?;
    answer.has("Content-Type", "application/octet-stream")?;
    Ok(())
}

case! {
    over_itself: multipart "1" multipart "4";
    "An object that a resumable upload made is replaced by another one."
}
async fn over_itself(cx: Context) -> Outcome {
    ready(&cx, "a.txt")
        .await?
        .complete()
        .send()
        .await?
        .is_status(201)?;
    let upload = Upload::ordered(&cx, "a.txt", 6).await?;
    upload.store(0, "second").await?;
    upload.complete().send().await?.is_status(204)?;
    cx.get("a.txt").ok().await?.is_body("second")?;
    Ok(())
}

case! {
    of_many_parts: multipart "4", tags Slow;
    "The object is its parts, one behind the other."
}
async fn of_many_parts(cx: Context) -> Outcome {
    let whole: Vec<u8> = (0..=250).cycle().take(2 * MIB + 5).collect();
    let upload = Upload::ordered(&cx, "a.bin", whole.len()).await?;
    for (id, part) in whole.chunks(MIB).enumerate() {
        upload.store(id, part).await?;
    }
    let complete = upload.complete().header("X-Upyun-Multi-Md5", md5(&whole));
    complete.send().await?.is_status(201)?;
    cx.get("a.bin").ok().await?.is_body(whole)?;
    Ok(())
}

case! {
    of_a_parallel_upload: multipart "4", choice "M-19";
    "Completing a parallel upload is answered with 204, whether the key is new or not."
}
async fn of_a_parallel_upload(cx: Context) -> Outcome {
    for body in ["hello", "other"] {
        let upload = Upload::disorder(&cx, "a.txt").await?;
        upload.store(0, body).await?;
        let answer = upload.complete().send().await?;
        answer
            .is_status(204)?
            .has("x-upyun-multi-uuid", &upload.uuid)?;
        cx.get("a.txt").ok().await?.is_body(body)?;
    }
    Ok(())
}

case! {
    etag: multipart "4", choice "M-20";
    "The ETag is the MD5 of the object, in quotes."
}
async fn etag(cx: Context) -> Outcome {
    let answer = ready(&cx, "a.txt").await?.complete().send().await?;
    answer.has("ETag", format!("\"{}\"", md5("hello")))?;
    Ok(())
}

case! {
    md5_fits: multipart "4";
    "The MD5 of the whole may be told, in any case of letters."
}
async fn md5_fits(cx: Context) -> Outcome {
    let complete = ready(&cx, "a.txt").await?.complete();
    complete
        .header("X-Upyun-Multi-Md5", md5("hello"))
        .send()
        .await?
        .is_status(201)?;
    let complete = ready(&cx, "b.txt").await?.complete();
    let complete = complete.header("Content-MD5", md5(""));
    complete
        .header("X-Upyun-Multi-Md5", md5("hello"))
        .send()
        .await?
        .is_status(201)?;
    Ok(())
}

case! {
    md5_of_joined_md5s: multipart "4", choice "M-48", codes 40011060, tags Slow;
    "Of a parallel upload the MD5 of its parts' MD5s, joined in hex, fits too; of an ordered one it does not."
}
async fn md5_of_joined_md5s(cx: Context) -> Outcome {
    let parts = [vec![b'x'; MIB], b"hello".to_vec()];
    let joined = md5(parts.iter().map(md5).collect::<String>());
    for whole in [joined.clone(), md5(parts.concat())] {
        let upload = Upload::disorder(&cx, "a.bin").await?;
        upload.store(1, &parts[1]).await?;
        upload.store(0, &parts[0]).await?;
        let complete = upload.complete().header("X-Upyun-Multi-Md5", whole);
        complete.send().await?.is_status(204)?;
    }
    cx.get("a.bin").ok().await?.is_body(parts.concat())?;
    let upload = Upload::ordered(&cx, "b.bin", MIB + 5).await?;
    upload.store(0, &parts[0]).await?;
    upload.store(1, &parts[1]).await?;
    let complete = upload.complete().header("X-Upyun-Multi-Md5", joined);
    complete
        .refused((400, 40011060, "file md5 not match"))
        .await
        .map(drop)
}

case! {
    md5_differs: multipart "4" multipart "10", codes 40011060;
    "An MD5 that does not fit makes no object."
}
async fn md5_differs(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    for name in ["a.txt", "b.txt"] {
        let complete = ready(&cx, name).await?.complete();
        complete
            .header("X-Upyun-Multi-Md5", md5("other"))
            .refused((400, 40011060, "file md5 not match"))
            .await?;
    }
    cx.get("a.txt").ok().await?.is_body("old")?;
    cx.is_missing("b.txt").await
}

case! {
    md5_differs_and_ends_it: multipart "4", choice "M-22", codes 40011060 40011058;
    "After an MD5 that does not fit the upload is gone."
}
async fn md5_differs_and_ends_it(cx: Context) -> Outcome {
    let upload = ready(&cx, "a.txt").await?;
    let complete = upload.complete().header("X-Upyun-Multi-Md5", md5("other"));
    complete
        .refused((400, 40011060, "file md5 not match"))
        .await?;
    upload.is_gone().await
}

case! {
    md5_malformed: multipart "4", choice "M-23", codes 40011060;
    "An MD5 that is not 32 hex digits does not fit either."
}
async fn md5_malformed(cx: Context) -> Outcome {
    for wrong in ["x", "XUFAKrxLKna5cZ2REBfFkg==", &"g".repeat(32)] {
        let complete = ready(&cx, "a.txt").await?.complete();
        let complete = complete.header("X-Upyun-Multi-Md5", wrong);
        complete
            .refused((400, 40011060, "file md5 not match"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    too_early: multipart "4" multipart "10", choice "M-21", codes 40001037;
    "An ordered upload is not completed before all parts are there, and goes on then."
}
async fn too_early(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", 5).await?;
    let answer = upload
        .complete()
        .refused((400, 40001037, "incomplete multipart parts"))
        .await?;
    tells(&answer, &upload, "0")?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    Ok(())
}

case! {
    too_early_in_disorder: multipart "4" multipart "10", choice "M-21", codes 40001037, tags Slow;
    "A gap, or less than was announced, is not completed either."
}
async fn too_early_in_disorder(cx: Context) -> Outcome {
    let gap = Upload::disorder(&cx, "a.bin").await?;
    gap.store(1, "hello").await?;
    gap.complete()
        .refused((400, 40001037, "incomplete multipart parts"))
        .await?;
    let begin = initiate_disorder(&cx, "b.bin");
    let begin = begin.header("X-Upyun-Multi-Length", (MIB + 5).to_string());
    let short = Upload::by(&cx, "b.bin", begin).await?;
    short.store(0, vec![b'x'; MIB]).await?;
    short
        .complete()
        .refused((400, 40001037, "incomplete multipart parts"))
        .await?;
    short.store(1, "hello").await?;
    short.complete().send().await?.is_status(204)?;
    Ok(())
}

case! {
    uneven: multipart "4" multipart "10", client, codes 40011054;
    "Parts of a parallel upload before the last must be whole when it is completed."
}
async fn uneven(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(0, "hello").await?;
    upload.store(1, "world").await?;
    upload
        .complete()
        .refused((400, 40011054, "invalid x-upyun-part-size"))
        .await?;
    Ok(())
}

case! {
    twice: multipart "4" multipart "10", client, codes 40011059;
    "A completed upload is not completed again."
}
async fn twice(cx: Context) -> Outcome {
    let upload = ready(&cx, "a.txt").await?;
    upload.complete().send().await?.is_status(201)?;
    upload
        .complete()
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    twice_tells_what_was: multipart "4", choice "M-24", codes 40011059;
    "The refusal tells uuid, type and length, for clients that count it as a success."
}
async fn twice_tells_what_was(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.txt", 5).header("X-Upyun-Multi-Type", "video/mp4");
    let upload = Upload::by(&cx, "a.txt", begin).await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    for request in [upload.complete(), upload.part(0, "hello")] {
        let answer = request
            .refused((400, 40011059, "file already upload"))
            .await?;
        answer.has("x-upyun-multi-uuid", &upload.uuid)?;
        answer.has("x-upyun-multi-type", "video/mp4")?;
        answer.has("x-upyun-multi-length", "5")?;
    }
    Ok(())
}

case! {
    on_a_folder: multipart "4", choice "M-25", codes 40600001;
    "If the key has become a folder, nothing is made."
}
async fn on_a_folder(cx: Context) -> Outcome {
    let upload = ready(&cx, "a").await?;
    cx.make_folder("a").ok().await?;
    upload
        .complete()
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    cx.delete("a").ok().await?;
    upload.complete().send().await?.is_status(201)?;
    Ok(())
}

case! {
    of_unknown_length: multipart "4", choice "M-26", tags Slow;
    "Without a length the object is what came: the parts from 0 on, or nothing."
}
async fn of_unknown_length(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(1, "hello").await?;
    upload.store(0, vec![b'x'; MIB]).await?;
    let answer = upload.complete().send().await?;
    answer
        .is_status(204)?
        .has("x-upyun-multi-length", (MIB + 5).to_string())?;
    let upload = Upload::disorder(&cx, "b.bin").await?;
    upload.complete().send().await?.is_status(204)?;
    cx.get("b.bin").ok().await?.is_empty()?;
    Ok(())
}

case! {
    of_nothing: multipart "1" multipart "4", client;
    "An upload of length 0 is completed without parts."
}
async fn of_nothing(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 0).await?;
    let complete = upload.complete().header("X-Upyun-Multi-Md5", md5(""));
    complete
        .send()
        .await?
        .is_status(201)?
        .has("x-upyun-multi-length", "0")?;
    cx.get("a.bin").ok().await?.is_empty()?;
    Ok(())
}

case! {
    content_md5: multipart "4", choice "R-21", codes 40000006;
    "A Content-MD5 that does not fit the last part is told before that of the whole, and nothing is lost."
}
async fn content_md5(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", 5).await?;
    let last = |part: &str, whole: &str| {
        let request = upload
            .stage("upload,complete", "hello")
            .header("X-Upyun-Part-Id", "0");
        let request = request.header("Content-MD5", md5(part));
        request.header("X-Upyun-Multi-Md5", md5(whole))
    };
    last("other", "other")
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    last("hello", "hello").send().await?.is_status(201)?;
    Ok(())
}

case! {
    uuid_unknown: multipart "10", client, codes 40011058;
    "What is not there is not completed."
}
async fn uuid_unknown(cx: Context) -> Outcome {
    let upload = ready(&cx, "a.txt").await?;
    upload
        .uuid(UNKNOWN)
        .complete()
        .refused((400, 40011058, "x-upyun-multi-uuid not found"))
        .await?;
    Ok(())
}
