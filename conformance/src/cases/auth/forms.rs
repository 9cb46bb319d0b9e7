//! The signatures inside forms.

use upyun_test_kit::Refusal;

use serde_json::{Value, json};

use super::NOBODY;
use crate::{
    Context, Failure, Outcome,
    case::case,
    failure::same,
    target::{Operator, fixtures},
    wire::{
        Answer, Request,
        sign::{base64, hmac, md5},
    },
};

/// A form with a small file, and the texts that its signature covers.
#[derive(Clone)]
pub(super) struct Form {
    cx: Context,
    path: String,
    policy: Value,
}

impl Form {
    /// For `a.txt` in the case's folder, for ten minutes.
    pub(super) fn new(cx: &Context) -> Self {
        Self {
            cx: cx.clone(),
            path: format!("/{}", cx.service()),
            policy: json!({
                "service": cx.service(),
                "save-key": cx.key("a.txt"),
                "expiration": cx.unix() + 600,
            }),
        }
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.policy[key] = value.into();
        self
    }

    fn to(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    fn encoded(&self) -> String {
        base64(self.policy.to_string())
    }

    /// What the current signature covers.
    fn text(&self) -> String {
        let value = |key: &str| self.policy[key].as_str().map(str::to_owned);
        let mut parts = vec!["POST".to_owned(), self.path.clone()];
        parts.extend(value("date"));
        parts.push(self.encoded());
        parts.extend(value("content-md5"));
        parts.join("&")
    }

    /// With these fields beside policy and file.
    fn send_with(&self, fields: &[(&str, &str)]) -> Request {
        let mut body = String::new();
        let encoded = self.encoded();
        for (name, value) in [&[("policy", &*encoded)], fields].concat() {
            body.push_str(&format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--B--\r\n",
        );
        let request = self.cx.request("POST", &self.path).unsigned().body(body);
        request.header("Content-Type", "multipart/form-data; boundary=B")
    }

    fn signed_over(&self, by: &Operator, text: &str) -> Request {
        let value = format!("UPYUN {}:{}", by.name, hmac(&by.password, text));
        self.send_with(&[("authorization", &value)])
    }

    /// Signed as it is now.
    pub(super) fn by(&self, operator: &Operator) -> Request {
        self.signed_over(operator, &self.text())
    }

    /// Signed the old way.
    pub(super) fn legacy(&self, secret: &str) -> Request {
        let signature = md5(format!("{}&{secret}", self.encoded()));
        self.send_with(&[("signature", &signature)])
    }
}

/// Expects a refusal of a form, whose body is of a shape of its own, and that nothing was stored.
async fn refused(cx: &Context, request: Request, code: Refusal) -> Result<Answer, Failure> {
    let before = cx.snapshot().await?;
    let answer = request.send().await?;
    answer.has_code(code)?;
    before.is_unchanged(&cx.snapshot().await?)?;
    Ok(answer)
}

case! {
    signed: auth "6";
    "A form that is signed over path and policy is stored, with the slash after the service and without."
}
async fn signed(cx: Context) -> Outcome {
    for path in [format!("/{}", cx.service()), format!("/{}/", cx.service())] {
        Form::new(&cx).to(&path).by(cx.operator()).ok().await?;
        cx.get("a.txt").ok().await?.is_body("hello")?;
        cx.delete("a.txt").ok().await?;
    }
    Ok(())
}

case! {
    signed_with_date_and_md5: auth "6";
    "Date and content-md5 of the policy are signed."
}
async fn signed_with_date_and_md5(cx: Context) -> Outcome {
    let form = Form::new(&cx).with("date", super::date(&cx));
    form.by(cx.operator()).ok().await?;
    let form = form.with("content-md5", md5("hello"));
    form.by(cx.operator()).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    date_has_no_window: auth "6", choice "A-18";
    "The date of a policy may be of any time: its expiration counts."
}
async fn date_has_no_window(cx: Context) -> Outcome {
    let form = Form::new(&cx).with("date", "Wed, 09 Nov 2016 14:26:58 GMT");
    form.by(cx.operator()).ok().await?;
    Ok(())
}

case! {
    headers_do_not_matter: auth "6", client;
    "Date and Content-MD5 of the request take no part."
}
async fn headers_do_not_matter(cx: Context) -> Outcome {
    let request = Form::new(&cx).by(cx.operator());
    let request = request.header("Date", "Wed, 09 Nov 2016 14:26:58 GMT");
    request.header("Content-MD5", md5("other")).ok().await?;
    Ok(())
}

case! {
    wrong: auth "6", client, codes 40100005;
    "Whatever the signature leaves out or has otherwise makes it wrong."
}
async fn wrong(cx: Context) -> Outcome {
    let form = Form::new(&cx)
        .with("date", super::date(&cx))
        .with("content-md5", md5("hello"));
    let (right, policy, path) = (form.text(), form.encoded(), &form.path);
    let date = form.policy["date"].as_str().unwrap_or_default();
    for (what, text) in [
        ("no date", right.replace(&format!("&{date}"), "")),
        (
            "no content-md5",
            right.replace(&format!("&{}", md5("hello")), ""),
        ),
        ("no policy", right.replace(&format!("&{policy}"), "")),
        (
            "another path",
            right.replacen(&**path, &format!("{path}/"), 1),
        ),
        ("another method", right.replacen("POST", "PUT", 1)),
        ("another policy", right.replace(&policy, &base64("{}"))),
    ] {
        let request = form.signed_over(cx.operator(), &text);
        refused(&cx, request, (401, 40100005, "signature error"))
            .await
            .map_err(|it| it.at(what))?;
    }
    let other = Operator::new(&cx.operator().name, "another password");
    refused(&cx, form.by(&other), (401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    malformed: auth "6" auth "14", codes 40100003 40100005 40100006;
    "The field is read as the header is."
}
async fn malformed(cx: Context) -> Outcome {
    let form = Form::new(&cx);
    for (value, code) in [
        (
            "Bearer x",
            (401, 40100003, "unknown realm in authorization header"),
        ),
        ("UPYUN x", (401, 40100005, "signature error")),
        (
            &*format!("UPYUN {NOBODY}:{}", base64([0; 20])),
            (401, 40100006, "user not exists"),
        ),
    ] {
        let request = form.send_with(&[("authorization", value)]);
        refused(&cx, request, code)
            .await
            .map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    without_the_right: auth "6" auth "14", choice "H-1", codes 40100017 40100007 40100008, tags NeedsControl;
    "A form is an upload, and needs the right to write."
}
async fn without_the_right(cx: Context) -> Outcome {
    let form = Form::new(&cx);
    for (name, code) in [
        (fixtures::READER, (401, 40100017, "user need permission")),
        (fixtures::DELETER, (401, 40100017, "user need permission")),
        (fixtures::STRANGER, (401, 40100017, "user need permission")),
        (fixtures::BLOCKED_OPERATOR, (401, 40100007, "user blocked")),
        (
            fixtures::BLOCKED_HERE,
            (401, 40100008, "user blocked in this bucket"),
        ),
    ] {
        let request = form.by(&fixtures::operator(name));
        refused(&cx, request, code)
            .await
            .map_err(|it| it.at(name))?;
    }
    form.by(&fixtures::operator(fixtures::WRITER)).ok().await?;
    Ok(())
}

case! {
    legacy: auth "7", tags Legacy NeedsFormSecret;
    "A form may be signed with the service's form secret, by no operator."
}
async fn legacy(cx: Context) -> Outcome {
    Form::new(&cx).legacy(cx.form_secret()?).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    legacy_wrong: auth "7", codes 40100005, tags Legacy NeedsFormSecret;
    "With another secret, or over the policy encoded twice, it is refused."
}
async fn legacy_wrong(cx: Context) -> Outcome {
    let form = Form::new(&cx);
    refused(
        &cx,
        form.legacy("another secret"),
        (401, 40100005, "signature error"),
    )
    .await?;
    let twice = md5(format!("{}&{}", base64(form.encoded()), cx.form_secret()?));
    let request = form.send_with(&[("signature", &twice)]);
    refused(&cx, request, (401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    both: auth "7", choice "A-19", codes 40100005, tags NeedsFormSecret;
    "Where both signatures are there, authorization counts."
}
async fn both(cx: Context) -> Outcome {
    let (form, operator) = (Form::new(&cx), cx.operator());
    let right = format!(
        "UPYUN {}:{}",
        operator.name,
        hmac(&operator.password, &form.text())
    );
    let wrong = format!("UPYUN {}:{}", operator.name, base64([0; 20]));
    let old = md5(format!("{}&{}", form.encoded(), cx.form_secret()?));
    let request = form.send_with(&[("signature", &old), ("authorization", &wrong)]);
    refused(&cx, request, (401, 40100005, "signature error")).await?;
    let request = form.send_with(&[("signature", &"0".repeat(32)), ("authorization", &right)]);
    // Its result is that of an operator's form too.
    let result = request.ok().await?.json()?;
    same("no sign", result.get("sign"), None)?;
    same("no no-sign", result.get("no-sign"), None)
}

case! {
    legacy_may_write: auth "7", choice "A-20", tags NeedsFormSecret Legacy;
    "The form secret may overwrite, as an operator who may write."
}
async fn legacy_may_write(cx: Context) -> Outcome {
    cx.put("a.txt", "old").ok().await?;
    Form::new(&cx).legacy(cx.form_secret()?).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    results_signed: auth "11.1", tags Legacy NeedsFormSecret;
    "The result of a form that the secret signed is signed with it, ext-param included."
}
async fn results_signed(cx: Context) -> Outcome {
    let secret = cx.form_secret()?;
    for ext_param in [None, Some("a=b&c \u{4e2d}")] {
        let mut form = Form::new(&cx);
        if let Some(text) = ext_param {
            form = form.with("ext-param", text);
        }
        let result = form.legacy(secret).ok().await?.json()?;
        let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
        let mut parts = vec!["200".into(), text("message"), text("url")];
        parts.extend([result["time"].to_string(), secret.to_owned()]);
        parts.extend(ext_param.map(str::to_owned));
        same("the sign", text("sign"), md5(parts.join("&")))?;
        same("no no-sign", result.get("no-sign"), None)?;
    }
    Ok(())
}

case! {
    results_unsigned: auth "11.1", tags Legacy NeedsFormSecret;
    "Before the secret is known to fit, the result carries no-sign, which anybody could make."
}
async fn results_unsigned(cx: Context) -> Outcome {
    let form = Form::new(&cx).with("expiration", cx.unix() - 60);
    let answer = refused(
        &cx,
        form.legacy(cx.form_secret()?),
        (403, 40300006, "authorization has expired"),
    )
    .await?;
    let result = answer.json()?;
    let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
    let parts = [
        "403",
        &text("message"),
        &text("url"),
        &result["time"].to_string(),
    ];
    same("the no-sign", text("no-sign"), md5(parts.join("&")))?;
    same("no sign", result.get("sign"), None)
}

case! {
    results_unsigned_with_ext_param: auth "11.1", choice "A-24", tags Legacy NeedsFormSecret;
    "In no-sign the ext-param comes last too."
}
async fn results_unsigned_with_ext_param(cx: Context) -> Outcome {
    let form = Form::new(&cx)
        .with("expiration", cx.unix() - 60)
        .with("ext-param", "e");
    let result = refused(
        &cx,
        form.legacy(cx.form_secret()?),
        (403, 40300006, "authorization has expired"),
    )
    .await?
    .json()?;
    let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
    let parts = [
        "403",
        &text("message"),
        &text("url"),
        &result["time"].to_string(),
        "e",
    ];
    same("the no-sign", text("no-sign"), md5(parts.join("&")))
}

case! {
    results_not_signed_now: auth "11.1";
    "The result of a form that an operator signed carries neither sign nor no-sign."
}
async fn results_not_signed_now(cx: Context) -> Outcome {
    let result = Form::new(&cx).by(cx.operator()).ok().await?.json()?;
    same("no sign", result.get("sign"), None)?;
    same("no no-sign", result.get("no-sign"), None)
}
