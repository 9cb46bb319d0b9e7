//! Resumable uploads.

use super::{
    Act, Damage,
    message::{Request, Response},
    requests::request,
    responses::response,
};

fn is_part(request: &Request) -> bool {
    request.has_stage("upload")
}

pub(super) static DAMAGES: &[Damage] = &[
    request!(
        "any-part-size-accepted",
        "A part size is a multiple of 1 MiB.",
        "multipart.initiate",
        |request, _| request.headers.edit("x-upyun-multi-part-size", |size| {
            let mib = 1024 * 1024;
            match size.parse::<u64>() {
                Ok(size) if size % mib != 0 => mib.to_string(),
                _ => size.to_owned(),
            }
        })
    ),
    request!(
        "whole-md5-ignored",
        "X-Upyun-Multi-MD5 must fit the whole object.",
        "multipart.complete",
        |request, _| request.headers.remove("x-upyun-multi-md5")
    ),
    request!(
        "initiation-loses-metadata",
        "The object has the metadata of the initiation.",
        "multipart.initiate",
        |request, _| if request.has_stage("initiate") {
            request.headers.remove_prefix("x-upyun-meta-");
        }
    ),
    request!(
        "initiation-loses-the-type",
        "The object has the X-Upyun-Multi-Type of the initiation.",
        "multipart.initiate",
        |request, _| request.headers.remove("x-upyun-multi-type")
    ),
    request!(
        "initiation-loses-the-secret",
        "The object has the Content-Secret of the initiation.",
        "multipart.initiate",
        |request, _| request.headers.remove("content-secret")
    ),
    request!(
        "disorder-ignored",
        "X-Upyun-Multi-Disorder allows parts in any order.",
        "multipart.upload",
        |request, _| request.headers.remove("x-upyun-multi-disorder")
    ),
    request!(
        "length-ignored",
        "X-Upyun-Multi-Length is the size of the whole.",
        "multipart.upload",
        |request, _| if !request.headers.has("x-upyun-multi-disorder") {
            request
                .headers
                .edit("x-upyun-multi-length", |_| "104857600".to_owned());
        }
    ),
    request!(
        "in-progress-ignored",
        "X-Upyun-Multi-In-Progress asks about the unfinished upload.",
        "multipart.in-progress",
        |request, _| request.headers.remove("x-upyun-multi-in-progress")
    ),
    response!(
        "any-part-is-next",
        "Parts of an ordered upload come one after the other.",
        "multipart.upload",
        |_, response, _| response.accept(40_011_061, 204)
    ),
    response!(
        "part-accepted-twice",
        "A part that is stored is not accepted again.",
        "multipart.upload",
        |_, response, _| response.accept(40_011_062, 204)
    ),
    response!(
        "gap-completed",
        "An upload with a missing part is not completed.",
        "multipart.complete",
        |_, response, _| response.accept(40_001_037, 201)
    ),
    response!(
        "unknown-upload-accepted",
        "An upload is gone after a day.",
        "multipart.model",
        |_, response, _| response.accept(40_011_058, 204)
    ),
    response!(
        "next-part-id-wrong",
        "A response has the id of the next part.",
        "multipart.upload",
        |_, response, _| response.add("x-upyun-next-part-id", 1)
    ),
    response!(
        "upload-id-lost",
        "An initiation returns the id of the upload.",
        "multipart.initiate",
        |_, response, _| response.headers.remove("x-upyun-multi-uuid")
    ),
    response!(
        "completion-without-content",
        "A completion has the status 201 or 204, as the key was new or known.",
        "multipart.complete",
        |_, response, _| if response.status == 201 {
            response.status = 204;
        }
    ),
    response!(
        "part-list-hides-a-part",
        "The parts of an upload are listed.",
        "multipart.parts",
        |_, response, _| response.edit_json(|list| {
            if let Some(parts) = list["parts"].as_array_mut() {
                parts.pop();
            }
        })
    ),
    response!(
        "upload-list-hides-an-upload",
        "The unfinished uploads of a service are listed.",
        "multipart.list",
        |_, response, _| response.edit_json(|list| {
            if let Some(files) = list["files"].as_array_mut() {
                files.pop();
            }
        })
    ),
    Damage::new(
        "part-lost",
        "A part with the status 204 is stored.",
        "multipart.parts",
        Act::Instead(|request, _| is_part(request).then(|| Response::empty(204))),
    ),
    Damage::new(
        "part-stored-twice",
        "A request is executed once.",
        "multipart.upload",
        Act::Twice(is_part),
    ),
    Damage::new(
        "cancellation-lost",
        "A cancelled upload is gone.",
        "multipart.cancel",
        Act::Instead(|request, _| {
            let is_upload = request.headers.has("x-upyun-multi-uuid");
            (request.is("DELETE") && is_upload).then(|| Response::empty(204))
        }),
    ),
];
