//! Who asks, and whether they may: `auth.md`.

mod basic;
mod callbacks;
mod date;
mod forms;
mod header;
mod legacy;
mod order;
mod others;
mod paths;
mod rights;
mod token;

use upyun_test_kit::Refusal;

use crate::{
    Context, Outcome,
    wire::{Request, sign::hmac},
};

/// A name that no operator has.
const NOBODY: &str = "nobody-of-this-name";

/// Now, as headers say it.
fn date(cx: &Context) -> String {
    httpdate::fmt_http_date(cx.now())
}

/// The request with this date and this whole `Authorization`, instead of a signature.
fn authorized(request: Request, date: &str, value: impl AsRef<str>) -> Request {
    let request = request.unsigned().header("Date", date);
    request.header("Authorization", value.as_ref())
}

/// The request signed over exactly this text, whatever it is itself.
fn signed(cx: &Context, request: Request, date: &str, text: &str) -> Request {
    let operator = cx.operator();
    let signature = hmac(&operator.password, text);
    let value = format!("UPYUN {}:{signature}", operator.name);
    authorized(request, date, value)
}

/// Expects that reading, looking, uploading and deleting are all refused when they are changed so.
async fn all_refused(
    cx: &Context,
    code: Refusal,
    change: impl Fn(&str, Request) -> Request,
) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    for (method, request) in [
        ("GET", cx.get("a.txt")),
        ("HEAD", cx.head("a.txt")),
        ("PUT", cx.put("a.txt", "new")),
        ("DELETE", cx.delete("a.txt")),
    ] {
        let refused = change(method, request).refused(code).await;
        refused.map_err(|it| it.at(method))?;
    }
    cx.get("a.txt").ok().await?.is_body("old")?;
    Ok(())
}

/// Expects that all four are served when they are changed so.
async fn all_served(cx: &Context, change: impl Fn(&str, Request) -> Request) -> Outcome {
    for (method, request) in [
        ("PUT", cx.put("a.txt", "hello")),
        ("GET", cx.get("a.txt")),
        ("HEAD", cx.head("a.txt")),
        ("DELETE", cx.delete("a.txt")),
    ] {
        let answer = change(method, request).ok().await;
        let answer = answer.map_err(|it| it.at(method))?;
        if method == "GET" {
            answer.is_body("hello")?;
        }
    }
    cx.is_missing("a.txt").await
}
