//! Joining pictures.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        picture::{self, BLUE, GREEN, RED, WHITE, decode, encode, flat, near},
        task::{carried_out, each_fails, is_done},
    },
    failure::{Failure, same},
};

/// Stores pictures of these names, sizes and colours.
async fn put(cx: &Context, pictures: &[(&str, u32, u32, [u8; 4])]) -> Result<(), Failure> {
    for (name, width, height, colour) in pictures {
        let png = encode(flat(*width, *height, *colour), ImageFormat::Png)?;
        cx.put(name, png).ok().await?;
    }
    Ok(())
}

/// Joins into `out.jpg`.
async fn join(cx: &Context, rows: Value, look: Option<&str>) -> Result<(), Failure> {
    let mut task = json!({ "image_matrix": rows, "save_as": cx.key("out.jpg") });
    if let Some(look) = look {
        task["x-gmkerl-thumb"] = look.into();
    }
    let result = carried_out(cx, "jigsaw", task).await?;
    is_done(&result)?;
    same("path", &result["path"], &*cx.key("out.jpg"))
}

case! {
    rows_and_columns: tasks "10", tags Images;
    "Pictures of a row stand side by side, rows below each other."
}
async fn rows_and_columns(cx: Context) -> Outcome {
    put(&cx, &[("a.png", 20, 10, RED), ("b.png", 20, 10, GREEN)]).await?;
    let (a, b) = (cx.key("a.png"), cx.key("b.png"));
    join(&cx, json!([[a], [b]]), None).await?;
    let joined = decode(&cx.get("out.jpg").ok().await?.body)?;
    same("the size", joined.dimensions(), (20, 20))?;
    near(&joined, (10, 5), RED)?;
    near(&joined, (10, 15), GREEN)?;
    join(&cx, json!([[a, b]]), None).await?;
    let joined = decode(&cx.get("out.jpg").ok().await?.body)?;
    same("the size", joined.dimensions(), (40, 10))?;
    near(&joined, (10, 5), RED)?;
    near(&joined, (30, 5), GREEN)
}

case! {
    is_png: tasks "10", tags Images;
    "The result is PNG whatever its name; x-gmkerl-thumb chooses another format."
}
async fn is_png(cx: Context) -> Outcome {
    put(&cx, &[("a.png", 20, 10, RED)]).await?;
    let rows = json!([[cx.key("a.png")]]);
    join(&cx, rows.clone(), None).await?;
    cx.get("out.jpg")
        .ok()
        .await?
        .has("Content-Type", "image/png")?;
    join(&cx, rows, Some("/format/jpg/fw/10")).await?;
    let answer = cx.get("out.jpg").ok().await?;
    answer.has("Content-Type", "image/jpeg")?;
    same("the size", decode(&answer.body)?.dimensions(), (10, 5))
}

case! {
    different_sizes: tasks "10", choice "I-11", tags Images;
    "Nothing is scaled: pictures stand at the top left of their places, and gaps are transparent, or white."
}
async fn different_sizes(cx: Context) -> Outcome {
    put(
        &cx,
        &[
            ("a.png", 100, 80, RED),
            ("b.png", 50, 60, GREEN),
            ("c.png", 70, 30, BLUE),
        ],
    )
    .await?;
    let key = |name| cx.key(name);
    let rows = json!([[key("a.png"), key("b.png")], [key("c.png")]]);
    join(&cx, rows.clone(), None).await?;
    let joined = decode(&cx.get("out.jpg").ok().await?.body)?;
    same("the size", joined.dimensions(), (150, 110))?;
    near(&joined, (149, 59), GREEN)?;
    near(&joined, (69, 109), BLUE)?;
    for gap in [(120, 70), (100, 100)] {
        let alpha = joined.get_pixel_checked(gap.0, gap.1).map(|it| it.0[3]);
        same("the opacity of a gap", alpha, Some(0))?;
    }
    join(&cx, rows, Some("/format/jpg")).await?;
    let joined = decode(&cx.get("out.jpg").ok().await?.body)?;
    near(&joined, (120, 70), WHITE)
}

case! {
    what_cannot_be_joined: tasks "10" tasks "5.9", choice "I-11", tags Images;
    "Nothing, more than ten pictures, and a picture that is missing or none is 400."
}
async fn what_cannot_be_joined(cx: Context) -> Outcome {
    put(&cx, &[("a.png", 5, 5, RED)]).await?;
    cx.put("text.png", "no picture").ok().await?;
    cx.put("cut.png", &picture::png(50, 50)?[..90]).ok().await?;
    let key = |name| cx.key(name);
    let with = |rows: Value| {
        (
            400,
            json!({ "image_matrix": rows, "save_as": key("out.png") }),
        )
    };
    each_fails(
        &cx,
        "jigsaw",
        vec![
            with(json!([])),
            with(json!([[]])),
            with(json!(vec![vec![key("a.png")]; 11])),
            with(json!([[key("a.png"), key("none.png")]])),
            with(json!([[key("text.png")]])),
            with(json!([[key("cut.png")]])),
            with(json!("x")),
            (400, json!({ "save_as": key("out.png") })),
            (400, json!({ "image_matrix": [[key("a.png")]] })),
        ],
    )
    .await
}
