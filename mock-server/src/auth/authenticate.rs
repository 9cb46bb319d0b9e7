//! Who asks: the checks of the signature, in the protocol's order.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use upyun_client::protocol::{
    ErrorCode, PasswordMd5, date,
    sign::{Authorization, AuthorizationError, HeaderSignature, LegacySignature},
};

use super::{Presented, explain};
use crate::{
    accounts::{Accounts, Operator},
    clock::unix_seconds,
    refusal::Explanation,
    refusal::Refusal,
};

/// How far a request's date may be off, in either direction, inclusive (`[choice A-8]`).
pub(crate) const WINDOW: Duration = Duration::from_secs(1800);

/// Finds the operator whose signature the request carries.
///
/// # Errors
/// The refusals 1 to 10b of the protocol's order of checks, with an explanation.
pub(crate) fn authenticate(
    accounts: &Accounts,
    now: SystemTime,
    request: &Presented<'_>,
) -> Result<Arc<Operator>, Refusal> {
    let Some(value) = request.authorization else {
        return Err(Refusal::new(ErrorCode::NEED_AUTHORIZATION_HEADER).because(
            Explanation::new("The request has no Authorization header.").remedy(
                "sign it: `Authorization: UPYUN <operator>:<signature>`; `upyun-mock sign` shows how.",
            ),
        ));
    };
    let authorization = Authorization::parse(value).map_err(malformed)?;
    match &authorization {
        Authorization::Basic { .. } => {}
        Authorization::Hmac { .. } if request.is_token() => check_token(now, request)?,
        Authorization::Hmac { .. } | Authorization::Md5 { .. } => check_date(now, request)?,
    }
    let operator = known_operator(accounts, authorization.operator())?;
    match &authorization {
        Authorization::Basic { password, .. } => {
            if PasswordMd5::of(password) != operator.key {
                let explanation = explain::basic(accounts, &operator, password);
                return Err(Refusal::new(ErrorCode::USER_PASSWORD_ERROR).because(explanation));
            }
        }
        Authorization::Hmac { signature, .. } if request.is_token() => {
            if !request.token().verify(&operator.key, signature) {
                return Err(signature_error(explain::delegated(
                    accounts, &operator, request, signature,
                )));
            }
        }
        Authorization::Hmac { signature, .. } => {
            if !header_signature_fits(&operator.key, request, signature) {
                return Err(signature_error(explain::header(
                    accounts, &operator, request, signature,
                )));
            }
        }
        Authorization::Md5 { signature, .. } => {
            if !legacy_signature_fits(&operator.key, request, signature) {
                return Err(signature_error(explain::legacy(
                    accounts, &operator, request, signature,
                )));
            }
        }
    }
    Ok(operator)
}

/// The operator of this name, if it may be used at all.
pub(crate) fn known_operator(accounts: &Accounts, name: &str) -> Result<Arc<Operator>, Refusal> {
    let operator = accounts.operator(name).ok_or_else(|| {
        let known = accounts.operators();
        let known: Vec<&str> = known.iter().map(|operator| &*operator.name).collect();
        Refusal::new(ErrorCode::USER_NOT_EXISTS).because(
            Explanation::new(format!(
                "No operator is called {name:?}; this server knows {known:?}."
            ))
            .remedy("start it with `--operator NAME:PASSWORD`, or use one that it knows."),
        )
    })?;
    if operator.is_blocked {
        let why = format!("The operator {name} is blocked in this server's settings.");
        return Err(Refusal::new(ErrorCode::USER_BLOCKED).because(why));
    }
    Ok(operator)
}

pub(super) fn malformed(error: AuthorizationError) -> Refusal {
    let code = match error {
        AuthorizationError::UnknownScheme => ErrorCode::UNKNOWN_REALM_IN_AUTHORIZATION_HEADER,
        AuthorizationError::MalformedCredential => ErrorCode::SIGNATURE_ERROR,
    };
    Refusal::new(code).because(
        Explanation::new(format!("The Authorization header cannot be read: {error}.")).remedy(
            "it is `UPYUN <operator>:<signature>` or `Basic <base64 of operator:password>`.",
        ),
    )
}

fn signature_error(explanation: Explanation) -> Refusal {
    Refusal::new(ErrorCode::SIGNATURE_ERROR).because(explanation)
}

pub(crate) fn check_date(now: SystemTime, request: &Presented<'_>) -> Result<(), Refusal> {
    let Some(text) = request.effective_date() else {
        return Err(Refusal::new(ErrorCode::NEED_DATE_HEADER).because(
            Explanation::new("The request has neither a Date nor an X-Date header.")
                .remedy("send the date that was signed; programs in browsers send X-Date."),
        ));
    };
    let Some(then) = date::parse(text) else {
        return Err(
            Refusal::new(ErrorCode::INVALID_DATE_VALUE_IN_HEADER).because(
                Explanation::new(format!("The date {text:?} cannot be read.")).remedy(format!(
                    "write it like {:?}, always in GMT.",
                    date::format(now)
                )),
            ),
        );
    };
    // Dates on the wire have whole seconds, so now is compared without its fraction.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(unix_seconds(now));
    let (off, direction) = match now.duration_since(then) {
        Ok(behind) => (behind, "behind"),
        Err(ahead) => (ahead.duration(), "ahead of"),
    };
    if off > WINDOW {
        return Err(Refusal::new(ErrorCode::DATE_OFFSET_ERROR).because(
            Explanation::new(format!(
                "The client's date {text:?} is {} {direction} the server's {:?}; 30 minutes are \
                 allowed.",
                in_words(off),
                date::format(now)
            ))
            .remedy("set the client's clock, or sign right before sending; dates are in GMT."),
        ));
    }
    Ok(())
}

fn check_token(now: SystemTime, request: &Presented<'_>) -> Result<(), Refusal> {
    let now = unix_seconds(now);
    let expire = request.expire.and_then(|expire| expire.parse::<u64>().ok());
    if expire.is_none_or(|expire| expire < now) {
        return Err(Refusal::new(ErrorCode::EXPIRE_ERROR).because(
            Explanation::new(format!(
                "X-Upyun-Expire is {:?}; it must be Unix seconds not before {now}.",
                request.expire.unwrap_or("missing")
            ))
            .remedy("make a new token."),
        ));
    }
    for (part, fits, code, what) in [
        (
            request.uri_prefix,
            request
                .uri_prefix
                .is_none_or(|prefix| request.path.starts_with(prefix)),
            ErrorCode::URI_PREFIX_ERROR,
            "begin with X-Upyun-Uri-Prefix",
        ),
        (
            request.uri_postfix,
            request
                .uri_postfix
                .is_none_or(|postfix| request.path.ends_with(postfix)),
            ErrorCode::URI_POSTFIX_ERROR,
            "end with X-Upyun-Uri-Postfix",
        ),
    ] {
        if !fits {
            return Err(Refusal::new(code).because(format!(
                "The path {:?} as sent does not {what} {:?}.",
                request.path,
                part.unwrap_or_default()
            )));
        }
    }
    Ok(())
}

/// The signature may cover path and query as sent or the path alone; no other variation.
fn header_signature_fits(key: &PasswordMd5, request: &Presented<'_>, given: &str) -> bool {
    let fits = |uri: &str| {
        let signed = HeaderSignature {
            method: request.method,
            uri,
            date: request.effective_date().unwrap_or_default(),
            content_md5: request.content_md5,
        };
        signed.verify(key, given)
    };
    fits(request.path) || request.query.is_some() && fits(&request.path_and_query())
}

fn legacy_signature_fits(key: &PasswordMd5, request: &Presented<'_>, given: &str) -> bool {
    let fits = |uri: &str| {
        let signed = LegacySignature {
            method: request.method,
            uri,
            date: request.effective_date().unwrap_or_default(),
            content_length: request.content_length,
        };
        signed.verify(key, given)
    };
    fits(request.path) || request.query.is_some() && fits(&request.path_and_query())
}

fn in_words(off: Duration) -> String {
    let minutes = off.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours and {} minutes", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / 1440),
    }
}
