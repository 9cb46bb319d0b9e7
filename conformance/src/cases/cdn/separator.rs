//! What stands between a picture and its parameters.

use crate::{
    Context, Outcome, case::case, cases::support::picture::is_problem, context::encode,
    target::fixtures::UNDERSCORE, wire::Api,
};

case! {
    of_the_service: images "4", tags NeedsControl;
    "A service can have another separator; an exclamation mark is then a part of the name."
}
async fn of_the_service(cx: Context) -> Outcome {
    let path = encode(&cx.key("a!.txt"));
    let put = cx.request("PUT", format!("/{UNDERSCORE}{path}"));
    put.header("Content-Secret", "abc")
        .body("hello")
        .ok()
        .await?;
    let domain = || Api::Host(format!("{UNDERSCORE}.b0.upaiyun.com"));
    let ask = |behind: &str| {
        let request = cx.request("GET", format!("{path}{behind}"));
        request.to(domain()).unsigned()
    };
    ask("_abc").ok().await?.is_body("hello")?;
    ask("!abc").send().await?.is_status(404)?;
    let wrong = ask("_none").send().await?;
    is_problem(&wrong, 404, 404, "Not Profile")
}
