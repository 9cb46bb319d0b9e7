//! Browsers.

use crate::{Context, Failure, Outcome, case::case, failure::holds};

case! {
    every_answer_is_readable: rest "15", client;
    "Answers to success and failure may be read by pages of any origin."
}
async fn every_answer_is_readable(cx: Context) -> Outcome {
    let origin = ("Origin", "https://example.com");
    let put = cx.put("a.txt", "x").header(origin.0, origin.1).ok().await?;
    put.has("Access-Control-Allow-Origin", "*")?;
    let missing = cx
        .get("b.txt")
        .header(origin.0, origin.1)
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    missing.has("Access-Control-Allow-Origin", "*")?;
    let unsigned = cx.get("a.txt").unsigned().header(origin.0, origin.1);
    let unsigned = unsigned.send().await?;
    unsigned
        .is_status(401)?
        .has("Access-Control-Allow-Origin", "*")?;
    let without = cx.get("a.txt").ok().await?;
    without.has("Access-Control-Allow-Origin", "*")?;
    Ok(())
}

case! {
    preflight: rest "15", choice "R-88";
    "A preflight is answered without a signature, and allows methods and the headers asked for."
}
async fn preflight(cx: Context) -> Outcome {
    let request = cx.request("OPTIONS", cx.path("a.txt")).unsigned();
    let request = request.header("Origin", "https://example.com");
    let request = request.header("Access-Control-Request-Method", "PUT");
    let request = request.header("Access-Control-Request-Headers", "authorization,x-date");
    let answer = request.ok().await?;
    answer
        .has("Access-Control-Allow-Origin", "*")?
        .has("Access-Control-Max-Age", "86400")?;
    let lists = |name: &str, wanted: &str| {
        let value = answer.the(name)?.to_lowercase();
        let mut listed = value.split(',').map(str::trim);
        let is_there = listed.any(|it| it == wanted);
        holds(is_there, format!("{wanted} in {name}"), &value)
    };
    for method in ["get", "head", "put", "post", "delete", "patch", "options"] {
        lists("Access-Control-Allow-Methods", method)?;
    }
    lists("Access-Control-Allow-Headers", "authorization")?;
    lists("Access-Control-Allow-Headers", "x-date")?;
    lists("Access-Control-Expose-Headers", "x-request-id")
}

case! {
    headers_are_exposed: rest "15", choice "R-88";
    "Pages may read the service's own headers of an answer."
}
async fn headers_are_exposed(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    let get = cx
        .get("a.txt")
        .header("Origin", "https://example.com")
        .ok()
        .await?;
    let exposed = get.the("Access-Control-Expose-Headers")?.to_lowercase();
    for name in ["etag", "last-modified", "x-request-id", "x-upyun-meta-a"] {
        let is_there = exposed.split(',').any(|it| it.trim() == name);
        holds(is_there, format!("{name} to be exposed"), &exposed)?;
    }
    Ok(())
}

case! {
    options_of_nobody: rest "15", choice "R-88", codes 40500000;
    "OPTIONS without the headers of a browser is no operation."
}
async fn options_of_nobody(cx: Context) -> Outcome {
    let answer = cx
        .request("OPTIONS", cx.path("a.txt"))
        .unsigned()
        .send()
        .await?;
    match answer.status {
        405 => Ok(()),
        status => Err(Failure::new("status 405", status.to_string())),
    }
}
