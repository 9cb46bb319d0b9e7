//! How a policy is written, and its members.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::form::form,
    failure::same,
    wire::sign::{base64, md5},
};

case! {
    written_loosely: form "2", choice "F-7";
    "The Base64 of a policy may lack its padding and have line breaks; the text as sent is signed."
}
async fn written_loosely(cx: Context) -> Outcome {
    let mut good = form(&cx, "a.txt", "x");
    while !good.policy_text().ends_with('=') {
        let known = good.members().get("ignored");
        let known = known.and_then(serde_json::Value::as_str);
        let pad = format!("{}x", known.unwrap_or_default());
        good = good.with("ignored", pad);
    }
    let text = good.policy_text();
    good.clone().policy(text.trim_end_matches('=')).ok().await?;
    let (one, two) = text.split_at(76);
    good.policy(format!("{one}\r\n{two}")).ok().await?;
    Ok(())
}

case! {
    in_the_alphabet_of_urls: form "2", choice "F-7", codes 40000009;
    "The alphabet of URLs is not that of policies."
}
async fn in_the_alphabet_of_urls(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x").with("ext-param", "???>>>~~~");
    let text = good.policy_text().replace('+', "-").replace('/', "_");
    same("other letters", text.contains(['-', '_']), true)?;
    good.policy(text)
        .refused_early((400, 40000009, "decode policy error"))
        .await
}

case! {
    not_decodable: form "2" form "10", codes 40000009;
    "What is not Base64 of one JSON object in UTF-8 is no policy."
}
async fn not_decodable(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    for text in ["%%%", "{}", "x"] {
        let refused = good
            .clone()
            .policy(text)
            .refused_early((400, 40000009, "decode policy error"))
            .await;
        refused.map_err(|it| it.at(text))?;
    }
    for json in [
        &b"[]"[..],
        b"1",
        b"{",
        b"",
        b"{\"ext-param\":\"\xff\"}",
        b"{} {}",
    ] {
        // Base64 of nothing is nothing, which is no policy at all.
        let code = if json.is_empty() {
            (400, 40000007, "need policy")
        } else {
            (400, 40000009, "decode policy error")
        };
        let refused = good.clone().json(json).refused_early(code).await;
        refused.map_err(|it| it.at(String::from_utf8_lossy(json)))?;
    }
    Ok(())
}

case! {
    unknown_members: form "2", choice "F-8";
    "Unknown members are ignored."
}
async fn unknown_members(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x")
        .with("magic", 1)
        .with("Content-Type", "x/y");
    form.ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has("Content-Type", "text/plain")?;
    Ok(())
}

case! {
    members_are_case_sensitive: form "2", codes 40000001;
    "Save-Key is no save-key."
}
async fn members_are_case_sensitive(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").without("save-key");
    form.with("Save-Key", cx.key("a.txt"))
        .refused((400, 40000001, "need save-key"))
        .await?;
    Ok(())
}

case! {
    pretty_printed: form "2" form "11", client;
    "A policy with line breaks and blanks inside its JSON, as iOS and Python write it, is one."
}
async fn pretty_printed(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "hello");
    let json = serde_json::to_string_pretty(good.members());
    good.json(json.unwrap_or_default()).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    numbers: form "2";
    "Numbers may be JSON numbers or texts."
}
async fn numbers(cx: Context) -> Outcome {
    let text = (cx.unix() + 600).to_string();
    let good = form(&cx, "a.txt", "hello");
    good.clone()
        .with("expiration", text)
        .with("content-length", "5")
        .ok()
        .await?;
    good.with("x-upyun-meta-ttl", 3)
        .with("content-length", 5)
        .ok()
        .await?;
    cx.head("a.txt").ok().await?.has_metadata(&[("ttl", "3")])?;
    Ok(())
}

case! {
    null_and_booleans: form "2", choice "F-9", codes 40000001 40000004;
    "null is as if absent, and booleans are accepted for nothing."
}
async fn null_and_booleans(cx: Context) -> Outcome {
    let good = || form(&cx, "a.txt", "hello");
    good()
        .with("save-key", ())
        .refused((400, 40000001, "need save-key"))
        .await?;
    good()
        .with("save-key", true)
        .refused((400, 40000001, "need save-key"))
        .await?;
    good()
        .with("expiration", true)
        .refused((400, 40000004, "need expiration"))
        .await?;
    let ignored = good().with("content-md5", ()).with("allow-file-type", ());
    ignored.with("return-url", ()).ok().await?;
    Ok(())
}

case! {
    last_of_two: form "2", choice "F-10";
    "Of two members of one name the last counts."
}
async fn last_of_two(cx: Context) -> Outcome {
    let (service, first, last) = (cx.service(), cx.key("first.txt"), cx.key("last.txt"));
    let expiration = cx.unix() + 600;
    let json = format!(
        r#"{{"save-key":"{first}","bucket":"{service}","expiration":{expiration},"save-key":"{last}"}}"#
    );
    form(&cx, "a.txt", "x").json(json).ok().await?;
    cx.head("last.txt").ok().await?;
    cx.is_missing("first.txt").await
}

case! {
    service_by_either_name: form "3";
    "The service is told as bucket or as service."
}
async fn service_by_either_name(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").without("bucket");
    form.with("service", cx.service()).ok().await?;
    Ok(())
}

case! {
    service_by_both_names: form "3", choice "F-11", codes 40000036;
    "Where both names of the service are given, both must fit."
}
async fn service_by_both_names(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x").with("service", cx.service());
    good.ok().await?;
    good.clone()
        .with("service", "another")
        .refused((400, 40000036, "uri bucket must be same as param bucket"))
        .await?;
    good.with("bucket", "another")
        .refused((400, 40000036, "uri bucket must be same as param bucket"))
        .await?;
    Ok(())
}

case! {
    no_service: form "3" form "10", codes 40000003;
    "A policy names its service."
}
async fn no_service(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .without("bucket")
        .refused((400, 40000003, "need bucket name"))
        .await?;
    Ok(())
}

case! {
    another_service: form "3" form "10", codes 40000036;
    "The policy's service is that of the path."
}
async fn another_service(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").with("bucket", "another");
    form.refused((400, 40000036, "uri bucket must be same as param bucket"))
        .await?;
    Ok(())
}

case! {
    no_save_key: form "3" form "10", codes 40000001;
    "A policy without a save-key is refused."
}
async fn no_save_key(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .without("save-key")
        .refused((400, 40000001, "need save-key"))
        .await?;
    Ok(())
}

case! {
    save_key_not_utf8: form "3", codes 40000029;
    "A save-key that is not UTF-8 is refused as such."
}
async fn save_key_not_utf8(cx: Context) -> Outcome {
    let start = format!(r#"{{"bucket":"{}","expiration":4000000000,"#, cx.service());
    let json = [start.as_bytes(), b"\"save-key\":\"/\xff\"}"].concat();
    form(&cx, "a.txt", "x")
        .json(json)
        .refused_early((400, 40000029, "save-key encoding should be utf8"))
        .await
}

case! {
    no_expiration: form "3" form "10", codes 40000004;
    "An expiration is an integer, and must be there."
}
async fn no_expiration(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    good.clone()
        .without("expiration")
        .refused((400, 40000004, "need expiration"))
        .await?;
    for wrong in ["soon", "", "1.5"] {
        let form = good.clone().with("expiration", wrong);
        form.refused((400, 40000004, "need expiration"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    expired: form "3" form "10", codes 40300006;
    "A policy that has expired is refused."
}
async fn expired(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").with("expiration", cx.unix() - 10);
    form.refused((403, 40300006, "authorization has expired"))
        .await?;
    Ok(())
}

case! {
    type_of_the_object: form "3";
    "content-type is the stored type; without it the extension of the save path decides."
}
async fn type_of_the_object(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    let told = good.clone().with("content-type", "x/own").ok().await?;
    same("mimetype", &told["mimetype"], "x/own")?;
    cx.head("a.txt").ok().await?.has("Content-Type", "x/own")?;
    good.with("save-key", cx.key("a.png")).ok().await?;
    cx.head("a.png")
        .ok()
        .await?
        .has("Content-Type", "image/png")?;
    Ok(())
}

case! {
    secret: form "3";
    "content-secret is kept as x-upyun-meta-secret."
}
async fn secret(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .with("content-secret", "abc1")
        .ok()
        .await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("secret", "abc1")])?;
    Ok(())
}

case! {
    secret_malformed: form "3", codes 40300016;
    "A content-secret of other than letters and digits is refused."
}
async fn secret_malformed(cx: Context) -> Outcome {
    for wrong in ["a-b", "a b", "文"] {
        let form = form(&cx, "a.txt", "x").with("content-secret", wrong);
        form.refused((403, 40300016, "content-secret only accept [a-zA-Z0-9]"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    ttl: form "3", codes 40011092;
    "x-upyun-meta-ttl is 1 to 180 days."
}
async fn ttl(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    good.clone().with("x-upyun-meta-ttl", "180").ok().await?;
    cx.head("a.txt")
        .ok()
        .await?
        .has_metadata(&[("ttl", "180")])?;
    for wrong in ["181", "0", "x"] {
        let form = good.clone().with("x-upyun-meta-ttl", wrong);
        form.refused((400, 40011092, "invalid file ttl"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}

case! {
    metadata: form "3", choice "F-12";
    "Members x-upyun-meta-* are metadata."
}
async fn metadata(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x").with("x-upyun-meta-a", "1");
    form.with("x-upyun-meta-b", 2).ok().await?;
    let want = [("a", "1"), ("b", "2")];
    cx.head("a.txt").ok().await?.has_metadata(&want)?;
    Ok(())
}

case! {
    overwrites: form "3";
    "What was there is replaced without a word, and parents are made."
}
async fn overwrites(cx: Context) -> Outcome {
    cx.put("a.txt", "old")
        .header("x-upyun-meta-a", "1")
        .ok()
        .await?;
    form(&cx, "a.txt", "new").ok().await?;
    cx.get("a.txt")
        .ok()
        .await?
        .is_body("new")?
        .has_metadata(&[])?;
    let below = form(&cx, "a.txt", "x").with("save-key", cx.key("b/c/a.txt"));
    below.ok().await?;
    cx.head("b/c")
        .ok()
        .await?
        .has("x-upyun-file-type", "folder")?;
    Ok(())
}

case! {
    over_a_resumable_object: form "3", codes 40011059;
    "An object that was made by a resumable upload is not overwritten."
}
async fn over_a_resumable_object(cx: Context) -> Outcome {
    let put = cx.put("a.bin", "whole").header("X-Upyun-Multi-Length", "5");
    put.header("X-Upyun-Multi-Stage", "initiate,upload,complete")
        .header("X-Upyun-Part-Id", "0")
        .send()
        .await?
        .is_status(201)?;
    form(&cx, "a.bin", "other")
        .refused((400, 40011059, "file already upload"))
        .await?;
    Ok(())
}

case! {
    date: form "3" auth "6", choice "A-18";
    "The policy's date is signed, and may be of any time."
}
async fn date(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "x");
    form.with("date", "Tue, 24 Nov 2015 00:00:00 GMT")
        .ok()
        .await?;
    Ok(())
}

case! {
    base64_file: form "3";
    "With b64encoded the file is decoded before everything else."
}
async fn base64_file(cx: Context) -> Outcome {
    let content: Vec<u8> = (0..=255).cycle().take(100_001).collect();
    let form = form(&cx, "a.bin", base64(&content)).with("b64encoded", "on");
    let told = form.with("content-md5", md5(&content)).ok().await?;
    same("file_size", &told["file_size"], content.len())?;
    cx.get("a.bin").ok().await?.is_body(&content)?;
    Ok(())
}

case! {
    base64_file_with_line_breaks: form "3", choice "F-19";
    "Line breaks in the Base64 of a file do not matter."
}
async fn base64_file_with_line_breaks(cx: Context) -> Outcome {
    let mut text = base64("x".repeat(200));
    text.insert_str(76, "\r\n");
    text.push('\n');
    form(&cx, "a.bin", text)
        .with("b64encoded", "on")
        .ok()
        .await?;
    cx.get("a.bin").ok().await?.is_body("x".repeat(200))?;
    Ok(())
}

case! {
    base64_file_malformed: form "3" form "10", codes 40400002;
    "A file that is not Base64 though it should be is refused."
}
async fn base64_file_malformed(cx: Context) -> Outcome {
    for wrong in ["%%%", "a"] {
        let form = form(&cx, "a.bin", wrong).with("b64encoded", "on");
        form.refused((404, 40400002, "base64 decoded err"))
            .await
            .map_err(|it| it.at(wrong))?;
    }
    Ok(())
}
