//! What is checked before the policy is read.

use crate::{Context, Outcome, case::case, cases::support::form::form, target::fixtures};

case! {
    wrong_type: form "10", choice "F-39", codes 40300025;
    "POST of the bare service with another Content-Type than that of a form is refused."
}
async fn wrong_type(cx: Context) -> Outcome {
    let request = cx.request("POST", format!("/{}", cx.service())).unsigned();
    let request = request.header("Content-Type", "text/plain").body("x");
    request
        .refused((403, 40300025, "wrong content-type header"))
        .await?;
    Ok(())
}

case! {
    no_boundary: form "10", codes 40000038;
    "A form without a boundary is refused."
}
async fn no_boundary(cx: Context) -> Outcome {
    let request = cx.request("POST", format!("/{}", cx.service())).unsigned();
    let request = request.header("Content-Type", "multipart/form-data");
    request
        .body("x")
        .refused((400, 40000038, "no boundary defined in Content-Type"))
        .await?;
    Ok(())
}

case! {
    no_length: form "10", codes 40300026;
    "A form with neither length nor chunks is refused."
}
async fn no_length(cx: Context) -> Outcome {
    let request = form(&cx, "a.txt", "x").bare().without_length();
    request
        .refused((403, 40300026, "need content-length header"))
        .await?;
    Ok(())
}

case! {
    length_zero: form "10", codes 40000039;
    "A form of length 0 is refused."
}
async fn length_zero(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .bare()
        .refused((400, 40000039, "Content-Length is equal to 0"))
        .await?;
    Ok(())
}

case! {
    no_parts: form "10", codes 40000034;
    "A body without parts is refused."
}
async fn no_parts(cx: Context) -> Outcome {
    let request = form(&cx, "a.txt", "x").request_of("no form at all");
    request.refused((400, 40000034, "client error")).await?;
    Ok(())
}

case! {
    no_policy: form "10" form "1", codes 40000007;
    "A form without a policy is refused."
}
async fn no_policy(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").without_part("policy");
    form.refused_early((400, 40000007, "need policy")).await
}

case! {
    field_too_big: form "10", choice "own", codes 40300027;
    "A field beside the file is at most a megabyte."
}
async fn field_too_big(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").policy("x".repeat(2_000_000));
    form.refused_early((403, 40300027, "request body too big"))
        .await
}

case! {
    switched_off: form "10", codes 40300013, tags NeedsControl;
    "A service that has forms switched off takes none."
}
async fn switched_off(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").into_service(fixtures::NO_FORMS);
    form.refused((403, 40300013, "form api disabled")).await?;
    Ok(())
}

case! {
    single_copy: form "10", codes 40600003, tags NeedsControl;
    "A service of one copy takes no forms."
}
async fn single_copy(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").into_service(fixtures::SINGLE_COPY);
    form.refused((406, 40600003, "single-copy bucket not support form api"))
        .await?;
    Ok(())
}

case! {
    full: form "10", codes 40300004, tags NeedsControl;
    "A form that does not fit into the service any more is refused."
}
async fn full(cx: Context) -> Outcome {
    let size = usize::try_from(fixtures::SMALL_BYTES).unwrap_or_default();
    let of_size = |size| form(&cx, "a", vec![b'x'; size]).into_service(fixtures::SMALL);
    of_size(size + 1)
        .refused((403, 40300004, "bucket is full"))
        .await?;
    of_size(size).ok().await?;
    Ok(())
}

case! {
    order: form "10", choice "F-39", codes 40000003 40000036 40000001 40000004 40300006 40000008 40100005;
    "Of several faults of a policy the first of the documented order is told."
}
async fn order(cx: Context) -> Outcome {
    let wrong = form(&cx, "a.txt", "x").proof("authorization", "UPYUN nobody:x");
    let wrong = wrong.with("ext-param", "x".repeat(300));
    let mut faults = wrong
        .without("bucket")
        .without("save-key")
        .without("expiration");
    faults.refused((400, 40000003, "need bucket name")).await?;
    faults = faults.with("bucket", "another");
    faults
        .refused((400, 40000036, "uri bucket must be same as param bucket"))
        .await?;
    faults = faults.with("bucket", cx.service());
    faults.refused((400, 40000001, "need save-key")).await?;
    faults = faults.with("save-key", cx.key("a.txt"));
    faults.refused((400, 40000004, "need expiration")).await?;
    faults = faults.with("expiration", 1000);
    faults
        .refused((403, 40300006, "authorization has expired"))
        .await?;
    faults = faults.with("expiration", cx.unix() + 600);
    faults
        .clone()
        .unsigned()
        .refused((400, 40000008, "need signature"))
        .await?;
    let operator = cx.operator().name.clone();
    let wrong = format!("UPYUN {operator}:AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    faults = faults.proof("authorization", wrong);
    faults.refused((401, 40100005, "signature error")).await?;
    faults = faults.by(cx.operator());
    faults
        .refused((400, 40000010, "data too long for ext-param"))
        .await?;
    Ok(())
}

case! {
    order_of_what_is_wrong_with_a_file: form "10", choice "F-39", codes 40000005 40300010 40400002 40300008 40300007 40300018 40600001;
    "Values come before the file, its type before its encoding, size, MD5, picture and path."
}
async fn order_of_what_is_wrong_with_a_file(cx: Context) -> Outcome {
    let mut faults = form(&cx, "a.txt", "%%%")
        .with("ext-param", "x".repeat(300))
        .with("allow-file-type", "jpg")
        .with("b64encoded", "on")
        .with("content-length-range", "10,20")
        .with("content-md5", "0".repeat(32))
        .with("image-width-range", "1,2")
        .with("save-key", cx.key("a/"));
    let with_file = faults.clone();
    faults = faults.without_part("file");
    faults
        .refused((400, 40000010, "data too long for ext-param"))
        .await?;
    faults = faults.without("ext-param");
    faults.refused((400, 40000005, "need file")).await?;
    let mut faults = with_file.without("ext-param");
    for (code, next) in [
        ((403, 40300010, "file type error"), "allow-file-type"),
        ((404, 40400002, "base64 decoded err"), "b64encoded"),
        ((403, 40300008, "file too small"), "content-length-range"),
        ((403, 40300007, "content md5 not match"), "content-md5"),
        ((403, 40300018, "not an image"), "image-width-range"),
    ] {
        faults.refused(code).await.map_err(|it| it.at(next))?;
        faults = faults.without(next);
    }
    faults
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}
