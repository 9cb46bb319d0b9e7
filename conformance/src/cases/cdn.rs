//! Access domains: what the public reads.

mod separator;
mod token;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{is_problem, public},
    context::encode,
    failure::same,
    target::fixtures,
    wire::{Answer, Api, Request},
};

/// A request for a name in the case's folder.
fn ask(cx: &Context, method: &str, name: &str) -> Result<Request, crate::Failure> {
    let request = cx.request(method, encode(&cx.key(name)));
    Ok(request.to(cx.domain()?).unsigned())
}

/// Expects an answer of 404.
fn is_absent(answer: &Answer) -> Result<(), crate::Failure> {
    answer.is_status(404)?;
    answer.lacks("ETag")?;
    Ok(())
}

case! {
    without_a_signature: images "4" common "hosts", tags NeedsDomain;
    "An object is read at a domain by its path, without a signature, with its type and length."
}
async fn without_a_signature(cx: Context) -> Outcome {
    cx.put("d/中 a.txt", "hello")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    let answer = ask(&cx, "GET", "d/中 a.txt")?.ok().await?;
    answer.is_body("hello")?.has("Content-Type", "text/plain")?;
    let head = ask(&cx, "HEAD", "d/中 a.txt")?.ok().await?;
    head.has("Content-Length", "5")?
        .has("Content-Type", "text/plain")?;
    Ok(())
}

case! {
    no_headers_of_the_service: images "4", choice "I-5", tags NeedsDomain;
    "Its answers have no x-upyun headers."
}
async fn no_headers_of_the_service(cx: Context) -> Outcome {
    cx.put("a.txt", "hello")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    let answer = ask(&cx, "GET", "a.txt")?.ok().await?;
    same("the headers x-upyun-*", answer.headers_from("x-upyun-"), [])
}

case! {
    domains: common "hosts", tags NeedsControl;
    "A service has two domains of its own, and those that are bound to it."
}
async fn domains(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let service = cx.service();
    for host in [
        &*format!("{service}.b0.upaiyun.com"),
        &*format!("{service}.test.upcdn.net"),
        &*format!("{}.b0.aicdn.com:80", service.to_uppercase()),
        fixtures::BOUND_DOMAIN,
    ] {
        let answer = ask(&cx, "GET", "a.txt")?
            .to(Api::Host(host.to_owned()))
            .ok()
            .await;
        answer.map_err(|it| it.at(host))?.is_body("hello")?;
    }
    let other = Api::Host(format!("{}.b0.upaiyun.com", fixtures::SECOND));
    is_absent(&ask(&cx, "GET", "a.txt")?.to(other).send().await?)
}

case! {
    ranges_and_conditions: rest "5", choice "I-5", tags NeedsDomain;
    "Ranges and conditions work as at the API."
}
async fn ranges_and_conditions(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let part = ask(&cx, "GET", "a.txt")?
        .header("Range", "bytes=1-2")
        .send()
        .await?;
    part.is_status(206)?
        .is_body("el")?
        .has("Content-Range", "bytes 1-2/5")?;
    let whole = ask(&cx, "GET", "a.txt")?.ok().await?;
    let etag = whole.the("ETag")?.to_owned();
    let same_one = ask(&cx, "GET", "a.txt")?
        .header("If-None-Match", etag)
        .send()
        .await?;
    same_one.is_status(304)?;
    Ok(())
}

case! {
    for_download: common "hosts", choice "own", tags NeedsDomain;
    "_upd=true makes a browser save the object, any other text under that name."
}
async fn for_download(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    for (query, want) in [
        ("_upd=true", "attachment"),
        ("_upd=b.txt", "attachment; filename=\"b.txt\""),
        ("x=1&_upd=b%20c.txt", "attachment; filename=\"b c.txt\""),
        ("_upd=b%22.txt", "attachment; filename=\"b_.txt\""),
    ] {
        let answer = ask(&cx, "GET", "a.txt")?.query(query).ok().await?;
        answer.is_body("hello")?.has("Content-Disposition", want)?;
    }
    let plain = ask(&cx, "GET", "a.txt")?.query("x=1").ok().await?;
    plain.lacks("Content-Disposition")?;
    Ok(())
}

case! {
    not_there: images "4" errors "1", codes 40400001, tags NeedsDomain;
    "What is not there is 404."
}
async fn not_there(cx: Context) -> Outcome {
    let answer = ask(&cx, "GET", "none.txt")?.send().await?;
    is_absent(&answer)?;
    answer.has("X-Error-Code", "40400001")?;
    ask(&cx, "HEAD", "none.txt")?.send().await?.is_status(404)?;
    Ok(())
}

case! {
    folders: images "4", choice "own", tags NeedsDomain;
    "A folder is not shown, with and without a slash, nor is the service itself."
}
async fn folders(cx: Context) -> Outcome {
    cx.make_folder("d").ok().await?;
    for name in ["d", "d/", "/"] {
        is_absent(&ask(&cx, "GET", name)?.send().await?).map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    secret: images "5", tags NeedsDomain;
    "An object with a secret is read behind a separator by it only, whatever kind of file it is."
}
async fn secret(cx: Context) -> Outcome {
    cx.put("f.zip", "hello")
        .header("Content-Secret", "abc")
        .ok()
        .await?;
    is_absent(&public(&cx, "f.zip", "")?.send().await?)?;
    for separator in ["!", "%21"] {
        let read = public(&cx, "f.zip", &format!("{separator}abc"))?;
        read.ok().await?.is_body("hello")?;
    }
    cx.get("f.zip").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    secret_wrong: images "5", choice "I-5", tags NeedsDomain;
    "Another secret is a version that is not there; secrets are case-sensitive."
}
async fn secret_wrong(cx: Context) -> Outcome {
    cx.put("f.zip", "hello")
        .header("Content-Secret", "abc")
        .ok()
        .await?;
    for wrong in ["!wrong", "!ABC", "!"] {
        let answer = public(&cx, "f.zip", wrong)?.send().await?;
        is_problem(&answer, 404, 404, "Not Profile").map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    secret_set_later: images "5" rest "14", tags NeedsDomain;
    "A secret that is set as metadata hides the object, and shows it again when it is removed."
}
async fn secret_set_later(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let patch = cx
        .patch("a.txt", "merge")
        .header("x-upyun-meta-secret", "abc");
    patch.ok().await?;
    is_absent(&public(&cx, "a.txt", "")?.send().await?)?;
    public(&cx, "a.txt", "!abc")?.ok().await?.is_body("hello")?;
    let patch = cx
        .patch("a.txt", "delete")
        .header("x-upyun-meta-secret", "abc");
    patch.ok().await?;
    public(&cx, "a.txt", "")?.ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    read_only: images "4" errors "3", choice "own", codes 40500000, tags NeedsDomain;
    "Nothing can be written there."
}
async fn read_only(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    for method in ["PUT", "POST", "DELETE"] {
        let answer = ask(&cx, method, "a.txt")?.send().await?;
        answer
            .is_status(405)
            .map_err(|it| it.at(method))?
            .has("X-Error-Code", "40500000")?;
    }
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    ignored_credentials: images "4", choice "own", tags NeedsDomain;
    "A signature is not looked at there."
}
async fn ignored_credentials(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let request = ask(&cx, "GET", "a.txt")?.header("Authorization", "UPYUN nobody:x");
    request.ok().await?.is_body("hello")?;
    Ok(())
}
