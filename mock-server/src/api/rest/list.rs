//! The list of a folder, a page at a time.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use upyun_client::protocol::{
    ErrorCode, Key, header as names,
    list::{Cursor, ListEntry, to_json, to_text},
};

use crate::{
    api::answer::text_answer,
    auth::presented_text as text,
    refusal::Refusal,
    store::{ListQuery, Order, Service},
};

const DEFAULT_LIMIT: usize = 100;
/// Larger limits become this one (`[choice R-54]`).
const MAX_LIMIT: usize = 10_000;

pub(super) async fn folder(
    headers: &HeaderMap,
    service: &Service,
    key: &Key,
) -> Result<Response, Refusal> {
    let header = |name| text(headers, name);
    let json =
        header(header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("application/json"));
    let query = ListQuery {
        limit: limit(header(names::X_LIST_LIMIT))?,
        order: order(header(names::X_LIST_ORDER))?,
        after: None,
        with_types: json,
    };
    let (entries, next) = match cursor(header(names::X_LIST_ITER))? {
        Some(Cursor::End) => (Vec::new(), None),
        Some(Cursor::After(name)) => {
            page(
                service,
                key,
                ListQuery {
                    after: Some(name),
                    ..query
                },
            )
            .await?
        }
        None => page(service, key, query).await?,
    };
    let next = next.map_or(Cursor::End, Cursor::After);
    let mut answer = if json {
        text_answer(to_json(entries, &next), "application/json")
    } else {
        text_answer(to_text(&entries), "text/plain; charset=utf-8")
    };
    if let Ok(iter) = HeaderValue::from_str(&next.encode()) {
        answer.headers_mut().insert(names::X_UPYUN_LIST_ITER, iter);
    }
    Ok(answer)
}

async fn page(
    service: &Service,
    key: &Key,
    query: ListQuery,
) -> Result<(Vec<ListEntry>, Option<String>), Refusal> {
    let page = service.list(key, query).await?;
    Ok((page.entries, page.next))
}

fn limit(header: Option<&str>) -> Result<usize, Refusal> {
    let Some(text) = header else {
        return Ok(DEFAULT_LIMIT);
    };
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // A number that does not fit is a very large one.
    let limit = if is_number {
        text.parse().unwrap_or(MAX_LIMIT)
    } else {
        0
    };
    if limit == 0 {
        return Err(Refusal::new(ErrorCode::ITER_ARGS_INVALID).because(format!(
            "x-list-limit is {text:?}; it is a number from 1 to {MAX_LIMIT}."
        )));
    }
    Ok(limit.min(MAX_LIMIT))
}

fn order(header: Option<&str>) -> Result<Order, Refusal> {
    match header {
        None | Some("asc") => Ok(Order::Asc),
        Some("desc") => Ok(Order::Desc),
        Some(other) => Err(Refusal::new(ErrorCode::INVALID_LIST_ORDER)
            .because(format!("x-list-order is {other:?}; it is asc or desc."))),
    }
}

fn cursor(header: Option<&str>) -> Result<Option<Cursor>, Refusal> {
    let Some(text) = header else { return Ok(None) };
    Cursor::decode(text).map(Some).ok_or_else(|| {
        Refusal::new(ErrorCode::ITER_ARGS_INVALID).because(format!(
            "x-list-iter {text:?} is no cursor of this service."
        ))
    })
}
