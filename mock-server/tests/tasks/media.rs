//! naga with a real ffmpeg: each type of task, checked by ffprobe.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use upyun_mock::MockServer;

use crate::{
    kit::{Send as _, start},
    work::{ended, fails, has, media, run, status, submission},
};

/// A video of 5 s, 320 × 180, 25 pictures a second, H.264 and AAC; made once for all tests.
pub(crate) fn video() -> &'static [u8] {
    static VIDEO: OnceLock<Vec<u8>> = OnceLock::new();
    VIDEO.get_or_init(|| {
        make(
            "in.mp4",
            "-f lavfi -i testsrc2=size=320x180:rate=25:duration=5 -f lavfi -i \
             sine=frequency=440:duration=5:sample_rate=44100 -c:v libx264 -preset ultrafast -pix_fmt \
             yuv420p -b:v 300k -c:a aac -b:a 64k -metadata title=Test",
        )
    })
}

pub(crate) fn make(name: &str, arguments: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let mut all = vec!["-v", "error"];
    all.extend(arguments.split_whitespace());
    all.push(name);
    run("ffmpeg", &all, directory.path());
    std::fs::read(directory.path().join(name)).unwrap()
}

/// A server with the video at `/v/in.mp4`; none if ffmpeg is not installed.
pub(crate) fn studio() -> Option<MockServer> {
    if !(has("ffmpeg", "-version") && has("ffprobe", "-version")) {
        return None;
    }
    let server = start();
    server.put_object("/v/in.mp4", video()).unwrap();
    Some(server)
}

/// What ffprobe says of an object.
struct Probed {
    streams: Vec<Value>,
    format: Value,
}

#[track_caller]
fn probed(server: &MockServer, key: &str) -> Probed {
    let path = server.directory().join(key.trim_start_matches('/'));
    let path: PathBuf = path;
    let arguments = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
    ];
    let mut arguments: Vec<&str> = arguments.into();
    arguments.push(path.to_str().unwrap());
    let told: Value =
        serde_json::from_str(&run("ffprobe", &arguments, &server.directory())).unwrap();
    Probed {
        streams: told["streams"].as_array().unwrap().clone(),
        format: told["format"].clone(),
    }
}

impl Probed {
    fn codecs(&self) -> Vec<&str> {
        let codecs = self
            .streams
            .iter()
            .map(|it| it["codec_name"].as_str().unwrap());
        codecs.collect()
    }

    fn size(&self) -> (u64, u64) {
        let video = self
            .streams
            .iter()
            .find(|it| it["codec_type"] == "video")
            .unwrap();
        (
            video["width"].as_u64().unwrap(),
            video["height"].as_u64().unwrap(),
        )
    }

    fn seconds(&self) -> f64 {
        self.format["duration"].as_str().unwrap().parse().unwrap()
    }

    #[track_caller]
    fn lasts(&self, seconds: f64) {
        assert!(
            (self.seconds() - seconds).abs() < 0.2,
            "{} s",
            self.seconds()
        );
    }
}

/// Carries out a task that must succeed; gives its result.
#[track_caller]
fn done(server: &MockServer, task: Value) -> Value {
    let result = media(server, "/v/in.mp4", task.clone());
    assert_eq!(result["status_code"], 200, "{task}: {result}");
    assert_eq!(result["description"], "OK");
    result
}

fn path(path: &str) -> String {
    URL_SAFE_NO_PAD.encode(path)
}

#[test]
fn probe() {
    let Some(server) = studio() else { return };
    let result = done(&server, json!({ "type": "probe" }));
    assert_eq!(result["path"], json!([]));
    let info = &result["info"];
    assert_eq!(info["streams"][0]["type"], "video");
    assert_eq!(info["streams"][0]["codec"], "h264");
    assert_eq!(info["streams"][0]["video_width"], 320);
    assert_eq!(info["streams"][0]["video_fps"], 25);
    assert_eq!(info["streams"][1]["codec"], "aac");
    assert_eq!(info["streams"][1]["audio_samplerate"], 44100);
    assert_eq!(info["format"]["filesize"], video().len());
    // As the README of the official Python client has it, with the service's name before the path.
    let result = media(&server, "/demo/v/in.mp4", json!({ "type": "probe" }));
    assert_eq!(result["info"]["format"]["format"], info["format"]["format"]);
}

#[test]
fn video_in_both_styles() {
    let Some(server) = studio() else { return };
    let task = json!({
        "type": "video", "avopts": "/s/240p(4:3)/as/1/r/15/ss/00:00:01/es/00:00:03", "save_as": "/out/a.mp4",
        "return_info": true,
    });
    let result = done(&server, task);
    assert_eq!(result["path"], json!(["/out/a.mp4"]));
    let info = &result["info"]["streams"][0];
    assert_eq!(
        (&info["video_width"], &info["video_fps"]),
        (&320.into(), &15.into())
    );
    let made = probed(&server, "/out/a.mp4");
    assert_eq!(made.codecs(), ["h264", "aac"]);
    made.lasts(2.0);
    assert_eq!(made.format["tags"]["title"], "Test");

    let task = json!({
        "type": "video", "bitrate": "200", "scale": "128:96", "format": "flv", "disable_audio": true,
        "map_metadata": false, "accelerate_factor": 2.5,
    });
    let result = done(&server, task);
    let key = result["path"][0].as_str().unwrap().to_owned();
    assert_eq!(
        key,
        format!("/v/{}.flv", result["task_id"].as_str().unwrap())
    );
    let made = probed(&server, &key);
    assert_eq!(made.codecs(), ["h264"]);
    assert_eq!(made.size(), (128, 96));
    made.lasts(2.0);
    assert_eq!(made.format["tags"]["title"], Value::Null);
}

#[test]
fn turned_and_marked() {
    let Some(server) = studio() else { return };
    let png = make(
        "mark.png",
        "-f lavfi -i color=red:size=40x20:duration=1 -frames:v 1",
    );
    server.put_object("/mark.png", png).unwrap();
    let avopts = format!(
        "/sp/90/s/90x160/wmImg/{}/wmGravity/southwest/es/2",
        path("/mark.png")
    );
    done(
        &server,
        json!({ "type": "video", "avopts": avopts, "save_as": "/m.mp4" }),
    );
    let made = probed(&server, "/m.mp4");
    assert_eq!(made.size(), (90, 160));
    // The mark is at the bottom left.
    let file = server.directory().join("m.mp4");
    let pixel = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args([
            "-frames:v",
            "1",
            "-vf",
            "crop=2:2:10:150",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ])
        .output()
        .unwrap()
        .stdout;
    assert!(
        pixel[0] > 180 && pixel[1] < 80 && pixel[2] < 80,
        "{pixel:?}"
    );
    let check = |avopts: String, code, why: &str| {
        let task = json!({ "type": "video", "avopts": avopts, "save_as": "/no.mp4" });
        fails(&server, &media(&server, "/v/in.mp4", task), code, why);
    };
    check(format!("/wmImg/{}", path("/none.png")), 404, "/none.png");
    check(
        format!("/wmImg/{}", path("/v/in.mp4")),
        400,
        "neither PNG nor WebP",
    );
}

#[test]
fn other_codecs_and_moving_pictures() {
    let Some(server) = studio() else { return };
    let task =
        json!({ "type": "video", "avopts": "/vcodec/copy/acodec/libmp3lame", "save_as": "/a.mkv" });
    done(&server, task);
    assert_eq!(probed(&server, "/a.mkv").codecs(), ["h264", "mp3"]);
    let task = json!({ "type": "video", "avopts": "/es/1/s/96x54", "save_as": "/a.webm" });
    done(&server, task);
    assert_eq!(probed(&server, "/a.webm").codecs(), ["vp8", "vorbis"]);
    let task =
        json!({ "type": "video", "avopts": "/ss/1/es/2/s/64x36/r/10/cr/1", "save_as": "/a.gif" });
    done(&server, task);
    let gif = probed(&server, "/a.gif");
    assert_eq!((gif.codecs(), gif.size()), (vec!["gif"], (64, 36)));
    gif.lasts(2.0);
    let task = json!({ "type": "nbhd", "avopts": "/ct/h265/s/96x54/es/1", "save_as": "/a.mp4" });
    done(&server, task);
    assert_eq!(probed(&server, "/a.mp4").codecs(), ["hevc", "aac"]);
    let task =
        json!({ "type": "nbhd", "avopts": "/scene/animation/s/96x54/es/1", "save_as": "/b.mp4" });
    done(&server, task);
    assert_eq!(probed(&server, "/b.mp4").codecs(), ["h264", "aac"]);
}

#[test]
fn segments_and_back() {
    let Some(server) = studio() else { return };
    let task = json!({ "type": "hls", "hls_time": "2", "bitrate": 200, "thumb_format": "png", "return_info": true });
    let result = done(&server, task);
    let key = result["path"][0].as_str().unwrap().to_owned();
    assert_eq!(result["path"].as_array().unwrap().len(), 1);
    let id = result["task_id"].as_str().unwrap();
    assert_eq!(key, format!("/v/{id}.m3u8"));
    assert_eq!(result["info"]["streams"][0]["codec"], "h264");
    let playlist = String::from_utf8(server.get_object(&key).unwrap()).unwrap();
    let segments: Vec<_> = playlist
        .lines()
        .filter(|line| line.ends_with(".ts"))
        .collect();
    assert_eq!(
        segments,
        [0, 1, 2].map(|number| format!("{id}_{number}.ts"))
    );
    probed(&server, &key).lasts(5.0);
    let info = crate::kit::head(&format!("/demo{key}")).ok(&server);
    assert!(
        info.header("content-type").unwrap().contains("mpegurl"),
        "{info:?}"
    );
    // A playlist is a source too, with a blank in its name.
    let task =
        json!({ "type": "video", "avopts": "/ht/1/s/96x54", "save_as": "/hls dir/a b.m3u8" });
    let result = media(&server, &key, task);
    assert_eq!(result["status_code"], 200, "{result}");
    let playlist = String::from_utf8(server.get_object("/hls dir/a b.m3u8").unwrap()).unwrap();
    assert!(playlist.contains("\na%20b_4.ts\n"), "{playlist}");
    let task = json!({ "type": "thumbnail", "save_as": "/t.jpg" });
    let result = media(&server, "/hls dir/a b.m3u8", task);
    assert_eq!(result["status_code"], 200, "{result}");
    let task = json!({ "type": "hls", "avopts": "/ht/1", "save_as": "/a.mp4" });
    fails(&server, &media(&server, "/v/in.mp4", task), 400, ".m3u8");
}

#[test]
fn thumbnails() {
    let Some(server) = studio() else { return };
    let task = json!({ "type": "thumbnail", "avopts": "/o/true/n/1/ss/00:00:02/s/64:36/", "save_as": "/t.png" });
    done(&server, task);
    let made = probed(&server, "/t.png");
    assert_eq!((made.codecs(), made.size()), (vec!["png"], (64, 36)));
    let task = json!({ "type": "thumbnail", "thumb_single": false, "thumb_amount": 3, "thumb_format": "png", "save_as": "/t/img.png" });
    let result = done(&server, task);
    assert_eq!(
        result["path"],
        json!(["/t/img1.png", "/t/img2.png", "/t/img3.png"])
    );
    assert_eq!(probed(&server, "/t/img3.png").size(), (320, 180));
    let all: Vec<_> = (1..=3)
        .map(|it| server.get_object(&format!("/t/img{it}.png")).unwrap())
        .collect();
    assert!(all[0] != all[1] && all[1] != all[2]);
    let result = done(&server, json!({ "type": "thumbnail" }));
    let key = result["path"][0].as_str().unwrap();
    assert!(key.starts_with("/v/") && key.ends_with(".jpg"), "{key}");
    assert_eq!(probed(&server, key).codecs(), ["mjpeg"]);
    let check = |avopts: &str, why: &str| {
        let task = json!({ "type": "thumbnail", "avopts": avopts });
        fails(&server, &media(&server, "/v/in.mp4", task), 400, why);
    };
    check("/ss/00:01:00", "ends before");
    check("/o/0", "need n");
    check("/o/0/n/0", "1 to 1000");
    check("/o/0/n/2/ss/3/es/2", "not after");
}

#[test]
fn audio() {
    let Some(server) = studio() else { return };
    let task =
        json!({ "type": "audio", "avopts": "/f/mp3/ab/48/ac/1/ss/1/es/3", "save_as": "/a.mp3" });
    done(&server, task);
    let made = probed(&server, "/a.mp3");
    assert_eq!(made.codecs(), ["mp3"]);
    assert_eq!(made.streams[0]["channels"], 1);
    assert_eq!(made.streams[0]["bit_rate"], "48000");
    made.lasts(2.0);
    let task = json!({ "type": "audio", "audio_vbr": "4", "format": "ogg", "map_metadata": false });
    let result = done(&server, task);
    let key = result["path"][0].as_str().unwrap();
    assert!(key.ends_with(".ogg"), "{key}");
    assert_eq!(probed(&server, key).codecs(), ["vorbis"]);
    let task = json!({ "type": "audio", "avopts": format!("/i/{0}/i/{0}", path("/a.mp3")), "save_as": "/b.mp3" });
    let result = media(&server, "/a.mp3", task);
    assert_eq!(result["status_code"], 200, "{result}");
    probed(&server, "/b.mp3").lasts(6.0);
    let task = json!({ "type": "aconcat", "avopts": format!("/i/{}", path("/a.mp3")), "save_as": "/c.mp3" });
    let result = media(&server, "/a.mp3", task);
    assert_eq!(result["status_code"], 200, "{result}");
    probed(&server, "/c.mp3").lasts(4.0);
}

#[test]
fn concatenation() {
    let Some(server) = studio() else { return };
    let task = json!({ "type": "video", "avopts": "/es/1", "save_as": "/one.mp4" });
    done(&server, task);
    let one = path("one.mp4");
    let task =
        json!({ "type": "video", "avopts": format!("/h/{one}/i/{one}"), "save_as": "/a.mp4" });
    done(&server, task);
    let made = probed(&server, "/a.mp4");
    assert_eq!(
        (made.codecs(), made.size()),
        (vec!["h264", "aac"], (320, 180))
    );
    made.lasts(7.0);
    let task =
        json!({ "type": "vconcat", "avopts": format!("/i/{one}/codec/copy"), "save_as": "/b.mp4" });
    let result = media(&server, "/one.mp4", task);
    assert_eq!(result["status_code"], 200, "{result}");
    probed(&server, "/b.mp4").lasts(2.0);
    let task = json!({ "type": "video", "avopts": "/s/64x36/es/1", "save_as": "/small.mp4" });
    done(&server, task);
    let task = json!({ "type": "vconcat", "avopts": format!("/i/{}", path("/small.mp4")) });
    fails(
        &server,
        &media(&server, "/one.mp4", task),
        400,
        "differ in size",
    );
    let task = json!({ "type": "vconcat", "avopts": format!("/i/{}", path("/none.mp4")) });
    fails(&server, &media(&server, "/one.mp4", task), 404, "/none.mp4");
}

#[test]
fn chains() {
    let Some(server) = studio() else { return };
    let avopts = "/video/s/160x90/es/3/thumbnail/o/1/ss/00:00:02";
    let task =
        json!({ "type": "chain", "avopts": avopts, "save_as": "/foo.jpg", "return_info": true });
    let result = done(&server, task);
    assert_eq!(result["path"], json!(["/foo.jpg"]));
    assert_eq!(probed(&server, "/foo.jpg").size(), (160, 90));
    assert_eq!(result["info"]["streams"][0]["video_width"], 160);
    // The form of old: an array in the array.
    let chain = json!([[
        { "type": "video", "scale": "96:54", "save_as": "/not/kept.mp4" },
        { "type": "video", "end_time": "00:00:01", "save_as": "/kept.mp4" },
    ]]);
    let id = submission("naga", &chain)
        .with("source", "/v/in.mp4")
        .submit(&server)
        .remove(0);
    ended(&server, &id);
    probed(&server, "/kept.mp4").lasts(1.0);
    assert_eq!(probed(&server, "/kept.mp4").size(), (96, 54));
    assert!(server.get_object("/not/kept.mp4").is_err());
}

#[test]
fn what_cannot_be_done() {
    let Some(server) = studio() else { return };
    server.put_object("/a.txt", "hello").unwrap();
    server
        .put_object("/evil.mp4", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
        .unwrap();
    server
        .put_object("/up.m3u8", "#EXTM3U\n#EXTINF:1,\n../../../etc/passwd\n")
        .unwrap();
    server
        .put_object(
            "/key.m3u8",
            "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n",
        )
        .unwrap();
    server
        .put_object("/list.mp4", "ffconcat version 1.0\nfile /etc/passwd\n")
        .unwrap();
    server
        .put_object(
            "/dash.mp4",
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"/>",
        )
        .unwrap();
    let check = |source: &str, task: Value, code, why: &str| {
        let result = media(&server, source, task);
        fails(&server, &result, code, why);
        assert_eq!(result["path"], json!([]));
        assert_eq!(result["info"], Value::Null);
    };
    let probe = || json!({ "type": "probe" });
    check("/none", probe(), 404, "/none");
    check("/v", probe(), 404, "/v");
    check("/a.txt", probe(), 400, "not a media file");
    check("/evil.mp4", probe(), 400, "no file beside it");
    check("/up.m3u8", probe(), 400, "no file beside it");
    check("/key.m3u8", probe(), 400, "not supported");
    check("/list.mp4", probe(), 400, "not a media file");
    check("/dash.mp4", probe(), 400, "not a media file");
    let video = |avopts: &str, save_as: &str| json!({ "type": "video", "avopts": avopts, "save_as": save_as });
    check("/v/in.mp4", json!({ "save_as": "/a" }), 400, "type");
    check("/v/in.mp4", video("/s/1", "/o.mp4"), 400, "WxH");
    check("/v/in.mp4", video("/s", "/o.mp4"), 400, "no value");
    check(
        "/v/in.mp4",
        video("/ss/00:00:09", "/o.mp4"),
        400,
        "ends before",
    );
    check("/v/in.mp4", video("", "/o.exe"), 400, ".exe");
    check(
        "/v/in.mp4",
        video("/cr/1", "/o.mp4"),
        400,
        "gif and webp only",
    );
    check(
        "/v/in.mp4",
        video("/pv/nonsense", "/o.mp4"),
        502,
        "ffmpeg failed",
    );
    check("/v/in.mp4", video("", "/a.txt/o.mp4"), 503, "/a.txt/o.mp4");
    assert!(server.get_object("/o.mp4").is_err());
}

#[test]
fn output_is_bounded() {
    if studio().is_none() {
        return;
    }
    let server = MockServer::builder()
        .configure(|config| config.limits.task_output_bytes = 100_000)
        .start_blocking()
        .unwrap();
    server.put_object("/in.mp4", video()).unwrap();
    let task = json!({ "type": "thumbnail", "avopts": "/o/0/n/900/s/1280:720/f/png", "save_as": "/t.png" });
    fails(
        &server,
        &media(&server, "/in.mp4", task),
        503,
        "more than 100000 bytes",
    );
    assert!(server.get_object("/t1.png").is_err());
}

#[test]
fn progress_moves_and_a_stop_leaves_nothing() {
    let Some(server) = studio() else { return };
    let slow = json!([{ "type": "nbhd", "avopts": "/s/1080p(16:9)", "save_as": "/slow.mp4" }]);
    let ids = submission("naga", &slow)
        .with("source", "/v/in.mp4")
        .submit(&server);
    let mut seen = vec![status(&server, &ids)[&*ids[0]].clone()];
    for _ in 0..20_000 {
        let now = status(&server, &ids)[&*ids[0]].clone();
        if seen.last() != Some(&now) {
            seen.push(now.clone());
        }
        if now.as_u64().is_some_and(|percent| percent > 0) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let percents: Vec<u64> = seen.iter().filter_map(Value::as_u64).collect();
    assert!(
        percents.is_sorted() && percents.last() > Some(&0),
        "{seen:?}"
    );
    assert!(server.get_object("/slow.mp4").is_err());
    let work = server
        .directory()
        .parent()
        .unwrap()
        .join(".upyun-mock/work");
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 1);
    server.reset().unwrap();
    let begin = std::time::Instant::now();
    while std::fs::read_dir(&work).unwrap().count() > 0 {
        assert!(begin.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn audits_of_videos_have_shots() {
    let Some(server) = studio() else { return };
    let task = json!({ "source": "v/in.mp4", "interval": 2, "save_as": "/shots/{index}.png", "resize": "64x36" });
    let result = crate::work::carry_out(&server, "videoaudit", task);
    assert_eq!(result["status_code"], 200, "{result}");
    assert_eq!(result["source"], "v/in.mp4");
    let shots = result["filelist"].as_array().unwrap();
    let times: Vec<_> = shots
        .iter()
        .map(|it| it["shot_time"].as_u64().unwrap())
        .collect();
    assert_eq!(times, [0, 2, 4]);
    assert_eq!(shots[2]["save_as"], "/shots/3.png");
    assert_eq!(probed(&server, "/shots/3.png").size(), (64, 36));
    let result = crate::work::carry_out(&server, "videoaudit", json!({ "source": "/v/in.mp4" }));
    assert_eq!(result["filelist"][0]["save_as"], Value::Null);
    let bad = json!({ "source": "/v/in.mp4", "save_as": "/x.png" });
    let result = crate::work::carry_out(&server, "videoaudit", bad);
    fails(&server, &result, 400, "{index}");
    let bad = json!({ "source": "/v/in.mp4", "save_as": "/{index}.gif" });
    let result = crate::work::carry_out(&server, "videoaudit", bad);
    fails(&server, &result, 400, ".png");
}
