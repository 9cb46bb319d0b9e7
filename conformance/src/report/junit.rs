//! JUnit XML, for CI systems.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::model::{CaseReport, RunReport, Verdict};

/// A suite for each API, a test for each case.
pub fn render(report: &RunReport) -> String {
    let mut junit = Report::new(format!("upyun-conformance on {}", report.target));
    junit.set_time(Duration::from_secs_f64(report.seconds));
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &report.cases {
        let (api, _) = case.id.rsplit_once('.').unwrap_or((&case.id, ""));
        if suites.last().is_none_or(|suite| suite.name.as_str() != api) {
            suites.push(TestSuite::new(api));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(test_case(case));
        }
    }
    junit.add_test_suites(suites);
    junit.to_string().expect("no name holds what XML cannot")
}

fn test_case(case: &CaseReport) -> TestCase {
    let detail = case.verdict.detail();
    let mut status = match &case.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Failed(_) if case.known.is_some() => TestCaseStatus::skipped(),
        Verdict::Failed(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Broken(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::NotApplicable { .. } | Verdict::NotRun { .. } => TestCaseStatus::skipped(),
    };
    if !detail.is_empty() {
        let known = case.known.as_ref();
        status.set_message(known.map_or(detail.clone(), |why| format!("known: {why}: {detail}")));
    }
    if matches!(case.verdict, Verdict::Failed(_) | Verdict::Broken(_)) {
        let mut text = format!("{} ({})\n{detail}\n", case.holds, case.section());
        for exchange in &case.exchanges {
            text.push_str(&format!("\n{}\n", exchange.to_text()));
        }
        status.set_description(text);
    }
    let mut test = TestCase::new(&*case.id, status);
    test.set_time(Duration::from_secs_f64(case.seconds));
    test.set_classname(case.section());
    test
}
