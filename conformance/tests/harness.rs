//! The harness itself: what it says of a target that is wrong, what it leaves behind, what it costs.

use std::sync::Arc;

use upyun_conformance::{
    Case, RunReport, Target, catalog,
    recording::{Recording, compare::Comparison},
    report::{
        html, json, junit, markdown,
        model::Verdict,
        terminal::{self, Colour},
    },
    run::{self, Keep, Options, Selection},
    target::Embedded,
    wire::{Budget, Meter},
};
use upyun_mock::{MockServer, PutAnswer};

const OPTIONS: Options = Options {
    jobs: 4,
    budget: Budget {
        requests: None,
        bytes: None,
        requests_per_second: None,
    },
    keep: Keep::Failures,
};

fn cases(filter: &str) -> Vec<Case> {
    let selection = Selection {
        filters: filter.split(' ').map(str::to_owned).collect(),
        ..Selection::default()
    };
    let cases = selection.of(&catalog::all());
    assert!(!cases.is_empty(), "no case matches {filter}");
    cases
}

async fn run(target: &Target, filter: &str, options: &Options) -> RunReport {
    run::run(target, &cases(filter), options, run::unstoppable(), |_| {}).await
}

fn at(server: &MockServer) -> Target {
    Target::parse(&server.url(), |_| None).expect("a URL is a target")
}

/// A target that tells more of what was stored than it should by default.
fn talkative() -> Target {
    Target::Mock(Embedded::with(|config| {
        config.fidelity.put_answer = PutAnswer::Observed;
    }))
}

#[tokio::test]
async fn a_target_that_is_wrong_is_caught_and_shown() {
    let report = run(&talkative(), "rest.put.*", &OPTIONS).await;
    let counts = report.counts();
    assert_eq!((counts.failed, counts.broken), (1, 0), "{report:?}");
    let mut cases = report.cases.iter();
    let case = cases.find(|it| matches!(it.verdict, Verdict::Failed(_)));
    let case = case.unwrap();
    assert_eq!(case.id, "rest.put.answer-says-nothing-of-the-object");

    for text in [
        terminal::render(&report, Colour::Off),
        junit::render(&report),
        json::render(&report),
        markdown::render(&report),
        html::render(&report),
    ] {
        for part in [
            "rest.put.answer-says-nothing-of-the-object",
            "rest §3.2",
            "no header ETag",
            "HTTP/1.1 200 OK",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        let signatures = text.matches("UPYUN operator:").count();
        let scrubbed = text.matches("UPYUN operator:<signature>").count()
            + text.matches("UPYUN operator:&lt;signature&gt;").count();
        assert_eq!(signatures, scrubbed, "{text}");
        assert!(scrubbed > 0, "{text}");
    }
}

#[tokio::test]
async fn json_can_be_read_back() {
    let report = run(&talkative(), "rest.put.*answer*", &OPTIONS).await;
    let again: RunReport = serde_json::from_str(&json::render(&report)).unwrap();
    assert_eq!(json::render(&again), json::render(&report));
}

#[tokio::test]
async fn nothing_is_left_on_a_running_emulator() {
    let server = MockServer::start().await;
    server.put_object("/mine.txt", "precious").unwrap();
    let report = run(&at(&server), "rest.*", &OPTIONS).await;
    let counts = report.counts();
    assert_eq!(
        (counts.failed, counts.broken),
        (0, 0),
        "{}",
        terminal::render(&report, Colour::Off)
    );
    assert!(counts.not_applicable > 0, "{counts:?}");
    assert_eq!(report.left_behind, None);
    assert_eq!(names(&server), ["mine.txt"]);

    // What was changed lay in the folder; the rest was refused, or the root, which exists anyway.
    for request in server.requests() {
        let is_change = !matches!(request.method(), "GET" | "HEAD" | "OPTIONS");
        let is_inside = request.path().contains("upyun-conformance-");
        let is_root = matches!(request.path().trim_matches('/'), "demo");
        assert!(
            !is_change || is_inside || is_root || request.status >= 400,
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_removes_what_it_made() {
    let server = MockServer::start().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let cases = cases("rest.*");
    let target = at(&server);
    let report = run::run(&target, &cases, &OPTIONS, stopped, |_| {
        stop.send_replace(true);
    })
    .await;
    assert!(report.counts().not_run > 0, "{:?}", report.counts());
    assert_eq!(report.cases.len(), cases.len());
    assert_eq!(report.left_behind, None);
    assert_eq!(names(&server), [] as [&str; 0]);
}

#[tokio::test]
async fn a_budget_ends_a_run_and_is_nobodys_failure() {
    let server = MockServer::start().await;
    let options = Options {
        jobs: 1,
        budget: Budget {
            requests: Some(10),
            ..Budget::default()
        },
        ..OPTIONS
    };
    let report = run(&at(&server), "rest.usage.*", &options).await;
    let counts = report.counts();
    assert_eq!(
        (report.spent.requests, counts.failed),
        (10, 0),
        "{counts:?}"
    );
    assert!(counts.broken > 0, "{counts:?}");
    assert_eq!(names(&server), [] as [&str; 0]);
}

#[tokio::test]
async fn requests_of_the_sdk_count() {
    let server = MockServer::start().await;
    let target = at(&server);
    let meter = Arc::new(Meter::new(Budget::default()));
    let case = cases("rest.put.by-the-sdk")[0];
    let folder = run::new_folder();
    run::run_case(&target, &case, &folder, Arc::clone(&meter), Keep::Failures).await;
    assert_eq!(meter.spent().requests, server.requests().len() as u64);
}

#[tokio::test]
async fn a_target_that_is_not_there_is_not_a_failure() {
    let target = Target::parse("http://127.0.0.1:1", |_| None).unwrap();
    let failure = run::probe(&target).await.unwrap_err();
    assert!(failure.is_harness, "{failure}");
    let report = run(&target, "rest.get.*", &OPTIONS).await;
    assert_eq!(report.counts().broken, report.cases.len());
    assert!(report.left_behind.is_some());
}

fn names(server: &MockServer) -> Vec<String> {
    let entries = std::fs::read_dir(server.directory()).expect("the service is a directory");
    entries
        .map(|it| it.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

#[tokio::test]
async fn two_targets_that_differ_are_told_apart() {
    let options = Options {
        keep: Keep::Everything,
        ..OPTIONS
    };
    let record = async |target: &Target| {
        let report = run(target, "rest.put.* rest.copy-move.*", &options).await;
        Recording::of(&report, target.service())
    };
    let mock = record(&Target::mock()).await;
    let again = record(&Target::mock()).await;
    let alike = Comparison::of(&mock, &again);
    assert_eq!(alike.same, mock.cases.len(), "{}", alike.to_text());
    assert!(alike.choices_agreed.contains(&"R-20".to_owned()));

    let other = Comparison::of(&mock, &record(&talkative()).await);
    let text = other.to_text();
    assert_eq!(other.choices_apart, ["R-91"], "{text}");
    assert!(other.choices_agreed.contains(&"R-19".to_owned()), "{text}");
    assert_eq!(other.different.len(), 1, "{text}");
    assert!(!other.details.is_empty(), "{text}");
    assert!(text.contains("+ etag: "), "{text}");
    assert!(!text.contains("127.0.0.1"), "{text}");
}

#[tokio::test]
async fn an_emulator_of_its_own_and_a_shared_one_are_alike() {
    let server = MockServer::start().await;
    let options = Options {
        keep: Keep::Everything,
        ..OPTIONS
    };
    let filter = "http.* rest.list.* rest.metadata.* rest.paths.* rest.usage.*";
    let here = run(&Target::mock(), filter, &options).await;
    let there = run(&at(&server), filter, &options).await;
    let comparison = Comparison::of(
        &Recording::of(&here, "demo"),
        &Recording::of(&there, "demo"),
    );
    let apart = comparison.different.len() + comparison.details.len();
    assert_eq!(apart, 0, "{}", comparison.to_text());
    assert!(!comparison.only_one.is_empty());
}
