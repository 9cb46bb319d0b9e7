//! Headers and bodies of responses.

use super::{Act, Damage, message::Request};

/// Shortens entries: a name, a rule, the cases, and a change of the response to some requests.
macro_rules! response {
    ($name:literal, $breaks:literal, $cases:literal, $change:expr) => {
        Damage::new($name, $breaks, $cases, Act::Response($change))
    };
}
pub(super) use response;

fn is_get(request: &Request) -> bool {
    request.is("GET")
}

pub(super) static DAMAGES: &[Damage] = &[
    response!(
        "etag-lost",
        "A download has an ETag.",
        "rest.get",
        |request, response, _| if is_get(request) {
            response.headers.remove("etag");
        }
    ),
    response!(
        "etag-of-another-object",
        "The ETag of an object is the MD5 of its content.",
        "rest.get",
        |request, response, _| if is_get(request) {
            let other = format!("\"{}\"", "0".repeat(32));
            response.headers.edit("etag", |_| other);
        }
    ),
    response!(
        "content-type-lost",
        "A download has the type of the object.",
        "rest.get",
        |request, response, _| if is_get(request) && response.is_success() {
            response.headers.remove("content-type");
        }
    ),
    response!(
        "content-type-generic",
        "The type of an object is the one that was sent or that its extension has.",
        "rest.put",
        |request, response, _| if is_get(request) && response.is_success() {
            let generic = "application/octet-stream";
            response
                .headers
                .edit("content-type", |_| generic.to_owned());
        }
    ),
    response!(
        "last-modified-lost",
        "A download has the time of the last change.",
        "rest.get",
        |_, response, _| response.headers.remove("last-modified")
    ),
    response!(
        "last-modified-wrong",
        "Last-Modified and x-upyun-file-date are the same time.",
        "rest.head",
        |_, response, _| {
            let old = "Wed, 29 Oct 2014 02:26:58 GMT";
            response.headers.edit("last-modified", |_| old.to_owned());
        }
    ),
    response!(
        "accept-ranges-lost",
        "A download says that ranges are possible.",
        "rest.get",
        |_, response, _| response.headers.remove("accept-ranges")
    ),
    response!(
        "content-range-lost",
        "A part of an object says which part it is.",
        "rest.get",
        |_, response, _| response.headers.remove("content-range")
    ),
    response!(
        "content-range-total-wrong",
        "Content-Range ends with the size of the object.",
        "rest.get",
        |_, response, _| response
            .headers
            .edit("content-range", |range| format!("{range}0"))
    ),
    response!(
        "metadata-lost-on-read",
        "A download and an info have the metadata of the object.",
        "rest.metadata",
        |request, response, _| if request.reads() {
            response.headers.remove_prefix("x-upyun-meta-");
        }
    ),
    response!(
        "metadata-value-changed",
        "Metadata has the values that were sent.",
        "rest.metadata",
        |request, response, _| if request.reads() {
            response
                .headers
                .edit_prefix("x-upyun-meta-", |value| format!("{value}x"));
        }
    ),
    response!(
        "error-code-lost",
        "A refusal has X-Error-Code.",
        "rest.get",
        |_, response, _| response.headers.remove("x-error-code")
    ),
    response!(
        "error-body-lost",
        "A refusal has a body that says why.",
        "rest.get",
        |_, response, _| if response.code().is_some() {
            response.body.clear();
        }
    ),
    response!(
        "error-text-lost",
        "The body of a refusal has the text of the error table.",
        "rest.get",
        |_, response, _| if response.code().is_some() {
            response.edit_json(|body| body["msg"] = "".into());
        }
    ),
    response!(
        "error-as-text",
        "The body of a refusal is JSON and says so.",
        "http.refusals",
        |_, response, _| if response.code().is_some() {
            response.headers.set("content-type", "text/plain");
        }
    ),
    response!(
        "request-id-lost",
        "Every response has X-Request-Id.",
        "http",
        |_, response, _| response.headers.remove("x-request-id")
    ),
    response!(
        "request-id-repeated",
        "Every request has an id of its own.",
        "http",
        |_, response, _| response.headers.set("x-request-id", "a".repeat(32))
    ),
    response!(
        "request-id-differs",
        "The id in the body of a refusal is that of X-Request-Id.",
        "rest.get",
        |_, response, _| if response.code().is_some() {
            response.edit_json(|body| body["id"] = "b".repeat(32).into());
        }
    ),
    response!(
        "cors-lost",
        "Pages of any origin may read responses.",
        "rest.cors",
        |_, response, _| response.headers.remove("access-control-allow-origin")
    ),
    response!(
        "cors-headers-hidden",
        "Pages may read the service's own headers.",
        "rest.cors",
        |_, response, _| response.headers.remove("access-control-expose-headers")
    ),
    response!(
        "preflight-methods-lost",
        "A preflight allows the methods of the service.",
        "rest.cors",
        |_, response, _| response.headers.remove("access-control-allow-methods")
    ),
    response!(
        "preflight-headers-lost",
        "A preflight allows the headers that it asks for.",
        "rest.cors",
        |_, response, _| response.headers.remove("access-control-allow-headers")
    ),
    response!(
        "list-cursor-lost",
        "A list has the cursor of the next page.",
        "rest.list",
        |_, response, _| response.headers.remove("x-upyun-list-iter")
    ),
    response!(
        "file-type-lost",
        "An info says whether it is a file or a folder.",
        "rest.head",
        |_, response, _| response.headers.remove("x-upyun-file-type")
    ),
    response!(
        "file-size-lost",
        "The info of a file has its size.",
        "rest.head",
        |_, response, _| response.headers.remove("x-upyun-file-size")
    ),
    response!(
        "file-date-lost",
        "An info has the time of the last change.",
        "rest.head",
        |_, response, _| response.headers.remove("x-upyun-file-date")
    ),
    response!(
        "file-md5-lost",
        "The info of a file has its MD5.",
        "rest.head",
        |_, response, _| response.headers.remove("content-md5")
    ),
    response!(
        "file-size-off-by-one",
        "The size in an info is that of the content.",
        "rest.head",
        |_, response, _| response.add("x-upyun-file-size", 1)
    ),
    response!(
        "file-date-late",
        "The time in an info is that of the last change.",
        "rest.head",
        |_, response, _| response.add("x-upyun-file-date", 3600)
    ),
    response!(
        "folder-as-file",
        "The info of a folder says that it is one.",
        "rest.head",
        |_, response, _| {
            response
                .headers
                .edit("x-upyun-file-type", |_| "file".to_owned());
        }
    ),
    response!(
        "info-has-a-length",
        "The Content-Length of an info is 0.",
        "rest.head",
        |request, response, _| if request.is("HEAD") && response.is_success() {
            response.headers.edit("content-length", |_| "5".to_owned());
        }
    ),
    response!(
        "body-truncated",
        "A download is the whole object.",
        "rest.put",
        |request, response, _| if is_get(request) && response.status == 200 {
            response.body.pop();
        }
    ),
    response!(
        "body-changed",
        "A download is byte by byte what was uploaded.",
        "rest.put",
        |request, response, _| if is_get(request)
            && response.status == 200
            && let Some(first) = response.body.first_mut()
        {
            *first ^= 1;
        }
    ),
    response!(
        "range-ends-early",
        "The last byte of a range belongs to it.",
        "rest.get",
        |_, response, _| if response.status == 206 {
            response.body.pop();
        }
    ),
    response!(
        "usage-doubled",
        "Usage is the sum of the sizes.",
        "rest.usage",
        |request, response, _| if request.query() == Some("usage") {
            let text = String::from_utf8_lossy(&response.body).into_owned();
            if let Ok(bytes) = text.parse::<u64>() {
                response.body = (bytes * 2).to_string().into_bytes();
            }
        }
    ),
    response!(
        "disposition-lost",
        "_upd makes a browser save the object.",
        "cdn",
        |_, response, _| response.headers.remove("content-disposition")
    ),
    response!(
        "service-headers-at-domains",
        "Responses of access domains have no x-upyun headers.",
        "cdn",
        |request, response, _| if request.is_public() {
            response.headers.set("x-upyun-file-type", "file");
        }
    ),
];
