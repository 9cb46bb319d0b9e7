//! Giving an upload up.

use super::{UNKNOWN, Upload};
use crate::{Context, Outcome, case::case, wire::sign::md5};

case! {
    cancelled: multipart "7" multipart "10", client, codes 40011058;
    "A cancelled upload cannot be continued, and an object at its key stays."
}
async fn cancelled(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    for upload in [
        Upload::ordered(&cx, "a.txt", 5).await?,
        Upload::disorder(&cx, "a.txt").await?,
    ] {
        upload.store(0, "hello").await?;
        let answer = upload.cancel().send().await?;
        crate::failure::holds(answer.status / 100 == 2, "a success", answer.status)?;
        upload.is_gone().await?;
        cx.get("a.txt").ok().await?.is_body("old")?;
    }
    Ok(())
}

case! {
    answer: multipart "7", choice "M-39";
    "The answer is 200, without a body."
}
async fn answer(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.txt").await?;
    upload.cancel().ok().await?.is_empty()?;
    Ok(())
}

case! {
    others_stay: multipart "7" multipart "1", choice "M-5";
    "Other uploads of the key go on."
}
async fn others_stay(cx: Context) -> Outcome {
    let one = Upload::ordered(&cx, "a.txt", 5).await?;
    let other = Upload::ordered(&cx, "a.txt", 5).await?;
    other.store(0, "hello").await?;
    one.cancel().ok().await?;
    let complete = other.complete().header("X-Upyun-Multi-Md5", md5("hello"));
    complete.send().await?.is_status(201)?;
    Ok(())
}

case! {
    unknown: multipart "7" multipart "10", choice "M-47", codes 40011058 40011056;
    "What is not known is not cancelled, and neither is the object deleted."
}
async fn unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    let upload = Upload::disorder(&cx, "a.txt").await?;
    upload
        .uuid(UNKNOWN)
        .cancel()
        .refused((400, 40011058, "x-upyun-multi-uuid not found"))
        .await?;
    for wrong in ["x", ""] {
        let refused = upload
            .uuid(wrong)
            .cancel()
            .refused((400, 40011056, "invalid invalid x-upyun-multi-uuid"))
            .await;
        refused.map_err(|it| it.at(format!("{wrong:?}")))?;
    }
    upload.has_parts(&[]).await
}

case! {
    completed: multipart "7", choice "M-40", codes 40011059;
    "A completed upload is not cancelled, and its object stays."
}
async fn completed(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", 5).await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    upload
        .cancel()
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}
