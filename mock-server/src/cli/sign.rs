//! `upyun-mock sign`: how a request is signed, or why a signature is wrong.

use std::{
    io::{self, Write as _},
    time::SystemTime,
};

use upyun_client::protocol::{
    PasswordMd5, date,
    sign::{HeaderSignature, LegacySignature, TokenSignature, upyun},
};

use super::{EXIT_FAILURE, EXIT_OK, EXIT_USAGE, args::Sign, serve::complain};
use crate::{
    accounts::{Accounts, Operator},
    auth::{Presented, authenticate},
};

pub(super) fn run(sign: &Sign) -> u8 {
    if !sign.uri.starts_with('/') {
        complain(&format!(
            "{:?} does not begin with a slash, as the path of every request does: sign {:?}",
            sign.uri,
            format!("/{}", sign.uri)
        ));
        return EXIT_USAGE;
    }
    let now = SystemTime::now();
    let method = sign.method.to_ascii_uppercase();
    let date = sign.date.clone().unwrap_or_else(|| date::format(now));
    let (text, code) = match &sign.authorization {
        Some(authorization) => explain(sign, &method, &date, authorization),
        None => (show(sign, &method, &date), EXIT_OK),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(_) => EXIT_FAILURE,
    }
}

fn show(sign: &Sign, method: &str, date: &str) -> String {
    let key = PasswordMd5::of(&sign.password);
    let uri = &sign.uri;
    let length = sign.legacy.unwrap_or_default().to_string();
    let (string_to_sign, signature, headers) = if let Some(content_length) = sign.legacy {
        let request = LegacySignature {
            method,
            uri,
            date,
            content_length,
        };
        let headers = vec![("Date", date), ("Content-Length", &*length)];
        (request.masked_string_to_sign(), request.sign(&key), headers)
    } else if let Some(expire) = &sign.expire {
        let (prefix, postfix) = (sign.uri_prefix.as_deref(), sign.uri_postfix.as_deref());
        let token = TokenSignature {
            method,
            prefix,
            postfix,
            expire,
        };
        let mut headers = vec![("X-Upyun-Expire", expire.as_str())];
        headers.extend(prefix.map(|prefix| ("X-Upyun-Uri-Prefix", prefix)));
        headers.extend(postfix.map(|postfix| ("X-Upyun-Uri-Postfix", postfix)));
        (token.string_to_sign(), token.sign(&key), headers)
    } else {
        let content_md5 = sign.content_md5.as_deref();
        let request = HeaderSignature {
            method,
            uri,
            date,
            content_md5,
        };
        let mut headers = vec![("Date", date)];
        headers.extend(content_md5.map(|md5| ("Content-MD5", md5)));
        (request.string_to_sign(), request.sign(&key), headers)
    };
    let mut text = format!("string to sign:  {string_to_sign}\nsignature:       {signature}\n\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\n");
    }
    text + &format!("Authorization: {}\n", upyun(&sign.operator, &signature))
}

fn explain(sign: &Sign, method: &str, date: &str, authorization: &str) -> (String, u8) {
    let accounts = Accounts::default();
    accounts.put_operator(Operator::new(&sign.operator, &sign.password));
    let (path, query) = match sign.uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (sign.uri.as_str(), None),
    };
    let request = Presented {
        method,
        path,
        query,
        authorization: Some(authorization),
        date: Some(date),
        content_md5: sign.content_md5.as_deref(),
        content_length: sign.legacy.unwrap_or(0),
        uri_prefix: sign.uri_prefix.as_deref(),
        uri_postfix: sign.uri_postfix.as_deref(),
        expire: sign.expire.as_deref(),
        ..Presented::default()
    };
    // The window is about the server's clock; here the question is the signature.
    let now = upyun_client::protocol::date::parse(date).unwrap_or_else(SystemTime::now);
    match authenticate(&accounts, now, &request) {
        Ok(_) => ("the signature is right\n".to_owned(), EXIT_OK),
        Err(refusal) => {
            let code = refusal.code();
            let why = refusal
                .explanation()
                .map_or_else(String::new, |why| format!("\n{why}"));
            let text = format!("{code} {}{why}\n", code.message().unwrap_or_default());
            (text, EXIT_FAILURE)
        }
    }
}
