//! Films from films.

use image::ImageFormat;
use serde_json::json;

use super::{done, each_fails, path, probed, put_video};
use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::{RED, decode, encode, flat},
        task::{is_done, media},
    },
    failure::{holds, same},
};

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
