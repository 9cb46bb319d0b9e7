//! What access domains refuse to show.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{is_problem, png, public},
};

case! {
    no_picture: images "12.1" images "4", tags Images NeedsDomain;
    "Of what is no picture nothing is shown: 405, and 406 where facts are asked for."
}
async fn no_picture(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    for (wish, status) in [
        ("!/fw/100", 405),
        ("!/format/png", 405),
        ("!/info", 406),
        ("!/meta", 406),
        ("!/meta/iptc", 406),
        ("!/meta/all", 406),
    ] {
        let answer = public(&cx, "a.txt", wish)?.send().await?;
        is_problem(&answer, status, status.into(), "Not an image").map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    broken_picture: images "12.1", choice "I-5", tags Images NeedsDomain;
    "A picture that breaks off is none."
}
async fn broken_picture(cx: Context) -> Outcome {
    cx.put("a.png", &png(100, 60)?[..60]).ok().await?;
    let answer = public(&cx, "a.png", "!/fw/100")?.send().await?;
    is_problem(&answer, 405, 405, "Not an image")
}

case! {
    missing: images "4", tags Images NeedsDomain;
    "What is not there is 404, whatever is asked."
}
async fn missing(cx: Context) -> Outcome {
    for wish in ["", "!/fw/100", "!/info", "!abc"] {
        let answer = public(&cx, "none.png", wish)?.send().await?;
        answer.is_status(404).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    wrong_parameters: images "12.1", tags Images NeedsDomain;
    "A bad parameter is 400, and the body says which."
}
async fn wrong_parameters(cx: Context) -> Outcome {
    cx.put("a.png", png(100, 60)?).ok().await?;
    let answer = public(&cx, "a.png", "!/fw/x")?.send().await?;
    is_problem(&answer, 400, 40011002, "invalid x-gmkerl-value")
}
