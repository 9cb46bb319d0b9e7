//! Facts about an entry.

use crate::{Context, Outcome, case::case, failure::same, wire::sign::md5};

case! {
    file: rest "6";
    "HEAD tells kind, size, time and MD5 of a file."
}
async fn file(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.head("a.txt").ok().await?;
    answer
        .has("x-upyun-file-type", "file")?
        .has("x-upyun-file-size", "5")?
        .has("Content-Md5", md5("hello"))?;
    let time = answer.number("x-upyun-file-date")?;
    same("a time near now", cx.unix().abs_diff(time) < 300, true)
}

case! {
    as_download: rest "6", client;
    "HEAD tells type, ETag, time of change and metadata as a download does."
}
async fn as_download(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "hello").header("x-upyun-meta-a", "1");
    put.ok().await?;
    let (get, head) = (cx.get("a.txt").ok().await?, cx.head("a.txt").ok().await?);
    for name in ["Content-Type", "ETag", "Last-Modified", "x-upyun-meta-a"] {
        head.has(name, get.the(name)?)?;
    }
    Ok(())
}

case! {
    times_agree: rest "6", choice "R-42";
    "The file's date is the time of its last change."
}
async fn times_agree(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = cx.head("a.txt").ok().await?;
    let date = httpdate::parse_http_date(answer.the("Last-Modified")?).ok();
    let date = date.and_then(|it| it.duration_since(std::time::UNIX_EPOCH).ok());
    let seconds = date.map(|it| it.as_secs());
    same(
        "the time",
        Some(answer.number("x-upyun-file-date")?),
        seconds,
    )
}

case! {
    folder: rest "6";
    "HEAD of a folder tells its kind and time, with a slash at the end or without."
}
async fn folder(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    for name in ["dir", "dir/"] {
        let answer = cx.head(name).ok().await?;
        answer
            .has("x-upyun-file-type", "folder")?
            .lacks("Content-Md5")?;
        let time = answer.number("x-upyun-file-date")?;
        same("a time near now", cx.unix().abs_diff(time) < 300, true)?;
    }
    Ok(())
}

case! {
    folder_has_no_size: rest "6", choice "R-40";
    "A folder has no size, no ETag and no metadata."
}
async fn folder_has_no_size(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let answer = cx.head("dir").ok().await?;
    answer
        .lacks("x-upyun-file-size")?
        .lacks("ETag")?
        .lacks("Last-Modified")?
        .has_metadata(&[])?;
    Ok(())
}

case! {
    root: rest "2.2", client;
    "The root is a folder that always exists."
}
async fn root(cx: Context) -> Outcome {
    cx.head("/")
        .ok()
        .await?
        .has("x-upyun-file-type", "folder")?;
    Ok(())
}

case! {
    length_is_0: rest "6", choice "R-41";
    "The Content-Length of HEAD is 0."
}
async fn length_is_0(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    cx.make_folder("dir").ok().await?;
    for name in ["a.txt", "dir"] {
        cx.head(name).ok().await?.has("Content-Length", "0")?;
    }
    Ok(())
}

case! {
    missing: rest "6" errors "1", client, codes 40400001;
    "What is not there is 404 with X-Error-Code and no body."
}
async fn missing(cx: Context) -> Outcome {
    cx.head("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.head("dir/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    conditions: rest "5", choice "R-37", codes 41200001;
    "Conditions hold for HEAD as for GET."
}
async fn conditions(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let etag = format!("\"{}\"", md5("hello"));
    let answer = cx
        .head("a.txt")
        .header("If-None-Match", &etag)
        .send()
        .await?;
    answer
        .is_status(304)?
        .lacks("X-Error-Code")?
        .has("ETag", &etag)?;
    let before = "Wed, 29 Oct 2014 02:26:58 GMT";
    cx.head("a.txt")
        .header("If-Modified-Since", before)
        .ok()
        .await?;
    cx.head("a.txt")
        .header("If-Unmodified-Since", before)
        .refused((412, 41200001, "precondition failed"))
        .await?;
    cx.head("a.txt")
        .header("If-Match", "\"x\"")
        .refused((412, 41200001, "precondition failed"))
        .await?;
    Ok(())
}
