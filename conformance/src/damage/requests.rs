//! Headers of requests that the service must obey.

use super::{Act, Damage, sign::edit_signed};

/// Shortens entries: a name, a rule, the cases, and a change of some requests.
macro_rules! request {
    ($name:literal, $breaks:literal, $cases:literal, $change:expr) => {
        Damage::new($name, $breaks, $cases, Act::Request($change))
    };
}
pub(super) use request;

pub(super) static DAMAGES: &[Damage] = &[
    request!(
        "upload-loses-the-type",
        "An upload keeps its Content-Type.",
        "rest.put",
        |request, _| if request.uploads() {
            request.headers.remove("content-type");
        }
    ),
    request!(
        "upload-loses-metadata",
        "An upload keeps its metadata.",
        "rest.put",
        |request, _| if request.uploads() {
            request.headers.remove_prefix("x-upyun-meta-");
        }
    ),
    request!(
        "upload-loses-the-secret",
        "A Content-Secret is kept as metadata.",
        "rest.put",
        |request, _| request.headers.remove("content-secret")
    ),
    request!(
        "upload-ignores-content-md5",
        "A body that does not fit its Content-MD5 is refused.",
        "rest.put",
        |request, scene| if request.uploads() && request.headers.has("content-md5") {
            edit_signed(request, scene, |request| {
                request.headers.remove("content-md5")
            });
        }
    ),
    request!(
        "ttl-lost",
        "The ttl of an object is kept and checked.",
        "rest.put",
        |request, _| request.headers.remove("x-upyun-meta-ttl")
    ),
    request!(
        "picture-parameters-lost-on-upload",
        "An upload with picture parameters stores the result.",
        "images.upload",
        |request, _| if request.is("PUT") {
            request.headers.remove_prefix("x-gmkerl-");
        }
    ),
    request!(
        "append-ignored",
        "The retired append mode is refused.",
        "rest.put",
        |request, _| request.headers.remove("x-upyun-append")
    ),
    request!(
        "range-ignored",
        "A range is answered by that part.",
        "rest.get",
        |request, _| request.headers.remove("range")
    ),
    request!(
        "if-none-match-ignored",
        "If-None-Match with the ETag of the object is answered by 304.",
        "rest.get",
        |request, _| request.headers.remove("if-none-match")
    ),
    request!(
        "if-match-ignored",
        "If-Match with another ETag is refused.",
        "rest.get",
        |request, _| request.headers.remove("if-match")
    ),
    request!(
        "if-modified-since-ignored",
        "If-Modified-Since after the last change is answered by 304.",
        "rest.get",
        |request, _| request.headers.remove("if-modified-since")
    ),
    request!(
        "if-unmodified-since-ignored",
        "If-Unmodified-Since before the last change is refused.",
        "rest.get",
        |request, _| request.headers.remove("if-unmodified-since")
    ),
    request!(
        "if-range-ignored",
        "A range counts only if If-Range fits.",
        "rest.get",
        |request, _| request.headers.remove("if-range")
    ),
    request!(
        "folder-header-unchecked",
        "The header folder is true, or the request is refused.",
        "rest.folder",
        |request, _| request.headers.edit("folder", |_| "true".to_owned())
    ),
    request!(
        "kind-ignored",
        "x-upyun-folder restricts a request to files or to folders.",
        "rest.get",
        |request, _| if !request.is("POST") {
            request.headers.remove("x-upyun-folder");
        }
    ),
    request!(
        "async-deletion-at-once",
        "An asynchronous deletion is accepted whatever there is.",
        "rest.delete",
        |request, _| request.headers.remove("x-upyun-async")
    ),
    request!(
        "merge-replaces",
        "Merging metadata keeps the other names.",
        "rest.metadata",
        |request, scene| if request.query() == Some("metadata=merge") {
            edit_signed(request, scene, |request| {
                request.target = format!("{}?metadata=replace", request.path());
            });
        }
    ),
    request!(
        "replacement-merges",
        "Replacing metadata removes the other names.",
        "rest.metadata",
        |request, scene| if request.query() == Some("metadata=replace") {
            edit_signed(request, scene, |request| {
                request.target = format!("{}?metadata=merge", request.path());
            });
        }
    ),
    request!(
        "copy-loses-metadata",
        "A copy has the metadata of its source.",
        "rest.copy-move",
        |request, _| if request.headers.has("x-upyun-copy-source") {
            request.headers.set("X-Upyun-Metadata-Directive", "replace");
        }
    ),
    request!(
        "directive-ignored",
        "X-Upyun-Metadata-Directive decides about the metadata of a copy.",
        "rest.copy-move",
        |request, _| request.headers.remove("x-upyun-metadata-directive")
    ),
    request!(
        "move-copies",
        "A move leaves nothing at the source.",
        "rest.copy-move",
        |request, _| for (name, _) in &mut request.headers.0 {
            if name.eq_ignore_ascii_case("x-upyun-move-source") {
                *name = "X-Upyun-Copy-Source".to_owned();
            }
        }
    ),
    request!(
        "upd-ignored",
        "_upd makes a browser save the object.",
        "cdn",
        |request, _| if request.is_public() {
            request.drop_query_pair("_upd");
        }
    ),
];
