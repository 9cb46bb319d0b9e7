//! Large-file mode and ext-param.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{form::form, picture},
    failure::same,
    wire::sign::{base64, md5},
};

case! {
    streamed: form "9";
    "With its size in the policy and the file last, a large file is stored."
}
async fn streamed(cx: Context) -> Outcome {
    let content: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let form = form(&cx, "a.bin", &content).with("content-length", content.len());
    form.ok().await?;
    cx.get("a.bin").ok().await?.is_body(&content)?;
    Ok(())
}

case! {
    size_malformed: form "9" form "3", codes 40300035;
    "A content-length that is no number of bytes is refused."
}
async fn size_malformed(cx: Context) -> Outcome {
    for wrong in ["x", "-1", "1.5", ""] {
        let form = form(&cx, "a.txt", "hello").with("content-length", wrong);
        form.refused((403, 40300035, "content-length of policy format error"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    form(&cx, "a.txt", "hello")
        .with("content-length", 5.5)
        .refused((403, 40300035, "content-length of policy format error"))
        .await?;
    Ok(())
}

case! {
    file_first: form "9", choice "F-36", codes 40000033;
    "In large-file mode the file cannot come before what allows it."
}
async fn file_first(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello").with("content-length", 5);
    form.file_first()
        .refused((400, 40000033, "failed to read firstchunk"))
        .await?;
    Ok(())
}

case! {
    size_differs: form "9", choice "F-37", codes 40000025;
    "A file of another size than announced is refused."
}
async fn size_differs(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    for size in [4, 6, 0] {
        let form = form(&cx, "a.txt", "hello").with("content-length", size);
        form.refused((400, 40000025, "file size not match"))
            .await
            .map_err(|it| it.at(size))?;
    }
    Ok(())
}

case! {
    with_everything: form "9", choice "F-38", tags Images;
    "{filemd5}, b64encoded and ranges of pictures work there too; the size announced is that of the field."
}
async fn with_everything(cx: Context) -> Outcome {
    let png = picture::png(30, 20)?;
    let text = base64(&png);
    let form = form(&cx, "a.png", &text)
        .with("content-length", text.len())
        .with("b64encoded", "on")
        .with("image-width-range", "30,30")
        .with("save-key", cx.key("{filemd5}"));
    form.ok().await?;
    cx.get(&md5(&png)).ok().await?.is_body(&png)?;
    Ok(())
}

case! {
    ext_param: form "8" form "3", codes 40000010;
    "An ext-param has at most 255 bytes."
}
async fn ext_param(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    good.clone().with("ext-param", "é".repeat(127)).ok().await?;
    good.clone().with("ext-param", "x".repeat(255)).ok().await?;
    good.clone()
        .with("ext-param", "x".repeat(256))
        .refused((400, 40000010, "data too long for ext-param"))
        .await?;
    good.with("ext-param", "é".repeat(128))
        .refused((400, 40000010, "data too long for ext-param"))
        .await?;
    Ok(())
}

case! {
    ext_param_in_the_answer: form "8", client;
    "An ext-param comes back with the answer."
}
async fn ext_param_in_the_answer(cx: Context) -> Outcome {
    let told = form(&cx, "a.txt", "x")
        .with("ext-param", "a b&é")
        .ok()
        .await?;
    same("ext-param", &told["ext-param"], "a b&é")
}

case! {
    ext_param_empty: form "8", choice "F-35", tags NeedsFormSecret Legacy;
    "An empty ext-param is one: it comes back, and is the last element of sign."
}
async fn ext_param_empty(cx: Context) -> Outcome {
    let secret = cx.form_secret()?;
    let form = form(&cx, "a.txt", "x")
        .by_secret(secret)
        .with("ext-param", "");
    let told = form.ok().await?;
    same("ext-param", &told["ext-param"], "")?;
    let want = format!("200&ok&{}&{}&{secret}&", cx.key("a.txt"), told["time"]);
    same("sign", &told["sign"], &md5(want))
}
