//! What operators and services allow.

use upyun_test_kit::Refusal;

use super::{all_refused, authorized, date};
use crate::{
    Context, Outcome,
    case::case,
    target::fixtures::{self, operator},
    wire::{Request, sign::base64},
};

/// Every operation that reads.
fn reads(cx: &Context) -> [(&'static str, Request); 4] {
    [
        ("download", cx.get("a.txt")),
        ("info", cx.head("a.txt")),
        ("list", cx.get("")),
        (
            "usage",
            cx.request("GET", format!("/{}/?usage", cx.service())),
        ),
    ]
}

/// Every operation that writes, once `a.txt` is there.
fn writes(cx: &Context) -> [(&'static str, Request); 9] {
    let stage = |name| cx.put("c.txt", "").header("X-Upyun-Multi-Stage", name);
    [
        ("upload", cx.put("a.txt", "new")),
        ("folder", cx.make_folder("dir")),
        (
            "metadata",
            cx.patch("a.txt", "merge").header("x-upyun-meta-a", "1"),
        ),
        ("copy", cx.copy("a.txt", "b.txt")),
        (
            "initiate",
            stage("initiate").header("X-Upyun-Multi-Disorder", "true"),
        ),
        (
            "progress",
            cx.get("c.txt").header("X-Upyun-Multi-Info", "true"),
        ),
        ("parts", cx.get("c.txt").header("X-Upyun-Multi-Uuid", "x")),
        (
            "cancel",
            cx.delete("c.txt").header("X-Upyun-Multi-Uuid", "x"),
        ),
        ("move", cx.rename("a.txt", "b.txt")),
    ]
}

async fn refuse(
    requests: impl IntoIterator<Item = (&'static str, Request)>,
    by: &str,
    code: Refusal,
) -> Outcome {
    for (what, request) in requests {
        let refused = request.by(&operator(by)).refused(code).await;
        refused.map_err(|it| it.at(format!("{what} by {by}")))?;
    }
    Ok(())
}

case! {
    to_read: auth "14", tags NeedsControl;
    "The right to read is the one to download, to look, to list and to ask for the usage."
}
async fn to_read(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    for (what, request) in reads(&cx) {
        let read = request.by(&operator(fixtures::READER)).ok().await;
        read.map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    without_the_right_to_read: auth "14", codes 40100017, tags NeedsControl;
    "Who may write or delete may not read."
}
async fn without_the_right_to_read(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    refuse(
        reads(&cx),
        fixtures::WRITER,
        (401, 40100017, "user need permission"),
    )
    .await?;
    refuse(
        reads(&cx),
        fixtures::DELETER,
        (401, 40100017, "user need permission"),
    )
    .await
}

case! {
    to_write: auth "14", tags NeedsControl;
    "The right to write is the one to upload and to make folders."
}
async fn to_write(cx: Context) -> Outcome {
    let writer = operator(fixtures::WRITER);
    cx.put("a.txt", "x").by(&writer).ok().await?;
    cx.put("a.txt", "y").by(&writer).ok().await?;
    cx.make_folder("dir").by(&writer).ok().await?;
    cx.get("a.txt").ok().await?.is_body("y")?;
    Ok(())
}

case! {
    without_the_right_to_write: auth "14", choice "H-1", codes 40100017, tags NeedsControl;
    "Who may read or delete may not upload, make folders, copy, move, change metadata or resume."
}
async fn without_the_right_to_write(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    refuse(
        writes(&cx),
        fixtures::READER,
        (401, 40100017, "user need permission"),
    )
    .await?;
    refuse(
        writes(&cx),
        fixtures::DELETER,
        (401, 40100017, "user need permission"),
    )
    .await
}

case! {
    what_else_writes: auth "14", choice "H-1", tags NeedsControl;
    "Copies, metadata and resumable uploads need the right to write, and no other."
}
async fn what_else_writes(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    for (what, request) in writes(&cx) {
        let answer = request.by(&operator(fixtures::WRITER)).send().await?;
        // That there is no upload to ask about is found out after the rights are checked.
        let wanted = match what {
            "initiate" => 204,
            "move" => 403,
            "progress" => 200,
            "parts" | "cancel" => 400,
            _ => 200,
        };
        answer.is_status(wanted).map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    to_delete: auth "14", tags NeedsControl;
    "The right to delete is enough to delete files and folders."
}
async fn to_delete(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "x").ok().await?;
    let deleter = operator(fixtures::DELETER);
    cx.delete("dir/a.txt").by(&deleter).ok().await?;
    cx.delete("dir").by(&deleter).ok().await?;
    cx.is_missing("dir").await
}

case! {
    without_the_right_to_delete: auth "14", codes 40300011, tags NeedsControl;
    "Who may only read or write may not delete: the one right whose lack is told with 403."
}
async fn without_the_right_to_delete(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "x").ok().await?;
    let deletions = || {
        [
            ("file", cx.delete("dir/a.txt")),
            ("folder", cx.delete("dir")),
        ]
    };
    for by in [fixtures::READER, fixtures::WRITER, fixtures::EDITOR] {
        refuse(
            deletions(),
            by,
            (403, 40300011, "has no permission to delete"),
        )
        .await?;
    }
    Ok(())
}

case! {
    to_move: auth "14", choice "H-1", codes 40300011, tags NeedsControl;
    "To move is to write and to delete."
}
async fn to_move(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let rename = || [("move", cx.rename("a.txt", "b.txt"))];
    refuse(
        rename(),
        fixtures::EDITOR,
        (403, 40300011, "has no permission to delete"),
    )
    .await?;
    cx.rename("a.txt", "b.txt").ok().await?;
    cx.is_missing("a.txt").await
}

case! {
    operator_blocked: auth "14", codes 40100007, tags NeedsControl;
    "An operator that is blocked may nothing, under any scheme."
}
async fn operator_blocked(cx: Context) -> Outcome {
    let blocked = operator(fixtures::BLOCKED_OPERATOR);
    all_refused(&cx, (401, 40100007, "user blocked"), |_, it| {
        it.by(&blocked)
    })
    .await?;
    let pair = base64(format!("{}:{}", blocked.name, blocked.password));
    let value = format!("Basic {pair}");
    all_refused(&cx, (401, 40100007, "user blocked"), |_, it| {
        authorized(it, &date(&cx), &value)
    })
    .await
}

case! {
    operator_blocked_here: auth "14", codes 40100008, tags NeedsControl;
    "An operator that is blocked in one service may nothing there, but all elsewhere."
}
async fn operator_blocked_here(cx: Context) -> Outcome {
    let blocked = operator(fixtures::BLOCKED_HERE);
    all_refused(
        &cx,
        (401, 40100008, "user blocked in this bucket"),
        |_, it| it.by(&blocked),
    )
    .await?;
    let root = format!("/{}/", fixtures::SECOND);
    cx.request("GET", root).by(&blocked).ok().await?;
    Ok(())
}

case! {
    operator_of_another_service: auth "14", codes 40100017, tags NeedsControl;
    "An operator that is not granted on a service may nothing there."
}
async fn operator_of_another_service(cx: Context) -> Outcome {
    let stranger = operator(fixtures::STRANGER);
    all_refused(&cx, (401, 40100017, "user need permission"), |_, it| {
        it.by(&stranger)
    })
    .await?;
    let root = format!("/{}/", fixtures::SECOND);
    cx.request("GET", root).by(&stranger).ok().await?;
    Ok(())
}

/// The four operations on a service.
fn on(cx: &Context, service: &str) -> [(&'static str, Request); 4] {
    let request = |method| cx.request(method, format!("/{service}{}", cx.key("a.txt")));
    [
        ("read", request("GET")),
        ("look", request("HEAD")),
        ("upload", request("PUT").body("x")),
        ("delete", request("DELETE")),
    ]
}

async fn refuse_on(cx: &Context, service: &str, code: Refusal) -> Outcome {
    for (what, request) in on(cx, service) {
        request.refused(code).await.map_err(|it| it.at(what))?;
    }
    Ok(())
}

case! {
    service_unknown: auth "14", codes 40100012;
    "A service that does not exist is refused."
}
async fn service_unknown(cx: Context) -> Outcome {
    let name = format!("no-such-service-{}", cx.unix());
    refuse_on(&cx, &name, (401, 40100012, "bucket not exist")).await
}

case! {
    service_blocked: auth "14", codes 40100013, tags NeedsControl;
    "A service that is blocked is refused."
}
async fn service_blocked(cx: Context) -> Outcome {
    refuse_on(&cx, fixtures::BLOCKED, (401, 40100013, "bucket blocked")).await
}

case! {
    service_removed: auth "14", codes 40100014, tags NeedsControl;
    "A service that was deleted is refused."
}
async fn service_removed(cx: Context) -> Outcome {
    refuse_on(&cx, fixtures::REMOVED, (401, 40100014, "bucket removed")).await
}

case! {
    service_read_only: auth "14", codes 40100015 40400001, tags NeedsControl;
    "A service can be closed for writing and deleting, and still be read."
}
async fn service_read_only(cx: Context) -> Outcome {
    for (what, request) in on(&cx, fixtures::READ_ONLY) {
        let code = match what {
            "upload" | "delete" => (401, 40100015, "bucket read only"),
            _ => (404, 40400001, "file or directory not found"),
        };
        request.refused(code).await.map_err(|it| it.at(what))?;
    }
    let path = format!("/{}{}", fixtures::READ_ONLY, cx.key("a.txt"));
    let write = |method, header| cx.request(method, &path).header(header, &path);
    for (what, request) in [
        ("folder", cx.request("POST", &path).header("folder", "true")),
        ("metadata", write("PATCH", "x-upyun-meta-a")),
        ("copy", write("PUT", "X-Upyun-Copy-Source")),
        ("move", write("PUT", "X-Upyun-Move-Source")),
    ] {
        let refused = request.refused((401, 40100015, "bucket read only")).await;
        refused.map_err(|it| it.at(what))?;
    }
    let root = format!("/{}/", fixtures::READ_ONLY);
    cx.request("GET", &root).ok().await?;
    Ok(())
}
