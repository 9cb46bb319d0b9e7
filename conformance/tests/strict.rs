//! Valid requests are let through, changed ones are not; and an emulator that breaks a rule is noticed.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};
use upyun_conformance::{
    Target, damage,
    strict::{self, Archive, MutatedField, Options, Report},
    target::Embedded,
};
use upyun_mock::MockServer;

const OPTIONS: Options = Options {
    seed: 1,
    requests: 1000,
    only: None,
};

/// With two operators only: the emulator explains a wrong signature by trying the mistakes that people
/// make with the keys of all operators, which takes long in a debug build.
fn quick() -> Embedded {
    Embedded::with(|config| {
        config
            .operators
            .retain(|operator| ["operator", "reader"].contains(&&*operator.name));
    })
}

async fn run(target: &Target, options: Options) -> Report {
    strict::run(target, options).await.expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_judged_wrongly() {
    let report = run(&Target::Mock(quick()), OPTIONS).await;
    assert!(report.is_clean(), "{}", report.to_text());
    assert!(report.mutants == 1000, "{}", report.counts());
    // What is refused before the signature is looked at says little about signatures.
    assert!(
        report.mutants_unauthorised * 10 > report.mutants * 8,
        "{report:?}"
    );
    let json = serde_json::to_string(&report).expect("JSON");
    let again: Report = serde_json::from_str(&json).expect("a report");
    assert_eq!(again.to_text(), report.to_text());
}

/// Runs against an emulator with this damage, and returns how many changes of a field went
/// unnoticed.
async fn unnoticed_with(damage: &str, field: MutatedField) -> usize {
    let options = Options {
        requests: 100,
        only: Some(field),
        ..OPTIONS
    };
    let damage = damage::find(damage).expect("a damage");
    let report = run(&Target::Mock(quick().damaged(damage)), options).await;
    assert_eq!(report.false_rejects.len(), 0, "{}", report.to_text());
    report.false_accepts.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_lets_wrong_requests_through_is_noticed() {
    for (damage, field) in [
        ("any-date-accepted", MutatedField::Date),
        ("any-basic-password-accepted", MutatedField::Password),
        ("token-never-expires", MutatedField::Expiration),
        ("token-fits-anywhere", MutatedField::UriPrefix),
        ("policy-never-expires", MutatedField::Expiration),
        ("any-purge-signature-accepted", MutatedField::PurgeList),
    ] {
        let unnoticed = unnoticed_with(damage, field).await;
        assert!(unnoticed > 0, "{damage} does not show in {field}");
    }
}

/// What the SDK sends in a small session, as an HTTP archive of the emulator.
async fn session() -> Value {
    let server = MockServer::start().await;
    let client = server.client();
    let put = client.put("/dir/a b").body("hello");
    put.send().await.expect("stored");
    let download = client.get("/dir/a b").send().await.expect("there");
    download.bytes().await.expect("whole");
    client.delete("/dir/a b").send().await.expect("deleted");
    let address = server.address();
    let text = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request =
            "GET /_mock/requests.har HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        // As if the real host had been asked, which no signature covers.
        body.replace(&format!("http://{address}"), "http://v0.api.upyun.com")
    });
    let text = text.await.expect("no panic");
    serde_json::from_str(&text).expect("JSON")
}

async fn judged(har: &Value) -> Report {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), har.to_string()).expect("written");
    let mut archive = Archive::default();
    archive.add(file.path()).expect("an archive");
    let options = Options {
        requests: 100,
        ..OPTIONS
    };
    strict::run_clients(&archive, options)
        .await
        .expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_other_clients_are_judged_too() {
    let har = session().await;
    let report = judged(&har).await;
    assert!(report.is_clean(), "{}", report.to_text());
    assert_eq!((report.valid_by_clients, report.mutants), (3, 100));

    let mut refused = har.clone();
    refused["log"]["entries"][0]["response"] =
        json!({ "status": 401, "headers": [{ "name": "x-error-code", "value": "40100005" }] });
    let report = judged(&refused).await;
    assert_eq!(report.false_rejects.len(), 1, "{}", report.to_text());

    let mut let_through = har;
    let headers = &mut let_through["log"]["entries"][0]["request"]["headers"];
    for header in headers.as_array_mut().expect("headers") {
        if header["name"] == "authorization" {
            header["value"] = json!("UPYUN operator:AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        }
    }
    let report = judged(&let_through).await;
    assert_eq!(report.valid_by_clients, 2, "{}", report.to_text());
    assert_eq!(report.false_accepts.len(), 1, "{}", report.to_text());
}
