//! Names of results, and what is told of them.

use serde_json::{Value, json};

use super::{done, put_video};
use crate::{
    Context, Outcome,
    case::case,
    failure::{holds, same},
};

case! {
    names_of_results: tasks "6.7", tags NeedsMedia;
    "Without save_as a result is in the directory of its source."
}
async fn names_of_results(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let folder = cx.key("");
    for task in [
        json!({ "type": "video", "avopts": "/es/1" }),
        json!({ "type": "thumbnail", "avopts": "/o/true" }),
    ] {
        let result = done(&cx, task).await?;
        let key = result["path"][0].as_str().unwrap_or_default();
        let name = key.strip_prefix(&folder).unwrap_or_default();
        holds(
            !name.is_empty() && !name.contains('/'),
            format!("a key in {folder}"),
            key,
        )?;
        cx.head(name).ok().await?;
    }
    Ok(())
}

case! {
    names_of_the_emulator: tasks "6.7", choice "T-11", tags NeedsMedia;
    "They are called like the task, with the suffix of f, or of what the type makes."
}
async fn names_of_the_emulator(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (task, suffix) in [
        (json!({ "type": "video", "avopts": "/es/1" }), "mp4"),
        (json!({ "type": "video", "avopts": "/es/1/f/flv" }), "flv"),
        (json!({ "type": "thumbnail", "avopts": "/o/true" }), "jpg"),
        (json!({ "type": "hls", "avopts": "/ht/10" }), "m3u8"),
    ] {
        let result = done(&cx, task).await?;
        let id = result["task_id"].as_str().unwrap_or_default();
        let want = cx.key(&format!("{id}.{suffix}"));
        same("path", &result["path"], &json!([want]))?;
    }
    Ok(())
}

case! {
    bool_of_old_for_info: tasks "6.1", client, tags NeedsMedia Legacy;
    "return_info may be a text; without it there is no info."
}
async fn bool_of_old_for_info(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (value, is_there) in [
        (json!("true"), true),
        (json!("false"), false),
        (Value::Null, false),
    ] {
        let task = json!({
            "type": "video", "avopts": "/es/1", "return_info": value, "save_as": cx.key("out.mp4"),
        });
        let result = done(&cx, task).await?;
        same("an info", result["info"].is_object(), is_there)?;
    }
    Ok(())
}
