//! `X-Upyun-Multi-Stage`: begin, send a part, complete, or several of these in one request.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use upyun_client::protocol::{
    ErrorCode, Key, Md5Digest, header as names, list::DEFAULT_CONTENT_TYPE,
};

use super::{MAX_PARTS, named, number, part, refuse, state};
use crate::{
    api::{metadata::Metadata, rest::call::Call},
    refusal::Refusal,
    store::{Announced, Multipart, Service},
};

const MIB: u64 = 1024 * 1024;
/// By later documentation 50 MiB, but upx sends more (`[choice M-2]`).
const MAX_PART_BYTES: u64 = 100 * MIB;

/// Which stages a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stages {
    initiate: bool,
    upload: bool,
    complete: bool,
}

impl Stages {
    /// Names joined by commas in this order; blanks are accepted (`[choice M-7]`).
    fn parse(text: &str) -> Option<Self> {
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        let (initiate, upload, complete) = match names[..] {
            ["initiate"] => (true, false, false),
            ["upload"] => (false, true, false),
            ["complete"] => (false, false, true),
            ["initiate", "upload"] => (true, true, false),
            ["upload", "complete"] => (false, true, true),
            ["initiate", "upload", "complete"] => (true, true, true),
            _ => return None,
        };
        Some(Self {
            initiate,
            upload,
            complete,
        })
    }
}

pub(super) async fn put(
    mut call: Call<'_>,
    service: &Service,
    key: &Key,
) -> Result<Response, Refusal> {
    let text = call.header(names::X_UPYUN_MULTI_STAGE).unwrap_or_default();
    let stages = Stages::parse(text).ok_or_else(|| {
        Refusal::new(ErrorCode::INVALID_MULTIPART_STAGE).because(format!(
            "X-Upyun-Multi-Stage is {text:?}; it is initiate, upload, complete, or neighbours of \
             these joined by commas."
        ))
    })?;
    if call.path.has_trailing_slash() {
        return Err(Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE)
            .because("The path of an upload ends in a slash, which only folders may."));
    }
    let upload = match stages.initiate {
        true => service.initiate(key, announced(&call)?)?,
        false => named(&call, service, key)?,
    };
    let done = carry_out(&mut call, stages, service, &upload).await;
    match done {
        Ok(answer) => Ok(answer),
        Err(refusal) if stages.initiate => {
            // Nobody was told of the upload ([choice M-12]).
            let _ = service.cancel(&upload).await;
            Err(refusal)
        }
        Err(refusal) => {
            let headers = state(&upload).into_iter();
            Err(headers.fold(refusal, |refusal, (name, value)| {
                refusal.header(name, value)
            }))
        }
    }
}

async fn carry_out(
    call: &mut Call<'_>,
    stages: Stages,
    service: &Service,
    upload: &Arc<Multipart>,
) -> Result<Response, Refusal> {
    if stages.upload {
        // A part beside initiate is the first, whether or not it says so ([choice M-11]).
        let id = match call.header(names::X_UPYUN_PART_ID) {
            None if stages.initiate => 0,
            text => part::id(text, upload)?,
        };
        // An object without content has no parts, but a request for it may look as if it had one.
        let is_empty = (stages.initiate || stages.complete) && upload.announced.length == Some(0);
        if !is_empty {
            part::receive(call, service, upload, id).await?;
        }
    }
    if !stages.complete {
        return Ok(answer(StatusCode::NO_CONTENT, upload));
    }
    let md5 = whole_md5(call)?;
    let metadata = Metadata(upload.announced.meta.clone());
    let expires_at = metadata.expires_at(call.app.clock.unix());
    let completed = service
        .complete(upload, md5, expires_at)
        .await
        .map_err(|error| refuse(error, upload))?;
    let is_new = upload.announced.ordered && !completed.replaced;
    let status = match is_new {
        true => StatusCode::CREATED,
        // What OpenDAL expects of a parallel upload, also of a new key ([choice M-19]).
        false => StatusCode::NO_CONTENT,
    };
    let mut answer = answer(status, upload);
    answer.headers_mut().remove(names::X_UPYUN_NEXT_PART_ID);
    answer.headers_mut().remove(names::X_UPYUN_NEXT_PART_SIZE);
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", completed.md5)) {
        answer.headers_mut().insert(header::ETAG, etag);
    }
    Ok(answer)
}

fn answer(status: StatusCode, upload: &Multipart) -> Response {
    let mut answer = Response::default();
    *answer.status_mut() = status;
    answer.headers_mut().extend(state(upload));
    answer
}

/// What initiate says of the object to be.
fn announced(call: &Call<'_>) -> Result<Announced, Refusal> {
    let ordered = !call
        .header(names::X_UPYUN_MULTI_DISORDER)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let part_size = part_size(call.header(names::X_UPYUN_MULTI_PART_SIZE))?;
    let limit = call.app.settings.limits.max_object_bytes;
    let length = length(
        call.header(names::X_UPYUN_MULTI_LENGTH),
        ordered,
        part_size,
        limit,
    )?;
    let content_type = call
        .header(names::X_UPYUN_MULTI_TYPE)
        .unwrap_or(DEFAULT_CONTENT_TYPE);
    let is_type = content_type
        .split_once('/')
        .is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    if !is_type {
        return Err(Refusal::new(ErrorCode::INVALID_MULTI_TYPE).because(format!(
            "X-Upyun-Multi-Type is {content_type:?}; it is a MIME type like image/png."
        )));
    }
    Ok(Announced {
        ordered,
        length,
        part_size,
        content_type: content_type.to_owned(),
        meta: Metadata::of(call.headers())?.0,
    })
}

fn part_size(text: Option<&str>) -> Result<u64, Refusal> {
    let Some(text) = text else { return Ok(MIB) };
    number(text)
        .filter(|size| (MIB..=MAX_PART_BYTES).contains(size) && size.is_multiple_of(MIB))
        .ok_or_else(|| {
            Refusal::new(ErrorCode::INVALID_PART_SIZE).because(format!(
                "X-Upyun-Multi-Part-Size is {text:?}; it is a multiple of 1 MiB, at most 100 MiB."
            ))
        })
}

fn length(
    text: Option<&str>,
    ordered: bool,
    part_size: u64,
    limit: u64,
) -> Result<Option<u64>, Refusal> {
    let wrong = |why: String| Err(Refusal::new(ErrorCode::INVALID_MULTI_LENGTH).because(why));
    let Some(text) = text else {
        return match ordered {
            true => wrong("An ordered upload says X-Upyun-Multi-Length when it begins.".into()),
            false => Ok(None),
        };
    };
    match number(text) {
        None => wrong(format!(
            "X-Upyun-Multi-Length is {text:?}; it is a number of bytes."
        )),
        Some(length) if length > limit => wrong(format!(
            "The object would have {length} bytes; {limit} are allowed."
        )),
        Some(length) if length.div_ceil(part_size) > MAX_PARTS => wrong(format!(
            "{length} bytes in parts of {part_size} are more than {MAX_PARTS} parts; larger parts \
             help."
        )),
        length => Ok(length),
    }
}

fn whole_md5(call: &Call<'_>) -> Result<Option<Md5Digest>, Refusal> {
    let Some(text) = call.header(names::X_UPYUN_MULTI_MD5) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        Refusal::new(ErrorCode::FILE_MD5_NOT_MATCH).because(format!(
            "X-Upyun-Multi-MD5 is {text:?}; it is 32 hex digits."
        ))
    })
}

/// Reads a text as each of the headers that have a grammar.
#[cfg(feature = "fuzzing")]
pub(in crate::api) fn try_headers(text: &str) {
    let _ = Stages::parse(text);
    let _ = part_size(Some(text));
    let _ = number(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<(bool, bool, bool)>) {
        let stages = Stages::parse(text).map(|it| (it.initiate, it.upload, it.complete));
        assert_eq!(stages, want, "{text:?}");
    }

    #[test]
    fn stages_are_neighbours_in_order() {
        check("initiate", Some((true, false, false)));
        check("upload", Some((false, true, false)));
        check("complete", Some((false, false, true)));
        check("initiate, upload", Some((true, true, false)));
        check("upload,complete", Some((false, true, true)));
        check("initiate,upload,complete", Some((true, true, true)));
        for wrong in [
            "",
            "initate",
            "initiate,complete",
            "upload,initiate",
            "upload,upload",
        ] {
            check(wrong, None);
        }
    }
}
