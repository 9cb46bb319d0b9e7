//! Synchronous tasks on p1.

use serde_json::{Value, json};
use upyun_client::protocol::Md5Digest;
use upyun_mock::MockServer;

use crate::{
    kit::{Request, Send as _, request, start},
    media::studio,
};

fn post(operation: &str, parameters: &Value) -> Request {
    let body = parameters.to_string();
    request("POST", &format!("/demo/{operation}"))
        .host("p1.api.upyun.com")
        .header("Content-Type", "application/json")
        .header("Content-MD5", Md5Digest::of(&body).to_string())
        .body(body)
}

#[track_caller]
fn ok(server: &MockServer, operation: &str, parameters: Value) -> Value {
    post(operation, &parameters).ok(server).json()
}

#[track_caller]
fn fails(server: &MockServer, operation: &str, parameters: Value, status: u16, why: &str) {
    let answer = post(operation, &parameters).send(server);
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["status_code"]),
        (status, &status.into()),
        "{body}"
    );
    assert!(body["message"].as_str().unwrap().contains(why), "{body}");
}

fn playlist(server: &MockServer, key: &str, segments: &[(&str, &str)]) {
    let lines = segments
        .iter()
        .map(|(seconds, name)| format!("#EXTINF:{seconds},\n{name}\n"));
    let lines: String = lines.collect();
    let text =
        format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n{lines}#EXT-X-ENDLIST\n");
    server.put_object(key, text).unwrap();
}

fn seeded() -> MockServer {
    let server = start();
    playlist(
        &server,
        "/a/a.m3u8",
        &[("10", "a_0.ts"), ("10", "a_1.ts"), ("10.5", "a_2.ts")],
    );
    playlist(
        &server,
        "/b.m3u8",
        &[("0.1", "b%200.ts"), ("0.2", "/x/b_1.ts?t=1")],
    );
    server
}

fn names(server: &MockServer, key: &str) -> Vec<String> {
    let text = String::from_utf8(server.get_object(key).unwrap()).unwrap();
    assert!(
        text.starts_with("#EXTM3U\n") && text.ends_with("#EXT-X-ENDLIST\n"),
        "{text}"
    );
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') || line.contains("DISCONT"));
    lines.map(str::to_owned).collect()
}

#[test]
fn playlists_are_measured() {
    let server = seeded();
    let meta = ok(
        &server,
        "m3u8er/get_meta",
        json!({ "m3u8": "/a/a.m3u8", "service": "demo" }),
    );
    let want = json!({ "status_code": 200, "message": "ok",
        "meta": { "duration": 30.5, "points": [10.0, 20.0, 30.5] } });
    assert_eq!(meta, want);
    let meta = ok(&server, "m3u8er/get_meta", json!({ "m3u8": "b.m3u8" }));
    assert_eq!(meta["meta"]["points"], json!([0.1, 0.3]));
}

#[test]
fn playlists_are_put_together() {
    let server = seeded();
    let task = json!({ "m3u8s": ["/a/a.m3u8", "b.m3u8"], "save_as": "/c.m3u8" });
    assert_eq!(
        ok(&server, "m3u8er/concat", task),
        json!({ "status_code": 200, "message": "ok" })
    );
    let want = [
        "/a/a_0.ts",
        "/a/a_1.ts",
        "/a/a_2.ts",
        "#EXT-X-DISCONTINUITY",
        "/b%200.ts",
        "/x/b_1.ts",
    ];
    assert_eq!(names(&server, "/c.m3u8"), want);
    // What was put together can be cut again.
    let task = json!({ "m3u8": "/c.m3u8", "save_as": "/d.m3u8", "include": [3, 3], "index": true });
    ok(&server, "m3u8er/clip", task);
    assert_eq!(
        names(&server, "/d.m3u8"),
        ["#EXT-X-DISCONTINUITY", "/b%200.ts"]
    );
}

#[test]
fn playlists_are_cut() {
    let server = seeded();
    let check = |mut task: Value, want: &[usize]| {
        task["m3u8"] = "/a/a.m3u8".into();
        task["save_as"] = "/cut.m3u8".into();
        ok(&server, "m3u8er/clip", task.clone());
        let want: Vec<_> = want.iter().map(|it| format!("/a/a_{it}.ts")).collect();
        assert_eq!(names(&server, "/cut.m3u8"), want, "{task}");
    };
    check(json!({ "include": [0, 20] }), &[0, 1]);
    check(json!({ "include": [5, 10.1], "index": false }), &[0, 1]);
    check(json!({ "exclude": [5, 10.1] }), &[2]);
    check(json!({ "exclude": [0, 10], "include": [0, 10] }), &[0]);
    check(json!({ "include": [1, 2], "index": true }), &[1, 2]);
    check(json!({ "include": [0, 0, 2, 2], "index": true }), &[0, 2]);
    check(json!({ "exclude": [1, 1], "index": true }), &[0, 2]);
}

#[test]
fn playlists_that_cannot_be() {
    let server = seeded();
    server.put_object("/text", "hello").unwrap();
    server
        .put_object(
            "/master",
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n",
        )
        .unwrap();
    let clip = |task| fails(&server, "m3u8er/clip", task, 400, "");
    clip(json!({ "m3u8": "/b.m3u8", "save_as": "/c" }));
    clip(json!({ "m3u8": "/b.m3u8", "save_as": "/c", "include": [1] }));
    clip(json!({ "m3u8": "/b.m3u8", "save_as": "/c", "include": [2, 1] }));
    clip(json!({ "m3u8": "/b.m3u8", "save_as": "/c", "include": [8, 9] }));
    clip(json!({ "m3u8": "/b.m3u8", "save_as": "/c", "include": [0, 1, 2, 3] }));
    clip(json!({ "m3u8": "/b.m3u8", "include": [0, 1] }));
    let meta = |m3u8: &str, status, why| {
        fails(
            &server,
            "m3u8er/get_meta",
            json!({ "m3u8": m3u8 }),
            status,
            why,
        )
    };
    meta("/none", 404, "/none");
    meta("/text", 400, "no playlist");
    meta("/master", 400, "playlist of playlists");
    meta("", 400, "no m3u8");
    let concat = |list: Value| {
        fails(
            &server,
            "m3u8er/concat",
            json!({ "m3u8s": list, "save_as": "/c" }),
            400,
            "m3u8s",
        )
    };
    concat(json!([]));
    concat(json!([1]));
    concat(json!("x"));
}

#[test]
fn by_other_hosts_the_type_tells_it_from_an_upload() {
    let server = seeded();
    let body = json!({ "m3u8": "/b.m3u8" }).to_string();
    let post = |kind: &str| {
        let request = request("POST", "/demo/m3u8er/get_meta");
        request.header("Content-Type", kind).body(&body).ok(&server)
    };
    assert_eq!(post("application/json").json()["status_code"], 200);
    assert_eq!(post("text/plain").body, b"");
    assert_eq!(
        server.get_object("/m3u8er/get_meta").unwrap(),
        body.as_bytes()
    );
}

#[test]
fn who_may_ask() {
    let server = seeded();
    let meta = post("m3u8er/get_meta", &json!({ "m3u8": "/b.m3u8" }));
    meta.clone()
        .unsigned()
        .refused(&server, (401, 40100004, "need authorization header"));
    meta.clone()
        .by("operator", "x")
        .refused(&server, (401, 40100005, "signature error"));
    post("magic", &json!({}))
        .refused(&server, (400, 40001000, "wrong uri"))
        .says("magic");
    request("GET", "/demo/snapshot")
        .host("p1.api.upyun.com")
        .refused(&server, (405, 40500000, "method not allowed"));
    let none = request("POST", "/none/snapshot")
        .host("p1.api.upyun.com")
        .body("{}");
    none.refused(&server, (401, 40100012, "bucket not exist"));
    let broken = request("POST", "/demo/snapshot")
        .host("p1.api.upyun.com")
        .body("{");
    assert_eq!(broken.send(&server).status, 400);
    let other = Md5Digest::of("other").to_string();
    request("POST", "/demo/snapshot")
        .host("p1.api.upyun.com")
        .header("Content-MD5", other)
        .body("{}")
        .refused(&server, (400, 40000006, "content md5 not match"));
}

#[test]
fn audits() {
    let server = start();
    let found = ok(&server, "textaudit/detect", json!({ "text": "hello" }));
    assert_eq!(
        (&found["label"], &found["review"]),
        (&0.into(), &false.into())
    );
    fails(&server, "textaudit/detect", json!({}), 400, "no text");
    let create = |source: &str| json!({ "source": source, "save_as": "/{index}.jpg", "notify_url": "http://127.0.0.1/" });
    fails(
        &server,
        "liveaudit/create",
        create("rtmp://a/b"),
        404,
        "no live streams",
    );
    fails(
        &server,
        "liveaudit/create",
        create("http://a/b"),
        400,
        "rtmp://",
    );
    fails(&server, "liveaudit/create", json!({}), 400, "no source");
    fails(
        &server,
        "liveaudit/cancel",
        json!({ "task_id": "x" }),
        404,
        "no audit x",
    );
}

#[test]
fn a_frame_and_what_a_file_is_made_of() {
    let Some(server) = studio() else { return };
    let task =
        json!({ "source": "/v/in.mp4", "save_as": "/f.jpg", "point": "00:00:02", "size": "64x36" });
    let answer = ok(&server, "snapshot", task);
    assert_eq!(
        (&answer["content_type"], &answer["save_as"]),
        (&"image/jpeg".into(), &"/f.jpg".into())
    );
    assert_eq!(
        answer["content_length"],
        server.get_object("/f.jpg").unwrap().len()
    );
    let info = crate::kit::head("/demo/f.jpg").ok(&server);
    assert_eq!(
        info.header("x-upyun-file-size"),
        Some(&*answer["content_length"].to_string())
    );
    for (format, kind) in [("png", "image/png"), ("webp", "image/webp")] {
        let task = json!({ "source": "/v/in.mp4", "save_as": "/f", "point": "00:00:01", "format": format });
        assert_eq!(ok(&server, "snapshot", task)["content_type"], kind);
    }
    let meta = ok(&server, "avmeta/get_meta", json!({ "source": "v/in.mp4" }));
    assert_eq!(meta["streams"][0]["codec"], "h264");
    let snapshot = |task, status, why| fails(&server, "snapshot", task, status, why);
    snapshot(
        json!({ "source": "/none", "save_as": "/f.jpg", "point": "1" }),
        404,
        "/none",
    );
    snapshot(
        json!({ "source": "/v/in.mp4", "save_as": "/f.jpg", "point": "x" }),
        400,
        "point",
    );
    snapshot(
        json!({ "source": "/v/in.mp4", "save_as": "/f.gif", "point": "1" }),
        400,
        "gif",
    );
    snapshot(
        json!({ "source": "/v/in.mp4", "save_as": "/f.jpg", "point": "1", "size": "x" }),
        400,
        "WxH",
    );
    snapshot(
        json!({ "source": "/v/in.mp4", "save_as": "/f.jpg", "point": "99" }),
        400,
        "no frame",
    );
}
