//! What cannot be done.

use serde_json::json;

use super::{each_fails, put_video};
use crate::{Context, Outcome, case::case, cases::support::task::submission, failure::same};

case! {
    source_missing: tasks "5.9" tasks "2.5", choice "T-8", tags NeedsMedia;
    "A source that is not there, or a folder, is 404."
}
async fn source_missing(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let probe = || json!({ "type": "probe" });
    each_fails(&cx, vec![(404, "none.mp4", probe()), (404, "dir", probe())]).await
}

case! {
    source_is_no_media: tasks "5.9", choice "T-8", tags NeedsMedia;
    "A source that is no media is 400."
}
async fn source_is_no_media(cx: Context) -> Outcome {
    cx.put("a.mp4", "hello").ok().await?;
    each_fails(&cx, vec![(400, "a.mp4", json!({ "type": "probe" }))]).await
}

case! {
    task_not_understood: tasks "5.9" tasks "6.1" tasks "6.2", choice "T-8" "T-9", tags NeedsMedia;
    "No or an unknown type, unknown and empty options, and bad values are 400, where told in JSON."
}
async fn task_not_understood(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let out = cx.key("no.mp4");
    let video = |avopts: &str| json!({ "type": "video", "avopts": avopts, "save_as": out });
    let thumbnail = |avopts: &str| json!({ "type": "thumbnail", "avopts": avopts, "save_as": cx.key("no.jpg") });
    let tasks = [
        json!({ "save_as": out }),
        json!({ "type": "magic", "save_as": out }),
        json!({ "type": 7, "save_as": out }),
        video("/nope/1"),
        video("/s"),
        video("/s/1"),
        video("/s//r/5"),
        video("/r/x"),
        video("/sp/45"),
        video("/su/11"),
        video("/an/yes"),
        video("/ss/x"),
        video("/ss/00:00:09"),
        video("/cr/1"),
        json!({ "type": "hls", "avopts": "/ht/2", "save_as": out }),
        thumbnail("/o/0"),
        thumbnail("/o/0/n/2/ss/3/es/2"),
        thumbnail("/ss/00:01:00"),
    ];
    let rows = tasks.map(|task| (400, "in.mp4", task));
    each_fails(&cx, rows.to_vec()).await
}

case! {
    bad_value_in_a_form: tasks "5.9", choice "T-8", tags NeedsMedia NeedsCallback Legacy;
    "A bad value is 406 where the end is told as a form."
}
async fn bad_value_in_a_form(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let mut receiver = cx.receiver().await?;
    let task = json!({ "type": "video", "avopts": "/nope/1", "save_as": cx.key("no.mp4") });
    let submission = submission(&cx, "", &json!([task])).without("accept");
    let submission = submission.with("source", cx.key("in.mp4"));
    submission.with("notify_url", receiver.url()).ids().await?;
    let told = crate::cases::support::task::fields(&receiver.next().await?.body);
    let status = told.iter().find(|(name, _)| name == "status_code");
    same("status_code", status.map(|it| &*it.1), Some("406"))
}

case! {
    cannot_be_made: tasks "5.9", choice "T-8", tags NeedsMedia;
    "What ffmpeg refuses is 502, what cannot be stored 503."
}
async fn cannot_be_made(cx: Context) -> Outcome {
    put_video(&cx).await?;
    cx.put("file", "x").ok().await?;
    let video = |avopts: &str, name: &str| json!({ "type": "video", "avopts": avopts, "save_as": cx.key(name) });
    let rows = vec![
        (502, "in.mp4", video("/pv/nonsense", "no.mp4")),
        (503, "in.mp4", video("/es/1", "file/below.mp4")),
    ];
    each_fails(&cx, rows).await
}
