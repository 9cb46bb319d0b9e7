//! Documents to pictures.

use serde_json::json;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{carried_out, each_fails},
    failure::{holds, same},
};

case! {
    what_is_told: tasks "11" tasks "5.8";
    "Its result has service, source and an array of paths, whatever came of it."
}
async fn what_is_told(cx: Context) -> Outcome {
    cx.put("a.pdf", "%PDF-1.4").ok().await?;
    let task = json!({ "source": cx.key("a.pdf"), "save_as": cx.key("out/page") });
    let result = carried_out(&cx, "uconvert", task).await?;
    same("service", &result["service"], cx.service())?;
    same("source", &result["source"], &*cx.key("a.pdf"))?;
    holds(result["paths"].is_array(), "an array of paths", &result)
}

case! {
    without_a_converter: tasks "11" tasks "5.9", choice "T-19";
    "Where nothing converts documents, a task ends with 413 and stores nothing."
}
async fn without_a_converter(cx: Context) -> Outcome {
    cx.put("a.pdf", "%PDF-1.4").ok().await?;
    let task = json!({ "source": cx.key("a.pdf"), "save_as": cx.key("out/page") });
    each_fails(&cx, "uconvert", vec![(413, task)]).await
}
