//! Pictures: processed on their way into the emulator and out of it.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use upyun_client::{
    Client, ErrorKind, ImageParams,
    protocol::{
        ErrorCode, FormPolicy, ThumbApp,
        access::Separator,
        image::{Flip, Gravity, ImageFormat, PictureWatermark, Region, Rgb},
    },
};
use upyun_mock::{MockServer, accounts::Service};

const DOMAIN: &str = "demo.b0.upaiyun.com";

/// A white picture of so many pixels, as an uncompressed bitmap.
fn bmp(width: u32, height: u32) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let size = row * height;
    let mut file = b"BM".to_vec();
    for number in [54 + size, 0, 54, 40, width, height, 1 | 24 << 16, 0, size] {
        file.extend(number.to_le_bytes());
    }
    file.resize(54, 0);
    file.resize(54 + size as usize, 255);
    file
}

/// A server, with `/p.bmp` of 100 × 60 pixels and with `/t.txt`.
async fn gallery(separator: char) -> (MockServer, Client) {
    let server = MockServer::builder()
        .service_with(Service {
            separator,
            domains: vec!["img.example.com".to_owned()],
            versions: [("small".to_owned(), "/fw/10/format/png".to_owned())].into(),
            ..Service::new("demo".parse().unwrap())
        })
        .start()
        .await
        .unwrap();
    let client = server.client();
    client
        .put("/p.bmp")
        .body(bmp(100, 60))
        .send()
        .await
        .unwrap();
    client.put("/t.txt").body("hello").send().await.unwrap();
    (server, client)
}

fn width(pixels: u32) -> ImageParams {
    ImageParams::builder().width(pixels).build().unwrap()
}

#[tokio::test]
async fn uploads_are_processed_before_they_are_stored() {
    let (_server, client) = gallery('!').await;
    let params = ImageParams::builder()
        .crop(Region::new(50, 40).offset(10, 5))
        .width(25)
        .format(ImageFormat::Png)
        .build()
        .unwrap();
    let put = client.put("/q").image(&params).body(bmp(100, 60));
    let image = put.send().await.unwrap().image.unwrap();
    assert_eq!((image.width, image.height), (25, 20));
    assert_eq!(image.file_type, "PNG");
    let text = client.put("/x").image(&params).body("no picture");
    let refused = text.send().await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::NOT_AN_IMAGE));
    assert!(!client.exists("/x").send().await.unwrap());
}

#[tokio::test]
async fn forms_process_and_make_further_pictures() {
    let (_server, client) = gallery('!').await;
    let small = ThumbApp::new(&width(5)).save_as("/small.png");
    let policy = FormPolicy::new("/f.png").image(&width(50)).thumb(small);
    let form = client.form(&policy).file("f.bmp", bmp(100, 60));
    let result = form.send().await.unwrap();
    let image = result.image.unwrap();
    assert_eq!((image.width, image.height), (50, 30));
    let done = client.wait_for_tasks(&result.task_ids).send().await;
    assert_eq!(done.unwrap()[0].paths, ["/small.png"]);
    let wide = FormPolicy::new("/w").image_width_range(1..=99);
    let refused = client.form(&wide).file("w.bmp", bmp(100, 60)).send().await;
    assert_eq!(
        refused.unwrap_err().code(),
        Some(ErrorCode::new(40_300_019))
    );
}

#[tokio::test]
async fn fetched_pictures_are_processed() {
    let (_server, client) = gallery('!').await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let site = axum::Router::new().route("/", axum::routing::get(async || bmp(100, 60)));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let fetch = client.fetch_url(url, "/fetched.png");
    let params = ImageParams::builder().width(20).format(ImageFormat::Png);
    let fetch = fetch.image(&params.build().unwrap());
    let id = fetch.send().await.unwrap();
    let done = client.wait_for_tasks([id]).send().await.unwrap();
    assert_eq!((done[0].status, &*done[0].paths[0]), (200, "/fetched.png"));
    let domain = client.access_domain(DOMAIN);
    let info = domain.image_info("/fetched.png").send().await.unwrap();
    assert_eq!((info.width, &*info.file_type), (20, "PNG"));
}

#[tokio::test]
async fn access_domains_show_pictures_processed() {
    let (_server, client) = gallery('!').await;
    let domain = client.access_domain(DOMAIN);
    let params = ImageParams::builder()
        .square(20)
        .flip(Flip::LeftRight)
        .border(1, 2)
        .border_color(Rgb::BLACK)
        .format(ImageFormat::Png)
        .build()
        .unwrap();
    let picture = domain.get("/p.bmp").image(&params).send().await.unwrap();
    assert_eq!(picture.info().content_type.as_deref(), Some("image/png"));
    assert_eq!(picture.info().ignored_status, None);
    let png = picture.bytes().await.unwrap();
    // A PNG has its size in bytes 16 to 24.
    assert_eq!(png[16..24], [0, 0, 0, 22, 0, 0, 0, 24]);
    let version = ImageParams::version("small").unwrap();
    let small = domain.get("/p.bmp").image(&version).send().await.unwrap();
    let png = small.bytes().await.unwrap();
    assert_eq!(png[16..24], [0, 0, 0, 10, 0, 0, 0, 6]);
}

#[tokio::test]
async fn access_domains_serve_objects_in_parts_and_if_changed() {
    let (_server, client) = gallery('!').await;
    let domain = client.access_domain(DOMAIN);
    let part = domain.get("/t.txt").range(1..=3).send().await.unwrap();
    assert_eq!(part.info().range, Some(1..4));
    assert_eq!(part.text().await.unwrap(), "ell");
    let tail = domain.get("/t.txt").last_bytes(2).send().await.unwrap();
    assert_eq!(tail.text().await.unwrap(), "lo");
    let whole = domain.get("/t.txt").query("_upd", "b.txt").send().await;
    let etag = whole.unwrap().info().etag.clone().unwrap();
    let again = domain.get("/t.txt").if_none_match(&etag).send().await;
    assert!(again.unwrap_err().is_not_modified());
}

#[tokio::test]
async fn separators_and_bound_domains() {
    let (server, _) = gallery('_').await;
    let client = Client::builder("demo", "operator", "password")
        .access_endpoint(upyun_client::Endpoint::url(server.url()))
        .build()
        .unwrap();
    let domain = client.access_domain("img.example.com");
    let domain = domain.separator(Separator::Underscore);
    let info = domain.image_info("/p.bmp").send().await.unwrap();
    assert_eq!((info.width, info.height), (100, 60));
    let picture = domain.get("/p.bmp").image(&width(10)).send().await;
    assert!(picture.is_ok());
    let divided = domain.get("/a_b.bmp").send().await.unwrap_err();
    assert_eq!(divided.kind(), ErrorKind::Invalid);
    assert!(divided.message().contains("`_`"), "{divided}");
}

#[tokio::test]
async fn secrets_open_and_stay_secret() {
    let (_server, client) = gallery('!').await;
    let put = client.put("/s.txt").secret("hush7").body("hidden");
    put.send().await.unwrap();
    let domain = client.access_domain(DOMAIN);
    assert!(
        domain
            .get("/s.txt")
            .send()
            .await
            .unwrap_err()
            .is_not_found()
    );
    let shown = domain.get("/s.txt").secret("hush7").send().await.unwrap();
    assert_eq!(shown.text().await.unwrap(), "hidden");
    let request = domain.get("/s.txt").secret("hush8");
    assert!(!format!("{request:?}").contains("hush"));
    let wrong = request.send().await.unwrap_err();
    assert!(wrong.is_not_found());
    assert!(!format!("{wrong} {wrong:?}").contains("hush"), "{wrong:?}");
}

#[tokio::test]
async fn pictures_answer_questions() {
    let (_server, client) = gallery('!').await;
    let domain = client.access_domain(DOMAIN);
    let info = domain.image_info("/p.bmp").send().await.unwrap();
    assert_eq!((info.width, info.height, info.frames), (100, 60, 1));
    assert_eq!(info.file_type, "BMP");
    let meta = domain.image_exif("/p.bmp").send().await.unwrap();
    assert_eq!(meta.image, Some(info));
    assert!(meta.exif.unwrap().is_empty());
    let faces = domain.faces("/p.bmp").send().await.unwrap();
    assert_eq!((faces.width, faces.height), (100, 60));
    assert!(faces.faces.is_empty());
}

#[tokio::test]
async fn refusals_of_access_domains() {
    let (_server, client) = gallery('!').await;
    let domain = client.access_domain(DOMAIN);
    let shown = |key: &str, text: &str| {
        let params = ImageParams::raw(text).unwrap();
        domain.get(key).image(&params).send()
    };
    let wrong = shown("/p.bmp", "/fw/x").await.unwrap_err();
    assert_eq!(wrong.code(), Some(ErrorCode::INVALID_VALUE));
    let version = shown("/p.bmp", "none").await.unwrap_err();
    assert_eq!((version.status(), version.code()), (Some(404), None));
    assert_eq!(version.message(), "Not Profile");
    assert!(version.is_not_found());
    let text = shown("/t.txt", "/fw/5").await.unwrap_err();
    assert_eq!(
        (text.status(), text.kind()),
        (Some(405), ErrorKind::Refused)
    );
    let info = domain.image_info("/t.txt").send().await.unwrap_err();
    assert_eq!(
        (info.status(), info.kind()),
        (Some(406), ErrorKind::Refused)
    );
    let gone = domain.get("/gone").send().await.unwrap_err();
    assert_eq!(gone.code(), Some(ErrorCode::FILE_NOT_FOUND));
    assert!(gone.request_id().is_some());
    let ignored = ImageParams::builder().width(5).ignore_errors().build();
    let ignored = domain.get("/t.txt").image(&ignored.unwrap()).send().await;
    let ignored = ignored.unwrap();
    assert_eq!(ignored.info().ignored_status, Some(405));
    assert_eq!(ignored.text().await.unwrap(), "hello");
}

#[tokio::test]
async fn watermarks_survive_the_url() {
    let (server, client) = gallery('!').await;
    // Its Base64 has all that a URL could spoil.
    let key = "/????>>.bmp";
    let mut black = bmp(4, 4);
    black[54..].fill(0);
    server.put_object(key, black).unwrap();
    let domain = client.access_domain(DOMAIN);
    let shown = async |watermark: Option<&str>| {
        let mut builder = ImageParams::builder().width(50).format(ImageFormat::Png);
        if let Some(key) = watermark {
            builder = builder.watermark(
                PictureWatermark::new(key)
                    .align(Gravity::Center)
                    .margin(0, 0),
            );
        }
        let params = builder.build().unwrap();
        let picture = domain.get("/p.bmp").image(&params).send().await?;
        picture.bytes().await
    };
    let params = ImageParams::builder().watermark(PictureWatermark::new(key));
    let text = params.build().unwrap().to_string();
    assert!(
        text.contains('|') && text.contains('+') && text.contains('='),
        "{text}"
    );
    let (plain, marked) = (shown(None).await.unwrap(), shown(Some(key)).await.unwrap());
    assert_ne!(plain, marked);
    let missing = shown(Some("/none.png")).await.unwrap_err();
    assert_eq!(missing.code(), Some(ErrorCode::INVALID_PARAM_IN_THUMB));
}
