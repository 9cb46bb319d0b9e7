//! The header signature.

use super::{NOBODY, all_refused, all_served, authorized, date, signed};
use crate::{
    Context, Outcome,
    case::case,
    target::Operator,
    wire::sign::{base64, hmac, hmac_bytes, md5},
};

case! {
    serves_what_is_signed: auth "2" auth "1";
    "Reading, looking, uploading and deleting are served when they are signed."
}
async fn serves_what_is_signed(cx: Context) -> Outcome {
    all_served(&cx, |_, request| request).await
}

case! {
    missing: auth "14", codes 40100004;
    "Nothing is done without an Authorization."
}
async fn missing(cx: Context) -> Outcome {
    all_refused(
        &cx,
        (401, 40100004, "need authorization header"),
        |_, request| request.unsigned(),
    )
    .await
}

case! {
    blank: auth "14", choice "own", codes 40100004;
    "An empty Authorization is none."
}
async fn blank(cx: Context) -> Outcome {
    let date = date(&cx);
    all_refused(
        &cx,
        (401, 40100004, "need authorization header"),
        |_, it| authorized(it, &date, ""),
    )
    .await
}

case! {
    scheme_unknown: auth "14", codes 40100003;
    "Schemes other than UPYUN and Basic are refused."
}
async fn scheme_unknown(cx: Context) -> Outcome {
    let (date, name) = (date(&cx), &cx.operator().name);
    for scheme in ["Bearer", "AWS", "UPYUN4"] {
        let value = format!("{scheme} {name}:{}", base64([0; 20]));
        let refused = all_refused(
            &cx,
            (401, 40100003, "unknown realm in authorization header"),
            |_, it| authorized(it, &date, &value),
        )
        .await;
        refused.map_err(|it| it.at(scheme))?;
    }
    Ok(())
}

case! {
    credential_malformed: auth "14", codes 40100005;
    "A credential without a colon, or with nothing before or after it, is a wrong signature."
}
async fn credential_malformed(cx: Context) -> Outcome {
    let (date, name) = (date(&cx), &cx.operator().name);
    let signature = base64([0; 20]);
    for credential in [
        name.clone(),
        format!("{name}:"),
        format!(":{signature}"),
        ":".to_owned(),
        String::new(),
    ] {
        let value = format!("UPYUN {credential}");
        let refused = all_refused(&cx, (401, 40100005, "signature error"), |_, it| {
            authorized(it, &date, &value)
        })
        .await;
        refused.map_err(|it| it.at(&value))?;
    }
    Ok(())
}

case! {
    operator_unknown: auth "14", codes 40100006;
    "An operator that does not exist is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let nobody = Operator::new(NOBODY, &cx.operator().password);
    all_refused(&cx, (401, 40100006, "user not exists"), |_, request| {
        request.by(&nobody)
    })
    .await
}

case! {
    password_wrong: auth "2" auth "14", codes 40100005;
    "A signature with another password is refused."
}
async fn password_wrong(cx: Context) -> Outcome {
    let other = Operator::new(&cx.operator().name, "another password");
    all_refused(&cx, (401, 40100005, "signature error"), |_, request| {
        request.by(&other)
    })
    .await
}

case! {
    key_is_the_password: auth "2" auth "15", codes 40100005;
    "The key is the MD5 of the password in lower-case hex, and neither the password nor other spellings."
}
async fn key_is_the_password(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    let once = md5(&operator.password);
    for (what, key) in [
        ("the password", operator.password.clone()),
        ("upper case", once.to_uppercase()),
        ("twice MD5", md5(&once)),
        ("Base64", base64(&once)),
    ] {
        let text = format!("GET&{}&{date}", cx.path("a.txt"));
        let signature = base64(hmac_bytes(&key, &text));
        let value = format!("UPYUN {}:{signature}", operator.name);
        let refused =
            authorized(cx.get("a.txt"), &date, value).refused((401, 40100005, "signature error"));
        refused.await.map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    signature_spelled_otherwise: auth "2" auth "15", choice "A-1" "A-3", codes 40100005;
    "The HMAC is Base64 of its bytes: no hex, no other case of letters, no cut padding."
}
async fn signature_spelled_otherwise(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    let text = format!("GET&{}&{date}", cx.path("a.txt"));
    let bytes = hmac_bytes(&md5(&operator.password), &text);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let swap = |letter: char| match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    };
    let right = base64(&bytes);
    for wrong in [
        hex.clone(),
        base64(hex),
        right.chars().map(swap).collect(),
        right.trim_end_matches('=').to_owned(),
        format!("{right}="),
    ] {
        let value = format!("UPYUN {}:{wrong}", operator.name);
        let refused =
            authorized(cx.get("a.txt"), &date, value).refused((401, 40100005, "signature error"));
        refused.await.map_err(|it| it.at(wrong.len()))?;
    }
    Ok(())
}

case! {
    scheme_in_any_case: auth "1", client;
    "The scheme is UPYUN in any case of letters, also for an HMAC."
}
async fn scheme_in_any_case(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    for scheme in ["UpYun", "upyun", "uPYUN"] {
        let served = all_served(&cx, |method, request| {
            let text = format!("{method}&{}&{date}", cx.path("a.txt"));
            let signature = hmac(&operator.password, &text);
            let value = format!("{scheme} {}:{signature}", operator.name);
            authorized(request, &date, value)
        });
        served.await.map_err(|it| it.at(scheme))?;
    }
    Ok(())
}

case! {
    blanks: auth "1", choice "A-2";
    "White space around the value is ignored."
}
async fn blanks(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    cx.put("a.txt", "x").ok().await?;
    let text = format!("GET&{}&{date}", cx.path("a.txt"));
    let signature = hmac(&operator.password, &text);
    let value = format!(" \t UPYUN {}:{signature}  ", operator.name);
    authorized(cx.get("a.txt"), &date, value).ok().await?;
    Ok(())
}

case! {
    two_blanks: auth "1", choice "A-2";
    "Between the scheme and the credential stands exactly one space."
}
async fn two_blanks(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    cx.put("a.txt", "x").ok().await?;
    let text = format!("GET&{}&{date}", cx.path("a.txt"));
    let signature = hmac(&operator.password, &text);
    for between in ["  ", "\t", ""] {
        let value = format!("UPYUN{between}{}:{signature}", operator.name);
        let answer = authorized(cx.get("a.txt"), &date, value).send().await?;
        let refused = answer.is_status(401);
        refused.map_err(|it| it.at(format!("{between:?}")))?;
    }
    Ok(())
}

case! {
    method_is_signed: auth "2", codes 40100005;
    "A signature is for one method, in upper case."
}
async fn method_is_signed(cx: Context) -> Outcome {
    let date = date(&cx);
    all_refused(&cx, (401, 40100005, "signature error"), |_, request| {
        let text = format!("PATCH&{}&{date}", cx.path("a.txt"));
        signed(&cx, request, &date, &text)
    })
    .await?;
    all_refused(
        &cx,
        (401, 40100005, "signature error"),
        |method, request| {
            let text = format!("{}&{}&{date}", method.to_lowercase(), cx.path("a.txt"));
            signed(&cx, request, &date, &text)
        },
    )
    .await
}

case! {
    path_is_signed: auth "2", codes 40100005;
    "A signature is for one key."
}
async fn path_is_signed(cx: Context) -> Outcome {
    all_refused(&cx, (401, 40100005, "signature error"), |_, it| {
        it.signed_over(cx.path("b.txt"))
    })
    .await
}

case! {
    date_is_signed: auth "2", codes 40100005;
    "A signature is for one date, and does not go without it."
}
async fn date_is_signed(cx: Context) -> Outcome {
    let now = date(&cx);
    let earlier = httpdate::fmt_http_date(cx.now() - std::time::Duration::from_secs(60));
    all_refused(
        &cx,
        (401, 40100005, "signature error"),
        |method, request| {
            let text = format!("{method}&{}&{earlier}", cx.path("a.txt"));
            signed(&cx, request, &now, &text)
        },
    )
    .await?;
    all_refused(
        &cx,
        (401, 40100005, "signature error"),
        |method, request| {
            let text = format!("{method}&{}", cx.path("a.txt"));
            signed(&cx, request, &now, &text)
        },
    )
    .await
}

case! {
    content_md5_is_signed: auth "2", client, codes 40100005;
    "A Content-MD5 that is sent is signed, and one that is signed is sent."
}
async fn content_md5_is_signed(cx: Context) -> Outcome {
    let (date, right) = (date(&cx), md5("new"));
    cx.put("a.txt", "old").ok().await?;
    let put = || cx.put("a.txt", "new");
    let bare = format!("PUT&{}&{date}", cx.path("a.txt"));
    let with_it = format!("{bare}&{right}");
    let other = format!("{bare}&{}", md5("other"));
    for (what, request, text) in [
        ("sent only", put().header("Content-MD5", &right), &bare),
        ("signed only", put(), &with_it),
        ("another", put().header("Content-MD5", &right), &other),
        (
            "in Base64",
            put().header("Content-MD5", "IuFlxRSFWA4="),
            &with_it,
        ),
    ] {
        let refused = signed(&cx, request, &date, text)
            .refused((401, 40100005, "signature error"))
            .await;
        refused.map_err(|it| it.at(what))?;
    }
    let right = put().header("Content-MD5", &right);
    signed(&cx, right, &date, &with_it).ok().await?;
    Ok(())
}

case! {
    content_md5_empty: auth "2";
    "An empty Content-MD5 takes no part in the signature."
}
async fn content_md5_empty(cx: Context) -> Outcome {
    let date = date(&cx);
    let text = format!("PUT&{}&{date}", cx.path("a.txt"));
    let request = cx.put("a.txt", "x").header("Content-MD5", "");
    signed(&cx, request, &date, &text).ok().await?;
    Ok(())
}

case! {
    content_md5_of_nothing: auth "2", client;
    "A download and a deletion may carry the signed MD5 of their empty body."
}
async fn content_md5_of_nothing(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    for request in [cx.get("a.txt"), cx.head("a.txt"), cx.delete("a.txt")] {
        request.header("Content-MD5", md5("")).ok().await?;
    }
    Ok(())
}

case! {
    used_again: auth "2.2", choice "A-9";
    "The same request, signature and all, is served again within its time."
}
async fn used_again(cx: Context) -> Outcome {
    let date = date(&cx);
    let put = || {
        let text = format!("PUT&{}&{date}", cx.path("a.txt"));
        signed(&cx, cx.put("a.txt", "x"), &date, &text)
    };
    put().ok().await?;
    cx.delete("a.txt").ok().await?;
    put().ok().await?;
    cx.get("a.txt").ok().await?.is_body("x")?;
    Ok(())
}
