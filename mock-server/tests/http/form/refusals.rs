//! Forms that are refused, and why.

use super::*;

#[test]
fn heads_and_policies_are_checked() {
    let server = start();
    let good = || form("a", "x");
    request("POST", "/demo")
        .unsigned()
        .header("Content-Type", "text/plain")
        .body("x")
        .refused(&server, ErrorCode::WRONG_CONTENT_TYPE_HEADER);
    let bare = |content_type: &str| {
        request("POST", "/demo")
            .unsigned()
            .header("Content-Type", content_type)
    };
    bare("multipart/form-data")
        .body("x")
        .refused(&server, ErrorCode::NO_BOUNDARY);
    let boundary = "multipart/form-data; boundary=B";
    bare(boundary).refused(&server, ErrorCode::CONTENT_LENGTH_IS_ZERO);
    bare(boundary)
        .without_length()
        .refused(&server, ErrorCode::NEED_CONTENT_LENGTH_HEADER);
    bare(boundary)
        .body("no form")
        .refused(&server, ErrorCode::CLIENT_ERROR);
    good()
        .drop_part("policy")
        .refused_early(&server, ErrorCode::NEED_POLICY);
    let text = |text: &str| Form {
        policy_text: Some(text.into()),
        ..good()
    };
    text("%%%").refused_early(&server, ErrorCode::DECODE_POLICY_ERROR);
    text("W10=").refused_early(&server, ErrorCode::DECODE_POLICY_ERROR);
    let bytes = |json: &[u8]| text(&BASE64_STANDARD.encode(json));
    bytes(b"{\"save-key\":\"/\xff\"}")
        .refused_early(&server, ErrorCode::SAVE_KEY_ENCODING_SHOULD_BE_UTF8);
    bytes(b"{\"ext-param\":\"/\xff\"}").refused_early(&server, ErrorCode::DECODE_POLICY_ERROR);
    let other = ErrorCode::URI_BUCKET_DIFFERS_FROM_PARAM;
    good()
        .without("service")
        .refused(&server, ErrorCode::NEED_BUCKET_NAME);
    good().with("bucket", "other").refused(&server, other);
    good()
        .without("service")
        .with("bucket", "demo")
        .accepted(&server);
    good()
        .without("save-key")
        .refused(&server, ErrorCode::NEED_SAVE_KEY);
    good()
        .without("expiration")
        .refused(&server, ErrorCode::NEED_EXPIRATION);
    good()
        .with("expiration", "soon")
        .refused(&server, ErrorCode::NEED_EXPIRATION);
    good()
        .with("expiration", 1)
        .refused(&server, ErrorCode::AUTHORIZATION_HAS_EXPIRED);
    good()
        .drop_part("authorization")
        .refused(&server, ErrorCode::NEED_SIGNATURE);
    good()
        .drop_part("file")
        .refused(&server, ErrorCode::NEED_FILE);
    good()
        .with("ext-param", "x".repeat(256))
        .refused(&server, ErrorCode::DATA_TOO_LONG_FOR_EXT_PARAM);
    good()
        .with("content-secret", "-")
        .refused(&server, ErrorCode::INVALID_CONTENT_SECRET);
    good()
        .with("x-upyun-meta-ttl", 181)
        .refused(&server, ErrorCode::INVALID_FILE_TTL);
    good()
        .with("image-width-range", "x")
        .refused(&server, ErrorCode::INVALID_IMAGE_WIDTH_RANGE);
    good()
        .with("image-height-range", "1")
        .refused(&server, ErrorCode::INVALID_IMAGE_HEIGHT_RANGE);
    good()
        .with("content-length-range", "1")
        .refused(&server, ErrorCode::DECODE_POLICY_ERROR);
    good()
        .with("content-length", "x")
        .refused(&server, ErrorCode::POLICY_CONTENT_LENGTH_FORMAT_ERROR);
}

#[test]
fn files_are_checked() {
    let server = start();
    server.put_object("/file", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    let good = || form("a.JPG", "12345");
    good()
        .with("allow-file-type", "png, .jpg")
        .accepted(&server);
    good()
        .with("allow-file-type", "png")
        .refused(&server, ErrorCode::FILE_TYPE_ERROR);
    good()
        .with("content-length-range", "6,9")
        .refused(&server, ErrorCode::FILE_TOO_SMALL);
    good()
        .with("content-length-range", "0,4")
        .refused(&server, ErrorCode::FILE_TOO_LARGE);
    for md5 in ["x", "5d41402abc4b2a76b9719d911017c592"] {
        good()
            .with("content-md5", md5)
            .refused(&server, ErrorCode::FORM_CONTENT_MD5_NOT_MATCH);
    }
    good()
        .with("image-width-range", "1,2")
        .refused(&server, ErrorCode::NOT_AN_IMAGE);
    let gif = || form("a.gif", GIF);
    gif()
        .with("image-width-range", "2,9")
        .refused(&server, ErrorCode::IMAGE_WIDTH_OUT_OF_RANGE);
    gif()
        .with("image-height-range", "2,9")
        .refused(&server, ErrorCode::IMAGE_HEIGHT_OUT_OF_RANGE);
    good()
        .with("content-length", 6)
        .refused(&server, ErrorCode::FILE_SIZE_NOT_MATCH);
    good()
        .with("content-length", 5)
        .reversed()
        .refused(&server, ErrorCode::FAILED_TO_READ_FIRSTCHUNK);
    for (save_key, code) in [
        ("/folder", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/new/", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/file/below", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/a\n", ErrorCode::FILE_NAME_INVALID_CHARS),
        (
            &*format!("/{}", "n".repeat(256)),
            ErrorCode::FILE_NAME_TOO_LONG,
        ),
        (&*"/n".repeat(513), ErrorCode::FILE_PATH_TOO_LONG),
        ("/../x", ErrorCode::WRONG_URI),
    ] {
        good().with("save-key", save_key).refused(&server, code);
    }
}

#[test]
fn signatures_and_rights_are_checked_and_explained() {
    let disabled = Service {
        is_form_disabled: true,
        ..Service::new("off".parse().unwrap())
    };
    let reader = Operator::new("reader", "password").limited([], Rights::parse("r").unwrap());
    let server = MockServer::builder()
        .service("demo")
        .service_with(disabled)
        .service_with(Service {
            is_single_copy: true,
            ..Service::new("single".parse().unwrap())
        })
        .operator("operator", "password")
        .operator_with(reader)
        .start_blocking()
        .unwrap();
    let signed = |form: &Form, operator: &str, uri: &str, date: Option<&str>| Form {
        authorization: Some(upyun(
            operator,
            &FormSignature {
                uri,
                date,
                policy: &form.policy(),
                content_md5: None,
            }
            .sign(&PasswordMd5::of("password")),
        )),
        ..form.clone()
    };
    let good = form("a", "x");
    let why = || {
        server
            .requests()
            .last()
            .unwrap()
            .explanation
            .clone()
            .unwrap()
            .to_string()
    };
    signed(&good, "operator", "/demo/", None).refused(&server, ErrorCode::SIGNATURE_ERROR);
    assert!(why().contains("A slash was added"), "{}", why());
    let dated = good.clone().with("date", "Tue, 24 Nov 2026 00:00:00 GMT");
    signed(&dated, "operator", "/demo", None).refused(&server, ErrorCode::SIGNATURE_ERROR);
    assert!(why().contains("date was not signed"), "{}", why());
    signed(&good, "nobody", "/demo", None).refused(&server, ErrorCode::USER_NOT_EXISTS);
    signed(&good, "reader", "/demo", None).refused(&server, ErrorCode::USER_NEED_PERMISSION);
    let bad = Form {
        authorization: Some("Bearer x".into()),
        ..good.clone()
    };
    bad.refused(&server, ErrorCode::UNKNOWN_REALM_IN_AUTHORIZATION_HEADER);
    good.clone()
        .with("service", "off")
        .at("/off")
        .refused(&server, ErrorCode::FORM_API_DISABLED);
    good.clone()
        .with("service", "single")
        .at("/single")
        .refused(&server, ErrorCode::SINGLE_COPY_NO_FORM_API);
    good.with("service", "unknown")
        .at("/unknown")
        .refused(&server, ErrorCode::BUCKET_NOT_EXIST);
}

#[test]
fn large_forms_are_bounded_and_refusals_arrive() {
    let server = MockServer::builder()
        .configure(|config| config.limits.max_object_bytes = 9_000_000)
        .start_blocking()
        .unwrap();
    let large = |size: usize| form("a", vec![b'x'; size]);
    large(9_000_001).refused(&server, ErrorCode::REQUEST_BODY_TOO_BIG);
    let mut unsigned = large(8_000_000);
    unsigned.authorization = Some("UPYUN operator:AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into());
    unsigned.refused(&server, ErrorCode::SIGNATURE_ERROR);
    unsigned
        .reversed()
        .refused(&server, ErrorCode::SIGNATURE_ERROR);
    large(8_000_000).accepted(&server);
    let mut field = form("a", "x");
    field
        .parts
        .insert(0, ("signature", None, vec![b'x'; 2_000_000]));
    field.refused_early(&server, ErrorCode::REQUEST_BODY_TOO_BIG);
}

#[test]
fn a_policy_that_expires_before_its_date_is_named() {
    let server = start();
    // A duration instead of a moment.
    let form = form("a", "x")
        .with("date", "Tue, 24 Nov 2026 00:00:00 GMT")
        .with("expiration", 1800);
    form.refused(&server, ErrorCode::AUTHORIZATION_HAS_EXPIRED);
    let why = server.requests().last().unwrap().explanation.clone();
    let why = why.unwrap().to_string();
    assert!(why.contains("before its own date"), "{why}");
    assert!(why.contains("1795478400"), "{why}");
}
