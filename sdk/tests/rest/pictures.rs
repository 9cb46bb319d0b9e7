//! Pictures on the wire: what uploads ask, and access domains.

use upyun_client::{
    ErrorKind, ImageParams, ThemeColors,
    protocol::{ErrorCode, image::Rgb},
};

use crate::support::{Server, error, ok, reply};

const DOMAIN: &str = "demo.b0.upaiyun.com";
const PINK: Rgb = Rgb::new(255, 0, 170);

#[tokio::test]
async fn uploads_say_how_the_picture_shall_look() {
    let server = Server::start([ok(), ok()]).await;
    let params = ImageParams::builder().version("小").width(300).build();
    let client = server.client();
    let put = client.put("/a.jpg").image(&params.unwrap()).body("x");
    put.send().await.unwrap();
    let old = client
        .put("/a.jpg")
        .header("x-gmkerl-type", "fix_width")
        .header("x-gmkerl-value", "300")
        .header("X-Gmkerl-NoICC", "true");
    old.send().await.unwrap();
    let seen = server.seen();
    let thumb = seen[0].header("x-gmkerl-thumb");
    assert_eq!(thumb, Some("小/fw/300"));
    assert_eq!(seen[1].header("x-gmkerl-type"), Some("fix_width"));
    assert_eq!(seen[1].header("x-gmkerl-value"), Some("300"));
    assert_eq!(seen[1].header("x-gmkerl-noicc"), Some("true"));
}

#[tokio::test]
async fn uploads_ask_what_the_picture_is() {
    let facts = [
        ("x-upyun-width", "4"),
        ("x-upyun-height", "3"),
        ("content-type", "application/json"),
    ];
    let server = Server::start([
        reply(200, &facts, r#"{"EXIF":{"Make":"Canon","Orientation":6}}"#),
        reply(200, &facts, r#"{"theme_color":["0xff00aa","0x102030"]}"#),
        reply(200, &[], ""),
    ])
    .await;
    let client = server.client();
    let put = client.put("/a.jpg").exif().body("x").send().await.unwrap();
    let exif = put.exif.unwrap();
    assert_eq!(exif.get("Make"), Some("Canon"));
    assert_eq!(exif.number("Orientation"), Some(6));
    assert_eq!(put.image.unwrap().width, 4);
    let two = ThemeColors::at_most(2).unwrap().hex();
    let put = client.put("/a.jpg").theme_colors(two).body("x");
    let put = put.send().await.unwrap();
    assert_eq!(put.theme_colors, [PINK, Rgb::new(16, 32, 48)]);
    // A deployment that does not answer is no failure of the upload.
    let put = client.put("/a.jpg").exif().body("x").send().await.unwrap();
    assert_eq!(put.exif, None);
    let seen = server.seen();
    assert_eq!(seen[0].header("x-gmkerl-type"), Some("get_meta"));
    assert_eq!(seen[1].header("x-gmkerl-type"), Some("get_theme_color"));
    let count = seen[1].header("x-gmkerl-extract-color-count");
    assert_eq!(count, Some("2"));
    let format = seen[1].header("x-gmkerl-extract-format");
    assert_eq!(format, Some("hex"));
}

#[tokio::test]
async fn access_domains_are_asked_by_their_name_and_without_a_signature() {
    let server = Server::start([ok()]).await;
    let domain = server.client().access_domain(DOMAIN);
    let params = ImageParams::builder().width(300).build().unwrap();
    let request = domain
        .get("/图 1.jpg")
        .image(&params)
        .query("_upt", "abc 1")
        .header("Accept", "image/webp");
    request.send().await.unwrap().bytes().await.unwrap();
    let seen = server.raw().remove(0);
    assert_eq!(
        (&*seen.method, &*seen.target),
        ("GET", "/%E5%9B%BE%201.jpg!/fw/300?_upt=abc+1")
    );
    assert_eq!(seen.header("host"), Some(DOMAIN));
    assert_eq!(seen.header("accept"), Some("image/webp"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("date"), None);
}

#[tokio::test]
async fn answers_about_pictures_are_read() {
    let json = |body: &str| reply(200, &[("content-type", "application/json")], body);
    let server = Server::start([
        json(r#"{"width":4,"height":3,"type":"JPEG","IPTC":{"Keywords":"a,b"}}"#),
        json(r#"{"width":4,"height":3,"EXIF":{},"IPTC":{"City":"Hangzhou"}}"#),
        json("[16711850]"),
        json("{\"width\":4}"),
    ])
    .await;
    let domain = server.client().access_domain(DOMAIN);
    let meta = domain.image_iptc("/a.jpg").send().await.unwrap();
    assert_eq!(meta.iptc.unwrap().get("Keywords"), Some("a,b"));
    let meta = domain.image_meta("/a.jpg").send().await.unwrap();
    assert_eq!(meta.iptc.unwrap().get("City"), Some("Hangzhou"));
    assert!(meta.exif.unwrap().is_empty());
    let colors = domain.theme_colors("/a.jpg", ThemeColors::at_most(1).unwrap());
    assert_eq!(colors.send().await.unwrap(), [PINK]);
    let info = domain.image_info("/a.jpg").send().await.unwrap_err();
    assert_eq!(info.kind(), ErrorKind::Malformed);
    let uris: Vec<_> = server.raw().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        uris,
        [
            "/a.jpg!/meta/iptc",
            "/a.jpg!/meta/all",
            "/a.jpg!/excolor/1/exformat/dec",
            "/a.jpg!/info"
        ]
    );
}

#[tokio::test]
async fn refusals_of_access_domains() {
    let forbidden = r#"{"code":"40310002","msg":"region is forbidden"}"#;
    let large = r#"{"msg":"Limit Exceeded","code":409,"id":"rid"}"#;
    let server = Server::start([
        reply(403, &[("x-error-code", "40310002")], forbidden),
        reply(409, &[], large),
        error(40_011_002, "invalid x-gmkerl-value"),
    ])
    .await;
    let domain = server.client().access_domain(DOMAIN);
    let error = domain.get("/a.jpg").send().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::new(40_310_002)));
    assert_eq!(error.message(), "region is forbidden");
    let error = domain.get("/a.jpg").send().await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(409), None));
    assert_eq!(error.kind(), ErrorKind::Refused);
    let error = domain.get("/a.jpg").send().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::INVALID_VALUE));
}

#[tokio::test]
async fn secrets_and_tokens_are_in_no_error() {
    let server = Server::start(std::iter::repeat_n(reply(502, &[], ""), 3)).await;
    let domain = server.client().access_domain(DOMAIN);
    let request = domain.get("/a.jpg").secret("hush").query("_upt", "token");
    let error = request.send().await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("hush") && !text.contains("token"), "{text}");
    assert!(text.contains("GET /a.jpg!***"), "{text}");
    assert_eq!(server.raw()[0].target, "/a.jpg!hush?_upt=token");
}
