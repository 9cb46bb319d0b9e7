//! Callbacks: the golden vector, and what must not pass.

use std::time::{Duration, SystemTime};

use upyun_client::{
    Callback, CallbackError, CallbackVerifier,
    protocol::{
        PasswordMd5, date,
        sign::{HeaderSignature, upyun},
    },
};

const URI: &str = "/api/v1/echo?from=upyun";
const DATE: &str = "Fri, 20 Jan 2017 08:46:20 GMT";
const MD5_OF_HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

fn verifier() -> CallbackVerifier {
    CallbackVerifier::new("username", PasswordMd5::of("password"))
}

fn received() -> SystemTime {
    date::parse(DATE).expect("a date") + Duration::from_secs(60)
}

fn authorization() -> String {
    let signature = HeaderSignature {
        method: "POST",
        uri: URI,
        date: DATE,
        content_md5: Some(MD5_OF_HELLO),
    };
    upyun("username", &signature.sign(&PasswordMd5::of("password")))
}

#[track_caller]
fn check(change: impl FnOnce(&mut Callback<'_>), want: Result<(), CallbackError>) {
    let authorization = authorization();
    let mut callback = Callback {
        uri: URI,
        authorization: Some(&authorization),
        date: Some(DATE),
        content_md5: Some(MD5_OF_HELLO),
        body: b"hello",
    };
    change(&mut callback);
    assert_eq!(verifier().verify_at(&callback, received()), want);
}

#[test]
fn the_golden_vector_is_signed_by_the_service() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("data/signature-vectors.json")).expect("JSON");
    let vector = vectors["vectors"]
        .as_array()
        .or_else(|| vectors.as_array())
        .and_then(|all| all.iter().find(|vector| vector["id"] == "seed-callback"))
        .expect("the vector");
    let input = |name: &str| vector["input"][name].as_str();
    let callback = Callback {
        uri: input("uri").expect("uri"),
        authorization: vector["output"]["authorization"].as_str(),
        date: input("date"),
        content_md5: input("content_md5"),
        body: b"the vector does not tell the body",
    };
    // The body is checked after the signature, so this says that the signature is right.
    let verdict = verifier().verify_at(&callback, received());
    assert_eq!(verdict, Err(CallbackError::WrongBody));
}

#[test]
fn a_callback_of_the_service_passes() {
    check(|_| {}, Ok(()));
}

#[test]
fn nothing_may_be_changed() {
    check(
        |c| c.uri = "/api/v1/echo",
        Err(CallbackError::WrongSignature),
    );
    check(|c| c.body = b"hallo", Err(CallbackError::WrongBody));
    let other = "Fri, 20 Jan 2017 08:46:21 GMT";
    check(|c| c.date = Some(other), Err(CallbackError::WrongSignature));
    let other = "d36489794822f8d33fd28217d8a5bed4";
    check(
        |c| c.content_md5 = Some(other),
        Err(CallbackError::WrongSignature),
    );
}

#[test]
fn nothing_may_be_missing() {
    let missing = |name| Err(CallbackError::MissingHeader { name });
    check(|c| c.authorization = None, missing("Authorization"));
    check(|c| c.date = None, missing("Date"));
    check(|c| c.content_md5 = None, missing("Content-MD5"));
}

#[test]
fn only_the_operators_own_signature_counts() {
    let malformed = Err(CallbackError::MalformedAuthorization);
    check(
        |c| c.authorization = Some("Basic dXNlcm5hbWU6cGFzc3dvcmQ="),
        malformed.clone(),
    );
    check(|c| c.authorization = Some("Bearer x"), malformed);
    let other = "UPYUN somebody:W738BergX15B+jso8fSPzKd0/zQ=";
    check(
        |c| c.authorization = Some(other),
        Err(CallbackError::WrongOperator),
    );
    let other = "UPYUN username:W738BergX15B+jso8fSPzKd0/zQ=";
    check(
        |c| c.authorization = Some(other),
        Err(CallbackError::WrongSignature),
    );
}

#[test]
fn old_ones_and_early_ones_are_refused() {
    let authorization = authorization();
    let callback = Callback {
        uri: URI,
        authorization: Some(&authorization),
        date: Some(DATE),
        content_md5: Some(MD5_OF_HELLO),
        body: b"hello",
    };
    let sent = date::parse(DATE).expect("a date");
    let limit = Duration::from_secs(1800);
    let second = Duration::from_secs(1);
    let verify = |now| verifier().verify_at(&callback, now);
    assert_eq!(verify(sent + limit), Ok(()));
    assert_eq!(verify(sent - limit), Ok(()));
    let age = limit + second;
    assert_eq!(verify(sent + age), Err(CallbackError::TooOld { age }));
    assert_eq!(verify(sent - age), Err(CallbackError::TooOld { age }));
    assert_eq!(verifier().any_age().verify(&callback), Ok(()));
    let strict = verifier().max_age(second);
    assert!(strict.verify_at(&callback, sent + 2 * second).is_err());
}

#[test]
fn headers_alone_are_checked_without_the_body() {
    let authorization = authorization();
    let mut callback = Callback {
        uri: URI,
        authorization: Some(&authorization),
        date: Some(DATE),
        content_md5: Some(MD5_OF_HELLO),
        body: b"",
    };
    let check = |callback: &Callback<'_>| verifier().verify_headers_at(callback, received());
    assert_eq!(check(&callback), Ok(()));
    let late = verifier().verify_headers_at(&callback, received() + Duration::from_secs(3600));
    assert!(matches!(late, Err(CallbackError::TooOld { .. })));
    callback.content_md5 = None;
    assert_eq!(check(&callback), Err(CallbackError::WrongSignature));
    callback.authorization = None;
    let name = "Authorization";
    assert_eq!(check(&callback), Err(CallbackError::MissingHeader { name }));
}

#[cfg(feature = "client")]
#[tokio::test]
async fn the_client_verifies_with_its_password_or_by_its_signer() {
    use upyun_client::{Client, Credential, ErrorKind, LocalSigner};

    let authorization = authorization();
    let mut callback = Callback {
        uri: URI,
        authorization: Some(&authorization),
        date: Some(DATE),
        content_md5: Some(MD5_OF_HELLO),
        body: b"hello",
    };
    let client = |credential: Credential| {
        let builder = Client::builder("demo", "username", credential);
        builder.clock(received).build().expect("a client")
    };
    let key = PasswordMd5::of("password");
    let local = client(key.clone().into());
    let verifier = local.callback_verifier().expect("it has a password");
    assert!(verifier.verify_at(&callback, received()).is_ok());
    let signing = client(Credential::signer(LocalSigner::new(key)));
    let none = signing.callback_verifier().expect_err("it has no password");
    assert_eq!(none.kind(), ErrorKind::Signing);
    let stranger = client("other".into());
    for client in [&local, &signing] {
        assert!(client.verify_callback(&callback).await.is_ok());
    }
    callback.body = b"hello!";
    for client in [&local, &signing] {
        let error = client
            .verify_callback(&callback)
            .await
            .expect_err("another body");
        assert_eq!(error.kind(), ErrorKind::Denied);
    }
    callback.body = b"hello";
    assert!(stranger.verify_callback(&callback).await.is_err());
    callback.uri = "/elsewhere";
    assert!(signing.verify_callback(&callback).await.is_err());
}
