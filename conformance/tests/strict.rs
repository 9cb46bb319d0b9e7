//! Valid requests are let through, changed ones are not; and an emulator that breaks a rule is noticed.

use upyun_conformance::{
    Target,
    strict::{self, MutatedField, Options, Report},
    target::Embedded,
};
use upyun_mock::mutant::Mutant;

const OPTIONS: Options = Options {
    seed: 1,
    requests: 1000,
    only: None,
};

/// With two operators only: the emulator explains a wrong signature by trying the mistakes that people
/// make with the keys of all operators, which takes long in a debug build.
fn quick(mutant: Option<Mutant>) -> Target {
    Target::Mock(Embedded::built(move |builder| {
        let builder = builder.configure(|config| {
            config
                .operators
                .retain(|it| ["operator", "reader"].contains(&&*it.name));
        });
        match mutant {
            Some(mutant) => builder.mutant(mutant),
            None => builder,
        }
    }))
}

async fn run(target: &Target, options: Options) -> Report {
    strict::run(target, options).await.expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_judged_wrongly() {
    let report = run(&quick(None), OPTIONS).await;
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

/// Runs against an emulator with one rule broken, and gives how many changes of a field went unnoticed.
async fn unnoticed_with(mutant: Mutant, field: MutatedField) -> usize {
    let options = Options {
        requests: 100,
        only: Some(field),
        ..OPTIONS
    };
    let report = run(&quick(Some(mutant)), options).await;
    assert_eq!(report.false_rejects.len(), 0, "{}", report.to_text());
    report.false_accepts.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_lets_wrong_requests_through_is_noticed() {
    for (mutant, field) in [
        (Mutant::AnyDateWillDo, MutatedField::Date),
        (Mutant::BasicTakesAnyPassword, MutatedField::Password),
        (Mutant::TokensNeverExpire, MutatedField::Expiration),
        (Mutant::TokensFitAnywhere, MutatedField::UriPrefix),
        (Mutant::PoliciesNeverExpire, MutatedField::Expiration),
        (Mutant::PurgesNeedNoSignature, MutatedField::PurgeList),
    ] {
        let unnoticed = unnoticed_with(mutant, field).await;
        assert!(unnoticed > 0, "{mutant:?} does not show in {field}");
    }
}
