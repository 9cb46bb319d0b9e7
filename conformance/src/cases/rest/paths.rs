//! How paths are decoded, and which names there are.

use upyun_test_kit::Refusal;

use crate::{Context, Outcome, case::case, context::encode, failure::same};

case! {
    decoded_once: rest "2.1";
    "A path is percent-decoded once."
}
async fn decoded_once(cx: Context) -> Outcome {
    cx.put("50% %41 文件.txt", "hello").ok().await?;
    let list = cx.get("").ok().await?;
    let name = list.text()?.split('\t').next();
    same("the name", name, Some("50% %41 文件.txt"))?;
    let lower = cx.path("50% %41 文件.txt").replace("%E6", "%e6");
    cx.request("GET", lower).ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    encoding_does_not_matter: rest "2.1" auth "2.4", client;
    "A letter may be encoded, and punctuation may be left as it is; both are the same key."
}
async fn encoding_does_not_matter(cx: Context) -> Outcome {
    cx.put("a;,:@&=$!*()'+.txt", "hello").ok().await?;
    let plain = format!("/{}{}", cx.service(), cx.key("a;,:@&=$!*()'+.txt"));
    cx.request("GET", &plain).ok().await?.is_body("hello")?;
    cx.request("GET", plain.replace(".txt", "%2E%74xt"))
        .ok()
        .await?
        .is_body("hello")?;
    Ok(())
}

case! {
    plus_is_plus: rest "2.1", client;
    "A plus sign in a path is a plus sign."
}
async fn plus_is_plus(cx: Context) -> Outcome {
    let plain = cx.path("a%2Bb").replace("%252B", "+");
    cx.request("PUT", plain).body("hello").ok().await?;
    cx.get("a+b").ok().await?.is_body("hello")?;
    cx.is_missing("a b").await
}

case! {
    encoded_slash: rest "2.1", client;
    "An encoded slash separates as a slash does."
}
async fn encoded_slash(cx: Context) -> Outcome {
    let key = cx.key("dir/a.txt");
    let path = format!(
        "/{}/{}",
        cx.service(),
        encode(&key[1..]).replace('/', "%2F")
    );
    cx.request("PUT", path).body("hello").ok().await?;
    cx.get("dir/a.txt").ok().await?.is_body("hello")?;
    cx.head("dir")
        .ok()
        .await?
        .has("x-upyun-file-type", "folder")?;
    Ok(())
}

case! {
    no_service: rest "2.1" auth "14", client, codes 40000003;
    "A path without a service is refused."
}
async fn no_service(cx: Context) -> Outcome {
    for method in ["GET", "PUT", "DELETE"] {
        let answer = cx
            .request(method, "/")
            .refused((400, 40000003, "need bucket name"))
            .await;
        answer.map_err(|it| it.at(method))?;
    }
    cx.request("GET", "/")
        .unsigned()
        .refused((400, 40000003, "need bucket name"))
        .await?;
    Ok(())
}

/// Expects that every operation refuses a path.
async fn refused_by_all(cx: &Context, path: &str, refusal: Refusal) -> Outcome {
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let refused = cx.request(method, path).refused(refusal).await;
        refused.map_err(|failure| failure.at(method))?;
    }
    Ok(())
}

case! {
    not_utf8: rest "2.1", codes 40000030;
    "A key that is not UTF-8 is refused."
}
async fn not_utf8(cx: Context) -> Outcome {
    for bytes in ["%FF", "%E6%96", "%C0%AF"] {
        let path = cx.path("a") + bytes;
        refused_by_all(&cx, &path, (400, 40000030, "path encoding should be utf8"))
            .await
            .map_err(|it| it.at(bytes))?;
    }
    Ok(())
}

case! {
    control_characters: rest "2.1", codes 40300001;
    "Names hold no CR, LF or TAB."
}
async fn control_characters(cx: Context) -> Outcome {
    for name in ["a\rb", "a\nb", "a\tb"] {
        let answer = cx
            .put(name, "x")
            .refused((
                403,
                40300001,
                "file name contains invalid chars (\\r\\n\\t)",
            ))
            .await;
        answer.map_err(|it| it.at(name.escape_debug()))?;
    }
    Ok(())
}

case! {
    broken_escapes: rest "2.1", choice "R-1", codes 40001000;
    "NUL and malformed escapes are refused."
}
async fn broken_escapes(cx: Context) -> Outcome {
    for end in ["%00", "%", "%4", "%zz"] {
        let path = cx.path("a") + end;
        refused_by_all(&cx, &path, (400, 40001000, "wrong uri"))
            .await
            .map_err(|it| it.at(end))?;
    }
    Ok(())
}

case! {
    dot_segments: rest "2.1", choice "R-2", codes 40001000;
    "Segments of one or two dots are refused, encoded or not."
}
async fn dot_segments(cx: Context) -> Outcome {
    for name in ["./a", "../a", "a/..", "a/%2e%2e/b", "%2e/a"] {
        let path = format!("{}/{name}", cx.path("x").trim_end_matches("/x"));
        refused_by_all(&cx, &path, (400, 40001000, "wrong uri"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    runs_of_slashes: rest "2.1", choice "R-3";
    "Several slashes count as one."
}
async fn runs_of_slashes(cx: Context) -> Outcome {
    cx.put("dir//a.txt", "hello").ok().await?;
    cx.get("dir/a.txt").ok().await?.is_body("hello")?;
    cx.get("dir///a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    long_names: rest "2.1", choice "R-4", codes 40300003;
    "A name has at most 255 bytes."
}
async fn long_names(cx: Context) -> Outcome {
    let name = format!("{}文", "a".repeat(252));
    cx.put(&name, "x").ok().await?;
    cx.get(&name).ok().await?;
    cx.put(&format!("{name}a"), "x")
        .refused((403, 40300003, "file name too long"))
        .await?;
    Ok(())
}

case! {
    long_keys: rest "2.1", choice "R-5", codes 40300002;
    "A key has at most 1024 bytes."
}
async fn long_keys(cx: Context) -> Outcome {
    let start = cx.key("").len();
    let mut name = String::new();
    while start + name.len() < 1024 {
        let length = (1024 - start - name.len()).min(200);
        name.push_str(&"a".repeat(length - 1));
        name.push(if start + name.len() == 1023 { 'z' } else { '/' });
    }
    cx.put(&name, "x").ok().await?;
    cx.get(&name).ok().await?;
    cx.put(&format!("{name}z"), "x")
        .refused((403, 40300002, "file path too long"))
        .await?;
    Ok(())
}

case! {
    case_matters: rest "2.1", choice "R-6";
    "Names differ by the case of letters and by how a letter is composed."
}
async fn case_matters(cx: Context) -> Outcome {
    let names = ["a", "A", "\u{e9}", "e\u{301}"];
    for name in names {
        cx.put(name, name).ok().await?;
    }
    for name in names {
        cx.get(name)
            .ok()
            .await?
            .is_body(name)
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    service_without_slash: rest "2.1", choice "R-7";
    "The service itself is asked with a slash at the end or without."
}
async fn service_without_slash(cx: Context) -> Outcome {
    for path in [format!("/{}", cx.service()), format!("/{}/", cx.service())] {
        let request = cx.request("GET", path).header("x-list-limit", "1");
        request.ok().await?.the("x-upyun-list-iter")?;
    }
    Ok(())
}

case! {
    folders_with_and_without_slash: rest "2.2", client;
    "A folder is listed, looked at and deleted with a slash at its end or without."
}
async fn folders_with_and_without_slash(cx: Context) -> Outcome {
    for name in ["dir", "dir/"] {
        cx.make_folder(name).ok().await?;
        cx.get(name).ok().await?.the("x-upyun-list-iter")?;
        cx.head(name).ok().await?;
        cx.delete(name).ok().await?;
    }
    Ok(())
}
