//! What holds of resumable uploads as such.

use std::time::Duration;

use super::{MIB, Upload, initiate};
use crate::{
    Context, Outcome,
    case::case,
    failure::same,
    wire::{Api, sign::md5},
};

const DAY: u64 = 24 * 3600;

case! {
    appears_at_once: multipart "1", choice "M-4", codes 40400001;
    "Until it is completed the object is not there, or is the old one."
}
async fn appears_at_once(cx: Context) -> Outcome {
    cx.put("old.txt", "old").ok().await?;
    let before = cx.snapshot().await?;
    let new = Upload::ordered(&cx, "dir/new.txt", 5).await?;
    let old = Upload::ordered(&cx, "old.txt", 5).await?;
    new.store(0, "hello").await?;
    old.store(0, "hello").await?;
    before.is_unchanged(&cx.snapshot().await?)?;
    cx.get("dir/new.txt")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.get("old.txt").ok().await?.is_body("old")?;
    new.complete().send().await?.is_status(201)?;
    old.complete().send().await?.is_status(204)?;
    cx.get("dir/new.txt").ok().await?.is_body("hello")?;
    cx.get("old.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    several_of_one_key: multipart "1", choice "M-5";
    "One key may have several uploads, and the last to be completed counts."
}
async fn several_of_one_key(cx: Context) -> Outcome {
    let one = Upload::ordered(&cx, "a.txt", 3).await?;
    let two = Upload::disorder(&cx, "a.txt").await?;
    two.store(0, "two").await?;
    one.store(0, "one").await?;
    two.complete().send().await?.is_status(204)?;
    cx.get("a.txt").ok().await?.is_body("two")?;
    one.complete().send().await?.is_status(204)?;
    cx.get("a.txt").ok().await?.is_body("one")?;
    Ok(())
}

case! {
    belongs_to_its_key: multipart "1" multipart "10", choice "M-6", codes 40011058;
    "An upload is unknown at any other key."
}
async fn belongs_to_its_key(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", 5).await?;
    upload.of("b.txt").is_gone().await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    Ok(())
}

case! {
    ends_after_a_day: multipart "1" multipart "10", choice "M-3", codes 40011058, tags NeedsClock;
    "A day after its beginning an upload is gone, whenever its last part came."
}
async fn ends_after_a_day(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.txt").await?;
    cx.advance(Duration::from_secs(DAY - 60))?;
    upload.store(0, "hello").await?;
    cx.advance(Duration::from_secs(120))?;
    upload.is_gone().await?;
    cx.is_missing("a.txt").await
}

case! {
    remembered_for_a_day: multipart "4", choice "M-27", codes 40011059 40011058, tags NeedsClock;
    "A completed upload is remembered as long."
}
async fn remembered_for_a_day(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.txt", 5).await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    cx.advance(Duration::from_secs(DAY - 60))?;
    upload
        .complete()
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.advance(Duration::from_secs(120))?;
    upload.is_gone().await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    not_overwritten_otherwise: multipart "1" multipart "10", codes 40011059;
    "Its object is overwritten by no other kind of upload until it is deleted."
}
async fn not_overwritten_otherwise(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.txt").await?;
    upload.store(0, "hello").await?;
    upload.complete().send().await?.is_status(204)?;
    cx.put("a.txt", "other")
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.post("a.txt", "other")
        .refused((400, 40011059, "file already upload"))
        .await?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    cx.delete("a.txt").ok().await?;
    cx.put("a.txt", "other").ok().await?;
    Ok(())
}

case! {
    pictures_stay: multipart "1", tags Images;
    "Nothing is done to pictures, whatever the headers ask for."
}
async fn pictures_stay(cx: Context) -> Outcome {
    let picture = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
    let begin = initiate(&cx, "a.gif", picture.len());
    let begin = begin.header("X-Upyun-Multi-Type", "image/gif");
    let upload = Upload::by(&cx, "a.gif", begin.header("x-gmkerl-thumb", "/fw/100")).await?;
    upload.store(0, picture).await?;
    let complete = upload.complete().header("x-gmkerl-thumb", "/fw/100");
    let answer = complete.send().await?;
    answer.is_status(201)?.lacks("x-upyun-width")?;
    cx.get("a.gif").ok().await?.is_body(picture)?;
    Ok(())
}

case! {
    parts_at_once: multipart "1", client, tags Slow;
    "Parts of a parallel upload may be sent at the same time."
}
async fn parts_at_once(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    let mut connections = Vec::new();
    for id in 0..3_u8 {
        let size = if id == 2 { 5 } else { MIB };
        let mut bytes = upload.part(id, vec![id; size]).to_bytes();
        let rest = bytes.split_off(bytes.len() - size / 2);
        let mut connection = cx.connect(&Api::Storage).await?;
        connection.write(bytes).await?;
        connections.push((connection, rest));
    }
    for (connection, rest) in connections.iter_mut().rev() {
        connection.write(rest).await?;
        connection.answer("PUT").await?.is_status(204)?;
    }
    let whole = [vec![0; MIB], vec![1; MIB], vec![2; 5]].concat();
    let complete = upload.complete().header("X-Upyun-Multi-Md5", md5(&whole));
    complete.send().await?.is_status(204)?;
    cx.get("a.bin").ok().await?.is_body(whole)?;
    Ok(())
}

case! {
    larger_parts: multipart "1", client, codes 40300030, tags Slow;
    "Parts have the size that was announced, and no other."
}
async fn larger_parts(cx: Context) -> Outcome {
    let begin = initiate(&cx, "a.bin", 2 * MIB + 5);
    let begin = begin.header("X-Upyun-Multi-Part-Size", (2 * MIB).to_string());
    let upload = Upload::by(&cx, "a.bin", begin).await?;
    upload
        .part(0, vec![b'x'; MIB])
        .refused((403, 40300030, "wrong content-length header"))
        .await?;
    upload
        .store(0, vec![b'x'; 2 * MIB])
        .await?
        .has("x-upyun-next-part-id", "1")?;
    upload.store(1, "hello").await?;
    upload.complete().send().await?.is_status(201)?;
    cx.head("a.bin")
        .ok()
        .await?
        .has("x-upyun-file-size", (2 * MIB + 5).to_string())?;
    Ok(())
}

case! {
    by_the_sdk: multipart "1" multipart "3" multipart "4", tags Slow;
    "The SDK uploads in parts, in order and in any order."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    let client = cx.sdk()?;
    let whole = [vec![b'a'; MIB], b"hello".to_vec()].concat();
    for (name, is_ordered) in [("a.bin", true), ("b.bin", false)] {
        let begin = client
            .begin_multipart(cx.key(name))
            .content_type("text/x-own");
        let upload = match is_ordered {
            true => begin.ordered().length(whole.len() as u64).send().await?,
            false => begin.send().await?,
        };
        let parts = [(0, whole[..MIB].to_vec()), (1, b"hello".to_vec())];
        for (id, part) in parts {
            upload.upload(id, part).send().await?;
        }
        same("the parts", upload.parts().send().await?.len(), 2)?;
        upload.complete().send().await?;
        let answer = cx.get(name).ok().await?;
        answer.is_body(&whole)?.has("Content-Type", "text/x-own")?;
    }
    Ok(())
}

case! {
    cancelled_by_the_sdk: multipart "6" multipart "7";
    "The SDK lists what is unfinished, and gives it up."
}
async fn cancelled_by_the_sdk(cx: Context) -> Outcome {
    let client = cx.sdk()?;
    let upload = client.begin_multipart(cx.key("a.bin")).send().await?;
    let unfinished = client
        .unfinished_uploads()
        .prefix(cx.key(""))
        .send()
        .await?;
    same("the unfinished uploads", unfinished.len(), 1)?;
    upload.cancel().send().await?;
    let unfinished = client
        .unfinished_uploads()
        .prefix(cx.key(""))
        .send()
        .await?;
    same("the unfinished uploads", unfinished.len(), 0)
}
