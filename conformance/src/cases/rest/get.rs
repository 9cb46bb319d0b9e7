//! Download.

use crate::{
    Context, Failure, Outcome,
    case::case,
    wire::{Answer, sign::md5},
};

case! {
    headers: rest "5", client;
    "A download tells type, size, ETag and date of the object."
}
async fn headers(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.get("a.txt").ok().await?;
    answer
        .has("Content-Type", "text/plain")?
        .has("Content-Length", "5")?
        .has("ETag", format!("\"{}\"", md5("hello")))?;
    let date = answer.the("Last-Modified")?;
    httpdate::parse_http_date(date).map_err(|_| Failure::new("a date", date))?;
    Ok(())
}

case! {
    accepts_ranges: rest "5", choice "R-33";
    "A download says that ranges can be asked for."
}
async fn accepts_ranges(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    cx.get("a.txt").ok().await?.has("Accept-Ranges", "bytes")?;
    Ok(())
}

case! {
    missing: rest "5", codes 40400001;
    "What is not there is not found."
}
async fn missing(cx: Context) -> Outcome {
    cx.get("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.put("a.txt", "x").ok().await?;
    cx.get("a.txt/b")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    range: rest "5", client;
    "A range from, to, and of the last bytes is answered with 206 and its place."
}
async fn range(cx: Context) -> Outcome {
    for (range, body, place) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"),
        ("bytes=-100", "0123456789", "bytes 0-9/10"),
    ] {
        let answer = ranged(&cx, range).await?;
        let check = || {
            answer
                .is_status(206)?
                .is_body(body)?
                .has("Content-Range", place)?;
            answer.has("Content-Length", body.len().to_string())
        };
        check().map_err(|it| it.at(range))?;
    }
    Ok(())
}

case! {
    several_ranges: rest "5", choice "R-35";
    "Several ranges are answered with everything."
}
async fn several_ranges(cx: Context) -> Outcome {
    let answer = ranged(&cx, "bytes=0-1,4-5").await?;
    answer
        .is_status(200)?
        .is_body("0123456789")?
        .lacks("Content-Range")?;
    Ok(())
}

case! {
    range_beyond_the_end: rest "5", choice "R-36", codes 40001161;
    "A range beyond the end, or that is none, is refused."
}
async fn range_beyond_the_end(cx: Context) -> Outcome {
    for range in [
        "bytes=10-",
        "bytes=100-200",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=-0",
        "bytes=",
        "lines=1-2",
    ] {
        let answer = ranged(&cx, range).await?;
        answer
            .is_refusal((400, 40001161, "wrong range"))
            .map_err(|it| it.at(range))?;
    }
    Ok(())
}

case! {
    range_of_nothing: rest "5", choice "R-36", codes 40001161;
    "An empty object has no range."
}
async fn range_of_nothing(cx: Context) -> Outcome {
    cx.put("empty", "").ok().await?;
    let get = cx.get("empty").header("Range", "bytes=0-");
    get.refused((400, 40001161, "wrong range")).await?;
    Ok(())
}

case! {
    large: rest "5", client;
    "An object of some megabytes comes whole, and so does a range in its middle."
}
async fn large(cx: Context) -> Outcome {
    let content: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    cx.put("a.bin", &content).ok().await?;
    cx.get("a.bin").ok().await?.is_body(&content)?;
    let middle = cx.get("a.bin").header("Range", "bytes=1000000-1999999");
    let middle = middle.send().await?;
    middle
        .is_status(206)?
        .is_body(&content[1_000_000..2_000_000])?;
    Ok(())
}

case! {
    range_ends_at_the_end: rest "5", choice "R-36", codes 40001161;
    "A range that ends beyond the end, whatever the number, ends at the end; its unit is bytes in any case."
}
async fn range_ends_at_the_end(cx: Context) -> Outcome {
    for range in [
        "bytes=8-99",
        "bytes=8-99999999999999999999999",
        "BYTES=8-9",
        "Bytes=-2",
    ] {
        let answer = ranged(&cx, range).await?;
        let check = || {
            answer
                .is_status(206)?
                .is_body("89")?
                .has("Content-Range", "bytes 8-9/10")
        };
        check().map_err(|it| it.at(range))?;
    }
    ranged(&cx, "bytes=99999999999999999999999-")
        .await?
        .is_refusal((400, 40001161, "wrong range"))?;
    Ok(())
}

async fn ranged(cx: &Context, range: &str) -> Result<Answer, Failure> {
    cx.put("a.txt", "0123456789").ok().await?;
    cx.get("a.txt").header("Range", range).send().await
}

case! {
    if_none_match: rest "5", client;
    "A copy that is still current is answered with 304, without a body and without an error."
}
async fn if_none_match(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let etag = cx.get("a.txt").ok().await?.the("ETag")?.to_owned();
    for value in [&*etag, "*", &format!("\"x\", {etag}"), &format!("W/{etag}")] {
        let answer = cx
            .get("a.txt")
            .header("If-None-Match", value)
            .send()
            .await?;
        let check = || answer.is_status(304)?.is_body("")?.lacks("X-Error-Code");
        check().map_err(|it| it.at(value))?;
    }
    let other = cx.get("a.txt").header("If-None-Match", "\"x\"");
    other.ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    if_modified_since: rest "5", client;
    "If-Modified-Since compares with the time of the last change."
}
async fn if_modified_since(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let date = cx.get("a.txt").ok().await?.the("Last-Modified")?.to_owned();
    let get = || cx.get("a.txt");
    get()
        .header("If-Modified-Since", &date)
        .send()
        .await?
        .is_status(304)?;
    let before = "Wed, 29 Oct 2014 02:26:58 GMT";
    get().header("If-Modified-Since", before).ok().await?;
    get().header("If-Modified-Since", "yesterday").ok().await?;
    Ok(())
}

case! {
    if_match: rest "5", choice "R-37", codes 41200001;
    "If-Match with another ETag, and If-Unmodified-Since before the change, are refused."
}
async fn if_match(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let etag = cx.get("a.txt").ok().await?.the("ETag")?.to_owned();
    let get = || cx.get("a.txt");
    get().header("If-Match", &etag).ok().await?;
    get().header("If-Match", "*").ok().await?;
    let date = cx.get("a.txt").ok().await?.the("Last-Modified")?.to_owned();
    get().header("If-Unmodified-Since", date).ok().await?;
    get()
        .header("If-Match", "\"x\"")
        .refused((412, 41200001, "precondition failed"))
        .await?;
    let before = "Wed, 29 Oct 2014 02:26:58 GMT";
    get()
        .header("If-Unmodified-Since", before)
        .refused((412, 41200001, "precondition failed"))
        .await?;
    Ok(())
}

case! {
    conditions_have_an_order: rest "5", choice "R-37";
    "An ETag condition comes before the one on dates."
}
async fn conditions_have_an_order(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.get("a.txt").ok().await?;
    let (etag, date) = (answer.the("ETag")?, answer.the("Last-Modified")?);
    let before = "Wed, 29 Oct 2014 02:26:58 GMT";
    let request = cx.get("a.txt").header("If-None-Match", "\"x\"");
    request.header("If-Modified-Since", date).ok().await?;
    let request = cx.get("a.txt").header("If-None-Match", etag);
    let request = request.header("If-Modified-Since", before).send();
    request.await?.is_status(304)?;
    let request = cx.get("a.txt").header("If-Match", etag);
    request.header("If-Unmodified-Since", before).ok().await?;
    Ok(())
}

case! {
    if_range: rest "5", choice "R-38";
    "A range counts only if If-Range fits; otherwise everything comes."
}
async fn if_range(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.get("a.txt").ok().await?;
    let get = || cx.get("a.txt").header("Range", "bytes=0-1");
    for fits in [answer.the("ETag")?, answer.the("Last-Modified")?] {
        let part = get().header("If-Range", fits).send().await?;
        part.is_status(206)?.is_body("he")?;
    }
    for other in ["\"x\"", "Wed, 29 Oct 2014 02:26:58 GMT"] {
        let whole = get().header("If-Range", other).send().await?;
        whole.is_status(200)?.is_body("hello")?;
    }
    Ok(())
}

case! {
    trailing_slash_on_a_file: rest "2.2", choice "R-9", codes 40400001;
    "A file is not found under its name with a slash."
}
async fn trailing_slash_on_a_file(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.get("a.txt/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.head("a.txt/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.delete("a.txt/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    let patch = cx.patch("a.txt/", "merge").header("x-upyun-meta-a", "1");
    patch
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    kind_by_header: rest "2.2", choice "R-11", codes 40400001;
    "x-upyun-folder restricts a request to files or to folders."
}
async fn kind_by_header(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "x").ok().await?;
    for (name, fits, other) in [("dir/a.txt", "false", "true"), ("dir", "true", "false")] {
        for method in ["GET", "HEAD"] {
            let request = || cx.request(method, cx.path(name));
            request().header("x-upyun-folder", fits).ok().await?;
            let wrong = request().header("x-upyun-folder", other);
            wrong
                .refused((404, 40400001, "file or directory not found"))
                .await
                .map_err(|it| it.at(name))?;
        }
        cx.delete(name)
            .header("x-upyun-folder", other)
            .refused((404, 40400001, "file or directory not found"))
            .await?;
    }
    Ok(())
}
