//! What a policy says about the file: type, size, MD5, picture.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{form::form, picture},
    failure::same,
    wire::sign::{base64, md5},
};

case! {
    type_allowed: form "3";
    "A file whose extension is among allow-file-type is stored."
}
async fn type_allowed(cx: Context) -> Outcome {
    form(&cx, "a.jpg", "x")
        .with("allow-file-type", "jpg,jpeg,png")
        .ok()
        .await?;
    Ok(())
}

case! {
    type_not_allowed: form "3" form "10", codes 40300010;
    "Another extension is refused."
}
async fn type_not_allowed(cx: Context) -> Outcome {
    for name in ["a.gif", "a.jpg.exe", "a"] {
        let form = form(&cx, name, "x").with("allow-file-type", "jpg,jpeg,png");
        form.refused((403, 40300010, "file type error"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    type_written_otherwise: form "3", choice "F-13", codes 40300010;
    "Case, blanks and leading dots do not matter; without a filename's extension that of the save-key counts."
}
async fn type_written_otherwise(cx: Context) -> Outcome {
    let good = |name| form(&cx, name, "x").with("allow-file-type", "png , .jpg");
    good("a.JPG").ok().await?;
    let keyed = good("a").with("save-key", cx.key("b.png"));
    keyed.ok().await?;
    let keyed = good("a.gif").with("save-key", cx.key("b.png"));
    keyed.refused((403, 40300010, "file type error")).await?;
    Ok(())
}

case! {
    no_type_allowed: form "3", choice "F-14";
    "An empty allow-file-type restricts nothing."
}
async fn no_type_allowed(cx: Context) -> Outcome {
    form(&cx, "a.exe", "x")
        .with("allow-file-type", "")
        .ok()
        .await?;
    Ok(())
}

case! {
    size_in_range: form "3" form "10", codes 40300008 40300009;
    "content-length-range holds both ends; smaller and larger files are refused."
}
async fn size_in_range(cx: Context) -> Outcome {
    let of_size = |size| form(&cx, "a.txt", "x".repeat(size)).with("content-length-range", "5,10");
    of_size(5).ok().await?;
    of_size(10).ok().await?;
    of_size(4)
        .refused((403, 40300008, "file too small"))
        .await?;
    of_size(11)
        .refused((403, 40300009, "file too large"))
        .await?;
    Ok(())
}

case! {
    size_range_malformed: form "3", choice "F-15", codes 40000009;
    "A content-length-range of other than two numbers is refused."
}
async fn size_range_malformed(cx: Context) -> Outcome {
    for wrong in ["5", "a,b", "1,2,3", "-1,5"] {
        let form = form(&cx, "a.txt", "x").with("content-length-range", wrong);
        form.refused((400, 40000009, "decode policy error"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    size_of_what: form "3" images "9", choice "F-16", codes 40300009;
    "The range is about the file after its Base64 is decoded and before it is processed."
}
async fn size_of_what(cx: Context) -> Outcome {
    let decoded = form(&cx, "a.txt", base64("x".repeat(30))).with("b64encoded", "on");
    decoded.with("content-length-range", "30,30").ok().await?;
    let png = picture::png(200, 100)?;
    let exact = format!("{0},{0}", png.len());
    let processed = form(&cx, "a.png", &png).with("x-gmkerl-thumb", "/fw/10");
    processed
        .clone()
        .with("content-length-range", exact)
        .ok()
        .await?;
    let smaller = format!("0,{}", png.len() - 1);
    processed
        .with("content-length-range", smaller)
        .refused((403, 40300009, "file too large"))
        .await?;
    Ok(())
}

case! {
    md5_fits: form "3";
    "A file that fits the policy's content-md5, which is signed, is stored."
}
async fn md5_fits(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello").with("content-md5", md5("hello"));
    form.ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has("Content-Md5", md5("hello"))?;
    Ok(())
}

case! {
    md5_mismatch: form "3" form "10", codes 40300007;
    "A file that does not fit the policy's content-md5 is refused, and what was there stays."
}
async fn md5_mismatch(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    let form = form(&cx, "a.txt", "hello").with("content-md5", md5("other"));
    form.refused((403, 40300007, "content md5 not match"))
        .await?;
    cx.get("a.txt").ok().await?.is_body("old")?;
    Ok(())
}

case! {
    md5_malformed: form "3", choice "F-18", codes 40300007;
    "A content-md5 that is not 32 hex digits fits no file."
}
async fn md5_malformed(cx: Context) -> Outcome {
    for wrong in ["x", "XUFAKrxLKna5cZ2REBfFkg=="] {
        let form = form(&cx, "a.txt", "hello").with("content-md5", wrong);
        form.refused((403, 40300007, "content md5 not match"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    md5_of_what: form "3" images "9", choice "F-17";
    "content-md5 and {filemd5} are of the file after its Base64 is decoded and before it is processed; content-md5 may be of the Base64 too."
}
async fn md5_of_what(cx: Context) -> Outcome {
    let sum = md5("hello");
    let decoded = form(&cx, "a.txt", base64("hello")).with("b64encoded", "on");
    let decoded = decoded.with("save-key", cx.key("{filemd5}"));
    decoded.with("content-md5", &*sum).ok().await?;
    cx.get(&sum).ok().await?.is_body("hello")?;
    let text = base64("hello") + "\n";
    let encoded = form(&cx, "b.txt", &text).with("b64encoded", "on");
    encoded.with("content-md5", md5(&text)).ok().await?;
    cx.get("b.txt").ok().await?.is_body("hello")?;
    let png = picture::png(20, 10)?;
    let processed = form(&cx, "a.png", &png).with("x-gmkerl-thumb", "/fw/10");
    let processed = processed.with("save-key", cx.key("{filemd5}"));
    processed.with("content-md5", md5(&png)).ok().await?;
    let stored = cx.get(&md5(&png)).ok().await?;
    same("another MD5", md5(&stored.body) == md5(&png), false)
}

case! {
    picture_in_range: images "11" form "3", codes 40300019 40300020, tags Images;
    "Width and height of a picture must be in their ranges, both ends included."
}
async fn picture_in_range(cx: Context) -> Outcome {
    let png = picture::png(20, 10)?;
    let with = |name, range| form(&cx, "a.png", &png).with(name, range);
    with("image-width-range", "20,30")
        .with("image-height-range", "5,10")
        .ok()
        .await?;
    for range in ["21,30", "0,19"] {
        let refused = with("image-width-range", range)
            .refused((403, 40300019, "image width too small or too big"))
            .await;
        refused.map_err(|it| it.at(range))?;
    }
    for range in ["11,30", "0,9"] {
        let refused = with("image-height-range", range)
            .refused((403, 40300020, "image height too small or too big"))
            .await;
        refused.map_err(|it| it.at(range))?;
    }
    Ok(())
}

case! {
    picture_expected: images "11" form "3", codes 40300018, tags Images;
    "A file that is no picture is refused where a width or height is asked for."
}
async fn picture_expected(cx: Context) -> Outcome {
    for name in ["image-width-range", "image-height-range"] {
        let form = form(&cx, "a.png", "no picture").with(name, "0,20000");
        form.refused((403, 40300018, "not an image"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    picture_range_malformed: images "11" form "3", codes 40300022 40300023, tags Images;
    "Ranges of width and height are two numbers."
}
async fn picture_range_malformed(cx: Context) -> Outcome {
    for wrong in ["5", "a,b", "1,2,3"] {
        let good = form(&cx, "a.txt", "x");
        let width = good.clone().with("image-width-range", wrong);
        width
            .refused((403, 40300022, "invalid image-width-range"))
            .await
            .map_err(|it| it.at(wrong))?;
        let height = good.with("image-height-range", wrong);
        height
            .refused((403, 40300023, "invalid image-height-range"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}
