//! Two targets that are asked the same: where they differ is told, where they do not is not.

use std::process::Command;

use upyun_conformance::{
    Target, catalog,
    recording::shadow::ShadowReport,
    report::model::RunReport,
    run::{self, Keep, Options, Selection},
    target::{Embedded, Shadowed},
    wire::Budget,
};
use upyun_mock::{MockServer, PutAnswer};

async fn compared(shadow: Target, filter: &str) -> (RunReport, ShadowReport) {
    let target = Target::Shadowed(Box::new(Shadowed {
        judged: Target::mock(),
        shadow,
    }));
    let selection = Selection {
        filters: filter.split(' ').map(str::to_owned).collect(),
        ..Selection::default()
    };
    let cases = selection.of(&catalog::all());
    assert!(!cases.is_empty(), "no case matches {filter}");
    let options = Options {
        jobs: 4,
        budget: Budget::default(),
        keep: Keep::Everything,
    };
    let report = run::run(&target, &cases, &options, run::unstoppable(), |_| {}).await;
    let names = ["one".to_owned(), "other".to_owned()];
    let shadow = ShadowReport::of(&report, names, target.service());
    (report, shadow)
}

#[tokio::test]
async fn a_setting_that_differs_is_found_where_it_shows() {
    let other = Target::Mock(Embedded::with(|config| {
        config.fidelity.put_answer = PutAnswer::Observed;
    }));
    let (report, shadow) = compared(other, "rest.put.*").await;
    // Judged is the first, on which all hold.
    assert_eq!(report.counts().failed, 0, "{}", shadow.to_text());
    let id = "rest.put.answer-says-nothing-of-the-object";
    let mut different = shadow.different.iter();
    let case = different.find(|it| it.id == id).expect("it differs");
    let request = case.requests.first().expect("a request");
    assert_eq!((&request.status, &request.code), (&None, &None));
    assert!(
        request.headers.iter().any(|it| it.starts_with("+ etag: ")),
        "{request:?}"
    );
    assert!(request.body.is_empty(), "{request:?}");
    assert!(shadow.to_text().contains(id));
}

#[tokio::test]
async fn targets_that_are_alike_do_not_differ() {
    let (report, shadow) = compared(Target::mock(), "rest.* multipart.*").await;
    assert_eq!(report.counts().failed, 0);
    assert!(shadow.requests > 100, "{}", shadow.to_text());
    assert!(shadow.different.is_empty(), "{}", shadow.to_text());
    let clock = shadow
        .not_run
        .iter()
        .find(|(_, why)| why.contains("clocks"));
    assert!(clock.is_some(), "{:?}", shadow.not_run);
}

#[test]
fn the_program_writes_the_differences() {
    let server = MockServer::builder()
        .configure(|config| config.fidelity.put_answer = PutAnswer::Observed)
        .start_blocking()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shadow.json");
    let output = Command::new(env!("CARGO_BIN_EXE_upyun-conformance"))
        .args(["run", "--shadow", &format!("mock,{}", server.url())])
        .args(["--filter", "rest.put.answer*", "--shadow-report"])
        .arg(&file)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(stdout.contains("+ etag: "), "{stdout}");
    let text = std::fs::read_to_string(&file).unwrap();
    let report: ShadowReport = serde_json::from_str(&text).unwrap();
    assert!(!report.different.is_empty(), "{text}");
    // Both are clean again.
    let left: Vec<_> = std::fs::read_dir(server.directory()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
