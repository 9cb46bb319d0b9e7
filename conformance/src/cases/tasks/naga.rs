//! Media.

mod chain;
mod fails;
mod film;
mod names;
mod pieces;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{end_of, is_done, is_failed, media, submission},
    failure::{Failure, holds, same},
};

/// A film of 5 s, 160 × 90, 10 pictures a second, H.264 and AAC, with the title `Test`.
const VIDEO: &[u8] = include_bytes!("../../../data/video.mp4");

/// Stores it as `in.mp4`.
pub(crate) async fn put_video(cx: &Context) -> Result<(), Failure> {
    cx.put("in.mp4", VIDEO).ok().await.map(drop)
}

/// Carries out a task on the film; gives its result.
async fn done(cx: &Context, task: Value) -> Result<Value, Failure> {
    let text = task.to_string();
    let result = media(cx, "in.mp4", task).await?;
    is_done(&result).map_err(|it| it.at(text))?;
    same("description", &result["description"], "OK")?;
    same("service", &result["service"], cx.service())?;
    Ok(result)
}

/// What a stored file is made of.
struct Probed {
    streams: Vec<Value>,
    format: Value,
}

/// What the service says of a name.
async fn probed(cx: &Context, name: &str) -> Result<Probed, Failure> {
    let result = media(cx, name, json!({ "type": "probe" })).await?;
    let info = &is_done(&result).map_err(|it| it.at(name))?["info"];
    Ok(Probed {
        streams: info["streams"].as_array().cloned().unwrap_or_default(),
        format: info["format"].clone(),
    })
}

impl Probed {
    fn codecs(&self) -> Vec<&str> {
        let streams = self.streams.iter();
        streams.filter_map(|it| it["codec"].as_str()).collect()
    }

    fn size(&self) -> (Option<u64>, Option<u64>) {
        let mut streams = self.streams.iter();
        let video = streams.find(|it| it["type"] == "video");
        let number = |name| video.and_then(|it| it[name].as_u64());
        (number("video_width"), number("video_height"))
    }

    fn is_of_size(&self, width: u64, height: u64) -> Result<(), Failure> {
        same("the size", self.size(), (Some(width), Some(height)))
    }

    fn lasts(&self, seconds: f64) -> Result<(), Failure> {
        let duration = self.format["duration"].as_f64().unwrap_or_default();
        holds(
            (duration - seconds).abs() < 0.35,
            format!("{seconds} s"),
            duration,
        )
    }
}

/// A path as `avopts` want it.
fn path(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// Expects each of these tasks to fail with its status, and that nothing is stored.
async fn each_fails(cx: &Context, rows: Vec<(u16, &str, Value)>) -> Result<(), Failure> {
    let before = cx.snapshot().await?;
    for (status, source, task) in rows {
        let text = format!("{source} {task}");
        let result = media(cx, source, task).await?;
        is_failed(&result, status).map_err(|it| it.at(&text))?;
        same("path", &result["path"], &json!([])).map_err(|it| it.at(&text))?;
        holds(
            result.get("info").is_none_or(Value::is_null),
            "no info",
            &result,
        )?;
        let after = cx.snapshot().await?;
        before.is_unchanged(&after).map_err(|it| it.at(&text))?;
    }
    Ok(())
}

case! {
    probe: tasks "5.7" tasks "6.3" tasks "5.4", tags NeedsMedia;
    "A probe tells what a file is made of, and stores nothing."
}
async fn probe(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let before = cx.snapshot().await?;
    let result = done(&cx, json!({ "type": "probe" })).await?;
    same("path", &result["path"], &json!([]))?;
    let (streams, format) = (&result["info"]["streams"], &result["info"]["format"]);
    let video = &streams[0];
    same("type", &video["type"], "video")?;
    same("codec", &video["codec"], "h264")?;
    holds(
        video["codec_desc"].is_string(),
        "a description of the codec",
        video,
    )?;
    let numbers =
        ["index", "video_width", "video_height", "video_fps"].map(|it| video[it].as_f64());
    same("numbers", numbers, [0.0, 160.0, 90.0, 10.0].map(Some))?;
    let audio = &streams[1];
    same("codec", &audio["codec"], "aac")?;
    let numbers = ["index", "audio_channels", "audio_samplerate"].map(|it| audio[it].as_f64());
    same("numbers", numbers, [1.0, 1.0, 44100.0].map(Some))?;
    holds(
        audio["metadata"].is_object(),
        "an object of metadata",
        audio,
    )?;
    same(
        "filesize",
        format["filesize"].as_f64(),
        Some(VIDEO.len() as f64),
    )?;
    for name in ["bitrate", "duration"] {
        holds(
            format[name].as_f64() > Some(1.0),
            format!("a {name}"),
            format,
        )?;
    }
    let names = format["format"].as_str().unwrap_or_default();
    holds(
        names.split(',').any(|it| it == "mp4"),
        "the format mp4",
        names,
    )?;
    holds(
        format["fullname"].is_string(),
        "the format's full name",
        format,
    )?;
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    source_with_the_service: tasks "2.1", choice "T-2", tags NeedsMedia;
    "A source that is not there is tried without the service's name before it, and without its slash."
}
async fn source_with_the_service(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let key = cx.key("in.mp4");
    let with_service = format!("/{}{key}", cx.service());
    for source in [&*with_service, key.trim_start_matches('/')] {
        let submission = submission(&cx, "", &json!([{ "type": "probe" }]));
        let ids = submission.with("source", source).ids().await?;
        is_done(&end_of(&cx, &ids[0]).await?).map_err(|it| it.at(source))?;
    }
    Ok(())
}
