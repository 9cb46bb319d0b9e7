//! The parts that are there.

use serde_json::{Value, json};

use super::{UNKNOWN, Upload};
use crate::{Context, Outcome, case::case, failure::same, wire::sign::md5};

fn ids(list: &Value) -> Vec<u64> {
    let parts = list["parts"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["id"].as_u64()).collect()
}

case! {
    listed: multipart "5.2" multipart "5", client;
    "Parts are listed with number, size, time and MD5."
}
async fn listed(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(0, "hello").await?;
    let answer = upload.parts().ok().await?;
    answer.has("Content-Type", "application/json")?;
    let found = answer.json()?;
    let modified = &found["parts"][0]["last_modified"];
    same("the time to be a number", modified.is_u64(), true)?;
    let part = json!({"id": 0, "size": 5, "last_modified": modified, "etag": md5("hello")});
    same("the list", &found, &json!({ "parts": [part] }))
}

case! {
    sorted: multipart "5.2", choice "M-33";
    "They are sorted by number, and begin where it is asked."
}
async fn sorted(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    for id in [7, 0, 9999, 3] {
        upload.store(id, "hello").await?;
    }
    same(
        "the parts",
        ids(&upload.parts().ok().await?.json()?),
        [0, 3, 7, 9999],
    )?;
    for (first, want) in [
        ("0", &[0, 3, 7, 9999][..]),
        ("3", &[3, 7, 9999]),
        ("4", &[7, 9999]),
    ] {
        let answer = upload.parts().header("X-Upyun-Part-Id", first).ok().await?;
        same("the parts", ids(&answer.json()?), want).map_err(|it| it.at(first))?;
    }
    Ok(())
}

case! {
    of_an_ordered_upload: multipart "5.2", choice "M-34";
    "Parts of ordered uploads are listed too."
}
async fn of_an_ordered_upload(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    upload.has_parts(&[]).await?;
    upload.store(0, "hello").await?;
    upload.has_parts(&[(0, 5)]).await
}

case! {
    of_none: multipart "5.2" multipart "10", client, codes 40011058;
    "An upload that is not known has no parts to list."
}
async fn of_none(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload
        .uuid(UNKNOWN)
        .parts()
        .refused((400, 40011058, "x-upyun-multi-uuid not found"))
        .await?;
    Ok(())
}

case! {
    malformed: multipart "5.2" multipart "10", choice "M-47", codes 40011056 40011051;
    "A uuid and a first part that are none are refused."
}
async fn malformed(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload
        .uuid("nonsense")
        .parts()
        .refused((400, 40011056, "invalid invalid x-upyun-multi-uuid"))
        .await?;
    for first in ["x", "-1", "10000"] {
        let request = upload.parts().header("X-Upyun-Part-Id", first);
        request
            .refused((400, 40011051, "invalid x-upyun-part-id"))
            .await
            .map_err(|it| it.at(first))?;
    }
    Ok(())
}
