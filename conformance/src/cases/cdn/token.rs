//! The tokens of domains that are not open to everybody.

use crate::{
    Context, Outcome,
    case::case,
    context::encode,
    failure::Failure,
    target::fixtures::{TOKEN_SECRET, TOKENS},
    wire::{Answer, Api, Request, sign::md5},
};

const HOUR: u64 = 3600;

/// The token of a path as it is sent, until some second.
fn token(path: &str, etime: u64) -> String {
    let sign = md5(format!("{TOKEN_SECRET}&{etime}&{path}"));
    format!("{}{etime}", &sign[12..20])
}

/// Puts an object into the service whose domains want tokens, and gives its path there.
async fn put(cx: &Context, name: &str) -> Result<String, Failure> {
    let path = encode(&cx.key(name));
    let put = cx.request("PUT", format!("/{TOKENS}{path}"));
    put.body("hello").ok().await?;
    Ok(path)
}

fn ask(cx: &Context, path: &str) -> Request {
    let domain = Api::Host(format!("{TOKENS}.b0.upaiyun.com"));
    cx.request("GET", path).to(domain).unsigned()
}

fn is_forbidden(answer: &Answer) -> Outcome {
    answer.is_status(403)?.lacks("ETag")?;
    Ok(())
}

case! {
    in_the_query: auth "13", tags NeedsControl;
    "An object is shown to who has a token of its path in the query."
}
async fn in_the_query(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    let query = format!("_upt={}", token(&path, cx.unix() + HOUR));
    ask(&cx, &path).query(&query).ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    as_a_cookie: auth "13", tags NeedsControl;
    "The token may be a cookie, among others."
}
async fn as_a_cookie(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    let cookies = format!("a=b; _upt={}; c=d", token(&path, cx.unix() + HOUR));
    let request = ask(&cx, &path).header("Cookie", cookies);
    request.ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    query_wins: auth "13", choice "A-27", tags NeedsControl;
    "Where both are sent, the one in the query counts."
}
async fn query_wins(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    let right = format!("_upt={}", token(&path, cx.unix() + HOUR));
    let wrong = "_upt=000000001999999999";
    let answer = ask(&cx, &path).query(&right).header("Cookie", wrong);
    answer.ok().await?.is_body("hello")?;
    let answer = ask(&cx, &path).query(wrong).header("Cookie", right);
    is_forbidden(&answer.send().await?)
}

case! {
    missing_or_wrong: auth "13", tags NeedsControl;
    "Without a token, and with one of another path, secret or form, it is 403."
}
async fn missing_or_wrong(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    let etime = cx.unix() + HOUR;
    is_forbidden(&ask(&cx, &path).send().await?)?;
    let other_secret = md5(format!("other&{etime}&{path}"));
    let right = token(&path, etime);
    for (what, wrong) in [
        ("empty", String::new()),
        ("of another path", token("/b.txt", etime)),
        (
            "by another secret",
            format!("{}{etime}", &other_secret[12..20]),
        ),
        ("of another end", format!("{}{}", &right[..8], etime + 1)),
        ("without an end", right[..8].to_owned()),
        ("of letters", format!("{}soon", &right[..8])),
    ] {
        let answer = ask(&cx, &path)
            .query(&format!("_upt={wrong}"))
            .send()
            .await?;
        is_forbidden(&answer).map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    ends: auth "13", choice "A-28", tags NeedsControl;
    "A token that ends in this second has ended."
}
async fn ends(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    for past in [0, 1, HOUR] {
        let query = format!("_upt={}", token(&path, cx.unix() - past));
        let answer = ask(&cx, &path).query(&query).send().await?;
        is_forbidden(&answer).map_err(|it| it.at(past.to_string()))?;
    }
    Ok(())
}

case! {
    of_the_path_as_sent: auth "13", choice "A-26", tags NeedsControl;
    "The token is of the path as it is sent, percent-encoded, without the query."
}
async fn of_the_path_as_sent(cx: Context) -> Outcome {
    let path = put(&cx, "\u{4e2d} a.txt").await?;
    let etime = cx.unix() + HOUR;
    let query = format!("x=1&_upt={}", token(&path, etime));
    ask(&cx, &path).query(&query).ok().await?.is_body("hello")?;
    let decoded = cx.key("\u{4e2d} a.txt");
    let query = format!("_upt={}", token(&decoded, etime));
    is_forbidden(&ask(&cx, &path).query(&query).send().await?)
}

case! {
    not_at_the_api: auth "13", tags NeedsControl;
    "The API wants a signature there as everywhere, and no token."
}
async fn not_at_the_api(cx: Context) -> Outcome {
    let path = put(&cx, "a.txt").await?;
    let request = cx.request("GET", format!("/{TOKENS}{path}"));
    request.ok().await?.is_body("hello")?;
    Ok(())
}
