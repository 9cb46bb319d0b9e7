//! Reading an object before it is whole.

use std::time::Duration;

use super::{MIB, Upload, initiate, initiate_disorder};
use crate::{
    Context, Failure, Outcome,
    case::case,
    wire::{Request, sign::md5},
};

fn reading(request: Request) -> Request {
    request.header("X-Upyun-Multi-In-Progress", "true")
}

/// An upload with its first part of two.
async fn begun(cx: &Context) -> Result<Upload, Failure> {
    let begin = initiate(cx, "a.bin", MIB + 5);
    let begin = begin.header("X-Upyun-Multi-Type", "video/mp4");
    let upload = Upload::by(cx, "a.bin", begin).await?;
    upload.store(0, vec![b'x'; MIB]).await?;
    Ok(upload)
}

case! {
    size: multipart "8", client;
    "HEAD of an unfinished upload tells the announced size."
}
async fn size(cx: Context) -> Outcome {
    Upload::ordered(&cx, "a.bin", MIB + 5).await?;
    let answer = reading(cx.head("a.bin")).ok().await?;
    answer.has("x-upyun-file-size", (MIB + 5).to_string())?;
    Ok(())
}

case! {
    info: multipart "8", choice "M-41";
    "It tells the announced type too, and no MD5."
}
async fn info(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.bin", 5).header("X-Upyun-Multi-Type", "video/mp4");
    Upload::by(&cx, "a.bin", begin).await?;
    let answer = reading(cx.head("a.bin")).ok().await?;
    answer
        .has("x-upyun-file-type", "file")?
        .has("Content-Type", "video/mp4")?;
    answer.lacks("Content-Md5")?;
    Ok(())
}

case! {
    range: multipart "8", choice "M-41", codes 40001161, tags Slow;
    "A range that is there is read at once; one beyond the announced length is refused."
}
async fn range(cx: Context) -> Outcome {
    let upload = begun(&cx).await?;
    let get = |range: &str| reading(cx.get("a.bin")).header("Range", range);
    let answer = get("bytes=10-19").send().await?;
    answer.is_status(206)?.is_body("x".repeat(10))?;
    let total = MIB + 5;
    answer.has("Content-Range", format!("bytes 10-19/{total}"))?;
    get(&format!("bytes={total}-"))
        .refused((400, 40001161, "wrong range"))
        .await?;
    upload.store(1, "hello").await?;
    get(&format!("bytes={MIB}-"))
        .send()
        .await?
        .is_status(206)?
        .is_body("hello")?;
    Ok(())
}

case! {
    range_is_awaited: multipart "8", choice "M-49", tags Slow;
    "A range that is not there yet is answered when its part arrives."
}
async fn range_is_awaited(cx: Context) -> Outcome {
    let upload = begun(&cx).await?;
    let range = format!("bytes={}-{}", MIB - 3, MIB + 2);
    let get = reading(cx.get("a.bin")).header("Range", range);
    let (answer, stored) = tokio::join!(get.send(), upload.store(1, "hello"));
    stored?;
    answer?.is_status(206)?.is_body("xxxhel")?;
    Ok(())
}

case! {
    range_ends_with_the_upload: multipart "8", choice "M-49", codes 40011058, tags Slow;
    "A range of an upload that is cancelled meanwhile is refused."
}
async fn range_ends_with_the_upload(cx: Context) -> Outcome {
    let upload = begun(&cx).await?;
    let get = reading(cx.get("a.bin")).header("Range", format!("bytes={MIB}-"));
    let cancel = async {
        // The read is on its way first, so that there is an upload to wait for.
        tokio::time::sleep(Duration::from_millis(200)).await;
        upload.cancel().ok().await
    };
    let (answer, cancelled) = tokio::join!(
        get.refused((400, 40011058, "x-upyun-multi-uuid not found")),
        cancel
    );
    cancelled?;
    answer.map(drop)
}

case! {
    none: multipart "8", choice "M-41", codes 40400001;
    "Where nothing is unfinished, the object is read as always."
}
async fn none(cx: Context) -> Outcome {
    cx.put("a.bin", "hello").ok().await?;
    reading(cx.get("a.bin")).ok().await?.is_body("hello")?;
    reading(cx.head("a.bin"))
        .ok()
        .await?
        .has("Content-Md5", md5("hello"))?;
    reading(cx.get("b.bin"))
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    reading(cx.head("b.bin"))
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    of_disorder: multipart "8", choice "M-41", codes 40400001;
    "A parallel upload is not read before it is whole."
}
async fn of_disorder(cx: Context) -> Outcome {
    let begin = || initiate_disorder(&cx, "a.bin");
    let known = begin().header("X-Upyun-Multi-Length", "5");
    for begin in [begin(), known] {
        let upload = Upload::by(&cx, "a.bin", begin).await?;
        upload.store(0, "hello").await?;
        reading(cx.get("a.bin"))
            .refused((404, 40400001, "file or directory not found"))
            .await?;
        reading(cx.head("a.bin"))
            .refused((404, 40400001, "file or directory not found"))
            .await?;
    }
    Ok(())
}

case! {
    asked_for_only: multipart "8", client;
    "Who does not ask for it reads the old object."
}
async fn asked_for_only(cx: Context) -> Outcome {
    cx.put("a.bin", "old").ok().await?;
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    upload.store(0, "hello").await?;
    cx.get("a.bin").ok().await?.is_body("old")?;
    let part = reading(cx.get("a.bin"))
        .header("Range", "bytes=0-9")
        .send()
        .await?;
    part.is_status(206)?.is_body("hello")?;
    Ok(())
}

case! {
    newest: multipart "8", choice "M-41", tags NeedsClock;
    "Of several uploads of a key the newest is read."
}
async fn newest(cx: Context) -> Outcome {
    for size in [3, 4, 5] {
        Upload::ordered(&cx, "a.bin", size).await?;
        cx.advance(Duration::from_secs(2))?;
    }
    let answer = reading(cx.head("a.bin")).ok().await?;
    answer.has("x-upyun-file-size", "5")?;
    Ok(())
}
