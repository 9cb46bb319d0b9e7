//! How far the upload of a key is.

use std::time::Duration;

use serde_json::json;

use super::{MIB, Upload, initiate, initiate_disorder};
use crate::{
    Context, Failure, Outcome,
    case::case,
    failure::{holds, same},
    wire::{Request, sign::md5},
};

fn progress(cx: &Context, name: &str) -> Request {
    cx.get(name).header("X-Upyun-Multi-Info", "true")
}

case! {
    ordered: multipart "5.1", client, tags Slow;
    "Of an ordered upload the headers tell uuid, length, next part and part size."
}
async fn ordered(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", MIB + 5).await?;
    for next in ["0", "1"] {
        let answer = progress(&cx, "a.bin").ok().await?;
        answer.is_empty()?.has("X-Upyun-Multi-Uuid", &upload.uuid)?;
        answer.has("X-Upyun-Multi-Length", (MIB + 5).to_string())?;
        answer.has("X-Upyun-Next-Part-Id", next)?;
        answer.has("X-Upyun-Next-Part-Size", MIB.to_string())?;
        let order = answer.header("X-Upyun-Meta-Order").unwrap_or("true");
        same("the order", order, "true")?;
        if next == "0" {
            upload.store(0, vec![b'x'; MIB]).await?;
        }
    }
    Ok(())
}

case! {
    disorder: multipart "5.1", client;
    "Of a parallel upload the body tells the parts that are there."
}
async fn disorder(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(3, "hello").await?;
    let answer = progress(&cx, "a.bin").ok().await?;
    answer.has("X-Upyun-Multi-Uuid", &upload.uuid)?;
    answer.has("X-Upyun-Meta-Order", "false")?;
    answer.lacks("X-Upyun-Next-Part-Id")?;
    let found = answer.json()?;
    let modified = &found["parts"][0]["last_modified"];
    let now = cx.unix();
    let is_now = modified
        .as_u64()
        .is_some_and(|then| then.abs_diff(now) < 120);
    holds(is_now, "a time of now", modified)?;
    let want = json!({"parts": [{
        "id": 3,
        "size": 5,
        "last_modified": modified,
        "etag": md5("hello"),
    }]});
    same("the parts", &found, &want)
}

case! {
    disorder_with_part_size: multipart "5.1", choice "M-31";
    "The part size is told of parallel uploads too."
}
async fn disorder_with_part_size(cx: Context) -> Outcome {
    let begin = initiate_disorder(&cx, "a.bin");
    let begin = begin.header("X-Upyun-Multi-Part-Size", (2 * MIB).to_string());
    Upload::by(&cx, "a.bin", begin).await?;
    let answer = progress(&cx, "a.bin").ok().await?;
    answer.has("X-Upyun-Next-Part-Size", (2 * MIB).to_string())?;
    answer.lacks("X-Upyun-Multi-Length")?;
    same("the parts", answer.json()?, json!({"parts": []}))
}

case! {
    disorder_with_length: multipart "5.1", client;
    "The length is told if it is known."
}
async fn disorder_with_length(cx: Context) -> Outcome {
    let begin = initiate_disorder(&cx, "a.bin").header("X-Upyun-Multi-Length", "5");
    Upload::by(&cx, "a.bin", begin).await?;
    progress(&cx, "a.bin")
        .ok()
        .await?
        .has("X-Upyun-Multi-Length", "5")?;
    Ok(())
}

case! {
    date_of_beginning: multipart "5.1", client;
    "When the upload began is told as a date."
}
async fn date_of_beginning(cx: Context) -> Outcome {
    Upload::ordered(&cx, "a.bin", 5).await?;
    let answer = progress(&cx, "a.bin").ok().await?;
    let date = answer.the("X-Upyun-Created-Date")?;
    let then = httpdate::parse_http_date(date);
    let then = then.map_err(|_| Failure::new("an RFC 1123 date", date))?;
    let off = cx
        .now()
        .duration_since(then)
        .unwrap_or_else(|it| it.duration());
    holds(off < Duration::from_secs(120), "a date of now", date)
}

case! {
    newest: multipart "5.1", choice "M-29", tags NeedsClock;
    "Of several uploads of a key the newest is told."
}
async fn newest(cx: Context) -> Outcome {
    let mut last = String::new();
    for _ in 0..3 {
        last = Upload::by(&cx, "a.bin", initiate(&cx, "a.bin", 5))
            .await?
            .uuid;
        cx.advance(Duration::from_secs(2))?;
    }
    progress(&cx, "a.bin")
        .ok()
        .await?
        .has("X-Upyun-Multi-Uuid", last)?;
    Ok(())
}

case! {
    none: multipart "5.1", choice "M-30", codes 40400001;
    "Where nothing is unfinished, though there is an object, nothing is found."
}
async fn none(cx: Context) -> Outcome {
    cx.put("a.bin", "x").ok().await?;
    progress(&cx, "a.bin")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    let upload = Upload::disorder(&cx, "b.bin").await?;
    upload.cancel().ok().await?;
    progress(&cx, "b.bin")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    let upload = Upload::disorder(&cx, "c.bin").await?;
    upload.complete().send().await?.is_status(204)?;
    progress(&cx, "c.bin")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    all_are_there: multipart "5.1", choice "M-32";
    "When all parts are there, the next is -1."
}
async fn all_are_there(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    upload.store(0, "hello").await?;
    progress(&cx, "a.bin")
        .ok()
        .await?
        .has("X-Upyun-Next-Part-Id", "-1")?;
    Ok(())
}
