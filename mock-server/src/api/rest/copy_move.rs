//! Copy and move: PUT with the header that names the source.

use axum::response::Response;
use http::HeaderValue;
use upyun_client::protocol::{Directive, ErrorCode, Key, header as names, path::RequestPath};

use super::call::Call;
use crate::{
    api::{
        answer::ok,
        content::stored_headers,
        metadata::{Metadata, change_metadata},
    },
    auth::Action,
    refusal::Refusal,
    store::Attributes,
};

pub(super) async fn put(call: Call<'_>) -> Result<Response, Refusal> {
    let copy = call.headers().get(names::X_UPYUN_COPY_SOURCE);
    let moved = call.headers().get(names::X_UPYUN_MOVE_SOURCE);
    let action = if moved.is_some() {
        Action::Move
    } else {
        Action::Write
    };
    let (service, target) = call.admit(action)?;
    if target.is_root() || call.path.has_trailing_slash() {
        return Err(Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE)
            .because("The destination of a copy or move is a file, not a folder."));
    }
    let source = match (copy, moved) {
        (Some(source), None) | (None, Some(source)) => source_key(&call, source)?,
        _ => {
            return Err(wrong_source(
                "X-Upyun-Copy-Source and X-Upyun-Move-Source are both there",
            ));
        }
    };
    if source == target {
        return Err(Refusal::new(ErrorCode::SOURCE_KEY_EQUALS_TARGET_KEY)
            .because(format!("{source} would be copied to itself.")));
    }
    let directive = directive(call.header(names::X_UPYUN_METADATA_DIRECTIVE))?;
    let change = match directive {
        Directive::Copy => Metadata::default(),
        Directive::Delete => Metadata::names_of(call.headers())?,
        Directive::Merge | Directive::Replace => Metadata::of(call.headers())?,
    };
    let now = call.app.clock.unix();
    let change =
        move |attributes: &mut Attributes| change_metadata(attributes, directive, &change, now);
    let info = if moved.is_some() {
        service.rename(&source, &target, change).await?
    } else {
        service.copy(&source, &target, change).await?
    };
    let mut answer = ok();
    // Whatever `fidelity.put_answer` says ([choice R-92]).
    stored_headers(&info, answer.headers_mut());
    Ok(answer)
}

/// The source is `/<service>/<key>`, percent-encoded or raw UTF-8, the first slash optional
/// (`[choice R-70]`).
fn source_key(call: &Call<'_>, source: &HeaderValue) -> Result<Key, Refusal> {
    let bytes = source.as_bytes().trim_ascii();
    let path = [b"/", bytes.strip_prefix(b"/").unwrap_or(bytes)].concat();
    let path = RequestPath::parse(&path).map_err(|error| wrong_source(&error.to_string()))?;
    if path.service() != call.path.service() {
        return Err(
            Refusal::new(ErrorCode::SOURCE_BUCKET_NOT_EQUAL_TARGET_BUCKET).because(format!(
                "The source is in the service {:?}, the destination in {:?}; the source is written \
             /<service>/<key>.",
                path.service(),
                call.path.service()
            )),
        );
    }
    let key = path
        .key()
        .map_err(|error| wrong_source(&error.to_string()))?;
    if key.is_root() {
        return Err(wrong_source("the source names a service without a key"));
    }
    Ok(key)
}

fn wrong_source(why: &str) -> Refusal {
    Refusal::new(ErrorCode::SOURCE_KEY_WRONG).because(format!("The source cannot be used: {why}."))
}

fn directive(header: Option<&str>) -> Result<Directive, Refusal> {
    header.map_or(Ok(Directive::Copy), |word| {
        word.to_ascii_lowercase().parse().map_err(|error| {
            Refusal::new(ErrorCode::WRONG_METADATA_DIRECTIVE)
                .because(format!("X-Upyun-Metadata-Directive is {word:?}: {error}."))
        })
    })
}
