//! The second step.

use super::{LEAST, Step, Upload};
use crate::{Context, Outcome, case::case, wire::sign::md5};

case! {
    any_order: multipart "9", tags Legacy NeedsFormSecret;
    "Blocks come in any order, and each answer tells which are there."
}
async fn any_order(cx: Context) -> Outcome {
    let whole = [vec![b'a'; LEAST], vec![b'b'; LEAST], b"hello".to_vec()].concat();
    let upload = Upload::begin(Step::begin(&cx, "a.bin", &whole, 3)?).await?;
    upload.store(2, b"hello", &[0, 0, 1]).await?;
    upload.store(0, &[b'a'; LEAST], &[1, 0, 1]).await?;
    upload.store(1, &[b'b'; LEAST], &[1, 1, 1]).await?;
    upload.finish().request().ok().await?;
    cx.get("a.bin").ok().await?.is_body(&whole)?;
    Ok(())
}

case! {
    twice: multipart "9", choice "M-46", codes 40000023, tags Legacy NeedsFormSecret;
    "A block that is there already is refused."
}
async fn twice(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 1)?).await?;
    upload.store(0, b"hello", &[1]).await?;
    for block in ["hello", "other"] {
        upload
            .block(0, block.as_bytes())
            .refused((400, 40000023, "block already exists"))
            .await?;
    }
    upload.finish().request().ok().await?;
    cx.get("a.bin").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    hash_differs: multipart "9", choice "M-46", codes 40000006 40000024, tags Legacy NeedsFormSecret;
    "A block that does not fit its block_hash is not kept."
}
async fn hash_differs(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 1)?).await?;
    let block = upload.block(0, b"hello");
    block
        .clone()
        .with("block_hash", md5("other"))
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    upload
        .finish()
        .refused((400, 40000024, "block not finished"))
        .await?;
    block.request().ok().await?;
    Ok(())
}

case! {
    index_out_of_range: multipart "9", choice "M-46", codes 40000026, tags Legacy NeedsFormSecret;
    "Blocks are numbered from 0, below their count."
}
async fn index_out_of_range(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 2)?).await?;
    for index in [2, 1024] {
        upload
            .block(index, b"hello")
            .refused((400, 40000026, "block index out of range"))
            .await?;
    }
    Ok(())
}

case! {
    too_small: multipart "9", codes 40000027, tags Legacy NeedsFormSecret;
    "All blocks but the last have 100 KB."
}
async fn too_small(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 2)?).await?;
    upload
        .block(0, &[b'x'; LEAST - 1])
        .refused((400, 40000027, "block size too small, at least 100KB"))
        .await?;
    upload.store(0, &[b'x'; LEAST], &[1, 0]).await?;
    upload.store(1, b"x", &[1, 1]).await
}

case! {
    too_large: multipart "9", codes 40000028, tags Legacy NeedsFormSecret Slow;
    "No block has more than 5 MB."
}
async fn too_large(cx: Context) -> Outcome {
    let most = 5 * 1024 * 1024;
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 2)?).await?;
    let block = vec![b'x'; most + 1];
    upload
        .block(0, &block)
        .refused((400, 40000028, "block size too large, at most 5MB"))
        .await?;
    upload
        .block(1, &block)
        .refused((400, 40000028, "block size too large, at most 5MB"))
        .await?;
    upload.store(0, &block[1..], &[1, 0]).await
}

case! {
    members_missing: multipart "9", choice "M-46", codes 40000020 40000021 40000022, tags Legacy NeedsFormSecret;
    "Each missing member has a code of its own."
}
async fn members_missing(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 1)?).await?;
    for (name, code) in [
        ("save_token", (400, 40000020, "missing save_token argument")),
        (
            "block_index",
            (400, 40000021, "missing block_index argument"),
        ),
        ("block_hash", (400, 40000022, "missing block_hash argument")),
    ] {
        let block = upload.block(0, b"hello").without(name);
        block.refused(code).await.map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    token_unknown: multipart "9", choice "M-46", codes 40401005, tags Legacy NeedsFormSecret;
    "A token that no upload has is refused, with 404."
}
async fn token_unknown(cx: Context) -> Outcome {
    let upload = Upload::begin(Step::begin(&cx, "a.bin", b"hello", 1)?).await?;
    let token = "0".repeat(32);
    upload
        .block(0, b"hello")
        .with("save_token", &*token)
        .refused((404, 40401005, "Not found, block deleted"))
        .await?;
    upload
        .finish()
        .with("save_token", &*token)
        .refused((404, 40401005, "Not found, block deleted"))
        .await?;
    Ok(())
}
