//! Telling the application.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        picture,
        retries::{WAITS, is_tried_again},
        task::{fields, is_signed},
    },
    failure::{Failure, same},
    wire::sign::md5,
};

fn text(told: &serde_json::Value) -> String {
    told.as_str()
        .map_or_else(|| told.to_string(), str::to_owned)
}

/// Names of the members, in order, of which each value is that of the answer.
fn check(
    told: &[(String, String)],
    answer: &serde_json::Value,
    names: &[&str],
) -> Result<(), Failure> {
    let found: Vec<_> = told.iter().map(|(name, _)| &**name).collect();
    same("members", &found[..], names)?;
    for (name, value) in told {
        same(name, value.clone(), text(&answer[name]))?;
    }
    Ok(())
}

case! {
    is_signed_by_the_operator: form "7" auth "10" tasks "5.1", tags NeedsCallback;
    "After an upload its result is posted to notify-url, as a form, signed by the operator."
}
async fn is_signed_by_the_operator(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let url = format!("{}/cb", receiver.url());
    let told = form(&cx, "a b.txt", "hello")
        .with("notify-url", url)
        .ok()
        .await?;
    let received = receiver.next().await?;
    is_signed(&cx, &received, "/cb")?;
    let kind = received.header("content-type");
    same(
        "Content-Type",
        kind,
        Some("application/x-www-form-urlencoded;charset=utf-8"),
    )?;
    let start = fields(&received.body);
    let names = ["code", "message", "url", "time"];
    check(&start[..4.min(start.len())], &told, &names)
}

case! {
    has_all_members: form "7", client, tags NeedsCallback Images;
    "It tells what the answer tells: also the picture, type, size and ext-param."
}
async fn has_all_members(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let form = form(&cx, "a.png", picture::png(30, 20)?).with("ext-param", "a b&é");
    let told = form.with("notify-url", receiver.url()).ok().await?;
    let found = fields(&receiver.next().await?.body);
    let mut found: Vec<_> = found
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    found.sort_unstable();
    let want = told.as_object().into_iter().flatten();
    let want: Vec<_> = want
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let mut want: Vec<_> = want
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    want.sort_unstable();
    same("members", found, want)
}

case! {
    query_is_signed: form "7" auth "10", choice "A-21" "A-22", tags NeedsCallback;
    "The signature covers the query as sent; an empty path is a slash."
}
async fn query_is_signed(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    for (tail, uri) in [("/cb?a=%2f&b", "/cb?a=%2f&b"), ("", "/")] {
        let url = format!("{}{tail}", receiver.url());
        form(&cx, "a.txt", "x").with("notify-url", url).ok().await?;
        is_signed(&cx, &receiver.next().await?, uri).map_err(|it| it.at(uri))?;
    }
    Ok(())
}

case! {
    of_old: form "7" auth "11.1", tags NeedsCallback NeedsFormSecret Legacy;
    "Under the signature of old it has no Authorization, and sign in its body."
}
async fn of_old(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let secret = cx.form_secret()?;
    let form = form(&cx, "a.txt", "x").by_secret(secret);
    let told = form.with("notify-url", receiver.url()).ok().await?;
    let received = receiver.next().await?;
    same("Authorization", received.header("authorization"), None)?;
    let found = fields(&received.body);
    let sign = found.iter().find(|(name, _)| name == "sign");
    let url = cx.key("a.txt");
    let want = md5(format!("200&ok&{url}&{}&{secret}", told["time"]));
    same("sign", sign.map(|it| &*it.1), Some(&*want))
}

case! {
    beside_a_return_url: form "7", tags NeedsCallback;
    "Both notify-url and return-url may be given."
}
async fn beside_a_return_url(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let form = form(&cx, "a.txt", "x").with("notify-url", receiver.url());
    let request = form.with("return-url", "http://app.example/").request();
    request.send().await?.is_status(302)?;
    same("the method", &*receiver.next().await?.method, "POST")
}

case! {
    only_after_success: form "7", choice "F-33", tags NeedsCallback;
    "A refused form is told to nobody."
}
async fn only_after_success(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let to = |path: &str| format!("{}{path}", receiver.url());
    let (failed, stored) = (to("/failed"), to("/stored"));
    let small = form(&cx, "a.txt", "x").with("content-length-range", "5,9");
    small
        .with("notify-url", failed)
        .refused((403, 40300008, "file too small"))
        .await?;
    form(&cx, "a.txt", "x")
        .with("notify-url", stored)
        .ok()
        .await?;
    same("what is told", &*receiver.next().await?.target, "/stored")
}

case! {
    tried_again: form "7" tasks "5.3", choice "F-34", tags NeedsCallback NeedsClock;
    "A callback that is not taken is sent again after 1, 2 and 5 minutes, dated and signed anew."
}
async fn tried_again(cx: Context) -> Outcome {
    let mut receiver = cx.refusing_receiver(WAITS.len()).await?;
    let url = format!("{}/cb", receiver.url());
    form(&cx, "a.txt", "x").with("notify-url", url).ok().await?;
    is_tried_again(&cx, &mut receiver, "/cb").await
}
