//! Where the file goes.

use std::time::{Duration, SystemTime};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::form::form,
    failure::{Failure, holds, same},
    wire::sign::md5,
};

/// The url of an upload with this save-key below the case's folder, without that folder.
async fn expanded(cx: &Context, file: &str, save_key: &str) -> Result<String, Failure> {
    let form = form(cx, file, "hello").with("save-key", cx.key(save_key));
    let told = form.ok().await?;
    let url = told["url"].as_str().unwrap_or_default();
    let start = cx.key("");
    let Some(name) = url.strip_prefix(&start) else {
        return Err(Failure::new(format!("a url below {start}"), url));
    };
    cx.get(name).ok().await?.is_body("hello")?;
    Ok(name.to_owned())
}

case! {
    times: form "4";
    "Placeholders of time are of the receipt, in UTC, with leading zeros."
}
async fn times(cx: Context) -> Outcome {
    let save_key = cx.key("{year}/{mon}/{day}/{hour}_{min}_{sec}_{filename}{.suffix}");
    let form = form(&cx, "sample.jpg", "x").with("save-key", save_key);
    let told = form.ok().await?;
    let time = told["time"].as_u64().unwrap_or_default();
    let near: Vec<_> = (time - 1..=time + 1)
        .map(|time| cx.key(&dated(time)))
        .collect();
    let url = told["url"].as_str().unwrap_or_default();
    holds(
        near.iter().any(|it| it == url),
        format!("one of {near:?}"),
        url,
    )
}

/// The name that the save-key above gives at a time.
fn dated(time: u64) -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
    // Tue, 24 Nov 2026 00:00:00 GMT
    let date = httpdate::fmt_http_date(time);
    let month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(&date[8..11]);
    let month = month.unwrap_or_default() / 3 + 1;
    let (year, day, clock) = (&date[12..16], &date[5..7], date[17..25].replace(':', "_"));
    format!("{year}/{month:02}/{day}/{clock}_sample.jpg")
}

case! {
    names: form "4";
    "{filename}, {suffix} and {.suffix} are those of the uploaded name; {filemd5} is of the file."
}
async fn names(cx: Context) -> Outcome {
    let sum = md5("hello");
    let name = expanded(&cx, "sample.jpg", "{filename}-{suffix}-{filemd5}{.suffix}").await?;
    same("url", name, format!("sample-jpg-{sum}.jpg"))
}

case! {
    extensions: form "4", choice "F-21";
    "The extension follows the last dot and keeps its case; without one, or with a leading dot only, it is empty."
}
async fn extensions(cx: Context) -> Outcome {
    for (file, want) in [
        ("a.tar.GZ", "a.tar_GZ_.GZ"),
        ("README", "README__"),
        (".profile", ".profile__"),
    ] {
        let name = expanded(&cx, file, "{filename}_{suffix}_{.suffix}").await?;
        same("url", &*name, want).map_err(|it| it.at(file))?;
    }
    Ok(())
}

case! {
    random: form "4", choice "F-20" "F-23";
    "{random} is 16 and {random32} 32 hex digits, drawn anew each time."
}
async fn random(cx: Context) -> Outcome {
    let name = expanded(&cx, "a", "{random}_{random}_{random32}").await?;
    let parts: Vec<_> = name.split('_').collect();
    let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let lengths: Vec<_> = parts.iter().map(|it| it.len()).collect();
    same("lengths", lengths, [16, 16, 32])?;
    holds(parts.iter().all(|it| is_hex(it)), "hex digits", &name)?;
    holds(parts[0] != parts[1], "another one each time", &name)?;
    let again = expanded(&cx, "a", "{random}_{random}_{random32}").await?;
    holds(name != again, "another one in the next form", &again)
}

case! {
    unknown_placeholders: form "4", choice "F-22";
    "Unknown placeholders and single braces stay as they are."
}
async fn unknown_placeholders(cx: Context) -> Outcome {
    for literal in ["{magic}", "{YEAR}", "{", "}", "{filename", "{}"] {
        let name = expanded(&cx, "a.txt", &format!("{literal}x")).await?;
        same("url", name, format!("{literal}x"))?;
    }
    Ok(())
}

case! {
    without_a_slash: form "4", client;
    "A missing first slash is added for storing, and not in the answer."
}
async fn without_a_slash(cx: Context) -> Outcome {
    let save_key = cx.key("a.txt").trim_start_matches('/').to_owned();
    let told = form(&cx, "x", "hello")
        .with("save-key", &*save_key)
        .ok()
        .await?;
    same("url", &told["url"], &*save_key)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    not_decoded: form "4", choice "F-24";
    "A save-key is not percent-decoded."
}
async fn not_decoded(cx: Context) -> Outcome {
    let name = expanded(&cx, "x", "%41 +文").await?;
    same("url", &*name, "%41 +文")
}

case! {
    rules_of_paths: form "4" form "10", choice "F-25", codes 40600001 40300001 40300002 40300003 40001000;
    "After it is expanded, a save-key is subject to the rules of all paths."
}
async fn rules_of_paths(cx: Context) -> Outcome {
    cx.put("file", "x").ok().await?;
    cx.make_folder("folder").ok().await?;
    for (save_key, code) in [
        ("folder", (406, 40600001, "dir not acceptable")),
        ("new/", (406, 40600001, "dir not acceptable")),
        ("{suffix}", (406, 40600001, "dir not acceptable")),
        ("file/below", (406, 40600001, "dir not acceptable")),
        (
            "a\nb",
            (
                403,
                40300001,
                "file name contains invalid chars (\\r\\n\\t)",
            ),
        ),
        (&*"n".repeat(256), (403, 40300003, "file name too long")),
        (&*"n/".repeat(600), (406, 40600001, "dir not acceptable")),
        (
            &*format!("{}n", "n/".repeat(600)),
            (403, 40300002, "file path too long"),
        ),
        ("../x", (400, 40001000, "wrong uri")),
    ] {
        let form = form(&cx, "none", "x").with("save-key", cx.key(save_key));
        form.refused(code)
            .await
            .map_err(|it| it.at(&save_key[..save_key.len().min(20)]))?;
    }
    Ok(())
}
