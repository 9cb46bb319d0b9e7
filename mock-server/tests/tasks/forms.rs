//! Tasks of forms: what is uploaded is worked on, at once or later.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use upyun_client::protocol::{
    PasswordMd5,
    sign::{FormSignature, upyun},
};
use upyun_mock::MockServer;

use crate::{
    kit::{Answer, Refusal, Send as _, request, start},
    media::{studio, video},
    work::ended,
};

/// Uploads a file by a form with these keys of the policy.
fn upload(server: &MockServer, name: &str, content: &[u8], keys: Value) -> Answer {
    let mut policy = json!({ "bucket": "demo", "save-key": format!("/up/{name}"), "expiration": 4_000_000_000_u64 });
    policy
        .as_object_mut()
        .unwrap()
        .extend(keys.as_object().unwrap().clone());
    let policy = STANDARD.encode(policy.to_string());
    let signature = FormSignature {
        uri: "/demo",
        date: None,
        policy: &policy,
        content_md5: None,
    };
    let authorization = upyun("operator", &signature.sign(&PasswordMd5::of("password")));
    let mut body = Vec::new();
    for (field, value) in [("policy", &policy), ("authorization", &authorization)] {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    );
    body.extend(head.as_bytes());
    body.extend(content);
    body.extend(b"\r\n--b--\r\n");
    request("POST", "/demo")
        .unsigned()
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(body)
        .send(server)
}

#[test]
fn apps_begin_with_the_uploaded_file() {
    let server = start();
    let apps = json!([
        { "name": "compress", "save_as": "/up/a.zip" },
        { "name": "depress", "save_as": "/up/out" },
        { "name": "textjudge" },
    ]);
    let told = upload(&server, "a.txt", b"hello", json!({ "apps": apps })).json();
    let ids: Vec<_> = told["task_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let results: Vec<_> = ids
        .iter()
        .map(|id| ended(&server, id).result.unwrap())
        .collect();
    assert_eq!(results[0]["path"], "/up/a.zip");
    assert_eq!(results[1]["status_code"], 400);
    assert_eq!(results[2]["result"]["text"]["label"], 0);
    assert_eq!(server.get_object("/up/a.txt").unwrap(), b"hello");
}

#[test]
fn more_pictures_of_an_upload() {
    let server = start();
    let mut png = Vec::new();
    let pixels = image::RgbaImage::from_pixel(50, 30, image::Rgba([9, 9, 9, 255]));
    image::DynamicImage::ImageRgba8(pixels)
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    let apps = json!([
        { "name": "thumb", "x-gmkerl-thumb": "/fw/25/format/jpg", "save_as": "/t/{filename}-small.jpg" },
        { "name": "thumb", "x-gmkerl-thumb": "/fw/50", "x-gmkerl-split": "20x20", "save_as": "/t/tile" },
        { "name": "thumb", "x-gmkerl-thumb": "/fw/x" },
    ]);
    let told = upload(&server, "p.png", &png, json!({ "apps": apps })).json();
    let ids: Vec<_> = told["task_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let results: Vec<_> = ids
        .iter()
        .map(|id| ended(&server, id).result.unwrap())
        .collect();
    let info =
        json!({ "path": "/t/p-small.jpg", "type": "jpg", "width": 25, "height": 15, "frames": 1 });
    assert_eq!(results[0]["imginfo"], info);
    assert_eq!(results[0].get("error"), None);
    let tiles = results[1]["imginfos"].as_array().unwrap();
    assert_eq!(tiles.len(), 6);
    let last = json!({ "path": "/t/tile-6.png", "type": "png", "width": 10, "height": 10, "frames": 1, "row": 1, "column": 2 });
    assert_eq!(tiles[5], last);
    assert!(
        server
            .get_object("/t/tile-6.png")
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    assert_eq!(results[2]["status_code"], 400);
    assert!(results[2]["error"].as_str().unwrap().contains("fw is"));
    assert_eq!(server.get_object("/up/p.png").unwrap(), png);
}

#[test]
fn media_of_an_upload() {
    let Some(server) = studio() else { return };
    let apps = json!([{ "name": "naga", "type": "thumbnail", "avopts": "/o/true/s/32:18", "save_as": "/up/t.jpg" }]);
    let told = upload(&server, "v.mp4", video(), json!({ "apps": apps })).json();
    let task = ended(&server, told["task_ids"][0].as_str().unwrap());
    assert_eq!(task.result.unwrap()["path"], json!(["/up/t.jpg"]));
}

#[test]
fn sound_is_transcoded_before_it_is_stored() {
    let Some(server) = studio() else { return };
    let keys = |avopts: &str| json!({ "x-audio-avopts": avopts });
    let told = upload(&server, "a.ogg", video(), keys("/ab/48/ac/1/f/ogg")).json();
    assert_eq!(
        (&told["code"], &told["mimetype"]),
        (&200.into(), &"audio/ogg".into())
    );
    let stored = server.get_object("/up/a.ogg").unwrap();
    assert!(stored.starts_with(b"OggS"));
    assert_eq!(told["file_size"], stored.len());
    let refused = |avopts: &str, content: &[u8], code: Refusal| {
        let answer = upload(&server, "no.mp3", content, keys(avopts));
        answer.assert_code(code);
        assert!(server.get_object("/up/no.mp3").is_err());
    };
    refused("/ab/x", video(), (400, 40000032, "ffmpeg args error"));
    refused("/f/flac", video(), (400, 40000032, "ffmpeg args error"));
    refused("/ab/48", b"no sound", (400, 40000032, "ffmpeg args error"));
}
