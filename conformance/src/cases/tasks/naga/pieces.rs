//! Parts of a film, and films of parts.

use serde_json::json;

use super::{done, each_fails, path, probed, put_video};
use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::decode,
        task::{is_done, media},
    },
    failure::{Failure, holds, same},
};

/// The segments of a playlist.
async fn segments(cx: &Context, name: &str) -> Result<Vec<String>, Failure> {
    let answer = cx.get(name).ok().await?;
    let kind = answer.the("Content-Type")?;
    holds(kind.contains("mpegurl"), "the type of playlists", kind)?;
    let lines = answer.text()?.lines();
    let lines = lines.filter(|it| !it.is_empty() && !it.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

case! {
    playlists: tasks "6.3" tasks "6.4" tasks "6.5", client, tags NeedsMedia;
    "hls, and video with ht, make a playlist and its segments; path has the playlist only."
}
async fn playlists(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let save_as = cx.key("hls/a.m3u8");
    for task in [
        json!({ "type": "hls", "hls_time": "2", "bitrate": 100, "save_as": save_as }),
        json!({ "type": "video", "avopts": "/ht/2", "save_as": save_as }),
    ] {
        let result = done(&cx, task).await?;
        same("path", &result["path"], &json!([save_as]))?;
        let segments = segments(&cx, "hls/a.m3u8").await?;
        holds(segments.len() >= 2, "several segments", &segments)?;
        for name in segments {
            cx.head(&format!("hls/{name}")).ok().await?;
        }
        probed(&cx, "hls/a.m3u8").await?.lasts(5.0)?;
    }
    Ok(())
}

case! {
    names_of_segments: tasks "6.7", choice "T-11", tags NeedsMedia;
    "Segments are called like their playlist, with a number from 0."
}
async fn names_of_segments(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({ "type": "hls", "avopts": "/ht/2", "save_as": cx.key("hls/a.m3u8") });
    done(&cx, task).await?;
    let found = segments(&cx, "hls/a.m3u8").await?;
    let want: Vec<_> = (0..found.len())
        .map(|number| format!("a_{number}.ts"))
        .collect();
    same("segments", found, want)
}

case! {
    one_thumbnail: tasks "6.4" tasks "6.3", tags NeedsMedia Images;
    "A thumbnail is one picture at a time, of a size; f wins over the suffix, and the name stays."
}
async fn one_thumbnail(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let avopts = "/o/true/ss/00:00:02/s/64:36/f/png/";
    let task = json!({ "type": "thumbnail", "avopts": avopts, "save_as": cx.key("t.jpg") });
    let result = done(&cx, task).await?;
    same("path", &result["path"], &json!([cx.key("t.jpg")]))?;
    let picture = cx.get("t.jpg").ok().await?;
    holds(
        picture.body.starts_with(b"\x89PNG"),
        "a PNG",
        &picture.body[..4],
    )?;
    same("the size", decode(&picture.body)?.dimensions(), (64, 36))
}

case! {
    several_thumbnails: tasks "6.7" tasks "6.4", tags NeedsMedia Images;
    "Several thumbnails have numbers from 1 before the suffix."
}
async fn several_thumbnails(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for task in [
        json!({ "type": "thumbnail", "avopts": "/o/false/n/3", "save_as": cx.key("t/img.png") }),
        json!({ "type": "thumbnail", "thumb_single": false, "thumb_amount": 3, "save_as": cx.key("t/img.png") }),
    ] {
        let names = [1, 2, 3].map(|number| format!("t/img{number}.png"));
        let result = done(&cx, task).await?;
        let keys: Vec<_> = names.iter().map(|name| cx.key(name)).collect();
        same("path", &result["path"], &json!(keys))?;
        let mut shots = Vec::new();
        for name in &names {
            shots.push(cx.get(name).ok().await?.body);
        }
        holds(
            shots[0] != shots[1] && shots[1] != shots[2],
            "different pictures",
            names,
        )?;
        same("the size", decode(&shots[2])?.dimensions(), (160, 90))?;
    }
    Ok(())
}

case! {
    sound: tasks "6.4" tasks "6.3", tags NeedsMedia;
    "audio makes sound of a format, of channels and of a length."
}
async fn sound(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (avopts, name, codec) in [
        ("/f/mp3/ab/48/ac/1/ss/1/es/3", "a.mp3", "mp3"),
        ("/vbr/4/ac/1/es/2", "a.ogg", "vorbis"),
    ] {
        let task = json!({ "type": "audio", "avopts": avopts, "save_as": cx.key(name) });
        done(&cx, task).await?;
        let made = probed(&cx, name).await?;
        same("codecs", made.codecs(), [codec])?;
        same(
            "channels",
            made.streams[0]["audio_channels"].as_f64(),
            Some(1.0),
        )?;
        made.lasts(2.0)?;
    }
    Ok(())
}

case! {
    joined: tasks "6.4" tasks "6.3", tags NeedsMedia Slow;
    "All h in order, the source, and all i in order become one, of films and of sound."
}
async fn joined(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({ "type": "video", "avopts": "/es/1", "save_as": cx.key("one.mp4") });
    done(&cx, task).await?;
    let one = path(&cx.key("one.mp4"));
    let task = json!({
        "type": "video", "avopts": format!("/h/{one}/i/{one}"), "save_as": cx.key("out.mp4"),
    });
    done(&cx, task).await?;
    probed(&cx, "out.mp4").await?.lasts(7.0)?;
    let task = json!({
        "type": "vconcat", "avopts": format!("/i/{one}/codec/copy"), "save_as": cx.key("two.mp4"),
    });
    is_done(&media(&cx, "one.mp4", task).await?)?;
    probed(&cx, "two.mp4").await?.lasts(2.0)?;
    let task = json!({ "type": "audio", "avopts": "/es/1", "save_as": cx.key("one.mp3") });
    done(&cx, task).await?;
    let one = path(&cx.key("one.mp3"));
    for (kind, avopts, seconds) in [
        ("audio", format!("/i/{one}/i/{one}"), 3.0),
        ("aconcat", format!("/i/{one}"), 2.0),
    ] {
        let task = json!({ "type": kind, "avopts": avopts, "save_as": cx.key("out.mp3") });
        is_done(&media(&cx, "one.mp3", task).await?)?;
        probed(&cx, "out.mp3")
            .await?
            .lasts(seconds)
            .map_err(|it| it.at(kind))?;
    }
    Ok(())
}

case! {
    sizes_that_differ: tasks "6.4" tasks "5.9", choice "T-8", tags NeedsMedia;
    "Films of different sizes are not joined, nor is what is not there."
}
async fn sizes_that_differ(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task =
        json!({ "type": "video", "avopts": "/s/64x36/es/1", "save_as": cx.key("small.mp4") });
    done(&cx, task).await?;
    let with = |name| json!({ "type": "vconcat", "avopts": format!("/i/{}", path(&cx.key(name))) });
    let rows = vec![
        (400, "in.mp4", with("small.mp4")),
        (404, "in.mp4", with("none.mp4")),
    ];
    each_fails(&cx, rows).await
}
