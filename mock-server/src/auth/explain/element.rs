//! The elements of a string-to-sign, each as it should be and as people get it wrong.

use std::time::Duration;

use upyun_client::protocol::{Md5Digest, date, path};

use super::Presented;
use crate::accounts::{Accounts, Operator};

/// One way in which an element may have been signed.
#[derive(Clone, Debug)]
pub(super) struct Variant<T> {
    pub(super) value: T,
    /// `None` for the right one.
    pub(super) mistake: Option<Mistake>,
}

/// What went wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) cause: String,
    pub(super) remedy: &'static str,
}

fn right<T>(value: T) -> Variant<T> {
    Variant {
        value,
        mistake: None,
    }
}

pub(super) fn wrong<T>(value: T, cause: impl Into<String>, remedy: &'static str) -> Variant<T> {
    Variant {
        value,
        mistake: Some(Mistake {
            cause: cause.into(),
            remedy,
        }),
    }
}

/// Keys of the HMAC, and last elements of the legacy strings.
pub(super) fn keys(accounts: &Accounts, operator: &Operator) -> Vec<Variant<String>> {
    const MD5: &str = "the key is the lower-case hex MD5 of the password.";
    const PAIR: &str = "use the operator and the password that belong together.";
    let md5 = operator.key.reveal();
    let mut keys = vec![
        right(md5.to_owned()),
        wrong(
            md5.to_uppercase(),
            "The key is the MD5 of the password in upper case.",
            MD5,
        ),
        wrong(
            Md5Digest::of(md5).to_string(),
            "The password was MD5ed twice: the client expects the plain password and was given its \
             MD5.",
            "give the client the plain password, or use its option for an MD5.",
        ),
    ];
    if let Some(password) = &operator.password {
        let plain = password.reveal().to_owned();
        keys.push(wrong(
            plain,
            "The key is the plain password, not its MD5.",
            MD5,
        ));
    }
    for other in accounts.operators() {
        if other.name != operator.name {
            keys.push(wrong(
                other.key.reveal().to_owned(),
                format!("The password is that of the operator {}.", other.name),
                PAIR,
            ));
        }
    }
    keys
}

pub(super) fn methods(request: &Presented<'_>) -> Vec<Variant<String>> {
    let mut methods = vec![
        right(request.method.to_owned()),
        wrong(
            request.method.to_lowercase(),
            "The method was signed in lower case.",
            "sign it in upper case.",
        ),
    ];
    for other in ["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH"] {
        if other != request.method {
            methods.push(wrong(
                other.to_owned(),
                format!("{other} was signed, but {} was sent.", request.method),
                "sign the method that is sent.",
            ));
        }
    }
    methods
}

pub(super) fn uris(accounts: &Accounts, request: &Presented<'_>) -> Vec<Variant<String>> {
    const AS_SENT: &str = "sign the path exactly as it stands in the request line.";
    let mut uris = vec![right(request.path_and_query())];
    let mut add = |uri: String, cause: &str| {
        if uris
            .iter()
            .all(|known: &Variant<String>| known.value != uri)
        {
            uris.push(wrong(uri, cause, AS_SENT));
        }
    };
    let path = request.path;
    if let Ok(decoded) = path::decode(path.as_bytes()) {
        add(
            path::encode(&decoded),
            "The path was signed in another percent-encoding than sent.",
        );
        add(
            decoded,
            "The decoded path was signed, not the percent-encoded one.",
        );
    }
    match path.strip_suffix('/') {
        Some(without) => add(
            without.to_owned(),
            "The path was signed without its last slash.",
        ),
        None => add(format!("{path}/"), "A slash was added to the signed path."),
    }
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let service = segments.next().unwrap_or_default();
    let key = segments.next().unwrap_or_default();
    add(
        format!("/{key}"),
        "The path was signed without the service.",
    );
    add(
        key.to_owned(),
        "The key alone was signed, without `/<service>/`.",
    );
    add(
        path.trim_start_matches('/').to_owned(),
        "The path was signed without its first slash.",
    );
    for other in accounts.services() {
        if other.name.as_str() != service {
            add(
                format!("/{}/{key}", other.name),
                &format!(
                    "The path was signed for the service {}, not {service}.",
                    other.name
                ),
            );
        }
    }
    uris
}

/// Dates: the right one, the other header's, and those of the minutes around, because libraries and
/// proxies like to write a date of their own.
pub(super) fn dates(request: &Presented<'_>) -> Vec<Variant<String>> {
    const NEARBY: u64 = 120;
    let Some(text) = request.effective_date() else {
        return vec![right(String::new())];
    };
    let mut dates = vec![right(text.to_owned())];
    if let (Some(date), Some(_)) = (request.date, request.x_date) {
        dates.push(wrong(
            date.to_owned(),
            "The Date header was signed, but X-Date was sent too and counts.",
            "sign X-Date, or do not send it.",
        ));
    }
    dates.push(wrong(
        String::new(),
        "The date was not signed.",
        "the date header is the third element of the string-to-sign.",
    ));
    if let Some(sent) = date::parse(text) {
        let around = (0..=NEARBY).flat_map(|seconds| {
            let off = Duration::from_secs(seconds);
            [sent.checked_add(off), sent.checked_sub(off)]
        });
        for other in around.flatten().map(date::format) {
            if dates.iter().all(|known| known.value != other) {
                let cause = format!("The date {other:?} was signed, but {text:?} was sent.");
                let remedy = "send the date that was signed; a library or proxy may replace it.";
                dates.push(wrong(other, cause, remedy));
            }
        }
    }
    dates
}

pub(super) fn md5s(request: &Presented<'_>) -> Vec<Variant<Option<String>>> {
    let empty = Md5Digest::of("").to_string();
    match request.content_md5 {
        Some(md5) => vec![
            right(Some(md5.to_owned())),
            wrong(
                None,
                "Content-MD5 was sent but not signed.",
                "add its value to the string-to-sign, or do not send it.",
            ),
            wrong(
                Some(md5.to_lowercase()),
                "Content-MD5 was signed in lower case but sent in upper case.",
                "sign the value as it is sent.",
            ),
        ],
        None => vec![
            right(None),
            wrong(
                Some(empty),
                "The MD5 of an empty body was signed, but no Content-MD5 header was sent.",
                "send Content-MD5, or do not sign it.",
            ),
        ],
    }
}

pub(super) fn lengths(request: &Presented<'_>) -> Vec<Variant<u64>> {
    let mut lengths = vec![right(request.content_length)];
    if request.content_length != 0 {
        lengths.push(wrong(
            0,
            "The length was signed as 0.",
            "sign the number in the Content-Length header.",
        ));
    }
    lengths
}
