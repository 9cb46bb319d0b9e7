//! Basic.

use super::{NOBODY, all_refused, all_served};
use crate::{
    Context, Outcome,
    case::case,
    wire::{
        Api, Request,
        sign::{base64, md5},
    },
};

fn by(request: Request, name: &str, password: &str) -> Request {
    with(
        request,
        &format!("Basic {}", base64(format!("{name}:{password}"))),
    )
}

fn with(request: Request, value: &str) -> Request {
    request.unsigned().header("Authorization", value)
}

case! {
    serves: auth "3" auth "1";
    "Name and plain password are enough, without a date."
}
async fn serves(cx: Context) -> Outcome {
    let operator = cx.operator();
    all_served(&cx, |_, it| by(it, &operator.name, &operator.password)).await
}

case! {
    scheme_in_any_case: auth "1", client;
    "The scheme is Basic in any case of letters."
}
async fn scheme_in_any_case(cx: Context) -> Outcome {
    let operator = cx.operator();
    let pair = base64(format!("{}:{}", operator.name, operator.password));
    cx.put("a.txt", "x").ok().await?;
    for scheme in ["basic", "BASIC"] {
        with(cx.get("a.txt"), &format!("{scheme} {pair}"))
            .ok()
            .await?;
    }
    Ok(())
}

case! {
    password_wrong: auth "3" auth "14", codes 40100009;
    "Another password is refused, and so is the MD5 of the right one."
}
async fn password_wrong(cx: Context) -> Outcome {
    let operator = cx.operator();
    for wrong in ["another password", &md5(&operator.password)] {
        all_refused(&cx, (401, 40100009, "user password error"), |_, it| {
            by(it, &operator.name, wrong)
        })
        .await?;
    }
    Ok(())
}

case! {
    operator_unknown: auth "3" auth "14", codes 40100006;
    "An operator that does not exist is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let password = &cx.operator().password;
    all_refused(&cx, (401, 40100006, "user not exists"), |_, it| {
        by(it, NOBODY, password)
    })
    .await
}

case! {
    malformed: auth "3", choice "A-10", codes 40100005;
    "What is no Base64, or has no colon, is a wrong signature."
}
async fn malformed(cx: Context) -> Outcome {
    let name = &cx.operator().name;
    for value in ["Basic !!!", &format!("Basic {}", base64(name)), "Basic"] {
        let refused = all_refused(&cx, (401, 40100005, "signature error"), |_, it| {
            with(it, value)
        })
        .await;
        refused.map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    content_md5_is_compared: auth "3" rest "3.3", choice "R-21", codes 40000006;
    "A Content-MD5 is compared with the body, though nothing signs it."
}
async fn content_md5_is_compared(cx: Context) -> Outcome {
    let operator = cx.operator();
    let put = |content: &str| {
        let request = cx.put("a.txt", "hello").header("Content-MD5", md5(content));
        by(request, &operator.name, &operator.password)
    };
    put("other")
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    put("hello").ok().await?;
    Ok(())
}

case! {
    for_tasks: auth "3", choice "A-11";
    "Tasks can be asked about under Basic."
}
async fn for_tasks(cx: Context) -> Outcome {
    let operator = cx.operator();
    let query = format!("service={}&task_ids={}", cx.service(), md5("no task"));
    let request = cx.request("GET", "/status/").query(&query).to(Api::Tasks);
    by(request, &operator.name, &operator.password).ok().await?;
    Ok(())
}

case! {
    not_for_refresh: auth "3", choice "A-11", codes 40100003;
    "The cache is not refreshed under Basic."
}
async fn not_for_refresh(cx: Context) -> Outcome {
    let operator = cx.operator();
    let request = cx.request("POST", "/purge/").to(Api::Purge);
    let request = request.body("purge=http%3A%2F%2Fexample.com%2Fa");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    by(request, &operator.name, &operator.password)
        .refused((401, 40100003, "unknown realm in authorization header"))
        .await?;
    Ok(())
}
