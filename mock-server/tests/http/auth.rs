//! Who asks, and may they: the forms of authorization and the order of checks.

use std::time::{Duration, SystemTime};

use upyun_client::protocol::{
    ErrorCode, PasswordMd5, date,
    sign::{HeaderSignature, LegacySignature, TokenSignature, basic, upyun},
};
use upyun_mock::{
    MockServer,
    accounts::{Operator, Rights, Service, ServiceState},
};

use crate::kit::{Request, delete, get, head, make_folder, patch, put, request, start};

fn key() -> PasswordMd5 {
    PasswordMd5::of("password")
}

fn now() -> String {
    date::format(SystemTime::now())
}

/// Signed over a text that need not be what is sent.
fn signed_as(request: Request, method: &str, uri: &str) -> Request {
    let date = now();
    let signature = HeaderSignature {
        method,
        uri,
        date: &date,
        content_md5: None,
    };
    request
        .unsigned()
        .header("Date", &date)
        .header("Authorization", upyun("operator", &signature.sign(&key())))
}

fn token(method: &str, prefix: Option<&str>, postfix: Option<&str>, expire: &str) -> String {
    let token = TokenSignature {
        method,
        prefix,
        postfix,
        expire,
    };
    upyun("operator", &token.sign(&key()))
}

fn in_a_minute() -> String {
    unix(SystemTime::now() + Duration::from_secs(60))
}

fn unix(time: SystemTime) -> String {
    let unix = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    unix.as_secs().to_string()
}

#[test]
fn every_form_of_authorization_is_accepted() {
    let server = start();
    server.put_object("/dir/a.txt", "x").unwrap();
    get("/demo/dir/a.txt").ok(&server);
    let plain = get("/demo/dir/a.txt").unsigned();
    plain
        .clone()
        .header("Authorization", basic("operator", "password"))
        .ok(&server);
    let date = now();
    let legacy = LegacySignature {
        method: "GET",
        uri: "/demo/dir/a.txt",
        date: &date,
        content_length: 0,
    };
    let authorization = format!("UpYun operator:{}", legacy.sign(&key()));
    plain
        .clone()
        .header("Date", &date)
        .header("Authorization", &authorization)
        .ok(&server);
    let upper = authorization.replace(&legacy.sign(&key()), &legacy.sign(&key()).to_uppercase());
    plain
        .clone()
        .header("Date", &date)
        .header("Authorization", upper)
        .ok(&server);
    let expire = in_a_minute();
    plain
        .header("X-Upyun-Uri-Prefix", "/demo/di")
        .header("X-Upyun-Uri-Postfix", ".txt")
        .header("X-Upyun-Expire", &expire)
        .header(
            "Authorization",
            token("GET", Some("/demo/di"), Some(".txt"), &expire),
        )
        .ok(&server);
}

#[test]
fn the_scheme_word_has_no_case_and_the_query_may_stay_unsigned() {
    let server = start();
    signed_as(get("/demo/?usage"), "GET", "/demo/").ok(&server);
    signed_as(get("/demo/?usage"), "GET", "/demo/?usage").ok(&server);
    let date = now();
    let signature = HeaderSignature {
        method: "GET",
        uri: "/demo/",
        date: &date,
        content_md5: None,
    };
    for scheme in ["UpYun", "upyun"] {
        get("/demo/")
            .unsigned()
            .header("Date", &date)
            .header(
                "Authorization",
                format!("{scheme} operator:{}", signature.sign(&key())),
            )
            .ok(&server);
    }
}

#[test]
fn x_date_counts_where_both_dates_are_there() {
    let server = start();
    let date = now();
    let signature = HeaderSignature {
        method: "GET",
        uri: "/demo/",
        date: &date,
        content_md5: None,
    };
    let authorization = upyun("operator", &signature.sign(&key()));
    let alone = get("/demo/")
        .unsigned()
        .header("X-Date", &date)
        .header("Authorization", authorization);
    alone.ok(&server);
    alone
        .header("Date", "Mon, 02 Jan 2006 15:04:05 GMT")
        .ok(&server);
}

#[test]
fn authorization_is_asked_for_and_must_be_readable() {
    let server = start();
    let bare = get("/demo/").unsigned();
    bare.refused(&server, ErrorCode::NEED_AUTHORIZATION_HEADER)
        .says("no Authorization header");
    for (value, code) in [
        ("Bearer x", ErrorCode::UNKNOWN_REALM_IN_AUTHORIZATION_HEADER),
        ("UPYUN", ErrorCode::SIGNATURE_ERROR),
        ("UPYUN operator", ErrorCode::SIGNATURE_ERROR),
        ("UPYUN operator:", ErrorCode::SIGNATURE_ERROR),
        ("UPYUN :abc", ErrorCode::SIGNATURE_ERROR),
        ("Basic %%%", ErrorCode::SIGNATURE_ERROR),
        ("Basic b3BlcmF0b3I=", ErrorCode::SIGNATURE_ERROR),
    ] {
        bare.clone()
            .header("Authorization", value)
            .refused(&server, code);
    }
}

#[test]
fn dates_are_needed_and_readable_and_near() {
    let server = start();
    let signature = "UPYUN operator:AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let bare = get("/demo/").unsigned().header("Authorization", signature);
    bare.refused(&server, ErrorCode::NEED_DATE_HEADER);
    for text in [
        "yesterday",
        "2026-11-24T00:00:00Z",
        "Tue, 24 Nov 2026 00:00:00 CST",
    ] {
        bare.clone()
            .header("Date", text)
            .refused(&server, ErrorCode::INVALID_DATE_VALUE_IN_HEADER)
            .says(text);
    }
    let far = Duration::from_secs(31 * 60);
    get("/demo/")
        .at(SystemTime::now() - far)
        .refused(&server, ErrorCode::DATE_OFFSET_ERROR)
        .says("31 minutes behind");
    get("/demo/")
        .at(SystemTime::now() + far + Duration::from_secs(5))
        .refused(&server, ErrorCode::DATE_OFFSET_ERROR)
        .says("ahead of");
    // The weekday need not fit (`[choice A-7]`).
    let date = now();
    let wrong_day = if date.starts_with("Mon") {
        "Tue"
    } else {
        "Mon"
    };
    get("/demo/")
        .dated(&format!("{wrong_day}{}", &date[3..]))
        .ok(&server);
}

#[test]
fn the_window_is_inclusive_on_the_servers_clock() {
    let server = start();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    server.clock().freeze();
    server.clock().set(time);
    let window = Duration::from_secs(1800);
    for at in [time - window, time + window] {
        get("/demo/").at(at).ok(&server);
    }
    let second = Duration::from_secs(1);
    for at in [time - window - second, time + window + second] {
        get("/demo/")
            .at(at)
            .refused(&server, ErrorCode::DATE_OFFSET_ERROR);
    }
}

#[test]
fn tokens_are_bound_to_time_and_path() {
    let server = start();
    server.put_object("/dir/a.txt", "x").unwrap();
    let bound = |prefix: &str, expire: &str| {
        get("/demo/dir/a.txt")
            .unsigned()
            .header("X-Upyun-Uri-Prefix", prefix)
            .header("X-Upyun-Expire", expire)
            .header("Authorization", token("GET", Some(prefix), None, expire))
    };
    bound("/demo/dir/", &in_a_minute()).ok(&server);
    let past = unix(SystemTime::now() - Duration::from_secs(2));
    for expire in ["", "soon", &past] {
        bound("/demo/dir/", expire).refused(&server, ErrorCode::EXPIRE_ERROR);
    }
    bound("/demo/other", &in_a_minute()).refused(&server, ErrorCode::URI_PREFIX_ERROR);
    let expire = in_a_minute();
    get("/demo/dir/a.txt")
        .unsigned()
        .header("X-Upyun-Uri-Postfix", ".jpg")
        .header("X-Upyun-Expire", &expire)
        .header("Authorization", token("GET", None, Some(".jpg"), &expire))
        .refused(&server, ErrorCode::URI_POSTFIX_ERROR);
    get("/demo/dir/a.txt")
        .unsigned()
        .header("X-Upyun-Uri-Prefix", "/demo/dir/")
        .header("X-Upyun-Expire", &expire)
        .header(
            "Authorization",
            token("PUT", Some("/demo/dir/"), None, &expire),
        )
        .refused(&server, ErrorCode::SIGNATURE_ERROR)
        .says("PUT was signed");
}

#[test]
fn operators_must_exist_and_not_be_blocked() {
    let mut blocked = Operator::new("blocked", "password");
    blocked.is_blocked = true;
    let mut blocked_here = Operator::new("blocked-here", "password");
    blocked_here.blocked_in.insert("demo".parse().unwrap());
    let server = MockServer::builder()
        .operator("operator", "password")
        .operator_with(blocked)
        .operator_with(blocked_here)
        .start_blocking()
        .unwrap();
    get("/demo/")
        .by("nobody", "password")
        .refused(&server, ErrorCode::USER_NOT_EXISTS)
        .says("\"operator\"");
    get("/demo/")
        .unsigned()
        .header("Authorization", basic("nobody", "password"))
        .refused(&server, ErrorCode::USER_NOT_EXISTS);
    get("/demo/")
        .by("blocked", "password")
        .refused(&server, ErrorCode::USER_BLOCKED);
    get("/demo/")
        .by("blocked-here", "password")
        .refused(&server, ErrorCode::USER_BLOCKED_IN_THIS_BUCKET);
}

#[test]
fn passwords_must_be_right() {
    let server = start();
    get("/demo/")
        .by("operator", "wrong")
        .refused(&server, ErrorCode::SIGNATURE_ERROR)
        .says("fits no known mistake");
    let basic = |password| {
        get("/demo/")
            .unsigned()
            .header("Authorization", basic("operator", password))
    };
    basic("wrong").refused(&server, ErrorCode::USER_PASSWORD_ERROR);
    basic(PasswordMd5::of("password").reveal())
        .refused(&server, ErrorCode::USER_PASSWORD_ERROR)
        .says("takes the plain password");
}

#[test]
fn services_must_exist_and_be_open() {
    let mut builder = MockServer::builder().service("demo");
    for (name, state) in [
        ("blocked", ServiceState::Blocked),
        ("removed", ServiceState::Removed),
        ("readonly", ServiceState::ReadOnly),
    ] {
        builder = builder.service_with(Service {
            state,
            ..Service::new(name.parse().unwrap())
        });
    }
    let server = builder.start_blocking().unwrap();
    get("/unknown/x").refused(&server, ErrorCode::BUCKET_NOT_EXIST);
    get("/blocked/").refused(&server, ErrorCode::BUCKET_BLOCKED);
    get("/removed/").refused(&server, ErrorCode::BUCKET_REMOVED);
    get("/readonly/").ok(&server);
    for writing in [
        put("/readonly/a", "x"),
        make_folder("/readonly/a"),
        patch("/readonly/a").header("x-upyun-meta-a", "1"),
        delete("/readonly/a"),
        put("/readonly/b", "").header("X-Upyun-Copy-Source", "/readonly/a"),
        put("/readonly/b", "").header("X-Upyun-Move-Source", "/readonly/a"),
    ] {
        writing.refused(&server, ErrorCode::BUCKET_READ_ONLY);
    }
    get("/").refused(&server, ErrorCode::NEED_BUCKET_NAME);
    get("/")
        .unsigned()
        .refused(&server, ErrorCode::NEED_BUCKET_NAME);
}

#[test]
fn every_operation_needs_its_right() {
    let demo = "demo".parse().unwrap();
    let limited = |name: &str, letters: &str| {
        Operator::new(name, "password").limited([], Rights::parse(letters).unwrap())
    };
    let server = MockServer::builder()
        .operator("operator", "password")
        .operator_with(limited("reader", "r"))
        .operator_with(limited("writer", "w"))
        .operator_with(limited("deleter", "d"))
        .operator_with(
            Operator::new("stranger", "password").limited(["other".parse().unwrap()], Rights::ALL),
        )
        .start_blocking()
        .unwrap();
    assert_eq!(server.service_name(), &demo);
    server.put_object("/a", "x").unwrap();
    let reading = [
        get("/demo/a"),
        head("/demo/a"),
        get("/demo/"),
        get("/demo/?usage"),
    ];
    let writing = [
        put("/demo/b", "x"),
        request("POST", "/demo/b").body("x"),
        make_folder("/demo/c"),
        patch("/demo/a").header("x-upyun-meta-a", "1"),
        put("/demo/c", "").header("X-Upyun-Copy-Source", "/demo/a"),
    ];
    let moving = put("/demo/c", "").header("X-Upyun-Move-Source", "/demo/a");
    let deleting = delete("/demo/a");
    let need = ErrorCode::USER_NEED_PERMISSION;
    for one in &reading {
        one.clone().by("reader", "password").ok(&server);
        one.clone().by("writer", "password").refused(&server, need);
        one.clone()
            .by("stranger", "password")
            .refused(&server, need);
    }
    for one in &writing {
        one.clone().by("reader", "password").refused(&server, need);
        one.clone().by("deleter", "password").refused(&server, need);
    }
    let no_delete = ErrorCode::HAS_NO_PERMISSION_TO_DELETE;
    deleting
        .clone()
        .by("writer", "password")
        .refused(&server, no_delete);
    moving
        .clone()
        .by("writer", "password")
        .refused(&server, no_delete);
    moving.by("deleter", "password").refused(&server, need);
    deleting.by("deleter", "password").ok(&server);
}

/// Each row fails a check of `[choice A-29]` and all later ones that it can; the first one answers.
#[test]
fn the_first_failing_check_answers() {
    let mut blocked = Operator::new("blocked", "password");
    blocked.is_blocked = true;
    let server = MockServer::builder()
        .operator("operator", "password")
        .operator_with(blocked)
        .start_blocking()
        .unwrap();
    let old = SystemTime::now() - Duration::from_secs(7200);
    let wrong = get("/unknown/../x");
    wrong
        .clone()
        .unsigned()
        .refused(&server, ErrorCode::NEED_AUTHORIZATION_HEADER);
    wrong
        .clone()
        .by("nobody", "x")
        .dated("never")
        .refused(&server, ErrorCode::INVALID_DATE_VALUE_IN_HEADER);
    wrong
        .clone()
        .by("nobody", "x")
        .at(old)
        .refused(&server, ErrorCode::DATE_OFFSET_ERROR);
    wrong
        .clone()
        .by("nobody", "x")
        .refused(&server, ErrorCode::USER_NOT_EXISTS);
    wrong
        .clone()
        .by("blocked", "x")
        .refused(&server, ErrorCode::USER_BLOCKED);
    wrong
        .clone()
        .by("operator", "x")
        .refused(&server, ErrorCode::SIGNATURE_ERROR);
    wrong.refused(&server, ErrorCode::BUCKET_NOT_EXIST);
    get("/demo/../x").refused(&server, ErrorCode::WRONG_URI);
}
