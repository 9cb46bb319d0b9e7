//! Media tasks read objects of their own service, whatever an uploaded file says.

use std::path::Path;

use serde_json::{Value, json};
use upyun_mock::MockServer;

use crate::{
    media::{make, studio},
    work::{fails, media},
};

/// One second of MPEG-TS.
fn film() -> Vec<u8> {
    make(
        "film.ts",
        "-f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -c:v mpeg2video -f mpegts",
    )
}

/// An empty ID3 tag, which ffmpeg skips when it guesses a format.
const ID3: &[u8] = b"ID3\x03\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0";

fn playlist(uri: &str) -> String {
    format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{uri}\n#EXT-X-ENDLIST\n")
}

fn dash(uri: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" \
         profiles=\"urn:mpeg:dash:profile:isoff-main:2011\" type=\"static\" \
         mediaPresentationDuration=\"PT1S\"><Period><AdaptationSet mimeType=\"video/mp2t\">\
         <Representation id=\"0\" bandwidth=\"1\"><BaseURL>{uri}</BaseURL></Representation>\
         </AdaptationSet></Period></MPD>"
    )
}

/// Objects that name the file at a path, each of another kind.
fn lures(path: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let path = path.to_str().unwrap();
    let url = format!("file:{path}");
    let tagged = |text: String| [ID3, text.as_bytes()].concat();
    let master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ninner.ts\n";
    let nested = "#EXTM3U\n#EXTINF:1,\ninner.ts\n#EXT-X-ENDLIST\n";
    let padded = format!("G{}", playlist(&url));
    let length = padded.len() - 1;
    let ranged = format!("#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:{length}@1\npadded.ts\n");
    let sdp = format!(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\na=control:{url}\nm=video 0 RTP/AVP 33\n"
    );
    let vobsub =
        format!("# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n# {path}\n");
    vec![
        ("/inner.ts", playlist(&url).into_bytes()),
        ("/tagged_inner.ts", tagged(playlist(&url))),
        ("/padded.ts", padded.into_bytes()),
        ("/id3.mp4", tagged(playlist(&url))),
        ("/id3.m3u8", tagged(playlist(path))),
        ("/id3.ts", tagged(playlist(path))),
        ("/line.m3u8", format!("\n{}", playlist(&url)).into_bytes()),
        ("/plain.m3u8", playlist(&url).into_bytes()),
        ("/path.m3u8", playlist(path).into_bytes()),
        ("/data.m3u8", playlist("data:,x").into_bytes()),
        ("/master.m3u8", master.into()),
        ("/nested.m3u8", nested.into()),
        (
            "/tagged.m3u8",
            nested.replace("inner", "tagged_inner").into_bytes(),
        ),
        ("/ranged.m3u8", ranged.into_bytes()),
        (
            "/map.m3u8",
            playlist(&format!("#EXT-X-MAP:URI=\"{url}\"")).into_bytes(),
        ),
        (
            "/audio.m3u8",
            format!("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",URI=\"{url}\"\n").into_bytes(),
        ),
        (
            "/list.mp4",
            format!("ffconcat version 1.0\nfile '{path}'\n").into_bytes(),
        ),
        (
            "/list.m3u8",
            format!("ffconcat version 1.0\nfile '{url}'\n").into_bytes(),
        ),
        (
            "/list.ts",
            tagged(format!("ffconcat version 1.0\nfile '{path}'\n")),
        ),
        ("/dash.mpd", dash(&url).into_bytes()),
        ("/dash.mp4", dash(path).into_bytes()),
        ("/film.sdp", sdp.into_bytes()),
        ("/film.idx", vobsub.into_bytes()),
        (
            "/film.asx",
            format!("<asx version=\"3.0\"><entry><ref href=\"{url}\"/></entry></asx>").into_bytes(),
        ),
    ]
}

#[track_caller]
fn refused(server: &MockServer, source: &str, task: &Value) {
    let result = media(server, source, task.clone());
    assert_ne!(result["status_code"], 200, "{source} {task}: {result}");
    assert_eq!(result["info"], Value::Null, "{source} {task}");
    assert!(server.get_object("/out.mp4").is_err(), "{source} {task}");
}

fn base64(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn files_elsewhere_are_not_read() {
    let Some(server) = studio() else { return };
    server.put_object("/own.ts", film()).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let other_service = server.directory().with_file_name("other");
    std::fs::create_dir_all(&other_service).unwrap();
    let probe = json!({ "type": "probe" });
    let most = ["/id3.mp4", "/plain.m3u8", "/list.mp4", "/dash.mp4"];
    for (directory, only) in [(outside.path(), None), (&other_service, Some(most))] {
        let path = directory.join("film.ts");
        std::fs::write(&path, film()).unwrap();
        let lures = lures(&path);
        for (key, content) in &lures {
            server.put_object(key, content).unwrap();
        }
        let asked = lures.iter().map(|(key, _)| *key);
        for key in asked.filter(|key| only.is_none_or(|only| only.contains(key))) {
            refused(&server, key, &probe);
        }
    }
    for key in ["/id3.mp4", "/master.m3u8", "/list.mp4"] {
        let after = format!("/i/{}/codec/copy", base64(key));
        let joined = json!({ "type": "vconcat", "avopts": after, "save_as": "/out.mp4" });
        refused(&server, "/own.ts", &joined);
        let video = json!({ "type": "video", "avopts": "/s/64x36", "save_as": "/out.mp4" });
        refused(&server, key, &video);
    }
}

#[test]
fn playlists_name_segments_of_the_same_service() {
    let Some(server) = studio() else { return };
    server.put_object("/own.ts", film()).unwrap();
    let film = film();
    let both = [&film[..], &film[..]].concat();
    server.put_object("/both.ts", both).unwrap();
    let length = film.len();
    let text = format!(
        "#EXTM3U\r\n#EXT-X-VERSION:4\r\n#EXT-X-TARGETDURATION:1\r\n#EXTINF:1.0,title\r\nown.ts\r\n\
         #EXT-X-DISCONTINUITY\r\n#EXTINF:1,\r\n#EXT-X-BYTERANGE:{length}@{length}\r\n/both.ts?x=1\r\n"
    );
    server.put_object("/a.m3u8", text).unwrap();
    let result = media(&server, "/a.m3u8", json!({ "type": "probe" }));
    assert_eq!(result["status_code"], 200, "{result}");
    assert_eq!(result["info"]["format"]["duration"], 2, "{result}");
    let check = |text: &str, why| {
        server.put_object("/b.m3u8", text).unwrap();
        let result = media(&server, "/b.m3u8", json!({ "type": "probe" }));
        fails(&server, &result, 400, why);
    };
    check(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n",
        "playlist of playlists",
    );
    check("#EXTM3U\nown.ts\n", "without a length");
    check("#EXTM3U\n#EXTINF:-1,\nown.ts\n", "without a length");
    check("#EXTM3U\n#EXT-X-BYTERANGE:x\n#EXTINF:1,\nown.ts\n", "range");
    check("#EXTM3U\n#EXTINF:1,\nv/in.mp4\n", "not MPEG-TS");
}
