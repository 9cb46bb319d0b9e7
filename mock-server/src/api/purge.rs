//! Cache refresh: `POST /purge/`.

use std::{collections::BTreeSet, time::Duration};

use axum::{body::Body, response::Response};
use http::{Method, Uri, header, request::Parts};
use serde_json::{Value, json};
use upyun_client::protocol::{
    ErrorCode,
    sign::{Authorization, PurgeSignature},
};

use super::{answer::text_answer, app::App, body::drain, trace::Trace, urlencoded};
use crate::{
    accounts::{Operator, Service},
    auth::{Action, Presented, authorize, check_date, explain, known_operator, presented_text},
    refusal::{Explanation, Refusal},
};

/// URLs of one request (`[choice P-8]`), and of one service in [`WINDOW`] (`[choice P-9]`).
const MOST: usize = 600;
const WINDOW: Duration = Duration::from_secs(60);

/// Serves a request to the purge host; the checks are in the order of `[choice P-10]`.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = carry_out(app, parts, &mut body, trace).await;
    tokio::spawn(drain(body));
    answer
}

async fn carry_out(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    if parts.method != Method::POST {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED)
            .because(format!("Cache refresh has no method {}.", parts.method)));
    }
    let Some(value) = presented_text(&parts.headers, header::AUTHORIZATION.as_str()) else {
        return Err(Refusal::new(ErrorCode::NEED_AUTHORIZATION_HEADER)
            .because(Explanation::new("The request has no Authorization header.").remedy(REMEDY)));
    };
    // Three fields, or the realm is unknown (`[choice P-7]`).
    let Ok((service, operator, signature)) = Authorization::parse_purge(value) else {
        return Err(
            Refusal::new(ErrorCode::UNKNOWN_REALM_IN_AUTHORIZATION_HEADER).because(
                Explanation::new("The Authorization header is not that of cache refresh.")
                    .remedy(REMEDY),
            ),
        );
    };
    trace.operator = Some(operator.to_owned());
    let presented = Presented::of(parts);
    check_date(app.signing_time(), &presented)?;
    let operator = known_operator(&app.accounts, operator)?;
    let service = crate::auth::usable_service(&app.accounts, service)?;
    let fields = urlencoded::fields(app, parts, body, trace).await?;
    let purge = urlencoded::value(&fields, "purge").unwrap_or_default();
    if purge.trim().is_empty() {
        return Err(Refusal::new(ErrorCode::NEED_PURGE_BODY)
            .because("The body is a form with the field purge: URLs, one a line."));
    }
    let right = PurgeSignature {
        purge,
        service: service.name.as_str(),
        date: presented.effective_date().unwrap_or_default(),
    };
    if !right.verify(&operator.key, signature) {
        let why = explain::purge(&app.accounts, &operator, right, signature);
        return Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why));
    }
    authorize(&operator, &service, Action::Write)?;
    refresh(app, &service, &operator, purge)
}

const REMEDY: &str = "it is `UpYun <service>:<operator>:<md5 of purge & service & date & md5 of the \
                      password>`.";

fn refresh(
    app: &App,
    service: &Service,
    operator: &Operator,
    purge: &str,
) -> Result<Response, Refusal> {
    // Empty lines do not count (`[choice P-4]`), invalid ones do (`[choice P-11]`).
    let urls = purge.lines().map(str::trim).filter(|url| !url.is_empty());
    let urls: Vec<&str> = urls.collect();
    if urls.len() > MOST {
        return Err(
            Refusal::new(ErrorCode::PURGE_TOO_MUCH_ITEMS).because(format!(
                "The request has {} URLs; {MOST} are allowed.",
                urls.len()
            )),
        );
    }
    let now = app.clock.now();
    let name = service.name.as_str();
    if !app.purges.count(name, urls.len(), now, MOST, WINDOW) {
        return Err(
            Refusal::new(ErrorCode::PURGE_RATE_EXCEEDED).because(format!(
                "With these {} there would be more than {MOST} URLs of {name} within a minute.",
                urls.len()
            )),
        );
    }
    let mut seen = BTreeSet::new();
    let mut invalid = Vec::new();
    for url in urls {
        // The same URL twice is one (`[choice P-5]`).
        if !seen.insert(url) {
            continue;
        }
        if host_of(url).is_some_and(|host| service.is_read_at(&host)) {
            app.purges.push(now, name, &operator.name, url);
        } else {
            invalid.push(url);
        }
    }
    // Nothing invalid is an empty object, not an empty list.
    let invalid = match invalid.is_empty() {
        true => json!({}),
        false => Value::from(invalid),
    };
    let answer = json!({ "invalid_domain_of_url": invalid });
    Ok(text_answer(answer.to_string(), "application/json"))
}

/// The host of an absolute http or https URL; others are invalid (`[choice P-3]`).
fn host_of(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    // Official clients send keys as they are, so what follows the host may be no URL.
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = format!("http://{authority}/").parse::<Uri>().ok()?;
    host.host().map(str::to_owned)
}
