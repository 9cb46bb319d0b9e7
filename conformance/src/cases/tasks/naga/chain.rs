//! Chains of tasks.

use serde_json::json;

use super::{done, each_fails, probed, put_video};
use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::decode,
        task::{end_of, is_done, submission},
    },
    failure::same,
};

case! {
    chain: tasks "6.8" tasks "6.3", tags NeedsMedia;
    "Each step of a chain reads what the one before made; only the last result is stored."
}
async fn chain(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let avopts = "/video/s/80x44/es/3/thumbnail/o/1/ss/00:00:02";
    let task = json!({ "type": "chain", "avopts": avopts, "save_as": cx.key("foo.png"), "return_info": true });
    let result = done(&cx, task).await?;
    same("path", &result["path"], &json!([cx.key("foo.png")]))?;
    same(
        "width",
        result["info"]["streams"][0]["video_width"].as_f64(),
        Some(80.0),
    )?;
    let shot = decode(&cx.get("foo.png").ok().await?.body)?;
    same("the size", shot.dimensions(), (80, 44))?;
    let here = crate::context::children(&cx, cx.key("").trim_end_matches('/')).await?;
    same("the number of files", here.len(), 2)
}

case! {
    chain_of_old: tasks "6.8", choice "T-12", tags NeedsMedia Legacy;
    "An array in the array of tasks is a chain; only its last object's save_as counts."
}
async fn chain_of_old(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let chain = json!([[
        { "type": "video", "scale": "96:54", "save_as": cx.key("not-kept.mp4") },
        { "type": "video", "end_time": "00:00:01", "save_as": cx.key("kept.mp4") },
    ]]);
    let submission = submission(&cx, "", &chain).with("source", cx.key("in.mp4"));
    let ids = submission.ids().await?;
    same("the number of ids", ids.len(), 1)?;
    is_done(&end_of(&cx, &ids[0]).await?)?;
    let made = probed(&cx, "kept.mp4").await?;
    made.is_of_size(96, 54)?;
    made.lasts(1.0)?;
    cx.is_missing("not-kept.mp4").await
}

case! {
    chain_that_cannot_be: tasks "6.8" tasks "5.9", tags NeedsMedia;
    "A chain has at most four steps, and thumbnails and segments only at its end."
}
async fn chain_that_cannot_be(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let with = |avopts: &str, name: &str| {
        let task = json!({ "type": "chain", "avopts": avopts, "save_as": cx.key(name) });
        (400, "in.mp4", task)
    };
    let rows = vec![
        with(
            "/video/r/5/video/r/6/video/r/7/video/r/8/video/r/9",
            "x.mp4",
        ),
        with("/thumbnail/o/1/video/r/5", "x.mp4"),
        with("/hls/ht/2/video/r/5", "x.mp4"),
        with("/magic/r/5", "x.mp4"),
        with("", "x.mp4"),
    ];
    each_fails(&cx, rows).await
}
