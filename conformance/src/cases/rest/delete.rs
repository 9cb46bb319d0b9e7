//! Deleting files.

use std::time::Duration;

use crate::{Context, Outcome, case::case, target::fixtures};

case! {
    at_once: rest "7", codes 40400001;
    "A deleted file is gone."
}
async fn at_once(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.delete("a.txt").ok().await?.is_empty()?;
    cx.get("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.is_missing("a.txt").await
}

case! {
    missing: rest "7", client, codes 40400001;
    "What is not there cannot be deleted."
}
async fn missing(cx: Context) -> Outcome {
    cx.delete("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    later: rest "7";
    "An asynchronous deletion is answered at once and done later."
}
async fn later(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.delete("a.txt")
        .header("x-upyun-async", "true")
        .ok()
        .await?;
    cx.eventually(|| cx.is_missing("a.txt")).await
}

case! {
    later_by_the_clock: rest "7", choice "R-45", tags NeedsClock;
    "Until its turn has come, a second later, the object can be read."
}
async fn later_by_the_clock(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.delete("a.txt")
        .header("x-upyun-async", "true")
        .ok()
        .await?;
    cx.get("a.txt").ok().await?.is_body("x")?;
    cx.advance(Duration::from_secs(2))?;
    cx.eventually(|| cx.is_missing("a.txt")).await
}

case! {
    later_of_what_is_missing: rest "7", choice "R-43";
    "An asynchronous deletion of what is not there is accepted."
}
async fn later_of_what_is_missing(cx: Context) -> Outcome {
    cx.delete("a.txt")
        .header("x-upyun-async", "true")
        .ok()
        .await?;
    Ok(())
}

case! {
    later_in_any_case: rest "7", choice "R-44";
    "x-upyun-async is true in any case of letters; any other value means at once."
}
async fn later_in_any_case(cx: Context) -> Outcome {
    cx.delete("a.txt")
        .header("x-upyun-async", "TRUE")
        .ok()
        .await?;
    for value in ["false", "1", "yes"] {
        cx.put("a.txt", "x").ok().await?;
        cx.delete("a.txt")
            .header("x-upyun-async", value)
            .ok()
            .await?;
        cx.is_missing("a.txt").await?;
    }
    Ok(())
}

case! {
    without_the_right: rest "7" auth "14", codes 40300011, tags NeedsControl;
    "An operator without the right to delete is refused, files and folders alike."
}
async fn without_the_right(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "x").ok().await?;
    let editor = fixtures::operator(fixtures::EDITOR);
    cx.delete("dir/a.txt")
        .by(&editor)
        .refused((403, 40300011, "has no permission to delete"))
        .await?;
    cx.delete("dir")
        .by(&editor)
        .refused((403, 40300011, "has no permission to delete"))
        .await?;
    Ok(())
}
