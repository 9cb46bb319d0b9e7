//! Heads that are no HTTP: answered with the service's error body, and journaled as far as they
//! can be read.

use http::{Method, Uri, header};
use upyun_client::protocol::{ErrorBody, ErrorCode};

use super::{app::App, record::record, trace::Trace};
use crate::{
    front::{Answerer, UnreadableHead},
    refusal::{Explanation, Refusal},
};

/// The headers that the parser makes room for; the HTTP library accepts no more either.
const MAX_HEADERS: usize = 100;

/// Answers for the connections of a server.
pub(crate) fn answerer(app: App) -> Answerer {
    Answerer::new(move |head| answer(&app, head))
}

fn answer(app: &App, head: UnreadableHead<'_>) -> Vec<u8> {
    let trace = Trace::start();
    let heard = Heard::of(head.bytes);
    let code = heard.code;
    let body = ErrorBody::new(code, trace.id.as_str()).to_json();
    let status = code.status();
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let date = upyun_client::protocol::date::format(app.clock.now());
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nX-Error-Code: {}\r\n\
         X-Request-Id: {}\r\n\
         Access-Control-Allow-Origin: *\r\nConnection: close\r\nDate: {date}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        code.as_u32(),
        trace.id,
        body.len(),
    );
    let refusal = Refusal::new(code).because(explain(&heard, head));
    let (parts, ()) = {
        let mut request = http::Request::new(());
        *request.method_mut() = heard.method;
        *request.uri_mut() = heard.uri;
        request.into_parts()
    };
    let id = trace.id;
    // The answer that is journaled is the one that is sent, byte for byte in its body.
    drop(record(
        app,
        parts,
        heard.host,
        trace,
        refusal.into_answer(&id, false),
    ));
    answer.into_bytes()
}

fn explain(heard: &Heard, head: UnreadableHead<'_>) -> Explanation {
    let why = format!("The request is no HTTP: {}.", heard.why);
    match head.length_before {
        // Without a request line it is more likely the end of a body.
        Some(length) if !heard.has_request_line => Explanation::new(format!(
            "{why} The request before it on the same connection has Content-Length {length}, and \
             at least {} more bytes followed: its body may be longer than its Content-Length.",
            head.bytes.len()
        ))
        .remedy("send exactly as many bytes of body as Content-Length says."),
        _ => Explanation::new(why)
            .remedy("let an HTTP library write the request line and the headers."),
    }
}

/// What can be read of a head.
struct Heard {
    method: Method,
    uri: Uri,
    host: String,
    has_request_line: bool,
    code: ErrorCode,
    why: String,
}

impl Heard {
    fn of(head: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let parsed = request.parse(head);
        let mut heard = Self {
            method: Method::GET,
            uri: Uri::from_static("/"),
            host: String::new(),
            has_request_line: request.version.is_some(),
            code: ErrorCode::CLIENT_ERROR,
            why: match parsed {
                Err(error) => error.to_string(),
                Ok(_) => "its headers contradict each other, or it is too long".to_owned(),
            },
        };
        if let Some(method) = request.method.and_then(|name| name.parse().ok()) {
            heard.method = method;
        }
        match request.path.map(str::parse) {
            Some(Ok(uri)) => heard.uri = uri,
            Some(Err(error)) => heard.why = format!("the request target is wrong: {error}"),
            None => {}
        }
        for header in request.headers.iter().take_while(|it| !it.name.is_empty()) {
            let value = String::from_utf8_lossy(header.value);
            if header.name.eq_ignore_ascii_case(header::HOST.as_str()) {
                heard.host = value.into_owned();
            } else if header
                .name
                .eq_ignore_ascii_case(header::CONTENT_LENGTH.as_str())
                && value.trim().parse::<u64>().is_err()
            {
                // `[choice R-24]`
                heard.code = ErrorCode::WRONG_CONTENT_LENGTH_HEADER;
                heard.why = format!("Content-Length {value:?} is not a number of bytes");
            }
        }
        heard
    }
}
