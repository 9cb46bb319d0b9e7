//! What holds of every request and answer.

use std::collections::BTreeSet;

use crate::{
    Context, Failure, Outcome,
    case::case,
    context::encode,
    failure::same,
    wire::{Answer, Api, Request},
};

fn id(answer: &Answer) -> Result<String, Failure> {
    answer.the("X-Request-Id").map(str::to_owned)
}

case! {
    request_ids: common "http", client;
    "Every answer has an X-Request-Id of its own."
}
async fn request_ids(cx: Context) -> Outcome {
    let mut ids = BTreeSet::new();
    ids.insert(id(&cx.put("a.txt", "x").ok().await?)?);
    ids.insert(id(&cx.get("a.txt").ok().await?)?);
    ids.insert(id(&cx.get("b.txt").send().await?)?);
    ids.insert(id(&cx.head("b.txt").send().await?)?);
    same("the number of different ids", ids.len(), 4)
}

case! {
    refusals_are_json: errors "1", codes 40400001;
    "A refusal says text, code and id as JSON, and the code in X-Error-Code."
}
async fn refusals_are_json(cx: Context) -> Outcome {
    let answer = cx
        .get("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    let body = answer.json()?;
    let names: Vec<_> = body
        .as_object()
        .into_iter()
        .flat_map(|it| it.keys())
        .collect();
    same("the members", names, ["msg", "code", "id"])
}

case! {
    id_in_the_body: errors "1", choice "E-1", codes 40400001;
    "The id in a refusal's body is its X-Request-Id."
}
async fn id_in_the_body(cx: Context) -> Outcome {
    let answer = cx
        .get("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    same(
        "the id",
        answer.json()?["id"].as_str(),
        Some(&*id(&answer)?),
    )
}

case! {
    header_names_in_any_case: common "http", client;
    "The names of headers may be written in any case of letters."
}
async fn header_names_in_any_case(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "x").ok().await?;
    cx.put("dir/b.txt", "x")
        .header("CONTENT-type", "text/x-own")
        .ok()
        .await?;
    let page = cx.get("dir").header("X-LIST-Limit", "1").ok().await?;
    same("the number of entries", page.text()?.lines().count(), 1)
}

case! {
    unknown_is_ignored: common "http", choice "H-5";
    "Unknown headers and query parameters are ignored."
}
async fn unknown_is_ignored(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "hello").header("X-Upyun-Nothing", "1");
    put.query("nothing=1&more").ok().await?;
    cx.get("a.txt")
        .query("nothing")
        .ok()
        .await?
        .is_body("hello")?;
    Ok(())
}

case! {
    method_unknown: common "http" errors "3", choice "H-6", codes 40500000;
    "Methods that no operation has are refused with 405."
}
async fn method_unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    for method in ["PROPFIND", "LOCK", "TRACE"] {
        let request = cx.request(method, cx.path("a.txt"));
        let answer = request.send().await?;
        answer.is_status(405)?.has("X-Error-Code", "40500000")?;
    }
    Ok(())
}

case! {
    connections_are_kept: common "http", client;
    "Several requests go over one connection, also after a refusal."
}
async fn connections_are_kept(cx: Context) -> Outcome {
    let mut connection = cx.connect(&Api::Storage).await?;
    for (request, method, status) in [
        (cx.put("a.txt", "hello"), "PUT", 200),
        (cx.get("b.txt"), "GET", 404),
        (cx.head("a.txt"), "HEAD", 200),
        (cx.get("a.txt"), "GET", 200),
    ] {
        connection.write(request.to_bytes()).await?;
        connection.answer(method).await?.is_status(status)?;
    }
    Ok(())
}

case! {
    expectation: common "http", choice "H-3";
    "A client that waits for 100 gets it before it sends the body."
}
async fn expectation(cx: Context) -> Outcome {
    let request = cx.put("a.txt", "hello").header("Expect", "100-continue");
    let mut bytes = request.to_bytes();
    let body = bytes.split_off(bytes.len() - 5);
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(bytes).await?;
    connection.answer_or_interim("PUT").await?.is_status(100)?;
    connection.write(body).await?;
    connection.answer("PUT").await?.is_status(200)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    expectation_refused: common "http", choice "H-3", codes 40100004;
    "A client that waits for 100 and may not send gets the refusal in its place."
}
async fn expectation_refused(cx: Context) -> Outcome {
    let request = cx.put("a.txt", "hello").unsigned();
    let mut bytes = request.header("Expect", "100-continue").to_bytes();
    bytes.truncate(bytes.len() - 5);
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(bytes).await?;
    let answer = connection.answer_or_interim("PUT").await?;
    answer.is_refusal((401, 40100004, "need authorization header"))?;
    Ok(())
}

case! {
    large_body_refused: common "http", client, codes 40100004;
    "A client that sends some megabytes without permission gets the refusal."
}
async fn large_body_refused(cx: Context) -> Outcome {
    let body = vec![b'x'; 8 * 1024 * 1024];
    cx.put("a.txt", body)
        .unsigned()
        .refused((401, 40100004, "need authorization header"))
        .await?;
    Ok(())
}

case! {
    line_feeds: common "http", choice "own";
    "The lines of a head may end with a line feed alone."
}
async fn line_feeds(cx: Context) -> Outcome {
    let bytes = cx.put("a.txt", "hello").to_bytes();
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(text).await?;
    connection.answer("PUT").await?.is_status(200)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    body_is_no_message: common "http", client;
    "A body that looks like requests or responses is content and nothing else."
}
async fn body_is_no_message(cx: Context) -> Outcome {
    let response = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".repeat(10_000);
    let request = b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n";
    let mut connection = cx.connect(&Api::Storage).await?;
    for content in [&response[..], request] {
        connection
            .write(cx.put("a.txt", content).to_bytes())
            .await?;
        connection.answer("PUT").await?.is_status(200)?;
        connection.write(cx.get("a.txt").to_bytes()).await?;
        connection.answer("GET").await?.is_body(content)?;
    }
    Ok(())
}

case! {
    lines_are_equivalent: common "hosts";
    "v0 to v3 are lines to the same service."
}
async fn lines_are_equivalent(cx: Context) -> Outcome {
    for line in 0..4 {
        let host = Api::Host(format!("v{line}.api.upyun.com"));
        let name = format!("{line}.txt");
        cx.put(&name, "hello").to(host.clone()).ok().await?;
        cx.get(&name).ok().await?.is_body("hello")?;
        cx.get(&name).to(host).ok().await?.is_body("hello")?;
    }
    Ok(())
}

case! {
    two_lengths: common "http", choice "own", codes 40000034;
    "A request that gives its length in two ways is refused, and nothing behind it is taken for another."
}
async fn two_lengths(cx: Context) -> Outcome {
    let smuggled = cx.put("smuggled.txt", "x").to_bytes();
    let before = cx.snapshot().await?;
    for headers in [
        &[("Content-Length", "5"), ("Transfer-Encoding", "chunked")][..],
        &[("Transfer-Encoding", "chunked"), ("content-length", "5")],
        &[("Content-Length", "5"), ("Content-Length", "6")],
        &[("Content-Length", "0"), ("Host", "v0.api.upyun.com")],
        &[("Content-Length", "0"), ("X-A", "b\r\n c")],
    ] {
        let mut request = cx.put("a.txt", "0\r\n\r\n").without_length();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut connection = cx.connect(&Api::Storage).await?;
        connection.write(request.to_bytes()).await?;
        connection.write(&smuggled).await?;
        let answer = connection.answer("PUT").await?;
        let refused = answer.is_refusal((400, 40000034, "client error"));
        refused.map_err(|failure| failure.at(format!("{headers:?}")))?;
        same("closed", connection.is_closed().await, true)?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    two_lengths_later: common "http", choice "own", codes 40000034;
    "A request that gives its length in two ways is refused behind another one too, and behind a long header."
}
async fn two_lengths_later(cx: Context) -> Outcome {
    let both = |request: Request| {
        let request = request.without_length().header("Content-Length", "5");
        request.chunked("").to_bytes()
    };
    let put = |name: &str| cx.request("PUT", cx.path(name));
    let long = put("b.txt").header("X-Long", "x".repeat(20_000));
    let trailer = put("a.txt").without_length();
    let trailer = trailer.header("Transfer-Encoding", "chunked");
    let trailer = trailer.body("5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n");
    for (first, second) in [
        (cx.put("a.txt", "hello"), put("b.txt")),
        (trailer, put("b.txt")),
    ] {
        let mut connection = cx.connect(&Api::Storage).await?;
        connection.write(first.to_bytes()).await?;
        connection.write(both(second)).await?;
        connection.answer("PUT").await?.is_status(200)?;
        let answer = connection.answer("PUT").await?;
        answer.is_refusal((400, 40000034, "client error"))?;
    }
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(both(long)).await?;
    let answer = connection.answer("PUT").await?;
    answer.is_refusal((400, 40000034, "client error"))?;
    cx.is_missing("b.txt").await
}

case! {
    unknown_host: common "hosts", choice "H-2", tags NeedsControl;
    "Where the host is no name of the service's, the path tells the API: others are storage."
}
async fn unknown_host(cx: Context) -> Outcome {
    let host = Api::Host("localhost".to_owned());
    cx.put("a.txt", "hello").to(host.clone()).ok().await?;
    cx.get("a.txt").to(host).ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    other_transfer_codings: common "http", choice "H-8", codes 40000034;
    "A Transfer-Encoding other than one chunked is refused, and nothing is stored."
}
async fn other_transfer_codings(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    for coding in ["gzip, chunked", "chunked, chunked", "identity, chunked"] {
        let request = cx.put("a.txt", "0\r\n\r\n").without_length();
        let answer = request.header("Transfer-Encoding", coding).send().await?;
        answer
            .is_refusal((400, 40000034, "client error"))
            .map_err(|it| it.at(coding))?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    malformed_chunks: common "http", choice "H-9", codes 40000034;
    "A chunked body whose chunks are malformed is refused, and nothing is stored."
}
async fn malformed_chunks(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    for body in [
        "xyz\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello!!0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n",
    ] {
        let request = cx.put("a.txt", body).without_length();
        let request = request.header("Transfer-Encoding", "chunked");
        let answer = request.send().await?;
        answer
            .is_refusal((400, 40000034, "client error"))
            .map_err(|it| it.at(body))?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    header_names_in_title_case: common "http", choice "H-10";
    "Response headers begin each word with a capital, but those of the service: clients look for them so."
}
async fn header_names_in_title_case(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.get("a.txt").ok().await?;
    let names: Vec<_> = answer.headers.iter().map(|(name, _)| &**name).collect();
    for name in ["Content-Type", "Content-Length", "X-Request-Id", "Date"] {
        same(name, names.contains(&name), true)?;
    }
    let refused = cx.get("b.txt").send().await?;
    let names: Vec<_> = refused.headers.iter().map(|(name, _)| &**name).collect();
    for name in ["X-Error-Code", "X-Request-Id"] {
        same(name, names.contains(&name), true)?;
    }
    let answer = cx.head("a.txt").ok().await?;
    let names: Vec<_> = answer.headers.iter().map(|(name, _)| &**name).collect();
    let name = "x-upyun-file-size";
    same(name, names.contains(&name), true)
}

case! {
    raw_blank_in_a_target: common "http", choice "H-7", codes 40000034, tags NeedsDomain;
    "A blank in a request target is read as %20 at an access domain, and refused elsewhere."
}
async fn raw_blank_in_a_target(cx: Context) -> Outcome {
    cx.put("a b.txt", "hello").ok().await?;
    let raw = |path: String| cx.request("GET", path.replace("%20", " ")).unsigned();
    let domain = cx.domain()?;
    let read = raw(encode(&cx.key("a b.txt"))).to(domain);
    read.ok().await?.is_body("hello")?;
    let refused = raw(cx.path("a b.txt"));
    refused.refused((400, 40000034, "client error")).await?;
    Ok(())
}
