//! The fields of a form.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::form::{form, refusal},
    failure::same,
};

case! {
    to_both_paths: form "1";
    "A form to the service, with and without a slash behind it, stores its file."
}
async fn to_both_paths(cx: Context) -> Outcome {
    let path = format!("/{}", cx.service());
    for (name, path) in [("a.txt", path.clone()), ("b.txt", path + "/")] {
        let told = form(&cx, name, "hello").at(path).ok().await?;
        same("url", &told["url"], &*cx.key(name))?;
        cx.get(name).ok().await?.is_body("hello")?;
    }
    Ok(())
}

case! {
    by_the_sdk: form "1";
    "The SDK's form stores its file."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    let policy = upyun_client::protocol::FormPolicy::new(cx.key("{filename}{.suffix}"));
    let upload = cx.sdk()?.form(&policy).file("a.txt", "hello");
    let told = upload.checksum().send().await?;
    same("url", told.url, cx.key("a.txt"))?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    in_any_order: form "1";
    "Without large-file mode the file may come first."
}
async fn in_any_order(cx: Context) -> Outcome {
    form(&cx, "a.txt", "hello").file_first().ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    names_are_case_sensitive: form "1", codes 40000007 40000005;
    "Policy is no policy, and File no file."
}
async fn names_are_case_sensitive(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    let policy = good.policy_text();
    let other = good.clone().without_part("policy").part("Policy", policy);
    other.refused_early((400, 40000007, "need policy")).await?;
    let other = good.without_part("file").part("File", "x");
    other.refused((400, 40000005, "need file")).await?;
    Ok(())
}

case! {
    every_field_has_a_filename: form "1", client;
    "Policy and authorization may carry a filename, as Python sends them."
}
async fn every_field_has_a_filename(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello").head("policy", "; filename=\"policy\"");
    form.head("proof", "; filename=\"authorization\"")
        .ok()
        .await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    type_of_the_part: form "1", choice "F-1";
    "The Content-Type of the file's part is not that of the object."
}
async fn type_of_the_part(cx: Context) -> Outcome {
    let head = "; filename=\"a.txt\"\r\nContent-Type: image/png";
    form(&cx, "", "hello").head("file", head).ok().await?;
    cx.get("a.txt")
        .ok()
        .await?
        .is_body("hello")?
        .has("Content-Type", "text/plain")?;
    Ok(())
}

case! {
    without_a_filename: form "1", choice "F-2";
    "Without a filename, or with an empty one, name and suffix are empty."
}
async fn without_a_filename(cx: Context) -> Outcome {
    for (name, head) in [("a", ""), ("b", "; filename=\"\"")] {
        let save_key = cx.key(&format!("{name}[{{filename}}{{.suffix}}{{suffix}}]"));
        let form = form(&cx, "", "x").with("save-key", save_key);
        form.head("file", head).ok().await?;
        cx.head(&format!("{name}[]")).ok().await?;
    }
    Ok(())
}

case! {
    filename_in_utf8: form "1";
    "A filename is UTF-8."
}
async fn filename_in_utf8(cx: Context) -> Outcome {
    let told = form(&cx, "图 片.txt", "x").ok().await?;
    same("url", &told["url"], &*cx.key("图 片.txt"))?;
    cx.head("图 片.txt").ok().await?;
    Ok(())
}

case! {
    filename_extended: form "1", choice "F-3";
    "A filename* of RFC 8187 wins over the filename."
}
async fn filename_extended(cx: Context) -> Outcome {
    let head = "; filename=\"b.txt\"; filename*=UTF-8''%E4%B8%AD%20a.txt";
    form(&cx, "", "x").head("file", head).ok().await?;
    cx.head("中 a.txt").ok().await?;
    Ok(())
}

case! {
    filename_not_utf8: form "1", choice "F-3", codes 40000031;
    "A filename of other bytes is refused."
}
async fn filename_not_utf8(cx: Context) -> Outcome {
    let form = form(&cx, "", "x").head("file", b"; filename=\"\xd6\xd0.txt\"");
    form.refused((400, 40000031, "filename should be utf8"))
        .await?;
    Ok(())
}

case! {
    filename_with_folders: form "1", choice "F-4";
    "A directory in the filename is cut, of both kinds of slashes."
}
async fn filename_with_folders(cx: Context) -> Outcome {
    for (head, name) in [
        ("; filename=\"x/y/a.txt\"", "a.txt"),
        ("; filename=\"C:\\x\\b.txt\"", "b.txt"),
    ] {
        form(&cx, "", "x").head("file", head).ok().await?;
        cx.head(name).ok().await.map_err(|it| it.at(head))?;
    }
    Ok(())
}

case! {
    first_of_two: form "1", choice "F-5";
    "Of a field that is given twice the first counts."
}
async fn first_of_two(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "first").part("file", "second");
    form.part("policy", "x")
        .part("authorization", "x")
        .ok()
        .await?;
    cx.get("a.txt").ok().await?.is_body("first")?;
    Ok(())
}

case! {
    other_fields: form "1", choice "F-6";
    "Other fields are ignored."
}
async fn other_fields(cx: Context) -> Outcome {
    form(&cx, "a.txt", "x")
        .part("submit", "Upload")
        .ok()
        .await?;
    cx.head("a.txt").ok().await?;
    Ok(())
}

case! {
    around_the_parts: form "1", client;
    "What stands before the first part and behind the last is ignored."
}
async fn around_the_parts(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello");
    let body = [b"\r\n", &*form.body(), b"the end"].concat();
    form.request_of(body).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    in_chunks: form "1", client;
    "A form may come in chunks."
}
async fn in_chunks(cx: Context) -> Outcome {
    let form = form(&cx, "a.txt", "hello");
    form.bare().chunked(form.body()).ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    version_of_the_api: form "1", client;
    "The header x-upyun-api-version that Java and Android send is ignored."
}
async fn version_of_the_api(cx: Context) -> Outcome {
    let request = form(&cx, "a.txt", "hello").request();
    request.header("x-upyun-api-version", "2").ok().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    no_file: form "10" form "1", codes 40000005;
    "A form without a file is refused."
}
async fn no_file(cx: Context) -> Outcome {
    form(&cx, "", "")
        .without_part("file")
        .refused((400, 40000005, "need file"))
        .await?;
    Ok(())
}

case! {
    empty_file: form "10", choice "F-40";
    "An empty file makes an object of size 0."
}
async fn empty_file(cx: Context) -> Outcome {
    let told = form(&cx, "a.txt", "").ok().await?;
    same("file_size", &told["file_size"], 0)?;
    cx.head("a.txt").ok().await?.has("x-upyun-file-size", "0")?;
    Ok(())
}

case! {
    bytes_are_kept: form "1";
    "A file of any bytes, also such that look like a boundary, is stored as it is."
}
async fn bytes_are_kept(cx: Context) -> Outcome {
    let mut content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    content.extend(b"\r\n--\r\n------cases\r\n\r\n--");
    let told = form(&cx, "a.bin", &content).ok().await?;
    same("file_size", &told["file_size"], content.len())?;
    cx.get("a.bin").ok().await?.is_body(&content)?;
    Ok(())
}

case! {
    ends_early: form "10" rest "3.4", choice "R-22", codes 40800001;
    "A form that ends before its length stores nothing; who still listens gets 408."
}
async fn ends_early(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    let mut bytes = form(&cx, "a.txt", "x".repeat(1000)).request().to_bytes();
    bytes.truncate(bytes.len() - 500);
    let mut connection = cx.connect(&crate::wire::Api::Storage).await?;
    connection.write(bytes).await?;
    connection.finish_writing().await;
    if let Ok(answer) = connection.answer("POST").await {
        refusal(&answer, (408, 40800001, "read client request timeout"))?;
    }
    before.is_unchanged(&cx.snapshot().await?)
}
