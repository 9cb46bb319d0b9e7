//! jigsaw: rows of pictures become one.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::json;
use upyun_mock::MockServer;

use crate::{
    kit::start,
    work::{carry_out, fails},
};

const RED: Rgba<u8> = Rgba([255, 0, 0, 255]);
const BLUE: Rgba<u8> = Rgba([0, 0, 255, 255]);

fn picture(server: &MockServer, key: &str, size: (u32, u32), color: Rgba<u8>) {
    let mut bytes = Cursor::new(Vec::new());
    RgbaImage::from_pixel(size.0, size.1, color)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    server.put_object(key, bytes.into_inner()).unwrap();
}

fn pieces() -> MockServer {
    let server = start();
    picture(&server, "/a.png", (100, 80), RED);
    picture(&server, "/b.png", (50, 60), BLUE);
    picture(&server, "/c.png", (70, 30), RED);
    server
}

#[test]
fn rows_lie_one_below_the_other() {
    let server = pieces();
    let told = carry_out(
        &server,
        "jigsaw",
        json!({ "image_matrix": [["/a.png", "b.png"], ["/c.png"]], "save_as": "/all.jpg" }),
    );
    assert_eq!(
        (&told["status_code"], &told["path"]),
        (&200.into(), &"/all.jpg".into())
    );
    // PNG whatever the name says.
    let stored = server.get_object("/all.jpg").unwrap();
    assert_eq!(image::guess_format(&stored).unwrap(), ImageFormat::Png);
    let whole = image::load_from_memory(&stored).unwrap().into_rgba8();
    assert_eq!(whole.dimensions(), (150, 110));
    assert_eq!(
        (*whole.get_pixel(99, 79), *whole.get_pixel(100, 0)),
        (RED, BLUE)
    );
    assert_eq!(
        (whole.get_pixel(149, 60).0[3], *whole.get_pixel(0, 80)),
        (0, RED)
    );
}

#[test]
fn what_is_joined_is_processed() {
    let server = pieces();
    let told = carry_out(
        &server,
        "jigsaw",
        json!({
            "image_matrix": [["/a.png"], ["/b.png"]],
            "save_as": "/all.jpg",
            "x-gmkerl-thumb": "/fw/50/format/jpg",
        }),
    );
    assert_eq!(told["status_code"], 200, "{told}");
    let stored = server.get_object("/all.jpg").unwrap();
    assert_eq!(image::guess_format(&stored).unwrap(), ImageFormat::Jpeg);
    let whole = image::load_from_memory(&stored).unwrap().into_rgb8();
    assert_eq!(whole.dimensions(), (50, 70));
    // Where there was nothing is white.
    assert!(whole.get_pixel(45, 60).0.iter().all(|part| *part > 245));
}

#[test]
fn what_cannot_be_joined() {
    let server = pieces();
    server.put_object("/a.txt", "hello").unwrap();
    let eleven = vec![json!(["/a.png"]); 11];
    for (matrix, why) in [
        (json!([]), "0 pictures"),
        (json!(eleven), "11 pictures"),
        (json!("/a.png"), "no array of rows"),
        (json!(["/a.png"]), "no array of paths"),
        (json!([["/none.png"]]), "/none.png"),
        (json!([["/a.png", "/a.txt"]]), "/a.txt"),
    ] {
        let task = json!({ "image_matrix": matrix, "save_as": "/x.png" });
        fails(&server, &carry_out(&server, "jigsaw", task), 400, why);
        assert!(server.get_object("/x.png").is_err());
    }
    let unnamed = json!({ "image_matrix": [["/a.png"]] });
    fails(
        &server,
        &carry_out(&server, "jigsaw", unnamed),
        400,
        "save_as",
    );
    let wrong =
        json!({ "image_matrix": [["/a.png"]], "save_as": "/x.png", "x-gmkerl-thumb": "/fw/x" });
    fails(&server, &carry_out(&server, "jigsaw", wrong), 400, "fw is");
}
