//! The MD5 signature of old.

use std::time::Duration;

use super::{NOBODY, all_refused, all_served, authorized, date};
use crate::{
    Context, Outcome,
    case::case,
    target::Operator,
    wire::{Request, sign::md5},
};

/// The credential over this method, path and length.
fn credential(operator: &Operator, parts: [&str; 4]) -> String {
    let text = format!("{}&{}", parts.join("&"), md5(&operator.password));
    format!("{}:{}", operator.name, md5(text))
}

/// The request signed so, over the length that it has in [`all_served`] and [`all_refused`].
fn signed(cx: &Context, method: &str, request: Request, length: [&str; 2]) -> Request {
    let date = date(cx);
    let length = length[usize::from(method == "PUT")];
    let credential = credential(cx.operator(), [method, &cx.path("a.txt"), &date, length]);
    authorized(request, &date, format!("UpYun {credential}"))
}

case! {
    serves_what_is_signed: auth "5" auth "1", tags Legacy;
    "Reading, looking, uploading and deleting are served under an MD5 signature."
}
async fn serves_what_is_signed(cx: Context) -> Outcome {
    all_served(&cx, |method, it| signed(&cx, method, it, ["0", "5"])).await
}

case! {
    length_is_signed: auth "5", codes 40100005, tags Legacy;
    "The length is signed, and is 0 without a body."
}
async fn length_is_signed(cx: Context) -> Outcome {
    for length in [["1", "0"], ["", ""], ["03", "03"]] {
        let refused = all_refused(&cx, (401, 40100005, "signature error"), |method, it| {
            signed(&cx, method, it, length)
        });
        refused.await.map_err(|it| it.at(length[0]))?;
    }
    Ok(())
}

case! {
    length_of_chunks: auth "5", choice "A-17", tags Legacy;
    "A body in chunks is signed with the length 0."
}
async fn length_of_chunks(cx: Context) -> Outcome {
    let request = cx.request("PUT", cx.path("a.txt")).chunked("hello");
    signed(&cx, "PUT", request, ["0", "0"]).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    with_the_query_and_without: auth "5", client, tags Legacy;
    "The query may be signed or not."
}
async fn with_the_query_and_without(cx: Context) -> Outcome {
    let date = date(&cx);
    let root = format!("/{}/", cx.service());
    for uri in [format!("{root}?usage"), root.clone()] {
        let credential = credential(cx.operator(), ["GET", &uri, &date, "0"]);
        let request = cx.request("GET", &root).query("usage");
        let answer = authorized(request, &date, format!("UpYun {credential}"))
            .ok()
            .await;
        answer.map_err(|it| it.at(uri))?;
    }
    Ok(())
}

case! {
    hex_in_any_case: auth "1" auth "5", choice "A-3", tags Legacy;
    "The hex digits may be of either case, and so may the scheme."
}
async fn hex_in_any_case(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    cx.put("a.txt", "x").ok().await?;
    let credential = credential(operator, ["GET", &cx.path("a.txt"), &date, "0"]);
    let (_, hex) = credential.split_once(':').unwrap_or_default();
    for scheme in ["UPYUN", "upyun"] {
        let value = format!("{scheme} {}:{}", operator.name, hex.to_uppercase());
        authorized(cx.get("a.txt"), &date, value).ok().await?;
    }
    Ok(())
}

case! {
    content_md5_is_not_signed: auth "5", codes 40000006, tags Legacy;
    "Content-MD5 is not signed, but still compared with the body."
}
async fn content_md5_is_not_signed(cx: Context) -> Outcome {
    let put = |content: &str| {
        let request = cx.put("a.txt", "hello").header("Content-MD5", md5(content));
        signed(&cx, "PUT", request, ["0", "5"])
    };
    put("hello").ok().await?;
    put("other")
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    Ok(())
}

case! {
    wrong: auth "5" auth "14", codes 40100005 40100006, tags Legacy;
    "Another password, method, path or date makes a wrong signature, another name no operator."
}
async fn wrong(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    cx.put("a.txt", "x").ok().await?;
    let path = cx.path("a.txt");
    let earlier = httpdate::fmt_http_date(cx.now() - Duration::from_secs(60));
    let other = Operator::new(&operator.name, "another password");
    let nobody = Operator::new(NOBODY, &operator.password);
    for (what, by, parts, code) in [
        (
            "password",
            &other,
            ["GET", &path, &date, "0"],
            (401, 40100005, "signature error"),
        ),
        (
            "method",
            operator,
            ["PUT", &path, &date, "0"],
            (401, 40100005, "signature error"),
        ),
        (
            "path",
            operator,
            ["GET", &cx.path("b.txt"), &date, "0"],
            (401, 40100005, "signature error"),
        ),
        (
            "date",
            operator,
            ["GET", &path, &earlier, "0"],
            (401, 40100005, "signature error"),
        ),
        (
            "name",
            &nobody,
            ["GET", &path, &date, "0"],
            (401, 40100006, "user not exists"),
        ),
    ] {
        let value = format!("UpYun {}", credential(by, parts));
        let refused = authorized(cx.get("a.txt"), &date, value)
            .refused(code)
            .await;
        refused.map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    dates: auth "5" auth "2.2", codes 40100001 40100002 40100016, tags Legacy;
    "The date is needed, must be one, and counts for half an hour."
}
async fn dates(cx: Context) -> Outcome {
    let old = httpdate::fmt_http_date(cx.now() - Duration::from_secs(3600));
    for (date, code) in [
        ("", (401, 40100001, "need date header")),
        ("nonsense", (401, 40100016, "invalid date value in header")),
        (&old, (401, 40100002, "date offset error")),
    ] {
        let refused = all_refused(&cx, code, |method, request| {
            let length = if method == "PUT" { "3" } else { "0" };
            let parts = [method, &cx.path("a.txt"), date, length];
            let value = format!("UpYun {}", credential(cx.operator(), parts));
            match date {
                "" => request.unsigned().header("Authorization", value),
                date => authorized(request, date, value),
            }
        });
        refused.await.map_err(|it| it.at(date))?;
    }
    Ok(())
}

case! {
    x_date: auth "5" auth "2.2", choice "A-6", tags Legacy;
    "X-Date counts here too."
}
async fn x_date(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    cx.put("a.txt", "x").ok().await?;
    let credential = credential(operator, ["GET", &cx.path("a.txt"), &date, "0"]);
    let request = authorized(cx.get("a.txt"), "nonsense", format!("UpYun {credential}"));
    request.header("X-Date", &date).ok().await?;
    Ok(())
}
