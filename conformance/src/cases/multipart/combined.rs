//! Several stages in one request.

use super::{MIB, Upload, stage};
use crate::{
    Context, Outcome,
    case::case,
    failure::holds,
    wire::{Request, sign::md5},
};

fn begin(cx: &Context, stages: &str, body: &str) -> Request {
    let request = stage(cx, "a.txt", stages, body);
    request.header("X-Upyun-Multi-Length", body.len().to_string())
}

case! {
    all_three: multipart "1" multipart "4", client;
    "A file of one part goes in one request."
}
async fn all_three(cx: Context) -> Outcome {
    let request = begin(&cx, "initiate,upload,complete", "hello").header("X-Upyun-Part-Id", "0");
    let request = request.header("X-Upyun-Multi-Type", "text/x-own");
    let request = request.header("X-Upyun-Multi-Md5", md5("hello"));
    let answer = request.header("Content-MD5", md5("hello")).send().await?;
    answer
        .is_status(201)?
        .is_empty()?
        .has("x-upyun-multi-length", "5")?;
    holds(
        answer.the("x-upyun-multi-uuid")?.len() == 36,
        "a uuid",
        "another text",
    )?;
    let answer = cx.get("a.txt").ok().await?;
    answer.is_body("hello")?.has("Content-Type", "text/x-own")?;
    Ok(())
}

case! {
    all_three_of_nothing: multipart "1", client;
    "So does an empty file."
}
async fn all_three_of_nothing(cx: Context) -> Outcome {
    let request = begin(&cx, "initiate,upload,complete", "").header("X-Upyun-Part-Id", "0");
    request.send().await?.is_status(201)?;
    cx.get("a.txt").ok().await?.is_empty()?;
    Ok(())
}

case! {
    all_three_in_disorder: multipart "1" multipart "4", choice "M-19";
    "A parallel upload in one request is answered with 204."
}
async fn all_three_in_disorder(cx: Context) -> Outcome {
    let request = stage(&cx, "a.txt", "initiate,upload,complete", "hello");
    let request = request.header("X-Upyun-Multi-Disorder", "true");
    request
        .header("X-Upyun-Part-Id", "0")
        .send()
        .await?
        .is_status(204)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    with_the_first_part: multipart "1" multipart "3", client;
    "The first part may come with the beginning, and the last with the end."
}
async fn with_the_first_part(cx: Context) -> Outcome {
    let first = stage(&cx, "a.txt", "initiate,upload", vec![b'x'; MIB]);
    let first = first.header("X-Upyun-Multi-Length", (MIB + 5).to_string());
    let answer = first.header("X-Upyun-Part-Id", "0").send().await?;
    answer.is_status(204)?.has("x-upyun-next-part-id", "1")?;
    let upload = Upload {
        cx: cx.clone(),
        name: "a.txt".into(),
        uuid: answer.the("x-upyun-multi-uuid")?.to_owned(),
    };
    let last = upload
        .stage("upload,complete", "hello")
        .header("X-Upyun-Part-Id", "1");
    let answer = last.send().await?;
    answer
        .is_status(201)?
        .has("x-upyun-multi-uuid", &upload.uuid)?;
    cx.head("a.txt")
        .ok()
        .await?
        .has("x-upyun-file-size", (MIB + 5).to_string())?;
    Ok(())
}

case! {
    first_part_without_id: multipart "3", choice "M-11";
    "Beside initiate the part is 0, whether or not it is said."
}
async fn first_part_without_id(cx: Context) -> Outcome {
    let answer = begin(&cx, "initiate,upload", "hello").send().await?;
    answer.is_status(204)?.has("x-upyun-next-part-id", "-1")?;
    begin(&cx, "initiate,upload,complete", "hello")
        .send()
        .await?
        .is_status(201)?;
    Ok(())
}

case! {
    failing_leaves_nothing: multipart "3", choice "M-12", codes 40000006 40300030 40011051 40011060 40400001;
    "A first request that fails leaves no upload behind."
}
async fn failing_leaves_nothing(cx: Context) -> Outcome {
    for stages in ["initiate,upload", "initiate,upload,complete"] {
        let request = || begin(&cx, stages, "hello");
        for (request, code) in [
            (
                request().header("Content-MD5", md5("other")),
                (400, 40000006, "content md5 not match"),
            ),
            (
                request().header("X-Upyun-Part-Id", "x"),
                (400, 40011051, "invalid x-upyun-part-id"),
            ),
            (
                begin(&cx, stages, "hello").body("hell"),
                (403, 40300030, "wrong content-length header"),
            ),
        ] {
            request.refused(code).await.map_err(|it| it.at(stages))?;
        }
    }
    let request = begin(&cx, "initiate,upload,complete", "hello");
    request
        .header("X-Upyun-Multi-Md5", md5("other"))
        .refused((400, 40011060, "file md5 not match"))
        .await?;
    let progress = cx.get("a.txt").header("X-Upyun-Multi-Info", "true");
    progress
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    failing_keeps_the_part: multipart "4", choice "M-28", codes 40001037;
    "A part that came with an end that fails stays."
}
async fn failing_keeps_the_part(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.txt").await?;
    let last = upload
        .stage("upload,complete", "hello")
        .header("X-Upyun-Part-Id", "1");
    last.refused((400, 40001037, "incomplete multipart parts"))
        .await?;
    upload.has_parts(&[(1, 5)]).await
}

case! {
    part_before_end: multipart "4", client, codes 40011061 40011051;
    "With the last part the rules of parts come first."
}
async fn part_before_end(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", MIB + 5).await?;
    let last = |id: &str| {
        upload
            .stage("upload,complete", "hello")
            .header("X-Upyun-Part-Id", id)
    };
    last("1").refused((400, 40011061, "part id error")).await?;
    last("x")
        .refused((400, 40011051, "invalid x-upyun-part-id"))
        .await?;
    upload.has_parts(&[]).await
}

case! {
    blanks: multipart "1", choice "M-7";
    "Between the stages there may be blanks."
}
async fn blanks(cx: Context) -> Outcome {
    let request = begin(&cx, "initiate, upload , complete", "hello");
    request
        .header("X-Upyun-Part-Id", "0")
        .send()
        .await?
        .is_status(201)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}
