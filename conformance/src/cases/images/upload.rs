//! Processing on upload.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        picture::{animation, decode, png},
    },
    failure::{Failure, same},
    target::fixtures::VERSION,
    wire::sign::md5,
};

case! {
    processed_and_stored: images "9" images "1" images "2", tags Images;
    "The processed picture is stored instead of the upload, and the answer tells its facts."
}
async fn processed_and_stored(cx: Context) -> Outcome {
    let put = cx.put("demo.jpg", png(1000, 600)?);
    let answer = put
        .header("x-gmkerl-thumb", "/fw/300/format/png")
        .ok()
        .await?;
    answer.is_empty()?;
    for (name, value) in [
        ("width", "300"),
        ("height", "180"),
        ("file-type", "PNG"),
        ("frames", "1"),
    ] {
        answer.has(&format!("x-upyun-{name}"), value)?;
    }
    let stored = cx.get("demo.jpg").ok().await?;
    same("the size", decode(&stored.body)?.dimensions(), (300, 180))?;
    let head = cx.head("demo.jpg").ok().await?;
    head.has("Content-Md5", md5(&stored.body))?;
    head.has("x-upyun-file-size", stored.body.len().to_string())?;
    Ok(())
}

case! {
    type_of_what_is_stored: images "9", choice "I-6", tags Images;
    "The stored type is that of the result if the format changed, else as for any upload."
}
async fn type_of_what_is_stored(cx: Context) -> Outcome {
    let put = || {
        Ok::<_, Failure>(
            cx.put("a.png", png(100, 60)?)
                .header("Content-Type", "x/own"),
        )
    };
    put()?
        .header("x-gmkerl-thumb", "/fw/50/format/jpg")
        .ok()
        .await?;
    cx.head("a.png")
        .ok()
        .await?
        .has("Content-Type", "image/jpeg")?;
    put()?.header("x-gmkerl-thumb", "/fw/50").ok().await?;
    cx.head("a.png").ok().await?.has("Content-Type", "x/own")?;
    Ok(())
}

case! {
    md5_of_the_upload: images "9", choice "I-6", codes 40000006, tags Images;
    "Content-MD5 is of the bytes as they are uploaded."
}
async fn md5_of_the_upload(cx: Context) -> Outcome {
    let content = png(100, 60)?;
    let put = |sum: String| {
        let put = cx.put("a.png", &content).header("x-gmkerl-thumb", "/fw/50");
        put.header("Content-MD5", sum)
    };
    put(md5(&content)).ok().await?;
    put(md5("other"))
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    Ok(())
}

case! {
    versions: images "9", tags Images NeedsControl;
    "A version may stand there, with parameters behind it."
}
async fn versions(cx: Context) -> Outcome {
    for (text, width) in [
        (VERSION.0.to_owned(), "50"),
        (format!("{}/fw/20", VERSION.0), "20"),
    ] {
        let put = cx
            .put("a.png", png(100, 60)?)
            .header("x-gmkerl-thumb", text);
        put.ok().await?.has("x-upyun-width", width)?;
    }
    Ok(())
}

case! {
    version_unknown: images "9" images "12.2", choice "I-6", codes 40300017, tags Images;
    "A version that is not there is refused, of new and of old."
}
async fn version_unknown(cx: Context) -> Outcome {
    for name in ["x-gmkerl-thumb", "x-gmkerl-thumbnail"] {
        let put = cx
            .put("a.png", png(100, 60)?)
            .header(name, "no-such-version");
        put.refused((403, 40300017, "no thumb setting found for bucket"))
            .await
            .map_err(|it| it.at(name))?;
        let form = form(&cx, "a.png", png(100, 60)?).with(name, "no-such-version");
        form.refused((403, 40300017, "no thumb setting found for bucket"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    no_picture: images "9" images "12.2", choice "I-6", codes 40300018, tags Images;
    "What is no picture is not processed, and not stored."
}
async fn no_picture(cx: Context) -> Outcome {
    let put = cx
        .put("a.png", "no picture")
        .header("x-gmkerl-thumb", "/fw/50");
    put.refused((403, 40300018, "not an image")).await?;
    let form = form(&cx, "a.png", "no picture").with("x-gmkerl-thumb", "/fw/50");
    form.refused((403, 40300018, "not an image")).await?;
    Ok(())
}

case! {
    undecodable: images "9" images "12.2", choice "I-6", codes 50300015, tags Images;
    "A picture that breaks off is refused."
}
async fn undecodable(cx: Context) -> Outcome {
    let content = png(100, 60)?;
    let put = cx
        .put("a.png", &content[..60])
        .header("x-gmkerl-thumb", "/fw/50");
    put.refused((503, 50300015, "decode image info error"))
        .await?;
    Ok(())
}

case! {
    questions: images "9", choice "I-6", codes 40011035, tags Images;
    "Questions are refused there."
}
async fn questions(cx: Context) -> Outcome {
    for wish in ["/info", "/meta", "/face/detection", "/excolor/2"] {
        let put = cx
            .put("a.png", png(100, 60)?)
            .header("x-gmkerl-thumb", wish);
        put.refused((400, 40011035, "invalid param in thumb"))
            .await
            .map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    in_forms: images "9" images "1" form "3", codes 40011004, tags Images;
    "A form processes its picture as well, and refuses what is wrong."
}
async fn in_forms(cx: Context) -> Outcome {
    let good = form(&cx, "a.png", png(100, 60)?);
    good.clone().with("x-gmkerl-thumb", "/fw/50").ok().await?;
    same(
        "the size",
        decode(&cx.get("a.png").ok().await?.body)?.dimensions(),
        (50, 30),
    )?;
    good.with("x-gmkerl-thumb", "/quality/0")
        .refused((400, 40011004, "invalid x-gmkerl-quality"))
        .await?;
    Ok(())
}

case! {
    animations: images "9" images "2", tags Images;
    "An animation stays one."
}
async fn animations(cx: Context) -> Outcome {
    let put = cx.put("a.gif", animation(40, 20, &[0, 100, 200])?);
    let answer = put.header("x-gmkerl-thumb", "/fw/20").ok().await?;
    answer
        .has("x-upyun-frames", "3")?
        .has("x-upyun-width", "20")?;
    Ok(())
}

case! {
    resumable_uploads: images "1", tags Images;
    "Resumable uploads process nothing: the headers are ignored."
}
async fn resumable_uploads(cx: Context) -> Outcome {
    let content = png(100, 60)?;
    let put = cx
        .put("a.png", &content)
        .header("X-Upyun-Multi-Stage", "initiate,upload,complete");
    let put = put
        .header("X-Upyun-Multi-Length", content.len().to_string())
        .header("X-Upyun-Part-Id", "0")
        .header("x-gmkerl-thumb", "/fw/50");
    put.send().await?.is_status(201)?;
    cx.get("a.png").ok().await?.is_body(&content)?;
    Ok(())
}
