//! Writes and deletions that are lost or done twice, and reads that are stale.

use super::{Act, Damage, message::Response, scene::read_key};

pub(super) static DAMAGES: &[Damage] = &[
    Damage::new(
        "write-lost",
        "An upload with the status 200 is stored.",
        "rest.put",
        Act::Instead(|request, _| request.uploads().then(|| Response::empty(200))),
    ),
    Damage::new(
        "overwrite-lost",
        "An upload replaces the object of its key.",
        "rest.put",
        Act::Instead(|request, scene| {
            let is_known = scene.memory().uploaded.contains_key(request.path());
            (request.uploads() && is_known).then(|| Response::empty(200))
        }),
    ),
    Damage::new(
        "deletion-lost",
        "A deleted object is gone.",
        "rest.delete",
        Act::Instead(|request, _| request.is("DELETE").then(|| Response::empty(200))),
    ),
    Damage::new(
        "async-deletion-lost",
        "An asynchronous deletion deletes.",
        "rest.delete",
        Act::Instead(|request, _| {
            let is_later = request.is("DELETE") && request.headers.has("x-upyun-async");
            is_later.then(|| Response::empty(200))
        }),
    ),
    Damage::new(
        "deletion-done-twice",
        "A request is executed once.",
        "rest.delete",
        Act::Twice(|request| request.is("DELETE")),
    ),
    Damage::new(
        "folder-not-made",
        "A folder is made.",
        "rest.folder",
        Act::Instead(|request, _| {
            let is_folder = request.headers.get("folder") == Some("true");
            is_folder.then(|| Response::empty(200))
        }),
    ),
    Damage::new(
        "copy-lost",
        "A copy is stored.",
        "rest.copy-move",
        Act::Instead(|request, _| {
            let is_copy = request.headers.has("x-upyun-copy-source");
            is_copy.then(|| Response::empty(200))
        }),
    ),
    Damage::new(
        "metadata-not-deleted",
        "Deleted metadata is gone.",
        "rest.metadata",
        Act::Instead(|request, _| {
            let is_deletion = request.query() == Some("metadata=delete");
            is_deletion.then(|| Response::empty(200))
        }),
    ),
    Damage::new(
        "read-is-stale",
        "A read returns the object as it is now.",
        "rest.put",
        Act::Instead(|request, scene| {
            if !request.is("GET") {
                return None;
            }
            let first = scene.memory().first_reads.get(&read_key(request)).cloned();
            first.filter(|_| request.query().is_none())
        }),
    ),
    Damage::new(
        "usage-is-stale",
        "Usage follows every upload and deletion.",
        "rest.usage",
        Act::Instead(|request, scene| {
            let first = scene.memory().first_reads.get(&read_key(request)).cloned();
            first.filter(|_| request.query() == Some("usage"))
        }),
    ),
    Damage::new(
        "ttl-never-ends",
        "An object is gone after its ttl.",
        "rest.metadata",
        Act::Both(
            |request, _| request.headers.remove("x-upyun-meta-ttl"),
            |request, response, scene| {
                let memory = scene.memory();
                let ttl = memory.uploaded.get(request.path()).cloned().flatten();
                if let (true, true, Some(days)) = (request.reads(), response.is_success(), ttl) {
                    response.headers.set("x-upyun-meta-ttl", days);
                }
            },
        ),
    ),
];
