//! Forms that are refused, and why.

use super::*;

#[test]
fn wrong_signatures_are_explained() {
    let server = start();
    let wrong = |form: Form, uri: &str| {
        let signature = FormSignature {
            uri,
            date: None,
            policy: &form.policy(),
            content_md5: None,
        };
        let signature = signature.sign(&PasswordMd5::of("password"));
        let form = Form {
            authorization: Some(upyun("operator", &signature)),
            ..form
        };
        form.refused(&server, (401, 40100005, "signature error"));
        let entry = server.requests().pop().unwrap();
        entry.explanation.as_ref().unwrap().to_string()
    };
    let why = wrong(form("a", "x"), "/demo/");
    assert!(why.contains("A slash was added"), "{why}");
    let dated = form("a", "x").with("date", "Tue, 24 Nov 2026 00:00:00 GMT");
    let why = wrong(dated, "/demo");
    assert!(why.contains("date was not signed"), "{why}");
}

#[test]
fn large_forms_are_bounded_and_refusals_arrive() {
    let server = MockServer::builder()
        .configure(|config| config.limits.max_object_bytes = 9_000_000)
        .start_blocking()
        .unwrap();
    let large = |size: usize| form("a", vec![b'x'; size]);
    large(9_000_001).refused(&server, (403, 40300027, "request body too big"));
    let mut unsigned = large(8_000_000);
    unsigned.authorization = Some("UPYUN operator:AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into());
    unsigned.refused(&server, (401, 40100005, "signature error"));
    unsigned
        .reversed()
        .refused(&server, (401, 40100005, "signature error"));
    large(8_000_000).accepted(&server);
    let mut field = form("a", "x");
    field
        .parts
        .insert(0, ("signature", None, vec![b'x'; 2_000_000]));
    field.refused_early(&server, (403, 40300027, "request body too big"));
}

#[test]
fn a_policy_that_expires_before_its_date_is_named() {
    let server = start();
    // A duration instead of a moment.
    let form = form("a", "x")
        .with("date", "Tue, 24 Nov 2026 00:00:00 GMT")
        .with("expiration", 1800);
    form.refused(&server, (403, 40300006, "authorization has expired"));
    let why = server.requests().last().unwrap().explanation.clone();
    let why = why.unwrap().to_string();
    assert!(why.contains("before its own date"), "{why}");
    assert!(why.contains("1795478400"), "{why}");
}
