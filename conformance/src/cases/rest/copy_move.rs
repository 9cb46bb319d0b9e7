//! Copy and move, within one service.

use crate::{
    Context, Outcome, case::case, context::encode, failure::same, target::fixtures, wire::sign::md5,
};

case! {
    copied: rest "13", client;
    "A copy has content and type of its source, which stays; the answer has no body."
}
async fn copied(cx: Context) -> Outcome {
    let put = cx
        .put("a.bin", "hello")
        .header("Content-Type", "text/x-own");
    put.ok().await?;
    cx.copy("a.bin", "dir/b.txt").ok().await?.is_empty()?;
    let copy = cx.get("dir/b.txt").ok().await?;
    copy.is_body("hello")?.has("Content-Type", "text/x-own")?;
    cx.get("a.bin").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    moved: rest "13", client;
    "A moved file is at its new place only."
}
async fn moved(cx: Context) -> Outcome {
    let put = cx.put("a.txt", "hello").header("x-upyun-meta-a", "1");
    put.ok().await?;
    cx.rename("a.txt", "dir/b.txt").ok().await?.is_empty()?;
    let there = cx.get("dir/b.txt").ok().await?;
    there.is_body("hello")?.has_metadata(&[("a", "1")])?;
    cx.is_missing("a.txt").await
}

case! {
    by_the_sdk: rest "13", client;
    "The SDK copies and renames, names of any kind."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    let client = cx.sdk()?;
    let [a, b, c] = ["a b+%41.txt", "文件", "c?#"].map(|name| cx.key(name));
    client.put(&a).body("hello").send().await?;
    client.copy(&a, &b).send().await?;
    client.rename(&b, &c).send().await?;
    same(
        "the body",
        client.get(&c).send().await?.text().await?,
        "hello",
    )?;
    same("the copy", client.exists(&b).send().await?, false)
}

case! {
    over_a_file: rest "13", client;
    "A file at the destination is overwritten."
}
async fn over_a_file(cx: Context) -> Outcome {
    for name in ["a.txt", "b.txt", "c.txt"] {
        let put = cx.put(name, name).header("x-upyun-meta-name", name);
        put.ok().await?;
    }
    cx.copy("a.txt", "b.txt").ok().await?;
    cx.rename("a.txt", "c.txt").ok().await?;
    for name in ["b.txt", "c.txt"] {
        let answer = cx.get(name).ok().await?;
        answer
            .is_body("a.txt")?
            .has_metadata(&[("name", "a.txt")])?;
    }
    Ok(())
}

case! {
    over_a_resumable_object: rest "13", choice "R-71";
    "An object that was made by a resumable upload is overwritten by a copy."
}
async fn over_a_resumable_object(cx: Context) -> Outcome {
    let stages = cx
        .put("b.bin", "whole")
        .header("X-Upyun-Multi-Stage", "initiate,upload,complete");
    let stages = stages
        .header("X-Upyun-Multi-Length", "5")
        .header("X-Upyun-Part-Id", "0");
    stages.send().await?.is_status(201)?;
    cx.put("a.txt", "hello").ok().await?;
    cx.copy("a.txt", "b.bin").ok().await?;
    cx.get("b.bin").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    source_encoded_or_raw: rest "13", client;
    "The source may be percent-encoded or raw UTF-8; it is decoded."
}
async fn source_encoded_or_raw(cx: Context) -> Outcome {
    cx.put("文 A+.txt", "hello").ok().await?;
    let raw = format!("/{}{}", cx.service(), cx.key("文 A+.txt"));
    let half = raw.replace('A', "%41");
    let encoded = format!("/{}{}", cx.service(), encode(&cx.key("文 A+.txt")));
    let service = format!("/{}/", cx.service());
    let doubled = encoded.replacen(&service, &format!("{service}/"), 1);
    for source in [raw, half, encoded, doubled] {
        let copy = cx.put("b.txt", "").header("X-Upyun-Copy-Source", &source);
        copy.ok().await.map_err(|it| it.at(&source))?;
        cx.get("b.txt").ok().await?.is_body("hello")?;
    }
    Ok(())
}

case! {
    source_without_slash: rest "13", choice "R-70";
    "The source may lack its first slash."
}
async fn source_without_slash(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let source = cx.path("a.txt");
    let source = source.trim_start_matches('/');
    cx.put("b.txt", "")
        .header("X-Upyun-Copy-Source", source)
        .ok()
        .await?;
    cx.get("b.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    content_md5: rest "13";
    "A Content-MD5 of the empty body is accepted and signed."
}
async fn content_md5(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    cx.copy("a.txt", "b.txt")
        .header("Content-MD5", md5(""))
        .ok()
        .await?;
    Ok(())
}

case! {
    body_is_ignored: rest "13", choice "R-73";
    "The body of a copy is ignored."
}
async fn body_is_ignored(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    cx.copy("a.txt", "b.txt")
        .body("something else")
        .ok()
        .await?;
    cx.get("b.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    answer_describes_the_object: rest "3.2", choice "R-92";
    "The response to a copy or move has the ETag and the x-upyun-content-length of the new object."
}
async fn answer_describes_the_object(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let copy = cx.copy("a.txt", "b.txt").ok().await?;
    let rename = cx.rename("a.txt", "c.txt").ok().await?;
    for answer in [copy, rename] {
        answer.has("ETag", format!("\"{}\"", md5("hello")))?;
        answer.has("x-upyun-content-length", "5")?;
    }
    Ok(())
}

case! {
    metadata_directives: rest "13", choice "R-74";
    "copy keeps the source's metadata, replace takes the request's, merge both, delete removes names."
}
async fn metadata_directives(cx: Context) -> Outcome {
    type Metadata = &'static [(&'static str, &'static str)];
    let wanted: [(&str, Metadata); 5] = [
        ("", &[("a", "1"), ("b", "2"), ("secret", "s")]),
        ("copy", &[("a", "1"), ("b", "2"), ("secret", "s")]),
        ("replace", &[("a", "9"), ("c", "3")]),
        (
            "merge",
            &[("a", "9"), ("b", "2"), ("c", "3"), ("secret", "s")],
        ),
        ("delete", &[("b", "2"), ("secret", "s")]),
    ];
    for (directive, want) in wanted {
        let put = cx.put("a.txt", "x").header("Content-Secret", "s");
        let put = put
            .header("x-upyun-meta-a", "1")
            .header("x-upyun-meta-b", "2");
        put.ok().await?;
        let mut copy = cx.copy("a.txt", "b.txt").header("x-upyun-meta-a", "9");
        if !directive.is_empty() {
            copy = copy.header("X-Upyun-Metadata-Directive", directive);
        }
        copy.header("x-upyun-meta-c", "3").ok().await?;
        let answer = cx.head("b.txt").ok().await?;
        answer
            .has_metadata(want)
            .map_err(|it| it.at(format!("`{directive}`")))?;
    }
    Ok(())
}

case! {
    directive_unknown: rest "13", choice "R-74", codes 40000043;
    "Another directive is refused."
}
async fn directive_unknown(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let copy = cx.copy("a.txt", "b.txt");
    copy.header("X-Upyun-Metadata-Directive", "keep")
        .refused((400, 40000043, "wrong metadata directive"))
        .await?;
    Ok(())
}

case! {
    type_is_the_source_s: rest "13", choice "R-75";
    "The type is the source's whatever the request says."
}
async fn type_is_the_source_s(cx: Context) -> Outcome {
    cx.put("a.txt", "x")
        .header("Content-Type", "text/x-own")
        .ok()
        .await?;
    cx.copy("a.txt", "b.jpg")
        .header("Content-Type", "text/html")
        .ok()
        .await?;
    cx.head("b.jpg")
        .ok()
        .await?
        .has("Content-Type", "text/x-own")?;
    Ok(())
}

case! {
    time_is_now: rest "13", choice "R-76", tags NeedsClock;
    "A copy was changed when it was made."
}
async fn time_is_now(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.advance(std::time::Duration::from_secs(1000))?;
    cx.copy("a.txt", "b.txt").ok().await?;
    let [a, b] = [cx.head("a.txt").ok().await?, cx.head("b.txt").ok().await?];
    let later = b.number("x-upyun-file-date")? - a.number("x-upyun-file-date")?;
    same("1000 seconds between them", later.abs_diff(1000) < 10, true)
}

case! {
    other_service: rest "13", codes 40000040, tags NeedsControl;
    "A source in another service is refused."
}
async fn other_service(cx: Context) -> Outcome {
    cx.request("PUT", format!("/{}/a.txt", fixtures::SECOND))
        .body("x")
        .ok()
        .await?;
    for header in ["X-Upyun-Copy-Source", "X-Upyun-Move-Source"] {
        let source = format!("/{}/a.txt", fixtures::SECOND);
        cx.put("b.txt", "")
            .header(header, source)
            .refused((400, 40000040, "source bucket not equal target bucket"))
            .await?;
    }
    Ok(())
}

case! {
    onto_itself: rest "13", codes 40000041;
    "A source that is the destination is refused."
}
async fn onto_itself(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.copy("a.txt", "a.txt")
        .refused((400, 40000041, "source key equals to target key"))
        .await?;
    cx.rename("a.txt", "a.txt")
        .refused((400, 40000041, "source key equals to target key"))
        .await?;
    let encoded = format!("/{}{}", cx.service(), cx.key("%61.txt"));
    cx.put("a.txt", "")
        .header("X-Upyun-Copy-Source", encoded)
        .refused((400, 40000041, "source key equals to target key"))
        .await?;
    Ok(())
}

case! {
    source_malformed: rest "13", codes 40000042;
    "A source without a key, or that cannot be decoded, is refused."
}
async fn source_malformed(cx: Context) -> Outcome {
    for source in [
        "",
        "/",
        "/%zz",
        &format!("/{}", cx.service()),
        &format!("/{}/", cx.service()),
        &format!("/{}/%zz", cx.service()),
        &format!("/{}/../x", cx.service()),
    ] {
        for header in ["X-Upyun-Copy-Source", "X-Upyun-Move-Source"] {
            let refused = cx
                .put("b.txt", "")
                .header(header, source)
                .refused((400, 40000042, "source key wrong"))
                .await;
            refused.map_err(|it| it.at(format!("{header}: `{source}`")))?;
        }
    }
    Ok(())
}

case! {
    both_sources: rest "13", choice "R-79", codes 40000042;
    "A request to copy and to move is refused."
}
async fn both_sources(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let both = cx
        .copy("a.txt", "b.txt")
        .header("X-Upyun-Move-Source", cx.path("a.txt"));
    both.refused((400, 40000042, "source key wrong")).await?;
    Ok(())
}

case! {
    source_missing: rest "13", choice "R-77", codes 40400001;
    "A source that is not there is not found."
}
async fn source_missing(cx: Context) -> Outcome {
    cx.copy("a.txt", "b.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.rename("a.txt", "b.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    source_is_a_folder: rest "13", choice "R-78", codes 40300015;
    "Folders are neither copied nor moved."
}
async fn source_is_a_folder(cx: Context) -> Outcome {
    cx.make_folder("a").ok().await?;
    cx.copy("a", "b")
        .refused((403, 40300015, "path is not a file, maybe a directory"))
        .await?;
    cx.rename("a", "b")
        .refused((403, 40300015, "path is not a file, maybe a directory"))
        .await?;
    Ok(())
}

case! {
    onto_a_folder: rest "2.3", choice "R-12", codes 40600001;
    "A folder, or a place below a file, is no destination."
}
async fn onto_a_folder(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.make_folder("dir").ok().await?;
    for name in ["dir", "a.txt/b"] {
        cx.copy("a.txt", name)
            .refused((406, 40600001, "dir not acceptable"))
            .await?;
        cx.rename("a.txt", name)
            .refused((406, 40600001, "dir not acceptable"))
            .await?;
    }
    Ok(())
}

case! {
    onto_the_root: rest "2.3", choice "R-12", codes 40600001, tags Destructive;
    "The root is no destination."
}
async fn onto_the_root(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    cx.rename("a.txt", "/")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    without_the_right: common "http", choice "H-1", codes 40100017 40300011, tags NeedsControl;
    "Copying needs the right to write, moving those to write and to delete."
}
async fn without_the_right(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let reader = fixtures::operator(fixtures::READER);
    cx.copy("a.txt", "b.txt")
        .by(&reader)
        .refused((401, 40100017, "user need permission"))
        .await?;
    let editor = fixtures::operator(fixtures::EDITOR);
    cx.rename("a.txt", "b.txt")
        .by(&editor)
        .refused((403, 40300011, "has no permission to delete"))
        .await?;
    cx.copy("a.txt", "b.txt").by(&editor).ok().await?;
    Ok(())
}
