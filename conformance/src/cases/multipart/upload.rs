//! Sending a part.

use super::{MIB, UNKNOWN, Upload, initiate_disorder, stage, tells};
use crate::{
    Context, Outcome,
    case::case,
    failure::{holds, same},
    wire::{Api, sign::md5},
};

case! {
    ordered: multipart "3" multipart "1", tags Slow;
    "Each part of an ordered upload is answered with the next, the last with -1."
}
async fn ordered(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", MIB + 5).await?;
    let answer = upload.store(0, vec![b'a'; MIB]).await?;
    tells(answer.is_empty()?, &upload, "1")?;
    let answer = upload.store(1, "hello").await?;
    tells(answer.is_empty()?, &upload, "-1")?;
    upload.has_parts(&[(0, MIB as u64), (1, 5)]).await
}

case! {
    tells_the_part_size: multipart "3", choice "M-9";
    "The answer to an ordered part tells the size of the next."
}
async fn tells_the_part_size(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    let answer = upload.store(0, "hello").await?;
    answer.has("x-upyun-next-part-size", MIB.to_string())?;
    Ok(())
}

case! {
    any_order: multipart "3" multipart "1", client, tags Slow;
    "Parts of a parallel upload come in any order."
}
async fn any_order(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload
        .store(2, "hello")
        .await?
        .has("x-upyun-multi-uuid", &upload.uuid)?;
    upload.store(0, vec![b'a'; MIB]).await?;
    upload.store(1, vec![b'b'; MIB]).await?;
    upload.complete().send().await?.is_status(204)?;
    let whole = [vec![b'a'; MIB], vec![b'b'; MIB], b"hello".to_vec()].concat();
    cx.get("a.bin").ok().await?.is_body(whole)?;
    Ok(())
}

case! {
    disorder_tells_no_part: multipart "3" multipart "1", choice "M-1";
    "The answer to a parallel part says nothing of a next one."
}
async fn disorder_tells_no_part(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    let answer = upload.store(0, "hello").await?;
    answer
        .lacks("x-upyun-next-part-id")?
        .lacks("x-upyun-next-part-size")?;
    Ok(())
}

case! {
    content_md5: multipart "3", choice "R-21", codes 40000006;
    "A part that does not fit its Content-MD5 is not stored."
}
async fn content_md5(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    let part = |content: &str| upload.part(0, "hello").header("Content-MD5", md5(content));
    part("other")
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    upload.has_parts(&[]).await?;
    part("hello").send().await?.is_status(204)?;
    upload.has_parts(&[(0, 5)]).await
}

case! {
    content_md5_malformed: multipart "3" rest "3.3", choice "R-20", codes 40001001;
    "A Content-MD5 that is none is refused, and the part not stored."
}
async fn content_md5_malformed(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    let part = upload.part(0, "hello").header("Content-MD5", "nonsense");
    part.refused((400, 40001001, "wrong content-md5")).await?;
    upload.has_parts(&[]).await
}

case! {
    part_id_wrong: multipart "3" multipart "10", choice "M-14", codes 40011051;
    "A part id is a number below that of the parts."
}
async fn part_id_wrong(cx: Context) -> Outcome {
    let ordered = Upload::ordered(&cx, "a.bin", 5).await?;
    let disorder = Upload::disorder(&cx, "b.bin").await?;
    let begin = initiate_disorder(&cx, "c.bin").header("X-Upyun-Multi-Length", "5");
    let known = Upload::by(&cx, "c.bin", begin).await?;
    for upload in [ordered, disorder, known] {
        let mut wrong = vec![
            "",
            "-1",
            "one",
            "1.0",
            "0x0",
            "10000",
            "99999999999999999999",
        ];
        if upload.name != "b.bin" {
            wrong.push("1");
        }
        for id in wrong {
            let refused = upload
                .part(id, "hello")
                .refused((400, 40011051, "invalid x-upyun-part-id"))
                .await;
            refused.map_err(|it| it.at(format!("{} {id:?}", upload.name)))?;
        }
        upload
            .stage("upload", "hello")
            .refused((400, 40011051, "invalid x-upyun-part-id"))
            .await?;
        upload.has_parts(&[]).await?;
    }
    Ok(())
}

case! {
    last_part_id: multipart "1" multipart "3", client;
    "The last of 10000 parts is 9999."
}
async fn last_part_id(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(9999, "hello").await?;
    upload.has_parts(&[(9999, 5)]).await
}

case! {
    uuid_wrong: multipart "10", choice "M-47", codes 40011056;
    "A uuid that is missing, or is none, is refused."
}
async fn uuid_wrong(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    for uuid in [
        "",
        "x",
        &UNKNOWN.replace('-', ""),
        &UNKNOWN.to_uppercase(),
        &UNKNOWN.replace('b', "z"),
        &format!("{UNKNOWN}0"),
    ] {
        let upload = upload.uuid(uuid);
        for request in [upload.part(0, "hello"), upload.complete()] {
            request
                .refused((400, 40011056, "invalid invalid x-upyun-multi-uuid"))
                .await
                .map_err(|it| it.at(uuid))?;
        }
    }
    let part = stage(&cx, "a.bin", "upload", "hello").header("X-Upyun-Part-Id", "0");
    part.refused((400, 40011056, "invalid invalid x-upyun-multi-uuid"))
        .await?;
    upload.has_parts(&[]).await
}

case! {
    uuid_unknown: multipart "10", client, codes 40011058;
    "A uuid that no upload has is refused, with the text that clients compare."
}
async fn uuid_unknown(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?.uuid(UNKNOWN);
    let answer = upload
        .part(0, "hello")
        .refused((400, 40011058, "x-upyun-multi-uuid not found"))
        .await?;
    let text = answer.json()?["msg"].as_str().map(str::to_owned);
    same(
        "the text",
        text.as_deref(),
        Some("x-upyun-multi-uuid not found"),
    )?;
    upload
        .complete()
        .refused((400, 40011058, "x-upyun-multi-uuid not found"))
        .await?;
    Ok(())
}

case! {
    not_the_next: multipart "3" multipart "10", client, codes 40011061;
    "An ordered part that is not the next is refused, and the next one told."
}
async fn not_the_next(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 2 * MIB + 5).await?;
    for (id, body) in [(2, vec![b'x'; 5]), (1, vec![b'x'; MIB])] {
        let answer = upload
            .part(id, body)
            .refused((400, 40011061, "part id error"))
            .await?;
        tells(&answer, &upload, "0")?;
        same(
            "the text",
            answer.json()?["msg"].as_str(),
            Some("part id error"),
        )?;
    }
    upload.has_parts(&[]).await
}

case! {
    twice_in_order: multipart "3", client, codes 40011061, tags Slow;
    "An ordered part that is there already is not the next."
}
async fn twice_in_order(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", MIB + 5).await?;
    upload.store(0, vec![b'a'; MIB]).await?;
    let answer = upload
        .part(0, vec![b'b'; MIB])
        .refused((400, 40011061, "part id error"))
        .await?;
    tells(&answer, &upload, "1")?;
    upload.store(1, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    let whole = [vec![b'a'; MIB], b"hello".to_vec()].concat();
    cx.get("a.bin").ok().await?.is_body(whole)?;
    Ok(())
}

case! {
    all_are_there: multipart "3" multipart "10", client, codes 40011062;
    "When all ordered parts are there, another one is refused, and -1 told."
}
async fn all_are_there(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    upload.store(0, "hello").await?;
    for id in [0, 1] {
        let answer = upload
            .part(id, "other")
            .refused((400, 40011062, "part already complete"))
            .await?;
        tells(&answer, &upload, "-1").map_err(|it| it.at(id))?;
        let text = answer.json()?["msg"].as_str().map(str::to_owned);
        same("the text", text.as_deref(), Some("part already complete"))?;
    }
    upload.complete().send().await?.is_status(201)?;
    cx.get("a.bin").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    twice_in_disorder: multipart "3" multipart "10", choice "M-16", codes 40011062;
    "A parallel part that is there already stays as it is."
}
async fn twice_in_disorder(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(0, "hello").await?;
    for body in ["hello", "other"] {
        upload
            .part(0, body)
            .refused((400, 40011062, "part already complete"))
            .await?;
    }
    upload.complete().send().await?.is_status(204)?;
    cx.get("a.bin").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    completed: multipart "3" multipart "10", client, codes 40011059;
    "After completion no part is taken."
}
async fn completed(cx: Context) -> Outcome {
    for (name, upload) in [
        ("a.bin", Upload::ordered(&cx, "a.bin", 5).await?),
        ("b.bin", Upload::disorder(&cx, "b.bin").await?),
    ] {
        upload.store(0, "hello").await?;
        let answer = upload.complete().send().await?;
        holds(answer.status < 300, "a success", answer.status)?;
        let answer = upload
            .part(0, "other")
            .refused((400, 40011059, "file already upload"))
            .await?;
        answer.has("x-upyun-multi-uuid", &upload.uuid)?;
        let text = answer.json()?["msg"].as_str().map(str::to_owned);
        same("the text", text.as_deref(), Some("file already upload"))?;
        cx.get(name).ok().await?.is_body("hello")?;
    }
    Ok(())
}

case! {
    larger_than_a_part: multipart "3" multipart "10", client, codes 40300030, tags Slow;
    "A part above the part size is refused."
}
async fn larger_than_a_part(cx: Context) -> Outcome {
    let body = vec![b'x'; MIB + 1];
    let ordered = Upload::ordered(&cx, "a.bin", 2 * MIB).await?;
    let disorder = Upload::disorder(&cx, "b.bin").await?;
    for upload in [ordered, disorder] {
        let refused = upload
            .part(0, &body)
            .refused((403, 40300030, "wrong content-length header"))
            .await;
        refused.map_err(|it| it.at(&upload.name))?;
        upload.has_parts(&[]).await?;
    }
    Ok(())
}

case! {
    size_does_not_fit: multipart "3", choice "M-13", codes 40300030;
    "Where the length is known, every part has the size that follows from it."
}
async fn size_does_not_fit(cx: Context) -> Outcome {
    let short = Upload::ordered(&cx, "a.bin", 5).await?;
    let long = Upload::ordered(&cx, "b.bin", MIB + 5).await?;
    let begin = initiate_disorder(&cx, "c.bin");
    let begin = begin.header("X-Upyun-Multi-Length", (MIB + 5).to_string());
    let known = Upload::by(&cx, "c.bin", begin).await?;
    for (upload, id, body) in [
        (&short, 0, "hell"),
        (&short, 0, "hello!"),
        (&short, 0, ""),
        (&long, 0, "hello"),
        (&known, 0, "hello"),
        (&known, 1, "hell"),
        (&known, 1, "hello!"),
    ] {
        let refused = upload
            .part(id, body)
            .refused((403, 40300030, "wrong content-length header"))
            .await;
        refused.map_err(|it| it.at(format!("{} {id} {body}", upload.name)))?;
        upload.has_parts(&[]).await?;
    }
    known.store(1, "hello").await?;
    Ok(())
}

case! {
    small_in_disorder: multipart "3", client;
    "Where the length is not known, a small part is taken, wherever it belongs."
}
async fn small_in_disorder(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.store(0, "hello").await?;
    upload.store(7, "world!").await?;
    upload.has_parts(&[(0, 5), (7, 6)]).await
}

case! {
    chunked: multipart "3", choice "M-15", codes 40300030;
    "A part in chunks is taken if its size fits."
}
async fn chunked(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    for body in ["hell", "hello!"] {
        upload
            .part(0, "")
            .chunked(body)
            .refused((403, 40300030, "wrong content-length header"))
            .await?;
        upload.has_parts(&[]).await?;
    }
    upload
        .part(0, "")
        .chunked("hello")
        .send()
        .await?
        .is_status(204)?;
    upload.has_parts(&[(0, 5)]).await
}

case! {
    length_missing: multipart "3", choice "R-13", codes 40300026;
    "A part that says nothing about its length is refused."
}
async fn length_missing(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload
        .part(0, "")
        .without_length()
        .refused((403, 40300026, "need content-length header"))
        .await?;
    upload.has_parts(&[]).await
}

case! {
    two_at_once: multipart "3", choice "M-17", codes 40011061 40011062;
    "Of two requests with one part the first that is whole wins."
}
async fn two_at_once(cx: Context) -> Outcome {
    let ordered = Upload::ordered(&cx, "a.bin", 5).await?;
    let disorder = Upload::disorder(&cx, "b.bin").await?;
    for upload in [ordered, disorder] {
        let mut slow = upload.part(0, "first").to_bytes();
        let rest = slow.split_off(slow.len() - 2);
        let mut connection = cx.connect(&Api::Storage).await?;
        connection.write(slow).await?;
        upload.store(0, "other").await?;
        connection.write(rest).await?;
        connection
            .answer("PUT")
            .await?
            .is_refusal((400, 40011062, "part already complete"))?;
        upload.has_parts(&[(0, 5)]).await?;
        let answer = upload.complete().send().await?;
        holds(answer.status < 300, "a success", answer.status)?;
        cx.get(&upload.name).ok().await?.is_body("other")?;
    }
    Ok(())
}

case! {
    ends_early: multipart "3" rest "3.4", choice "R-22";
    "A part whose body ends early is not stored, and may be sent again."
}
async fn ends_early(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    let mut bytes = upload.part(0, "hello").to_bytes();
    bytes.truncate(bytes.len() - 2);
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(bytes).await?;
    connection.finish_writing().await;
    if let Ok(answer) = connection.answer("PUT").await {
        answer.is_refusal((408, 40800001, "read client request timeout"))?;
    }
    upload.has_parts(&[]).await?;
    upload.store(0, "hello").await?;
    Ok(())
}

case! {
    errors_tell_where_to_go_on: multipart "3", choice "M-18", codes 40000006 40300030 40011051 40001001;
    "Every refusal of an ordered upload tells its uuid and the next part."
}
async fn errors_tell_where_to_go_on(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    for (request, code) in [
        (
            upload.part(0, "hello").header("Content-MD5", md5("other")),
            (400, 40000006, "content md5 not match"),
        ),
        (
            upload.part(0, "hello").header("Content-MD5", "x"),
            (400, 40001001, "wrong content-md5"),
        ),
        (
            upload.part(0, "hell"),
            (403, 40300030, "wrong content-length header"),
        ),
        (
            upload.part("x", "hello"),
            (400, 40011051, "invalid x-upyun-part-id"),
        ),
    ] {
        let answer = request.refused(code).await?;
        tells(&answer, &upload, "0").map_err(|failure| failure.at(code.1))?;
    }
    Ok(())
}
