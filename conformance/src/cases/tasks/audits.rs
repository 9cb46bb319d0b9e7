//! Audits.

use image::ImageFormat;
use serde_json::json;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::{RED, decode, encode, flat, png},
        task::{carried_out, each_fails, is_done},
    },
    failure::{Failure, holds, same},
};

/// Expects a verdict on pornography.
fn is_verdict(verdict: &serde_json::Value) -> Result<(), Failure> {
    let rate = verdict["rate"].as_f64();
    let is_verdict = verdict["label"].as_u64().is_some_and(|label| label <= 2)
        && rate.is_some_and(|rate| (0.0..=1.0).contains(&rate))
        && verdict["review"].is_boolean();
    holds(is_verdict, "label, rate and review", verdict)
}

case! {
    of_a_picture: tasks "12" tasks "5.8", tags Images;
    "imgaudit gives a verdict of label, rate and review."
}
async fn of_a_picture(cx: Context) -> Outcome {
    cx.put("a.png", png(30, 20)?).ok().await?;
    let result = carried_out(&cx, "imgaudit", json!({ "source": cx.key("a.png") })).await?;
    is_done(&result)?;
    same("service", &result["service"], cx.service())?;
    same("error", &result["error"], "")?;
    is_verdict(&result["result"]["porn"])
}

case! {
    nothing_is_wrong_by_default: tasks "12", choice "T-18", tags Images;
    "Unless a test decides otherwise the label is 0, the rate 0.99, and nobody need look."
}
async fn nothing_is_wrong_by_default(cx: Context) -> Outcome {
    cx.put("a.png", png(30, 20)?).ok().await?;
    let result = carried_out(&cx, "imgaudit", json!({ "source": cx.key("a.png") })).await?;
    let want = json!({ "porn": { "label": 0, "rate": 0.99, "review": false } });
    same("the verdict", &result["result"], &want)
}

case! {
    source_comes_back: tasks "12", tags Images;
    "The source comes back as it was given, with or without its first slash."
}
async fn source_comes_back(cx: Context) -> Outcome {
    cx.put("a.png", png(30, 20)?).ok().await?;
    let key = cx.key("a.png");
    for source in [&*key, key.trim_start_matches('/')] {
        let result = carried_out(&cx, "imgaudit", json!({ "source": source })).await?;
        same("source", &is_done(&result)?["source"], source)?;
    }
    Ok(())
}

case! {
    what_cannot_be_audited: tasks "12" tasks "5.9", tags Images;
    "Without a source it is 400, what is not there 404, what is no picture 415."
}
async fn what_cannot_be_audited(cx: Context) -> Outcome {
    cx.put("a.txt", "no picture").ok().await?;
    each_fails(
        &cx,
        "imgaudit",
        vec![
            (400, json!({})),
            (400, json!({ "source": 7 })),
            (404, json!({ "source": cx.key("none.png") })),
            (415, json!({ "source": cx.key("a.txt") })),
        ],
    )
    .await
}

case! {
    too_large: tasks "12" tasks "5.9", tags Images Slow;
    "A picture of more than 10 MB is 413."
}
async fn too_large(cx: Context) -> Outcome {
    let mut large = encode(flat(5, 5, RED), ImageFormat::Png)?;
    large.resize(10 * 1024 * 1024 + 1, 0);
    cx.put("a.png", large).ok().await?;
    each_fails(
        &cx,
        "imgaudit",
        vec![(413, json!({ "source": cx.key("a.png") }))],
    )
    .await
}

case! {
    of_a_video: tasks "12" tasks "5.8", tags NeedsMedia Images;
    "videoaudit gives a verdict for a shot every interval, and keeps the shots where save_as says."
}
async fn of_a_video(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let task = json!({
        "source": cx.key("in.mp4"), "interval": 2, "save_as": cx.key("shots/{index}.png"),
        "resize": "64x36",
    });
    let result = carried_out(&cx, "videoaudit", task).await?;
    is_done(&result)?;
    is_verdict(&result["result"]["porn"])?;
    let shots = result["filelist"].as_array().map_or(&[][..], Vec::as_slice);
    let found: Vec<_> = shots
        .iter()
        .map(|it| (it["shot_time"].as_f64(), it["save_as"].as_str()))
        .collect();
    let names = [1, 2, 3].map(|index| cx.key(&format!("shots/{index}.png")));
    let want = [(0.0, &names[0]), (2.0, &names[1]), (4.0, &names[2])];
    same(
        "shots",
        found,
        want.map(|(time, name)| (Some(time), Some(&**name))),
    )?;
    is_verdict(&shots[1]["result"]["porn"])?;
    let shot = cx.get("shots/2.png").ok().await?;
    same("the size", decode(&shot.body)?.dimensions(), (64, 36))
}

case! {
    of_a_video_without_shots: tasks "12", tags NeedsMedia Images;
    "Without save_as no shots are kept, and an interval is 10 seconds."
}
async fn of_a_video_without_shots(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let result = carried_out(&cx, "videoaudit", json!({ "source": cx.key("in.mp4") })).await?;
    is_done(&result)?;
    same(
        "the number of shots",
        result["filelist"].as_array().map(Vec::len),
        Some(1),
    )?;
    holds(
        result["filelist"][0].get("save_as").is_none(),
        "no save_as",
        &result,
    )
}

case! {
    video_that_cannot_be_audited: tasks "12" tasks "5.9", tags NeedsMedia Images;
    "A save_as without {index} or of another suffix, and a bad interval, is 400."
}
async fn video_that_cannot_be_audited(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let source = cx.key("in.mp4");
    each_fails(
        &cx,
        "videoaudit",
        vec![
            (400, json!({ "source": source, "save_as": cx.key("x.png") })),
            (
                400,
                json!({ "source": source, "save_as": cx.key("{index}.gif") }),
            ),
            (400, json!({ "source": source, "interval": "x" })),
            (400, json!({ "source": source, "interval": 0 })),
            (404, json!({ "source": cx.key("none.mp4") })),
        ],
    )
    .await
}
