//! Browsers: preflights and readable answers.

use upyun_client::protocol::ErrorCode;

use crate::kit::{get, put, request, start};

#[test]
fn a_preflight_needs_no_signature() {
    let server = start();
    let answer = request("OPTIONS", "/demo/any")
        .unsigned()
        .header("Origin", "http://page.example")
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "authorization, x-date")
        .ok(&server);
    assert_eq!(
        answer.all("access-control-"),
        [
            ("access-control-allow-headers", "authorization, x-date"),
            (
                "access-control-allow-methods",
                "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS"
            ),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "x-request-id"),
            ("access-control-max-age", "86400"),
        ]
    );
    for other in ["OPTIONS", "TRACE", "LOCK"] {
        request(other, "/demo/any").refused(&server, ErrorCode::METHOD_NOT_ALLOWED);
    }
}

#[test]
fn pages_may_read_answers_and_refusals() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-a", "1")
        .ok(&server);
    let from_page = get("/demo/a").header("Origin", "http://page.example");
    let answer = from_page.ok(&server);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    let exposed = exposed.to_lowercase();
    for name in ["x-request-id", "x-upyun-meta-a", "etag", "last-modified"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let refused = from_page.unsigned().header("Origin", "x").send(&server);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
}
