//! How the service signs what it sends.

use serde_json::Value;

use super::forms::Form;
use crate::{
    Context, Failure, Outcome,
    case::case,
    context::Received,
    failure::{holds, same},
    target::{Operator, fixtures},
    wire::{
        Api,
        sign::{base64, hmac, md5},
    },
};

/// Expects the signature of this operator over what came.
fn is_signed(received: &Received, by: &Operator) -> Outcome {
    let header = |name: &str| {
        let missing = || Failure::new(format!("a callback with {name}"), "one without");
        received.header(name).ok_or_else(missing)
    };
    let (date, hash) = (header("date")?, header("content-md5")?);
    same("the Content-MD5", hash, md5(&received.body))?;
    let parts = ["POST", &received.target, date, hash];
    let signature = hmac(&by.password, &parts.join("&"));
    let want = format!("UPYUN {}:{signature}", by.name);
    // Neither is shown: the signature is good for half an hour.
    let is_right = header("authorization")? == want;
    let found = if is_right { "it" } else { "another" };
    let expected = format!("the signature of {} over the callback", by.name);
    holds(is_right, expected, found)
}

/// Uploads by a form and returns the callback.
async fn told(cx: &Context, path: &str, by: &Operator) -> Result<Received, Failure> {
    let mut receiver = cx.receiver().await?;
    let url = format!("{}{path}", receiver.url());
    Form::new(cx).with("notify-url", url).by(by).ok().await?;
    receiver.next().await
}

case! {
    signed: auth "10", tags NeedsCallback;
    "A callback carries the header signature of the operator: POST, path, date and the body's MD5."
}
async fn signed(cx: Context) -> Outcome {
    let received = told(&cx, "/notify/a%20b", cx.operator()).await?;
    same("the method", &*received.method, "POST")?;
    same("the path", &*received.target, "/notify/a%20b")?;
    is_signed(&received, cx.operator())
}

case! {
    dated: auth "10", tags NeedsCallback;
    "Its date is an RFC 1123 date of now."
}
async fn dated(cx: Context) -> Outcome {
    let received = told(&cx, "/notify", cx.operator()).await?;
    let date = received.header("date").unwrap_or_default();
    let then = httpdate::parse_http_date(date);
    let then = then.map_err(|_| Failure::new("an RFC 1123 date", date))?;
    let now = cx.now();
    let off = now.duration_since(then).unwrap_or_else(|it| it.duration());
    holds(off.as_secs() < 120, "a date of now", date)
}

case! {
    with_a_query: auth "10", choice "A-21", tags NeedsCallback;
    "The query of the URL is signed as it is sent."
}
async fn with_a_query(cx: Context) -> Outcome {
    let received = told(&cx, "/notify?a=1&b=%20", cx.operator()).await?;
    same("the target", &*received.target, "/notify?a=1&b=%20")?;
    is_signed(&received, cx.operator())
}

case! {
    without_a_path: auth "10", choice "A-22", tags NeedsCallback;
    "A URL without a path is signed as a slash."
}
async fn without_a_path(cx: Context) -> Outcome {
    let received = told(&cx, "", cx.operator()).await?;
    same("the target", &*received.target, "/")?;
    is_signed(&received, cx.operator())
}

case! {
    by_the_uploader: auth "10", choice "A-23", tags NeedsCallback NeedsControl;
    "It is signed by the operator who signed the upload."
}
async fn by_the_uploader(cx: Context) -> Outcome {
    let writer = fixtures::operator(fixtures::WRITER);
    let received = told(&cx, "/notify", &writer).await?;
    is_signed(&received, &writer)
}

case! {
    of_a_legacy_form: auth "10" auth "11.1", tags NeedsCallback NeedsFormSecret Legacy;
    "After a form that the secret signed there is no Authorization, but a sign in the body."
}
async fn of_a_legacy_form(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let secret = cx.form_secret()?;
    let form = Form::new(&cx).with("notify-url", receiver.url());
    form.with("ext-param", "a b&\u{4e2d}")
        .legacy(secret)
        .ok()
        .await?;
    let received = receiver.next().await?;
    same("no Authorization", received.header("authorization"), None)?;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&received.body)
        .into_owned()
        .collect();
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let parts = ["code", "message", "url", "time"].map(field);
    let text = format!("{}&{secret}&a b&\u{4e2d}", parts.join("&"));
    same("the sign", field("sign"), md5(text))
}

/// Submits a media task of a source that is not there, and returns what is told of it.
async fn told_of_media(cx: &Context, accept: &str) -> Result<Received, Failure> {
    let mut receiver = cx.receiver().await?;
    let tasks = base64(r#"[{"type":"probe"}]"#);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("service", cx.service())
        .append_pair("source", &cx.key("none.mp4"))
        .append_pair("notify_url", receiver.url())
        .append_pair("tasks", &tasks)
        .append_pair("accept", accept)
        .finish();
    let request = cx.request("POST", "/pretreatment/").to(Api::Tasks);
    let request = request.body(form);
    request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .ok()
        .await?;
    receiver.next().await
}

case! {
    of_media_as_json: auth "10" auth "11.2", tags NeedsCallback;
    "What is told of media as JSON is signed by header, and by 16 characters in the body."
}
async fn of_media_as_json(cx: Context) -> Outcome {
    let received = told_of_media(&cx, "json").await?;
    is_signed(&received, cx.operator())?;
    let body: Value = serde_json::from_slice(&received.body)
        .map_err(|error| Failure::new("a callback of JSON", error.to_string()))?;
    let operator = cx.operator();
    let task = body["task_id"].as_str().unwrap_or_default();
    let (name, key) = (&operator.name, md5(&operator.password));
    let whole = md5(format!("{name}{key}{task}{}", body["timestamp"]));
    same(
        "the signature",
        body["signature"].as_str(),
        Some(&whole[8..24]),
    )
}

case! {
    of_media_as_a_form: auth "11.2", tags NeedsCallback Legacy;
    "What is told of media as a form is signed over its sorted fields."
}
async fn of_media_as_a_form(cx: Context) -> Outcome {
    let received = told_of_media(&cx, "").await?;
    is_signed(&received, cx.operator())?;
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&received.body)
        .into_owned()
        .collect();
    fields.sort();
    let (signatures, fields): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|(name, _)| name == "signature");
    let operator = cx.operator();
    let text: String = fields
        .into_iter()
        .map(|(name, value)| name + &value)
        .collect();
    let want = md5(format!(
        "{}{text}{}",
        operator.name,
        md5(&operator.password)
    ));
    let found: Vec<_> = signatures.into_iter().map(|(_, value)| value).collect();
    same("the signatures", found, [want])
}
