//! Both signatures.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::form::form,
    failure::{holds, same},
    target::{Operator, fixtures},
    wire::sign::md5,
};

case! {
    of_an_operator: form "1" auth "6";
    "Path, policy, its date and its content-md5 are signed by an operator."
}
async fn of_an_operator(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello").with("content-md5", md5("hello"));
    form.with("date", "Tue, 24 Nov 2026 00:00:00 GMT")
        .ok()
        .await?;
    Ok(())
}

case! {
    missing: form "1" form "10", codes 40000008;
    "A form with neither authorization nor signature is refused."
}
async fn missing(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .unsigned()
        .refused((400, 40000008, "need signature"))
        .await?;
    Ok(())
}

case! {
    wrong: form "10" auth "6", codes 40100005;
    "A wrong password, another policy and a Base64 that is none are signature errors."
}
async fn wrong(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    let operator = cx.operator();
    let other = Operator::new(&*operator.name, "another password");
    good.clone()
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    let text = format!("UPYUN {}:no-signature", operator.name);
    good.proof("authorization", text)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    malformed: form "10" auth "14", codes 40100003 40100005;
    "Another scheme is an unknown realm; a credential without an operator is a signature error."
}
async fn malformed(cx: Context) -> Outcome {
    for (text, code) in [
        (
            "Bearer x",
            (401, 40100003, "unknown realm in authorization header"),
        ),
        ("UPYUN", (401, 40100005, "signature error")),
        ("UPYUN op", (401, 40100005, "signature error")),
    ] {
        let form = form(&cx, "a.txt", "x").proof("authorization", text);
        form.refused(code).await.map_err(|it| it.at(text))?;
    }
    Ok(())
}

case! {
    operator_unknown: form "10" auth "14", codes 40100006;
    "An operator that is not there is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let nobody = Operator::new("nobody-at-all", "x");
    form(&cx, "a.txt", "x")
        .by(&nobody)
        .refused((401, 40100006, "user not exists"))
        .await?;
    Ok(())
}

case! {
    service_unknown: form "10" auth "14", codes 40100012;
    "A service that is not there is refused."
}
async fn service_unknown(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").into_service("no-such-service-at-all");
    form.refused((401, 40100012, "bucket not exist")).await?;
    Ok(())
}

case! {
    service_blocked: form "10" auth "14", codes 40100013, tags NeedsControl;
    "A service that is blocked takes no forms."
}
async fn service_blocked(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").into_service(fixtures::BLOCKED);
    form.refused((401, 40100013, "bucket blocked")).await?;
    Ok(())
}

case! {
    without_the_right: form "10" auth "14", codes 40100017, tags NeedsControl;
    "An operator that may not write uploads no forms."
}
async fn without_the_right(cx: Context) -> Outcome {
    for name in [fixtures::READER, fixtures::DELETER, fixtures::STRANGER] {
        let form = form(&cx, "a.txt", "x").by(&fixtures::operator(name));
        form.refused((401, 40100017, "user need permission"))
            .await
            .map_err(|it| it.at(name))?;
    }
    form(&cx, "a.txt", "x")
        .by(&fixtures::operator(fixtures::WRITER))
        .ok()
        .await?;
    Ok(())
}

case! {
    of_a_secret: form "1" form "5" auth "7" auth "11.1", tags NeedsFormSecret Legacy;
    "A policy that is signed with the form secret is accepted, and its result is signed with it."
}
async fn of_a_secret(cx: Context) -> Outcome {
    let secret = cx.form_secret()?;
    let form = form(&cx, "a.txt", "hello").by_secret(secret);
    let told = form.ok().await?;
    let url = cx.key("a.txt");
    let sign = md5(format!("200&ok&{url}&{}&{secret}", told["time"]));
    same("sign", &told["sign"], &sign)?;
    holds(told.get("no-sign").is_none(), "no no-sign", &told)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    of_a_secret_tells_less: form "5", choice "F-26", tags NeedsFormSecret Legacy;
    "Under the signature of old the result has neither mimetype nor file_size."
}
async fn of_a_secret_tells_less(cx: Context) -> Outcome {
    let told = form(&cx, "a.txt", "x")
        .by_secret(cx.form_secret()?)
        .ok()
        .await?;
    let names: Vec<_> = told
        .as_object()
        .into_iter()
        .flat_map(|it| it.keys())
        .collect();
    same("the number of members of the result", names.len(), 5)
        .map_err(|it| it.at(format!("{names:?}")))
}

case! {
    of_a_secret_with_ext_param: form "8" auth "11.1", choice "A-24", tags NeedsFormSecret Legacy;
    "An ext-param takes part in sign and no-sign, as their last element."
}
async fn of_a_secret_with_ext_param(cx: Context) -> Outcome {
    let secret = cx.form_secret()?;
    let good = form(&cx, "a.txt", "x").with("ext-param", "e&é");
    let told = good.clone().by_secret(secret).ok().await?;
    let url = cx.key("a.txt");
    let sign = md5(format!("200&ok&{url}&{}&{secret}&e&é", told["time"]));
    same("sign", &told["sign"], &sign)?;
    let told = good
        .by_secret("another")
        .refused((401, 40100005, "signature error"))
        .await?;
    let save_key = cx.key("{filename}{.suffix}");
    let text = format!("401&signature error&{save_key}&{}&e&é", told["time"]);
    same("no-sign", &told["no-sign"], &md5(text))
}

case! {
    of_another_secret: form "5.1" auth "7", codes 40100005 40300006, tags NeedsFormSecret Legacy;
    "A failure before the secret is known to fit carries no-sign, a later one sign."
}
async fn of_another_secret(cx: Context) -> Outcome {
    let secret = cx.form_secret()?;
    let good = form(&cx, "a.txt", "x").with("save-key", cx.key("a.txt"));
    let url = cx.key("a.txt");
    let unsigned = |told: &serde_json::Value, text: &str| {
        let sum = md5(format!("{text}&{url}&{}", told["time"]));
        same("no-sign", &told["no-sign"], &sum)
    };
    let told = good
        .clone()
        .by_secret("another")
        .refused((401, 40100005, "signature error"))
        .await?;
    unsigned(&told, "401&signature error")?;
    let expired = good.clone().by_secret(secret).with("expiration", 1000);
    let told = expired
        .refused((403, 40300006, "authorization has expired"))
        .await?;
    unsigned(&told, "403&authorization has expired")?;
    let small = good.by_secret(secret).with("content-length-range", "5,9");
    let told = small.refused((403, 40300008, "file too small")).await?;
    let sign = md5(format!(
        "403&file too small&{url}&{}&{secret}",
        told["time"]
    ));
    same("sign", &told["sign"], &sign)
}

case! {
    of_a_policy_encoded_twice: auth "7", client, codes 40100005, tags NeedsFormSecret Legacy;
    "The signature over a policy that is encoded twice is refused."
}
async fn of_a_policy_encoded_twice(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x");
    let twice = crate::wire::sign::base64(form.policy_text());
    let signature = md5(format!("{twice}&{}", cx.form_secret()?));
    form.proof("signature", signature)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    both: auth "7", choice "A-19", codes 40100005, tags NeedsFormSecret Legacy;
    "Where both signatures are given that of an operator counts."
}
async fn both(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    let told = good.clone().part("signature", "x").ok().await?;
    holds(told.get("sign").is_none(), "no sign", &told)?;
    let policy = good.policy_text();
    let secret = cx.form_secret()?;
    let right = md5(format!("{policy}&{secret}"));
    let text = format!("UPYUN {}:AAAAAAAAAAAAAAAAAAAAAAAAAAA=", cx.operator().name);
    let wrong = good.proof("authorization", text).part("signature", right);
    wrong
        .refused((401, 40100005, "signature error"))
        .await
        .map(drop)
}
