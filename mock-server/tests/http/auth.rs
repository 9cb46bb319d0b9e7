//! What the journal says of refused credentials.

use std::time::{Duration, SystemTime};

use upyun_client::protocol::{
    PasswordMd5,
    sign::{TokenSignature, basic, upyun},
};

use crate::kit::{Send as _, get, start};

#[test]
fn missing_credentials_are_explained() {
    let server = start();
    get("/demo/")
        .unsigned()
        .refused(&server, (401, 40100004, "need authorization header"))
        .says("no Authorization header");
}

#[test]
fn dates_are_explained() {
    let server = start();
    for text in [
        "yesterday",
        "2026-11-24T00:00:00Z",
        "Tue, 24 Nov 2026 00:00:00 CST",
    ] {
        get("/demo/")
            .dated(text)
            .refused(&server, (401, 40100016, "invalid date value in header"))
            .says(text);
    }
    let far = Duration::from_secs(31 * 60);
    get("/demo/")
        .at(SystemTime::now() - far)
        .refused(&server, (401, 40100002, "date offset error"))
        .says("31 minutes behind");
    get("/demo/")
        .at(SystemTime::now() + far + Duration::from_secs(5))
        .refused(&server, (401, 40100002, "date offset error"))
        .says("ahead of");
}

#[test]
fn the_method_of_a_token_is_explained() {
    let server = start();
    let expire = SystemTime::now() + Duration::from_secs(60);
    let expire = expire.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let expire = expire.as_secs().to_string();
    let token = TokenSignature {
        method: "PUT",
        prefix: Some("/demo/dir/"),
        postfix: None,
        expire: &expire,
    };
    let signature = token.sign(&PasswordMd5::of("password"));
    get("/demo/dir/a.txt")
        .unsigned()
        .header("X-Upyun-Uri-Prefix", "/demo/dir/")
        .header("X-Upyun-Expire", &expire)
        .header("Authorization", upyun("operator", &signature))
        .refused(&server, (401, 40100005, "signature error"))
        .says("PUT was signed");
}

#[test]
fn operators_and_passwords_are_explained() {
    let server = start();
    get("/demo/")
        .by("nobody", "password")
        .refused(&server, (401, 40100006, "user not exists"))
        .says("\"operator\"");
    get("/demo/")
        .by("operator", "wrong")
        .refused(&server, (401, 40100005, "signature error"))
        .says("fits no known mistake");
    let md5 = PasswordMd5::of("password");
    get("/demo/")
        .unsigned()
        .header("Authorization", basic("operator", md5.reveal()))
        .refused(&server, (401, 40100009, "user password error"))
        .says("takes the plain password");
}
