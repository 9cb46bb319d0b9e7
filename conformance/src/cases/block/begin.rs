//! The first step.

use std::time::Duration;

use serde_json::json;

use super::{Step, Upload};
use crate::{
    Context, Outcome,
    case::case,
    failure::{holds, same},
};

case! {
    answers: multipart "9", tags Legacy NeedsFormSecret;
    "The first step answers token, secret and which blocks are there."
}
async fn answers(cx: Context) -> Outcome {
    let answer = Step::begin(&cx, "a.bin", b"hello", 3)?
        .request()
        .ok()
        .await?;
    let state = answer.json()?;
    let members: Vec<_> = state
        .as_object()
        .into_iter()
        .flat_map(|it| it.keys())
        .collect();
    let mut sorted = members.clone();
    sorted.sort();
    let want = [
        "blocks",
        "bucket_name",
        "expired_at",
        "save_token",
        "status",
        "token_secret",
    ];
    same("the members", sorted, want)?;
    same("the service", &state["bucket_name"], cx.service())?;
    same("the blocks", &state["blocks"], 3)?;
    same("the status", &state["status"], &json!([0, 0, 0]))?;
    for name in ["save_token", "token_secret"] {
        let text = state[name].as_str().unwrap_or_default();
        holds(
            text.len() == 32,
            format!("32 characters of {name}"),
            text.len(),
        )?;
    }
    Ok(())
}

case! {
    headers: multipart "9", tags Legacy NeedsFormSecret;
    "Answers carry the headers of this host."
}
async fn headers(cx: Context) -> Outcome {
    let answer = Step::begin(&cx, "a.bin", b"hello", 1)?
        .request()
        .ok()
        .await?;
    answer.has("Access-Control-Allow-Origin", "*")?;
    answer.has("Access-Control-Allow-Methods", "PUT,POST")?;
    answer.has("X-Powered-By", "Crocodile/0.0.1")?;
    Ok(())
}

case! {
    again: multipart "9", choice "M-43" "M-44", tags Legacy NeedsFormSecret;
    "The same file begun again is the same upload; another path, hash, size or count is another."
}
async fn again(cx: Context) -> Outcome {
    let step = || Step::begin(&cx, "a.bin", b"hello", 2);
    let first = step()?.request().ok().await?.json()?;
    let second = step()?.with("expiration", cx.unix() + 700);
    same("the state", &second.request().ok().await?.json()?, &first)?;
    for other in [
        step()?.with("path", cx.key("b.bin")),
        step()?.with("file_hash", "0".repeat(32)),
        step()?.with("file_size", 6),
        step()?.with("file_blocks", 3),
    ] {
        let state = other.request().ok().await?.json()?;
        holds(
            state["save_token"] != first["save_token"],
            "another token",
            other.policy,
        )?;
    }
    Ok(())
}

case! {
    lives_a_day: multipart "9", choice "M-45", codes 40401005, tags Legacy NeedsFormSecret NeedsClock;
    "An upload ends a day after its beginning."
}
async fn lives_a_day(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.bin", b"hello", 1)?;
    let state = step.request().ok().await?.json()?;
    let expires = state["expired_at"].as_u64().unwrap_or_default();
    let off = expires.abs_diff(cx.unix() + 24 * 3600);
    holds(off < 60, "expired_at to be in a day", expires)?;
    let upload = Upload::begin(step).await?;
    cx.advance(Duration::from_secs(24 * 3600 + 60))?;
    upload
        .block(0, b"hello")
        .refused((404, 40401005, "Not found, block deleted"))
        .await?;
    Ok(())
}

case! {
    fields_missing: multipart "9", choice "M-46", codes 40000015, tags Legacy NeedsFormSecret;
    "Policy and signature are needed, and a path."
}
async fn fields_missing(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.bin", b"hello", 1)?;
    let policy = step.encoded();
    let signature = "0".repeat(32);
    step.fields(&[("policy", &policy)])
        .refused((400, 40000015, "missing required arguments"))
        .await?;
    step.fields(&[("signature", &signature)])
        .refused((400, 40000015, "missing required arguments"))
        .await?;
    step.fields(&[])
        .refused((400, 40000015, "missing required arguments"))
        .await?;
    step.without("path")
        .refused((400, 40000015, "missing required arguments"))
        .await?;
    Ok(())
}

case! {
    members_missing: multipart "9", choice "M-46", codes 40000016 40000017 40000019, tags Legacy NeedsFormSecret;
    "Each missing member has a code of its own."
}
async fn members_missing(cx: Context) -> Outcome {
    for (name, code) in [
        ("file_hash", (400, 40000016, "missing file_hash argument")),
        (
            "file_blocks",
            (400, 40000017, "missing file_blocks argument"),
        ),
        ("file_size", (400, 40000019, "missing file_size argument")),
    ] {
        let step = Step::begin(&cx, "a.bin", b"hello", 1)?;
        step.without(name)
            .refused(code)
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    too_many_blocks: multipart "9", choice "M-46", codes 40000018, tags Legacy NeedsFormSecret;
    "1024 blocks are the most."
}
async fn too_many_blocks(cx: Context) -> Outcome {
    Step::begin(&cx, "a.bin", b"hello", 1024)?
        .request()
        .ok()
        .await?;
    Step::begin(&cx, "a.bin", b"hello", 1025)?
        .refused((400, 40000018, "too many file blocks"))
        .await?;
    Ok(())
}

case! {
    policy_malformed: multipart "9", choice "M-46", codes 40000009, tags Legacy NeedsFormSecret;
    "A policy that is no Base64 of a JSON object is refused."
}
async fn policy_malformed(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.bin", b"hello", 1)?;
    let signature = "0".repeat(32);
    for policy in ["!", "bm90IGpzb24=", "W10="] {
        let request = step.fields(&[("policy", policy), ("signature", &signature)]);
        request
            .refused((400, 40000009, "decode policy error"))
            .await
            .map_err(|it| it.at(policy))?;
    }
    Ok(())
}

case! {
    expired: multipart "9", choice "M-46", codes 40300006, tags Legacy NeedsFormSecret;
    "A policy whose time has come is refused, at every step."
}
async fn expired(cx: Context) -> Outcome {
    let past = cx.unix() - 60;
    let step = || Step::begin(&cx, "a.bin", b"hello", 1);
    step()?
        .with("expiration", past)
        .refused((403, 40300006, "authorization has expired"))
        .await?;
    let upload = Upload::begin(step()?).await?;
    upload
        .block(0, b"hello")
        .with("expiration", past)
        .refused((403, 40300006, "authorization has expired"))
        .await?;
    upload
        .finish()
        .with("expiration", past)
        .refused((403, 40300006, "authorization has expired"))
        .await?;
    Ok(())
}

case! {
    values_malformed: multipart "9", choice "M-46", codes 40600001 40000009 40011092 40000010 40000020, tags Legacy NeedsFormSecret;
    "What the first policy says of the object is checked as in a form."
}
async fn values_malformed(cx: Context) -> Outcome {
    let long = "x".repeat(256);
    for (name, value, refusal) in [
        ("path", "/a/", (406, 40600001, "dir not acceptable")),
        (
            "content-length-range",
            "x",
            (400, 40000009, "decode policy error"),
        ),
        (
            "x-upyun-meta-ttl",
            "999",
            (400, 40011092, "invalid file ttl"),
        ),
        (
            "ext-param",
            &*long,
            (400, 40000010, "data too long for ext-param"),
        ),
        (
            "block_index",
            "0",
            (400, 40000020, "missing save_token argument"),
        ),
        (
            "file_hash",
            "x",
            (400, 40000016, "missing file_hash argument"),
        ),
    ] {
        let step = Step::begin(&cx, "a.bin", b"hello", 1)?.with(name, value);
        let refused = step.refused(refusal).await;
        refused.map_err(|failure| failure.at(name))?;
    }
    Ok(())
}

case! {
    other_methods: multipart "9", choice "M-46", codes 40500000;
    "This host takes uploads only."
}
async fn other_methods(cx: Context) -> Outcome {
    let get = cx.request("GET", format!("/{}/", cx.service()));
    get.to(crate::wire::Api::Block)
        .refused((405, 40500000, "method not allowed"))
        .await?;
    Ok(())
}

case! {
    step_unknown: multipart "9", choice "M-46", codes 40000015, tags Legacy NeedsFormSecret;
    "A body of another type is no step."
}
async fn step_unknown(cx: Context) -> Outcome {
    let request = cx.request("POST", format!("/{}/", cx.service()));
    let request = request.to(crate::wire::Api::Block).unsigned().body("{}");
    let request = request.header("Content-Type", "application/json");
    request
        .refused((400, 40000015, "missing required arguments"))
        .await?;
    Ok(())
}
