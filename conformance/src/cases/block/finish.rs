//! The third step.

use serde_json::Value;

use super::{Step, Upload, sorted};
use crate::{
    Context, Failure, Outcome,
    case::case,
    failure::{holds, same},
    wire::sign::md5,
};

/// An upload with its one block.
async fn ready(step: Step) -> Result<Upload, Failure> {
    let upload = Upload::begin(step).await?;
    upload.store(0, b"hello", &[1]).await?;
    Ok(upload)
}

fn unsigned(members: &Value) -> Value {
    let mut members = members.clone();
    if let Some(members) = members.as_object_mut() {
        members.remove("signature");
    }
    members
}

case! {
    answers: multipart "9", tags Legacy NeedsFormSecret;
    "The last step answers the facts of the object, signed with the token's secret."
}
async fn answers(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("ext-param", "a b");
    let upload = ready(step).await?;
    let done = upload.finish().request().ok().await?.json()?;
    same("the service", &done["bucket_name"], cx.service())?;
    same("the path", &done["path"], &*cx.key("a.txt"))?;
    same("the type", &done["mimetype"], "text/plain")?;
    same("the size", &done["file_size"], 5)?;
    same("the ext-param", &done["ext-param"], "a b")?;
    same("no width", done.get("image_width"), None)?;
    let signature = sorted(&unsigned(&done), &upload.secret);
    same(
        "the signature",
        done["signature"].as_str(),
        Some(&*signature),
    )?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    keys_of_forms: multipart "9", tags Legacy NeedsFormSecret;
    "The first policy may have the keys of a form: type, secret, metadata."
}
async fn keys_of_forms(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("content-type", "text/x-own");
    let step = step.with("content-secret", "abc");
    ready(step).await?.finish().request().ok().await?;
    let answer = cx.head("a.txt").ok().await?;
    answer
        .has("Content-Type", "text/x-own")?
        .has_metadata(&[("secret", "abc")])?;
    Ok(())
}

case! {
    sends_the_browser_on: multipart "9", tags Legacy NeedsFormSecret;
    "With a return-url the answer is 302 to it, signed with the form secret."
}
async fn sends_the_browser_on(cx: Context) -> Outcome {
    let url = "http://example.com/return";
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("return-url", url);
    let answer = ready(step).await?.finish().request().send().await?;
    let location = answer.is_status(302)?.the("Location")?;
    let query = location.strip_prefix(&format!("{url}?"));
    let query = query.ok_or_else(|| Failure::new(url, location))?;
    are_signed(&cx, query.as_bytes())
}

case! {
    tells_the_application: multipart "9", tags Legacy NeedsFormSecret NeedsCallback;
    "With a notify-url the facts are posted there, signed with the form secret."
}
async fn tells_the_application(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("notify-url", receiver.url());
    ready(step).await?.finish().request().ok().await?;
    let received = receiver.next().await?;
    same("the method", &*received.method, "POST")?;
    let kind = received.header("content-type").unwrap_or_default();
    holds(
        kind.starts_with("application/x-www-form-urlencoded"),
        "a form",
        kind,
    )?;
    same("no Authorization", received.header("authorization"), None)?;
    are_signed(&cx, &received.body)
}

/// Expects the facts of `a.txt` as a form.
fn are_signed(cx: &Context, form: &[u8]) -> Outcome {
    let pairs = url::form_urlencoded::parse(form).into_owned();
    let members: serde_json::Map<_, _> = pairs
        .map(|(name, value)| (name, Value::from(value)))
        .collect();
    let members = Value::from(members);
    same("the path", &members["path"], &*cx.key("a.txt"))?;
    same("the type", &members["content_type"], "text/plain")?;
    same("the size", &members["file_size"], "5")?;
    let signature = sorted(&unsigned(&members), cx.form_secret()?);
    same(
        "the signature",
        members["signature"].as_str(),
        Some(&*signature),
    )
}

case! {
    too_early: multipart "9", choice "M-46", codes 40000024, tags Legacy NeedsFormSecret;
    "While a block is missing nothing is made, and the upload goes on."
}
async fn too_early(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.txt", b"hello", 1)?).await?;
    upload
        .finish()
        .refused((400, 40000024, "block not finished"))
        .await?;
    upload.store(0, b"hello", &[1]).await?;
    upload.finish().request().ok().await?;
    Ok(())
}

case! {
    size_differs: multipart "9", choice "M-46", codes 40000025, tags Legacy NeedsFormSecret;
    "Blocks that do not add up to file_size make nothing."
}
async fn size_differs(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("file_size", 6);
    ready(step)
        .await?
        .finish()
        .refused((400, 40000025, "file size not match"))
        .await?;
    cx.is_missing("a.txt").await
}

case! {
    hash_differs: multipart "9", choice "M-46", codes 40000006, tags Legacy NeedsFormSecret;
    "A file that does not fit file_hash makes nothing."
}
async fn hash_differs(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?.with("file_hash", md5("other"));
    ready(step)
        .await?
        .finish()
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    cx.get("a.txt").ok().await?.is_body("old")?;
    Ok(())
}

case! {
    file_checked: multipart "9", choice "M-46", codes 40300010 40300008 40300018 40600001, tags Legacy NeedsFormSecret;
    "The file is checked as that of a form, and is stored when the upload begins again without the limit."
}
async fn file_checked(cx: Context) -> Outcome {
    for (name, limit, value, refusal) in [
        (
            "a.txt",
            "allow-file-type",
            "jpg",
            (403, 40300010, "file type error"),
        ),
        (
            "b.txt",
            "content-length-range",
            "100,200",
            (403, 40300008, "file too small"),
        ),
        (
            "c.txt",
            "image-width-range",
            "1,2",
            (403, 40300018, "not an image"),
        ),
    ] {
        let step = || Step::begin(&cx, name, b"hello", 1);
        let last = ready(step()?.with(limit, value)).await?.finish();
        last.refused(refusal)
            .await
            .map_err(|failure| failure.at(limit))?;
        cx.is_missing(name).await?;
    }
    cx.make_folder("d.txt").ok().await?;
    let last = ready(Step::begin(&cx, "d.txt", b"hello", 1)?)
        .await?
        .finish();
    last.refused((406, 40600001, "dir not acceptable")).await?;
    Ok(())
}

case! {
    overwrites: multipart "9", tags Legacy NeedsFormSecret;
    "An object at the path is replaced, at the end and not before."
}
async fn overwrites(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    let upload = ready(Step::begin(&cx, "a.txt", b"hello", 1)?).await?;
    cx.get("a.txt").ok().await?.is_body("old")?;
    upload.finish().request().ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}
