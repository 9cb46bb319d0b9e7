//! What pictures tell.

use image::{ImageFormat, Rgba};
use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        picture::{
            animation, encode, flat, is_problem, jpeg_with, photograph, png, public, put_png,
            quarters,
        },
    },
    failure::{Failure, holds, same},
};

async fn asked(cx: &Context, name: &str, question: &str) -> Result<Value, Failure> {
    let answer = public(cx, name, &format!("!{question}"))?.ok().await;
    let answer = answer.map_err(|it| it.at(question))?;
    answer.has("Content-Type", "application/json")?;
    answer.json()
}

/// Pink with a line of another colour.
fn two_colours() -> Result<Vec<u8>, Failure> {
    let mut pixels = flat(10, 10, [0xff, 0, 0xaa, 255]);
    for x in 0..10 {
        pixels.put_pixel(x, 0, Rgba([0x10, 0x20, 0x30, 255]));
    }
    encode(pixels, ImageFormat::Png)
}

/// A picture of the press: two keywords and a city.
fn press() -> Result<Vec<u8>, Failure> {
    let mut iptc = Vec::new();
    for (number, text) in [(25, "a"), (25, "b"), (90, "Hangzhou")] {
        iptc.extend([0x1c, 2, number, 0, text.len() as u8]);
        iptc.extend(text.as_bytes());
    }
    let mut block = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0".to_vec();
    block.push(iptc.len() as u8);
    block.extend(iptc);
    jpeg_with((100, 60), &[(0xed, &block)])
}

case! {
    size_and_kind: images "8", tags Images NeedsDomain;
    "info tells width, height and frames."
}
async fn size_and_kind(cx: Context) -> Outcome {
    cx.put("a.gif", animation(40, 20, &[0, 100, 200])?)
        .ok()
        .await?;
    let info = asked(&cx, "a.gif", "/info").await?;
    let numbers = ["width", "height", "frames"].map(|name| info[name].as_u64());
    same("numbers", numbers, [40, 20, 3].map(Some))
}

case! {
    shape_of_info: images "8", choice "I-8", tags Images NeedsDomain;
    "info has width, height, type and frames."
}
async fn shape_of_info(cx: Context) -> Outcome {
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>"#;
    for (name, content, kind) in [
        ("a", png(40, 20)?, "PNG"),
        ("b", jpeg_with((40, 20), &[])?, "JPEG"),
        ("c", encode(quarters(40, 20), ImageFormat::WebP)?, "WEBP"),
        ("d", encode(quarters(40, 20), ImageFormat::Bmp)?, "BMP"),
        ("e", animation(40, 20, &[1])?, "GIF"),
        ("f", svg.as_bytes().to_vec(), "SVG"),
    ] {
        cx.put(name, content).ok().await?;
        let want = json!({ "width": 40, "height": 20, "type": kind, "frames": 1 });
        same("the answer", asked(&cx, name, "/info").await?, want)?;
    }
    Ok(())
}

case! {
    exif: images "8", client, tags Images NeedsDomain;
    "meta tells EXIF as texts by their names: fractions, numbers and texts."
}
async fn exif(cx: Context) -> Outcome {
    cx.put("p.jpg", photograph(6)?).ok().await?;
    let meta = asked(&cx, "p.jpg", "/meta").await?;
    same("width", meta["width"].as_u64(), Some(100))?;
    same("height", meta["height"].as_u64(), Some(60))?;
    let found = ["Make", "Orientation", "XResolution"].map(|name| meta["EXIF"][name].as_str());
    same("EXIF", found, ["Canon", "6", "72/1"].map(Some))
}

case! {
    without_exif: images "8", choice "I-8", tags Images NeedsDomain;
    "A picture without EXIF or IPTC has empty objects."
}
async fn without_exif(cx: Context) -> Outcome {
    put_png(&cx).await?;
    same(
        "EXIF",
        &asked(&cx, "p.png", "/meta").await?["EXIF"],
        &json!({}),
    )?;
    same(
        "IPTC",
        &asked(&cx, "p.png", "/meta/iptc").await?["IPTC"],
        &json!({}),
    )
}

case! {
    iptc: images "8", choice "I-8", tags Images NeedsDomain;
    "meta/iptc tells IPTC, meta/all both; what stands twice is joined by a comma."
}
async fn iptc(cx: Context) -> Outcome {
    cx.put("p.jpg", press()?).ok().await?;
    let want = json!({ "Keywords": "a,b", "City": "Hangzhou" });
    let told = asked(&cx, "p.jpg", "/meta/iptc").await?;
    same("IPTC", &told["IPTC"], &want)?;
    same("width", told["width"].as_u64(), Some(100))?;
    let all = asked(&cx, "p.jpg", "/meta/all").await?;
    same("IPTC", &all["IPTC"], &want)?;
    same("EXIF", &all["EXIF"], &json!({}))
}

case! {
    theme_colours: images "8", tags Images NeedsDomain;
    "excolor and exformat tell theme colours, as numbers unless hex is asked for."
}
async fn theme_colours(cx: Context) -> Outcome {
    cx.put("p.png", two_colours()?).ok().await?;
    for (wish, want) in [
        ("/excolor/2/exformat/hex", json!(["0xff00aa", "0x102030"])),
        ("/excolor/2/exformat/dec", json!([16711850, 1056816])),
        ("/excolor/2", json!([16711850, 1056816])),
    ] {
        same("colours", asked(&cx, "p.png", wish).await?, want).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    theme_colours_by_default: images "8", choice "I-8", tags Images NeedsDomain;
    "Either key is enough; the most frequent comes first, and there are at most so many."
}
async fn theme_colours_by_default(cx: Context) -> Outcome {
    cx.put("p.png", two_colours()?).ok().await?;
    same(
        "colours",
        asked(&cx, "p.png", "/exformat/hex").await?,
        json!(["0xff00aa", "0x102030"]),
    )?;
    let one = asked(&cx, "p.png", "/excolor/1").await?;
    same(
        "the number of colours",
        one.as_array().map(Vec::len),
        Some(1),
    )
}

case! {
    faces: images "8" images "13", tags Images NeedsDomain;
    "face/detection tells the size and where faces are."
}
async fn faces(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let told = asked(&cx, "p.png", "/face/detection").await?;
    same(
        "the answer",
        told,
        json!({ "size": [1000, 600], "face": [] }),
    )
}

case! {
    faces_that_cannot_be_looked_for: images "8" images "13", tags Images NeedsDomain Slow;
    "Of what is missing it is 404, of more than 8 MB 413, of what is no picture 415."
}
async fn faces_that_cannot_be_looked_for(cx: Context) -> Outcome {
    let mut large = png(10, 10)?;
    large.resize(8 * 1024 * 1024 + 1, 0);
    cx.put("large.png", large).ok().await?;
    cx.put("a.txt", "hello").ok().await?;
    for (name, status) in [("none", 404), ("large.png", 413), ("a.txt", 415)] {
        let answer = public(&cx, name, "!/face/detection")?.send().await?;
        answer.is_status(status).map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    questions_stand_alone: images "8", choice "I-2", codes 40011035, tags Images NeedsDomain;
    "A question and a parameter do not go together."
}
async fn questions_stand_alone(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for wish in [
        "/info/fw/100",
        "/fw/100/info",
        "/meta/fw/100",
        "/excolor/2/fw/100",
        "/face/detection/fw/1",
    ] {
        let answer = public(&cx, "p.png", &format!("!{wish}"))?.send().await?;
        is_problem(&answer, 400, 40011035, "invalid param in thumb").map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    in_the_answer_to_an_upload: images "2", client, tags Images;
    "The answer to the upload of a picture tells its size, its kind and its frames; by content, not by name."
}
async fn in_the_answer_to_an_upload(cx: Context) -> Outcome {
    for (name, content, want) in [
        ("a.txt", png(40, 20)?, ["PNG", "1", "20", "40"]),
        ("b", jpeg_with((40, 20), &[])?, ["JPEG", "1", "20", "40"]),
        (
            "c.png",
            animation(40, 20, &[0, 9])?,
            ["GIF", "2", "20", "40"],
        ),
    ] {
        let answer = cx
            .put(name, content)
            .header("Content-Type", "x/y")
            .ok()
            .await?;
        let found = answer.headers_from("x-upyun-");
        let names = [
            "x-upyun-file-type",
            "x-upyun-frames",
            "x-upyun-height",
            "x-upyun-width",
        ];
        let want: Vec<_> = names
            .iter()
            .zip(want)
            .map(|(name, it)| (name.to_string(), it.to_owned()))
            .collect();
        same("the headers x-upyun-*", found, want).map_err(|it| it.at(name))?;
    }
    let answer = cx.put("a.png", "no picture").ok().await?;
    same("the headers x-upyun-*", answer.headers_from("x-upyun-"), [])
}

case! {
    of_other_kinds: images "2", choice "I-4", tags Images;
    "WebP, BMP and SVG are told too."
}
async fn of_other_kinds(cx: Context) -> Outcome {
    let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>"#;
    for (content, kind) in [
        (encode(quarters(40, 20), ImageFormat::WebP)?, "WEBP"),
        (encode(quarters(40, 20), ImageFormat::Bmp)?, "BMP"),
        (svg.as_bytes().to_vec(), "SVG"),
    ] {
        let answer = cx.put("a", content).ok().await?;
        answer
            .has("x-upyun-file-type", kind)?
            .has("x-upyun-width", "40")?;
    }
    Ok(())
}

case! {
    elsewhere: images "2", choice "I-4", tags Images;
    "GET of a picture tells them, HEAD says that it is a file; copies and moves tell nothing."
}
async fn elsewhere(cx: Context) -> Outcome {
    cx.put("a.png", png(40, 20)?).ok().await?;
    let get = cx.get("a.png").ok().await?;
    get.has("x-upyun-width", "40")?
        .has("x-upyun-file-type", "PNG")?;
    let head = cx.head("a.png").ok().await?;
    head.has("x-upyun-file-type", "file")?
        .lacks("x-upyun-width")?;
    cx.copy("a.png", "b.png")
        .ok()
        .await?
        .lacks("x-upyun-width")?;
    cx.rename("b.png", "c.png")
        .ok()
        .await?
        .lacks("x-upyun-width")?;
    cx.make_folder("d").ok().await?.lacks("x-upyun-width")?;
    Ok(())
}

case! {
    asked_by_a_form: images "11", choice "I-8", tags Images;
    "x-gmkerl-type of a form asks for EXIF or theme colours, which stand in the result."
}
async fn asked_by_a_form(cx: Context) -> Outcome {
    let with_meta = form(&cx, "p.jpg", photograph(6)?).with("x-gmkerl-type", "get_meta");
    same("Make", &with_meta.ok().await?["EXIF"]["Make"], "Canon")?;
    let colours = form(&cx, "p.png", two_colours()?).with("x-gmkerl-type", "get_theme_color");
    let told = colours.ok().await?;
    same(
        "theme_color",
        &told["theme_color"],
        &json!([16711850, 1056816]),
    )?;
    let two = colours.with("x-gmkerl-extract-color-count", "1");
    let told = two.with("x-gmkerl-extract-format", "hex").ok().await?;
    same(
        "the number of colours",
        told["theme_color"].as_array().map(Vec::len),
        Some(1),
    )?;
    holds(told["theme_color"][0].is_string(), "a colour in hex", &told)
}

case! {
    asked_by_an_upload: images "11" images "10", choice "I-8", tags Images Legacy;
    "x-gmkerl-type of an upload asks too; the answer then has a body, with colours in hex."
}
async fn asked_by_an_upload(cx: Context) -> Outcome {
    let put = cx
        .put("p.jpg", photograph(6)?)
        .header("x-gmkerl-type", "get_meta");
    same("Make", &put.ok().await?.json()?["EXIF"]["Make"], "Canon")?;
    let put = cx
        .put("p.png", two_colours()?)
        .header("x-gmkerl-type", "get_theme_color");
    let told = put.ok().await?.json()?;
    same(
        "theme_color",
        &told["theme_color"],
        &json!(["0xff00aa", "0x102030"]),
    )
}

case! {
    asked_amiss: images "11" images "12.3", choice "I-2", codes 40011030, tags Images;
    "A bad number of colours is refused."
}
async fn asked_amiss(cx: Context) -> Outcome {
    let good = form(&cx, "p.png", two_colours()?).with("x-gmkerl-type", "get_theme_color");
    for count in ["0", "4097", "x"] {
        let form = good.clone().with("x-gmkerl-extract-color-count", count);
        form.refused((400, 40011030, "invalid x-gmkerl-extract-color-count"))
            .await
            .map_err(|it| it.at(count))?;
    }
    Ok(())
}
