//! Media.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::{RED, decode, encode, flat},
        task::{end_of, is_done, is_failed, media, submission},
    },
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

case! {
    video: tasks "6.4" tasks "6.2" tasks "6.1", tags NeedsMedia;
    "A film is scaled, cut, slowed to a rate and described as avopts say."
}
async fn video(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({
        "type": "video", "avopts": "/s/80x44/r/20/ss/00:00:01/es/00:00:03/vb/100", "return_info": true,
        "save_as": cx.key("out.mp4"),
    });
    let result = done(&cx, task).await?;
    same("path", &result["path"], &json!([cx.key("out.mp4")]))?;
    let info = &result["info"]["streams"][0];
    same("fps", info["video_fps"].as_f64(), Some(20.0))?;
    let made = probed(&cx, "out.mp4").await?;
    same("codecs", made.codecs(), ["h264", "aac"])?;
    made.is_of_size(80, 44)?;
    made.lasts(2.0)?;
    cx.head("out.mp4")
        .ok()
        .await?
        .has("Content-Type", "video/mp4")?;
    Ok(())
}

case! {
    options_written_otherwise: tasks "6.2", choice "T-9", tags NeedsMedia;
    "A first slash may be missing and a last one stand there; booleans are 1 or true; of two the last counts."
}
async fn options_written_otherwise(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for avopts in [
        "s/40x20/an/1/es/1/",
        "/s/80x80/s/40x20/an/true/es/00:00:01.000",
    ] {
        let task = json!({ "type": "video", "avopts": avopts, "save_as": cx.key("out.mp4") });
        done(&cx, task).await?;
        let made = probed(&cx, "out.mp4").await?;
        made.is_of_size(40, 20).map_err(|it| it.at(avopts))?;
        same("codecs", made.codecs(), ["h264"]).map_err(|it| it.at(avopts))?;
        made.lasts(1.0)?;
    }
    Ok(())
}

case! {
    members_of_old: tasks "6.5", client, tags NeedsMedia Legacy;
    "The members of old say the same as avopts, as numbers or texts; unknown ones are ignored."
}
async fn members_of_old(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({
        "type": "video", "bitrate": "200", "scale": "64:36", "frame_rate": 20, "disable_audio": true,
        "map_metadata": false, "accelerate_factor": 2.5, "thumb_format": "png", "format": "flv",
        "save_as": cx.key("out.flv"),
    });
    done(&cx, task).await?;
    let made = probed(&cx, "out.flv").await?;
    same("the number of streams", made.streams.len(), 1)?;
    made.is_of_size(64, 36)?;
    made.lasts(2.0)
}

case! {
    avopts_before_members_of_old: tasks "6.1", choice "T-9", tags NeedsMedia Legacy;
    "Where there are avopts the members of old are ignored."
}
async fn avopts_before_members_of_old(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({
        "type": "video", "avopts": "/s/40x20/es/1", "scale": "64:36", "save_as": cx.key("out.mp4"),
    });
    done(&cx, task).await?;
    probed(&cx, "out.mp4").await?.is_of_size(40, 20)
}

case! {
    presets: tasks "6.6" tasks "6.4", tags NeedsMedia;
    "A preset is a size; with as the source's aspect is kept within it."
}
async fn presets(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (avopts, width, height) in [
        ("/s/240p(4:3)/es/1/r/5", 320, 240),
        ("/s/360p(16:9)/es/1/r/5", 640, 360),
        ("/s/240p(4:3)/as/1/es/1/r/5", 320, 180),
    ] {
        let task = json!({ "type": "video", "avopts": avopts, "save_as": cx.key("out.mp4") });
        done(&cx, task).await?;
        let made = probed(&cx, "out.mp4").await?;
        made.is_of_size(width, height).map_err(|it| it.at(avopts))?;
    }
    Ok(())
}

case! {
    presets_of_both_tables: tasks "6.6", choice "T-10", tags NeedsMedia Slow;
    "All twelve presets of both tables are known."
}
async fn presets_of_both_tables(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (name, width, height) in [
        ("2160p(16:9)", 3840, 2160),
        ("1440p(16:9)", 2560, 1440),
        ("1080p(16:9)", 1920, 1080),
        ("720p(16:9)", 1280, 720),
        ("720p(4:3)", 960, 720),
        ("540p(16:9)", 960, 540),
        ("480p(16:9)", 854, 480),
        ("480p(4:3)", 640, 480),
        ("480p(3:2)", 720, 480),
        ("360p(4:3)", 480, 360),
    ] {
        // One picture is enough.
        let avopts = format!("/s/{name}/es/00:00:00.100/an/1");
        let task = json!({ "type": "video", "avopts": avopts, "save_as": cx.key("out.mp4") });
        done(&cx, task).await?;
        probed(&cx, "out.mp4")
            .await?
            .is_of_size(width, height)
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    turned: tasks "6.4", tags NeedsMedia;
    "sp turns a film."
}
async fn turned(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (sp, width, height) in [("90", 90, 160), ("180", 160, 90), ("auto", 160, 90)] {
        let avopts = format!("/sp/{sp}/es/1/r/5");
        let task = json!({ "type": "video", "avopts": avopts, "save_as": cx.key("out.mp4") });
        done(&cx, task).await?;
        probed(&cx, "out.mp4")
            .await?
            .is_of_size(width, height)
            .map_err(|it| it.at(sp))?;
    }
    Ok(())
}

case! {
    copied: tasks "6.4", tags NeedsMedia;
    "Codecs are chosen, or copied; the suffix chooses the container."
}
async fn copied(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({
        "type": "video", "avopts": "/vcodec/copy/acodec/libmp3lame", "save_as": cx.key("out.mkv"),
    });
    done(&cx, task).await?;
    let made = probed(&cx, "out.mkv").await?;
    same("codecs", made.codecs(), ["h264", "mp3"])?;
    made.is_of_size(160, 90)
}

case! {
    moving_pictures: tasks "6.4" tasks "6.3", tags NeedsMedia;
    "The suffix gif makes a moving picture; cr appends it backwards."
}
async fn moving_pictures(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let task = json!({
        "type": "video", "avopts": "/ss/1/es/2/s/32x18/r/5/cr/1", "save_as": cx.key("out.gif"),
    });
    done(&cx, task).await?;
    let gif = cx.get("out.gif").ok().await?;
    gif.has("Content-Type", "image/gif")?;
    same("the size", decode(&gif.body)?.dimensions(), (32, 18))?;
    probed(&cx, "out.gif").await?.lasts(2.0)
}

case! {
    watermark: tasks "6.4", tags NeedsMedia Images;
    "wmImg puts a picture of the same service on every frame, at wmGravity."
}
async fn watermark(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let mark = encode(flat(40, 20, RED), ImageFormat::Png)?;
    cx.put("mark.png", mark).ok().await?;
    let avopts = format!(
        "/wmImg/{}/wmGravity/southwest/es/1",
        path(&cx.key("mark.png"))
    );
    let task = json!({ "type": "video", "avopts": avopts, "save_as": cx.key("out.mp4") });
    done(&cx, task).await?;
    let task = json!({ "type": "thumbnail", "avopts": "/o/true", "save_as": cx.key("t.png") });
    is_done(&media(&cx, "out.mp4", task).await?)?;
    let shot = decode(&cx.get("t.png").ok().await?.body)?;
    let found = shot.get_pixel_checked(20, 80).map(|it| it.0);
    let is_red = found.is_some_and(|[red, green, blue, _]| red > 180 && green < 80 && blue < 80);
    holds(is_red, "red at 20,80", found)
}

case! {
    watermark_of_old: tasks "6.5", tags NeedsMedia Legacy Images;
    "watermark_img is a plain path, and watermark_gravity is written in any case of letters."
}
async fn watermark_of_old(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let mark = encode(flat(40, 20, RED), ImageFormat::Png)?;
    cx.put("mark.png", mark).ok().await?;
    let task = json!({
        "type": "video", "watermark_img": cx.key("mark.png"), "watermark_gravity": "NorthWest",
        "end_time": "00:00:01", "save_as": cx.key("out.mp4"),
    });
    done(&cx, task).await?;
    let task = json!({ "type": "thumbnail", "thumb_single": true, "save_as": cx.key("t.png") });
    is_done(&media(&cx, "out.mp4", task).await?)?;
    let shot = decode(&cx.get("t.png").ok().await?.body)?;
    let found = shot.get_pixel_checked(20, 10).map(|it| it.0);
    let is_red = found.is_some_and(|[red, green, blue, _]| red > 180 && green < 80 && blue < 80);
    holds(is_red, "red at 20,10", found)
}

case! {
    narrow_band: tasks "6.4" tasks "6.3", tags NeedsMedia;
    "nbhd chooses H.264 or H.265, and knows no vb."
}
async fn narrow_band(cx: Context) -> Outcome {
    put_video(&cx).await?;
    for (avopts, codec) in [("/ct/h265/es/1", "hevc"), ("/scene/animation/es/1", "h264")] {
        let task = json!({ "type": "nbhd", "avopts": avopts, "save_as": cx.key("out.mp4") });
        done(&cx, task).await?;
        same(
            "codecs",
            probed(&cx, "out.mp4").await?.codecs(),
            [codec, "aac"],
        )?;
    }
    let task = json!({ "type": "nbhd", "avopts": "/vb/100", "save_as": cx.key("no.mp4") });
    each_fails(&cx, vec![(400, "in.mp4", task)]).await
}

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
