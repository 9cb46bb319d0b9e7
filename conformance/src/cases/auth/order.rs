//! Of two mistakes, which one is told.

use super::{NOBODY, authorized, date};
use crate::{
    Context, Outcome,
    case::case,
    target::{Operator, fixtures},
    wire::{Api, sign::base64},
};

fn nobody() -> Operator {
    Operator::new(NOBODY, "password")
}

/// One whose signatures are wrong.
fn forger(cx: &Context) -> Operator {
    Operator::new(&cx.operator().name, "another password")
}

fn nowhere(cx: &Context) -> String {
    format!("/no-such-service-{}/a.txt", cx.unix())
}

case! {
    service_first: auth "14", choice "A-29", codes 40000003;
    "A path without a service is told before anything of the signature."
}
async fn service_first(cx: Context) -> Outcome {
    for path in ["/", "//", "//a.txt"] {
        for method in ["GET", "PUT", "DELETE"] {
            let request = cx.request(method, path).unsigned();
            request
                .refused((400, 40000003, "need bucket name"))
                .await
                .map_err(|it| it.at(path))?;
        }
    }
    Ok(())
}

case! {
    header_before_date: auth "14", choice "A-29", codes 40100004 40100003 40100005;
    "A missing, foreign or malformed Authorization is told before the date."
}
async fn header_before_date(cx: Context) -> Outcome {
    for (value, code) in [
        ("", (401, 40100004, "need authorization header")),
        (
            "Bearer x",
            (401, 40100003, "unknown realm in authorization header"),
        ),
        ("UPYUN x", (401, 40100005, "signature error")),
    ] {
        for request in [
            cx.get("a.txt").unsigned(),
            cx.get("a.txt").unsigned().header("Date", "nonsense"),
        ] {
            let request = request.header("Authorization", value);
            request.refused(code).await.map_err(|it| it.at(value))?;
        }
    }
    Ok(())
}

case! {
    date_before_operator: auth "14", choice "A-29", codes 40100001 40100016 40100002;
    "The date is told before the operator."
}
async fn date_before_operator(cx: Context) -> Outcome {
    let value = format!("UPYUN {NOBODY}:{}", base64([0; 20]));
    let old = "Wed, 09 Nov 2016 14:26:58 GMT";
    for (date, code) in [
        ("nonsense", (401, 40100016, "invalid date value in header")),
        (old, (401, 40100002, "date offset error")),
    ] {
        let request = authorized(cx.get("a.txt"), date, &value);
        request.refused(code).await?;
    }
    let request = cx.get("a.txt").unsigned().header("Authorization", &value);
    request.refused((401, 40100001, "need date header")).await?;
    Ok(())
}

case! {
    token_before_operator: auth "14", choice "A-29", codes 40100024 40100022;
    "What is wrong with a token's headers is told before the operator."
}
async fn token_before_operator(cx: Context) -> Outcome {
    let value = format!("UPYUN {NOBODY}:{}", base64([0; 20]));
    for (expire, code) in [
        (cx.unix() - 60, (401, 40100024, "expire error")),
        (cx.unix() + 600, (401, 40100022, "uri prefix error")),
    ] {
        let request = cx.get("a.txt").unsigned().header("Authorization", &value);
        let request = request.header("X-Upyun-Uri-Prefix", "/elsewhere");
        let request = request.header("X-Upyun-Expire", expire.to_string());
        request.refused(code).await?;
    }
    Ok(())
}

case! {
    operator_before_service: auth "14", choice "A-29", codes 40100006;
    "The operator is told before the service."
}
async fn operator_before_service(cx: Context) -> Outcome {
    let request = cx.request("GET", nowhere(&cx)).by(&nobody());
    request.refused((401, 40100006, "user not exists")).await?;
    Ok(())
}

case! {
    block_before_signature: auth "14", choice "A-29", codes 40100007, tags NeedsControl;
    "That an operator is blocked is told before its signature."
}
async fn block_before_signature(cx: Context) -> Outcome {
    let blocked = Operator::new(fixtures::BLOCKED_OPERATOR, "another password");
    cx.get("a.txt")
        .by(&blocked)
        .refused((401, 40100007, "user blocked"))
        .await?;
    Ok(())
}

case! {
    signature_before_service: auth "14", choice "A-29", codes 40100005 40100012;
    "The signature is told before the service."
}
async fn signature_before_service(cx: Context) -> Outcome {
    let get = || cx.request("GET", nowhere(&cx));
    get()
        .by(&forger(&cx))
        .refused((401, 40100005, "signature error"))
        .await?;
    get().refused((401, 40100012, "bucket not exist")).await?;
    Ok(())
}

case! {
    service_before_path: auth "14", choice "A-29", codes 40100005 40100012;
    "The signature and the service are told before what is wrong with the path."
}
async fn service_before_path(cx: Context) -> Outcome {
    let path = nowhere(&cx).replace("/a.txt", "/../x");
    let get = || cx.request("GET", &path);
    get()
        .by(&forger(&cx))
        .refused((401, 40100005, "signature error"))
        .await?;
    get().refused((401, 40100012, "bucket not exist")).await?;
    Ok(())
}

case! {
    service_before_grant: auth "14", choice "A-29", codes 40100012 40100013 40100014, tags NeedsControl;
    "The state of the service is told before the operator's grant there."
}
async fn service_before_grant(cx: Context) -> Outcome {
    let stranger = fixtures::operator(fixtures::STRANGER);
    let nowhere = nowhere(&cx);
    for (service, code) in [
        (fixtures::BLOCKED, (401, 40100013, "bucket blocked")),
        (fixtures::REMOVED, (401, 40100014, "bucket removed")),
        (
            nowhere.trim_end_matches("/a.txt").trim_start_matches('/'),
            (401, 40100012, "bucket not exist"),
        ),
    ] {
        let request = cx.request("PUT", format!("/{service}/a.txt")).body("x");
        request.by(&stranger).refused(code).await?;
    }
    Ok(())
}

case! {
    grant_before_state: auth "14", choice "A-29", codes 40100017, tags NeedsControl;
    "A missing grant is told before that the service can be read only."
}
async fn grant_before_state(cx: Context) -> Outcome {
    let stranger = fixtures::operator(fixtures::STRANGER);
    let path = format!("/{}/a.txt", fixtures::READ_ONLY);
    let request = cx.request("PUT", path).body("x").by(&stranger);
    request
        .refused((401, 40100017, "user need permission"))
        .await?;
    Ok(())
}

case! {
    write_before_delete: auth "14", choice "A-29", codes 40100017, tags NeedsControl;
    "A move without any right is told of the right to write."
}
async fn write_before_delete(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let reader = fixtures::operator(fixtures::READER);
    cx.rename("a.txt", "b.txt")
        .by(&reader)
        .refused((401, 40100017, "user need permission"))
        .await?;
    Ok(())
}

case! {
    signature_before_all_else: auth "14", choice "A-29", codes 40100005;
    "Who is not known learns nothing: neither what is there nor what else is wrong."
}
async fn signature_before_all_else(cx: Context) -> Outcome {
    let forger = forger(&cx);
    cx.make_folder("dir").ok().await?;
    for (what, request) in [
        ("missing", cx.get("a.txt")),
        ("folder", cx.put("dir", "x")),
        ("not empty", cx.delete("")),
        (
            "ttl",
            cx.put("a.txt", "x").header("x-upyun-meta-ttl", "999"),
        ),
        (
            "Content-MD5",
            cx.put("a.txt", "x").header("Content-MD5", "x"),
        ),
        ("operation", cx.patch("a.txt", "nonsense")),
        (
            "stage",
            cx.put("a.txt", "")
                .header("X-Upyun-Multi-Stage", "nonsense"),
        ),
        ("source", cx.copy("b.txt", "a.txt")),
    ] {
        let refused = request
            .by(&forger)
            .refused((401, 40100005, "signature error"))
            .await;
        refused.map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    before_the_body: auth "14", choice "A-30", codes 40100005;
    "A refusal is answered before the body is there."
}
async fn before_the_body(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    let mut bytes = cx.put("a.txt", "hello").by(&forger(&cx)).to_bytes();
    let body = bytes.split_off(bytes.len() - 5);
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(bytes).await?;
    connection
        .answer("PUT")
        .await?
        .is_refusal((401, 40100005, "signature error"))?;
    connection.write(body).await?;
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    behind_the_body: auth "14", choice "A-30", codes 40100005;
    "The body of a refused request is not taken for the next one."
}
async fn behind_the_body(cx: Context) -> Outcome {
    let inner = cx.put("inner.txt", "x").to_bytes();
    let before = cx.snapshot().await?;
    let outer = cx.put("a.txt", &inner).by(&forger(&cx));
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(outer.to_bytes()).await?;
    connection
        .answer("PUT")
        .await?
        .is_refusal((401, 40100005, "signature error"))?;
    connection.write(cx.get("b.txt").to_bytes()).await?;
    // The connection may be closed instead.
    if let Ok(answer) = connection.answer("GET").await {
        answer.is_refusal((404, 40400001, "file or directory not found"))?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    of_head: auth "14", codes 40100005;
    "A refused HEAD has status and X-Error-Code, and no body."
}
async fn of_head(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let date = date(&cx);
    let value = format!("UPYUN {}:{}", cx.operator().name, base64([0; 20]));
    let head = authorized(cx.head("a.txt"), &date, value).to_bytes();
    let mut connection = cx.connect(&Api::Storage).await?;
    for _ in 0..2 {
        // A body would be read as the next answer.
        connection.write(&head).await?;
        connection
            .answer("HEAD")
            .await?
            .is_refusal((401, 40100005, "signature error"))?;
    }
    Ok(())
}
