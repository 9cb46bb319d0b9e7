//! Tasks and cache refresh against the emulator.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use upyun_client::{
    AudioTask, ChainTask, Client, ConcatTask, Endpoint, ErrorKind, Gravity, HlsTask, MediaTask,
    NarrowbandTask, RemoteSigner, RetryPolicy, Rotation, TaskStatus, ThumbnailTask, VideoTask,
    protocol::{ErrorCode, Md5Digest},
};
use upyun_mock::MockServer;

#[tokio::test]
async fn archives_there_and_back() {
    let server = MockServer::start().await;
    let client = server.client();
    for (key, content) in [("/in/a.txt", "a"), ("/in/sub/图.txt", "b")] {
        server.put_object(key, content).unwrap();
    }
    server.put_object("/list", "/in/a.txt\n").unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let first = client
        .compress(["/in/"], "/t.zip")
        .home_dir("/in")
        .parent_dir("p")
        .send()
        .await
        .unwrap();
    let second = client
        .compress_list("/list", "/one.zip")
        .send()
        .await
        .unwrap();
    let results = client
        .wait_for_tasks([&second, &first])
        .on_progress(move |task| record.lock().unwrap().push(task.status))
        .send()
        .await
        .unwrap();
    assert_eq!(results[0].task_id, second);
    assert_eq!(results[1].paths, ["/t.zip"]);
    assert!(seen.lock().unwrap().contains(&TaskStatus::Done));
    let id = client.depress("/t.zip", "/out/").send().await.unwrap();
    let result = client.wait_for_tasks([&id]).send().await.unwrap().remove(0);
    assert!(result.is_success(), "{result:?}");
    assert_eq!(server.get_object("/out/p/sub/图.txt").unwrap(), b"b");
    assert!(client.exists(format!("/out/{id}")).send().await.unwrap());
}

#[tokio::test]
async fn submissions_can_be_spawned() {
    let server = MockServer::start().await;
    let client = server.client();
    let submitting = tokio::spawn(async move { client.depress("/none", "/out").send().await });
    let id = submitting.await.unwrap().unwrap();
    let result = server.client().wait_for_tasks([&id]).send().await.unwrap();
    assert_eq!(result[0].status, 404);
}

#[tokio::test]
async fn urls_are_fetched() {
    let server = MockServer::start().await;
    let origin = MockServer::builder().service("demo").start().await.unwrap();
    let client = server.client();
    let app = axum::Router::new().route("/a", axum::routing::get(|| async { "hello" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    drop(origin);
    let fetch = client
        .fetch_url(&url, "/f.txt")
        .content_md5(Md5Digest::of("hello"))
        .content_type("text/x-test")
        .content_secret("abc")
        .meta("author", "Ann")
        .past_caches();
    let id = fetch.send().await.unwrap();
    let result = client.wait_for_tasks([id]).send().await.unwrap().remove(0);
    assert_eq!(
        (result.status, result.paths),
        (200, vec!["/f.txt".to_owned()])
    );
    let info = client.info("/f.txt").send().await.unwrap();
    assert_eq!(info.content_type.as_deref(), Some("text/x-test"));
    assert_eq!(info.metadata.get("author"), Some("Ann"));
    assert_eq!(info.metadata.secret(), Some("abc"));
    let kept = client.fetch_url(&url, "/f.txt").keep_existing();
    let id = kept.option("random", true).send().await.unwrap();
    let result = client.wait_for_tasks([id]).send().await.unwrap().remove(0);
    assert_eq!(result.status, 204);
}

#[tokio::test]
async fn what_is_asked_of_tasks() {
    let server = MockServer::start().await;
    let client = server.client();
    let media = client.process_media("/none.mp4").task(MediaTask::probe());
    let media = media.task(MediaTask::raw([("type", "video".into())]));
    let ids = media.send().await.unwrap();
    let results = client.wait_for_tasks(&ids).send().await.unwrap();
    assert!(results.iter().all(|result| result.status == 404));
    assert_eq!(results[0].description, "no object is at /none.mp4");
    let unknown = "0".repeat(32);
    let many = std::iter::repeat_n(&unknown, 30).chain(&ids);
    let status = client.task_status(many).send().await.unwrap();
    assert_eq!(status[&unknown], TaskStatus::Unknown);
    assert_eq!(status[&ids[0]], TaskStatus::Failed);
    let told = client
        .task_results([&unknown, &ids[1]])
        .send()
        .await
        .unwrap();
    assert_eq!(told.keys().collect::<Vec<_>>(), [&ids[1]]);
    let key = upyun_client::protocol::PasswordMd5::of("password");
    assert!(told[&ids[1]].verify_legacy("operator", &key));
    let waiting = client.wait_for_tasks([&unknown]);
    let waiting = waiting.timeout(Duration::from_millis(120));
    let error = waiting.send().await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn refusals_of_submissions() {
    let server = MockServer::start().await;
    let client = server.client();
    let task = || [("source", "/a".into())];
    let error = client
        .submit_tasks("magic")
        .task(task())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::INVALID_APPS_NAME));
    let url = client
        .submit_tasks("uconvert")
        .task(task())
        .notify_url("x:y");
    let error = url.send().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::URL_NOT_ALLOWED));
    let none = client.process_media("/a").send().await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Invalid);
    let mut many = client.process_media("/a");
    for _ in 0..11 {
        many = many.task(MediaTask::probe());
    }
    assert_eq!(many.send().await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_submission_whose_answer_is_lost_is_not_repeated() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = tokio::spawn(async move {
        use tokio::io::AsyncReadExt as _;
        let mut taken = 0;
        while let Ok(Ok((mut stream, _))) =
            tokio::time::timeout(Duration::from_millis(500), listener.accept()).await
        {
            let mut heard = [0; 100];
            let _ = stream.read(&mut heard).await;
            taken += 1;
        }
        taken
    });
    let client = Client::builder("demo", "operator", "password")
        .endpoint(Endpoint::url(&url))
        .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    let error = client.compress(["/a"], "/a.zip").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert_eq!(taken.await.unwrap(), 1);
}

#[tokio::test]
async fn cached_copies_are_dropped() {
    let server = MockServer::start().await;
    let client = server.client();
    let others = client
        .purge_keys(["/a b.png", "图.png"])
        .send()
        .await
        .unwrap();
    assert_eq!(others, Vec::<String>::new());
    let purged: Vec<_> = server.purges().into_iter().map(|it| it.url).collect();
    let want = [
        "http://demo.b0.upaiyun.com/a%20b.png",
        "http://demo.b0.upaiyun.com/%E5%9B%BE.png",
    ];
    assert_eq!(purged, want);
    let others = client
        .purge_keys_at("img.example.com", ["/a?b"])
        .send()
        .await
        .unwrap();
    assert_eq!(others, ["http://img.example.com/a%3Fb"]);
    let empty = client.purge(Vec::<String>::new()).send().await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::Invalid);
    let broken = client
        .purge(["http://a\nhttp://b"])
        .send()
        .await
        .unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::Invalid);
    let remote = Client::builder(
        "demo",
        "operator",
        RemoteSigner::new("http://127.0.0.1:1/").unwrap(),
    )
    .endpoint(Endpoint::url(server.url()))
    .build()
    .unwrap();
    let error = remote.purge_keys(["/a"]).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Signing);
}

#[tokio::test]
async fn playlists_at_once() {
    let server = MockServer::start().await;
    let client = server.client();
    let playlist = |name: &str| {
        let lines = (0..3).map(|it| format!("#EXTINF:10,\n{name}_{it}.ts\n"));
        format!("#EXTM3U\n{}#EXT-X-ENDLIST\n", lines.collect::<String>())
    };
    server.put_object("/a.m3u8", playlist("a")).unwrap();
    server.put_object("/b.m3u8", playlist("b")).unwrap();
    let both = client.concat_playlists(["/a.m3u8", "/b.m3u8"], "/c.m3u8");
    both.send().await.unwrap();
    let length = async |key: &str| client.playlist_info(key).send().await.unwrap().points.len();
    assert_eq!(length("/c.m3u8").await, 6);
    let clip = || client.clip_playlist("/c.m3u8", "/d.m3u8");
    clip().include(0.0, 15.0).send().await.unwrap();
    assert_eq!(length("/d.m3u8").await, 2);
    clip().exclude(0.0, 15.0).send().await.unwrap();
    assert_eq!(length("/d.m3u8").await, 4);
    clip().include_segments(1..=3).send().await.unwrap();
    assert_eq!(length("/d.m3u8").await, 3);
    clip().exclude_segments(0..=4).send().await.unwrap();
    assert_eq!(length("/d.m3u8").await, 1);
    let error = client.playlist_info("/none").send().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.message(), "no object is at /none");
}

/// Every builder of media tasks, carried out by a real ffmpeg.
#[tokio::test]
async fn media_tasks_are_done() {
    let directory = tempfile::tempdir().unwrap();
    let made = Command::new("ffmpeg")
        .args(
            "-v error -f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -f lavfi -i \
               sine=duration=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac in.mp4 \
               -f lavfi -i color=red:size=20x10:duration=1 -map 2:v -frames:v 1 mark.png"
                .split_whitespace(),
        )
        .current_dir(directory.path())
        .output();
    let Ok(made) = made else {
        eprintln!("SKIPPED: ffmpeg is not installed, so this was not tested");
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "ffmpeg is needed under CI=true");
        return;
    };
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let server = MockServer::start().await;
    let client = server.client();
    server
        .put_file("/in.mp4", directory.path().join("in.mp4"))
        .unwrap();
    server
        .put_file("/mark.png", directory.path().join("mark.png"))
        .unwrap();
    let video = VideoTask::new()
        .size(96, 54)
        .keep_aspect()
        .fps(10)
        .kbps(100)
        .rotate(Rotation::Auto)
        .strip_metadata()
        .speed(1.5)
        .sample_rate(22050)
        .channels("1")
        .video_codec("libx264")
        .audio_codec("libmp3lame")
        .watermark("/mark.png", Gravity::Center)
        .watermark_offset(1, 2)
        .from(0.5)
        .to(Duration::from_secs(2))
        .save_as("/video.mp4")
        .return_info();
    let ids = client
        .process_media("/in.mp4")
        .task(MediaTask::probe())
        .task(video)
        .task(
            VideoTask::new()
                .preset("240p(4:3)")
                .no_audio()
                .and_back()
                .save_as("/a.gif"),
        )
        .task(VideoTask::new().no_video().format("mkv").save_as("/sound"))
        .task(
            NarrowbandTask::new()
                .scene("animation")
                .size(64, 36)
                .segment_seconds(1)
                .save_as("/n.m3u8"),
        )
        .task(HlsTask::new().segment_seconds(1).kbps(100).size(64, 36))
        .task(
            ThumbnailTask::new()
                .count(2)
                .at(0.2)
                .until(1.8)
                .size(32, 18)
                .png()
                .save_as("/t.png"),
        )
        .task(
            AudioTask::new()
                .format("mp3")
                .kbps(32)
                .channels(1)
                .from(1.0),
        )
        .task(
            ConcatTask::video()
                .before("/in.mp4")
                .after("/in.mp4")
                .save_as("/long.mp4")
                .return_info(),
        )
        .task(
            ChainTask::new()
                .then(NarrowbandTask::new().h265().size(64, 36))
                .then(ThumbnailTask::new().jpeg())
                .save_as("/chain.jpg"),
        )
        .send()
        .await
        .unwrap();
    let results = client.wait_for_tasks(&ids).send().await.unwrap();
    for result in &results {
        assert_eq!(
            (result.status, &*result.description),
            (200, "OK"),
            "{result:?}"
        );
    }
    let info = results[0].info.as_ref().unwrap();
    assert_eq!(info.video().unwrap().codec.as_deref(), Some("h264"));
    assert_eq!(info.audio().unwrap().audio_channels, Some(1));
    let info = results[1].info.as_ref().unwrap();
    assert_eq!(info.video().unwrap().video_width, Some(96));
    assert_eq!(info.audio().unwrap().codec.as_deref(), Some("mp3"));
    assert!(
        (info.duration().unwrap().as_secs_f64() - 1.0).abs() < 0.2,
        "{info:?}"
    );
    assert_eq!(results[6].paths, ["/t1.png", "/t2.png"]);
    let info = results[8].info.as_ref().unwrap();
    assert!(
        (info.duration().unwrap().as_secs_f64() - 6.0).abs() < 0.3,
        "{info:?}"
    );
    let picture = client
        .snapshot("/in.mp4", "/s.jpg", 1.5)
        .size(32, 18)
        .format("jpg");
    let picture = picture.send().await.unwrap();
    assert_eq!(
        (&*picture.content_type, &*picture.save_as),
        ("image/jpeg", "/s.jpg")
    );
    let info = client.media_info("/in.mp4").send().await.unwrap();
    assert_eq!(info.video().unwrap().video_height, Some(90));
}
