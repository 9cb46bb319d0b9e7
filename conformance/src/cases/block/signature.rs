//! The two ways of signing.

use super::{Step, Upload};
use crate::{
    Context, Outcome,
    case::case,
    failure::same,
    wire::sign::{base64, md5},
};

case! {
    over_the_policy: multipart "9" auth "11.3", tags Legacy NeedsFormSecret;
    "Each step may be signed over the policy as it is sent."
}
async fn over_the_policy(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.txt", b"hello", 1)?).await?;
    upload.block(0, b"hello").request().ok().await?;
    upload.finish().request().ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    over_sorted_members: multipart "9" auth "11.3", choice "M-42", tags Legacy NeedsFormSecret;
    "Each step may be signed over its sorted members."
}
async fn over_sorted_members(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?;
    step.request_sorted().ok().await?;
    let upload = Upload::begin(step).await?;
    upload.block(0, b"hello").request_sorted().ok().await?;
    upload.finish().request_sorted().ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    wrong: multipart "9" auth "11.3", choice "M-46", codes 40100005, tags Legacy NeedsFormSecret;
    "Another secret, or the secret of another step, is refused."
}
async fn wrong(cx: Context) -> Outcome {
    let step = Step::begin(&cx, "a.txt", b"hello", 1)?;
    let by = |step: Step, secret: &str| Step {
        secret: secret.to_owned(),
        ..step
    };
    by(step.clone(), "another secret")
        .refused((401, 40100005, "signature error"))
        .await?;
    let form_secret = step.secret.clone();
    let upload = Upload::begin(step).await?;
    let block = upload.block(0, b"hello");
    by(block.clone(), &form_secret)
        .refused((401, 40100005, "signature error"))
        .await?;
    by(upload.finish(), &form_secret)
        .refused((401, 40100005, "signature error"))
        .await?;
    let other = base64(block.clone().with("block_index", 1).policy.to_string());
    let signature = md5(format!("{other}&{}", upload.secret));
    let request = block.fields(&[("policy", &block.encoded()), ("signature", &signature)]);
    request.refused((401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    secret_stays: multipart "9", choice "M-44", tags Legacy NeedsFormSecret;
    "The token's secret stays the same through one upload."
}
async fn secret_stays(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.txt", b"hello", 1)?).await?;
    let state = upload.block(0, b"hello").request().ok().await?.json()?;
    same("the token", &state["save_token"], &*upload.token)?;
    same("the secret", &state["token_secret"], &*upload.secret)
}
