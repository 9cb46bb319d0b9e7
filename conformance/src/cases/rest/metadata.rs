//! Metadata: with an upload, and changed later.

use std::time::Duration;

use crate::{Context, Outcome, case::case, failure::same};

case! {
    kept: rest "4";
    "Metadata of an upload come back with a download and with HEAD."
}
async fn kept(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("x-upyun-meta-a", "1");
    put.header("X-Upyun-Meta-B-c", "two words").ok().await?;
    let want = [("a", "1"), ("b-c", "two words")];
    cx.get("a.txt").ok().await?.has_metadata(&want)?;
    cx.head("a.txt").ok().await?.has_metadata(&want)?;
    Ok(())
}

case! {
    values_are_verbatim: rest "4", choice "R-26";
    "Values keep their letters and lose only the blanks around them."
}
async fn values_are_verbatim(cx: Context) -> Outcome {
    let put = cx
        .put("a.txt", "x")
        .header("x-upyun-meta-a", "  Bar  Baz%41+ ");
    put.header("x-upyun-meta-b", "文")
        .header("x-upyun-meta-c", "")
        .ok()
        .await?;
    let want = [("a", "Bar  Baz%41+"), ("b", "文"), ("c", "")];
    cx.head("a.txt").ok().await?.has_metadata(&want)?;
    Ok(())
}

case! {
    names_in_lower_case: rest "4", choice "R-25";
    "Names that differ in case alone are one name, which comes back in lower case."
}
async fn names_in_lower_case(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("X-UPYUN-Meta-Some-NAME", "1");
    put.ok().await?;
    let patch = cx
        .patch("a.txt", "merge")
        .header("x-upyun-meta-some-name", "2");
    patch.ok().await?;
    let answer = cx.head("a.txt").ok().await?;
    let headers = answer.headers.iter();
    let values = headers.filter(|(name, _)| name.eq_ignore_ascii_case("x-upyun-meta-some-name"));
    let found: Vec<(&str, &str)> = values.map(|(name, value)| (&**name, &**value)).collect();
    same("the header", found, vec![("x-upyun-meta-some-name", "2")])
}

case! {
    name_is_empty: rest "4", choice "R-27", codes 40001003;
    "Metadata without a name are refused."
}
async fn name_is_empty(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-", "1")
        .refused((400, 40001003, "meta invalid"))
        .await?;
    Ok(())
}

case! {
    too_much: rest "4", choice "R-28", codes 40001003;
    "More than 8 KiB of metadata are refused."
}
async fn too_much(cx: Context) -> Outcome {
    let fits = "x".repeat(8000);
    cx.put("a.txt", "x")
        .header("x-upyun-meta-a", fits)
        .ok()
        .await?;
    let put = cx
        .put("b.txt", "x")
        .header("x-upyun-meta-a", "x".repeat(4000));
    put.header("x-upyun-meta-b", "x".repeat(5000))
        .refused((400, 40001003, "meta invalid"))
        .await?;
    let patch = cx
        .patch("a.txt", "merge")
        .header("x-upyun-meta-b", "x".repeat(500));
    patch.refused((400, 40001003, "meta invalid")).await?;
    Ok(())
}

case! {
    last_of_two: rest "4", choice "R-32";
    "Of two metadata of one name the last counts."
}
async fn last_of_two(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("x-upyun-meta-a", "1");
    put.header("X-Upyun-Meta-A", "2").ok().await?;
    cx.head("a.txt").ok().await?.has_metadata(&[("a", "2")])?;
    Ok(())
}

case! {
    ttl_ends: rest "4", codes 40400001, tags NeedsClock;
    "After its ttl an object does not exist."
}
async fn ttl_ends(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-ttl", "1")
        .ok()
        .await?;
    cx.advance(Duration::from_secs(86_400 - 60))?;
    cx.get("a.txt").ok().await?;
    cx.advance(Duration::from_secs(120))?;
    cx.get("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.is_missing("a.txt").await?;
    cx.get("/").header("x-list-limit", "1").ok().await?;
    let list = cx.get("").send().await?;
    same("the list", list.body.is_empty() || list.status == 404, true)
}

case! {
    ttl_starts_with_its_change: rest "4", choice "R-30", tags NeedsClock;
    "A ttl that is set by PATCH counts from then."
}
async fn ttl_starts_with_its_change(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-ttl", "1")
        .ok()
        .await?;
    cx.advance(Duration::from_secs(50_000))?;
    cx.patch("a.txt", "merge")
        .header("x-upyun-meta-ttl", "1")
        .ok()
        .await?;
    cx.advance(Duration::from_secs(50_000))?;
    cx.get("a.txt").ok().await?;
    cx.advance(Duration::from_secs(40_000))?;
    cx.is_missing("a.txt").await
}

case! {
    merged: rest "14";
    "merge sets the given names and leaves the others; it is the default."
}
async fn merged(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    let patch = cx.patch("a.txt", "merge").header("x-upyun-meta-a", "2");
    patch.header("x-upyun-meta-b", "3").ok().await?.is_empty()?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("a", "2"), ("b", "3")])?;
    let patch = cx.request("PATCH", cx.path("a.txt"));
    patch.header("x-upyun-meta-c", "4").ok().await?;
    let answer = cx.head("a.txt").ok().await?;
    answer.has_metadata(&[("a", "2"), ("b", "3"), ("c", "4")])?;
    Ok(())
}

case! {
    replaced: rest "14";
    "replace leaves exactly the given metadata."
}
async fn replaced(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("x-upyun-meta-a", "1");
    put.header("x-upyun-meta-b", "2").ok().await?;
    let patch = cx.patch("a.txt", "replace").header("x-upyun-meta-a", "3");
    patch.header("x-upyun-meta-c", "4").ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("a", "3"), ("c", "4")])?;
    Ok(())
}

case! {
    deleted: rest "14";
    "delete removes the given names, whatever their values."
}
async fn deleted(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("x-upyun-meta-a", "1");
    put.header("x-upyun-meta-b", "2").ok().await?;
    cx.patch("a.txt", "delete")
        .header("x-upyun-meta-a", "other")
        .ok()
        .await?;
    cx.head("a.txt").ok().await?.has_metadata(&[("b", "2")])?;
    Ok(())
}

case! {
    deleted_though_unknown: rest "14", choice "R-80";
    "Unknown names are deleted without complaint."
}
async fn deleted_though_unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    cx.patch("a.txt", "delete")
        .header("x-upyun-meta-z", "1")
        .ok()
        .await?;
    cx.head("a.txt").ok().await?.has_metadata(&[("a", "1")])?;
    Ok(())
}

case! {
    by_the_sdk: rest "14";
    "The SDK changes metadata."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    let key = cx.key("a.txt");
    cx.sdk()?
        .update_metadata(&key)
        .meta("b", "2")
        .send()
        .await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("a", "1"), ("b", "2")])?;
    Ok(())
}

case! {
    secret_changed_and_removed: rest "14";
    "A secret is changed by merge and removed by delete."
}
async fn secret_changed_and_removed(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("Content-Secret", "abc")
        .ok()
        .await?;
    cx.patch("a.txt", "merge")
        .header("x-upyun-meta-secret", "def")
        .ok()
        .await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("secret", "def")])?;
    cx.patch("a.txt", "delete")
        .header("x-upyun-meta-secret", "x")
        .ok()
        .await?;
    cx.head("a.txt").ok().await?.has_metadata(&[])?;
    Ok(())
}

case! {
    secret_malformed: rest "14", choice "R-87", codes 40300016;
    "A secret that is set by PATCH is checked as one of an upload."
}
async fn secret_malformed(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let patch = cx
        .patch("a.txt", "merge")
        .header("x-upyun-meta-secret", "a-b");
    patch
        .refused((403, 40300016, "content-secret only accept [a-zA-Z0-9]"))
        .await?;
    Ok(())
}

case! {
    replaced_with_ttl_and_secret: rest "14", choice "R-84";
    "replace drops ttl and secret too."
}
async fn replaced_with_ttl_and_secret(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "x").header("Content-Secret", "abc");
    put.header("x-upyun-meta-ttl", "3").ok().await?;
    cx.patch("a.txt", "replace")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    cx.head("a.txt").ok().await?.has_metadata(&[("a", "1")])?;
    Ok(())
}

case! {
    ttl_malformed: rest "14", codes 40011092;
    "A ttl that is set by PATCH is checked as one of an upload."
}
async fn ttl_malformed(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let patch = cx.patch("a.txt", "merge").header("x-upyun-meta-ttl", "181");
    patch.refused((400, 40011092, "invalid file ttl")).await?;
    Ok(())
}

case! {
    time_of_change: rest "14", tags NeedsClock;
    "The time of change stays, unless update_last_modified=true asks for a new one."
}
async fn time_of_change(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let time = async || cx.head("a.txt").ok().await?.number("x-upyun-file-date");
    let first = time().await?;
    cx.advance(Duration::from_secs(1000))?;
    cx.patch("a.txt", "merge")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    same("the time", time().await?, first)?;
    for (value, moved) in [("false", false), ("true", true)] {
        let operation = format!("merge&update_last_modified={value}");
        cx.patch("a.txt", &operation)
            .header("x-upyun-meta-a", "2")
            .ok()
            .await?;
        let want = if moved { 1000 } else { 0 };
        let later = time().await? - first;
        same("the seconds since then", later / 10 * 10, want).map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    time_argument_unknown: rest "14", choice "R-81", codes 40001009;
    "update_last_modified is true or false."
}
async fn time_argument_unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let patch = cx.patch("a.txt", "merge&update_last_modified=1");
    patch
        .header("x-upyun-meta-a", "1")
        .refused((400, 40001009, "invalid update time"))
        .await?;
    Ok(())
}

case! {
    operation_unknown: rest "14", choice "R-82", codes 40000043;
    "Another operation is refused."
}
async fn operation_unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.patch("a.txt", "add")
        .header("x-upyun-meta-a", "1")
        .refused((400, 40000043, "wrong metadata directive"))
        .await?;
    Ok(())
}

case! {
    without_metadata: rest "14", choice "R-83", codes 40000044;
    "A change without metadata is refused, whatever the operation."
}
async fn without_metadata(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    for operation in ["merge", "replace", "delete"] {
        let refused = cx
            .patch("a.txt", operation)
            .refused((400, 40000044, "need metadata"))
            .await;
        refused.map_err(|it| it.at(operation))?;
    }
    Ok(())
}

case! {
    of_what_is_missing: rest "14", choice "R-85", codes 40400001 40300015;
    "What is not there and what is a folder has no metadata to change."
}
async fn of_what_is_missing(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let patch = |name| cx.patch(name, "merge").header("x-upyun-meta-a", "1");
    patch("a.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    patch("dir")
        .refused((403, 40300015, "path is not a file, maybe a directory"))
        .await?;
    Ok(())
}

case! {
    type_and_body: rest "14", client;
    "The form type and the empty length that a client sends along do no harm."
}
async fn type_and_body(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let patch = cx.patch("a.txt", "merge").header("x-upyun-meta-a", "1");
    let patch = patch.header("Content-Length", "0");
    patch
        .header("Content-Type", "application/x-www-form-urlencoded")
        .ok()
        .await?;
    cx.get("a.txt")
        .ok()
        .await?
        .is_body("x")?
        .has_metadata(&[("a", "1")])?;
    Ok(())
}

case! {
    type_cannot_be_changed: rest "14", choice "R-86";
    "The stored type stays what it was."
}
async fn type_cannot_be_changed(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let patch = cx.patch("a.txt", "merge").header("x-upyun-meta-a", "1");
    patch.header("Content-Type", "text/html").ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has("Content-Type", "text/plain")?;
    Ok(())
}
