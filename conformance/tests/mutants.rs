//! Does the harness bite? The emulator breaks one rule after the other, and each time a case must notice.

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use upyun_conformance::{
    Case, Target, catalog,
    report::model::Verdict,
    run::{self, Keep},
    target::Embedded,
    wire::{Budget, Meter},
};
use upyun_mock::mutant::Mutant;

/// Each rule that can be broken, and how the ids of the cases begin that should notice.
const NOTICED_BY: &[(Mutant, &str)] = &[
    (Mutant::PutLosesTheType, "rest.put"),
    (Mutant::PutLosesMetadata, "rest.put"),
    (Mutant::PutIgnoresTheMd5, "rest.put"),
    (Mutant::PutMixesUpMd5Codes, "rest.put"),
    (Mutant::PutTellsNoFacts, "images.facts"),
    (Mutant::OverwritesAreLost, "rest.put"),
    (Mutant::RangesEndEarly, "rest.get"),
    (Mutant::RangesAreIgnored, "rest.get"),
    (Mutant::NoETag, "rest.get"),
    (Mutant::MetadataIsNotTold, "rest.put"),
    (Mutant::IfNoneMatchIsIgnored, "rest.get"),
    (Mutant::IfMatchIsIgnored, "rest.get"),
    (Mutant::FoldersAreFiles, "rest.head"),
    (Mutant::SizesAreOffByOne, "rest.head"),
    (Mutant::DeletingNothingSucceeds, "rest.delete"),
    (Mutant::LateDeletionsAreLost, "rest.delete"),
    (Mutant::LateDeletionsAreNotLate, "rest.delete"),
    (Mutant::AnyFolderHeaderWillDo, "rest.folder"),
    (Mutant::UsageIsDoubled, "rest.usage"),
    (Mutant::ListsGoDown, "rest.list"),
    (Mutant::PagesSkipAnEntry, "rest.list"),
    (Mutant::LimitsAreIgnored, "rest.list"),
    (Mutant::ListsTellNoTypes, "rest.list"),
    (Mutant::MergesReplace, "rest.metadata"),
    (Mutant::CopiesLoseMetadata, "rest.copy"),
    (Mutant::MovesCopy, "rest.copy"),
    (Mutant::CopiesToThemselves, "rest.copy"),
    (Mutant::MetadataCannotBeDeleted, "rest.metadata"),
    (Mutant::LivesNeverEnd, "rest.metadata"),
    (Mutant::NoPageMayRead, "rest.cors"),
    (Mutant::NoErrorCodeHeader, "rest.get"),
    (Mutant::IdsDiffer, "rest.get"),
    (Mutant::AnyDateWillDo, "auth"),
    (Mutant::StrangersHaveWrongSignatures, "auth"),
    (Mutant::BasicTakesAnyPassword, "auth"),
    (Mutant::TokensNeverExpire, "auth.order"),
    (Mutant::TokensFitAnywhere, "auth.order"),
    (Mutant::EveryMethodIsGet, "auth"),
    (Mutant::Md5sNeedNoSignature, "auth.header"),
    (Mutant::ReadOnlyIsWritten, "auth.rights"),
    (Mutant::AnybodyWrites, "auth.forms"),
    (Mutant::AnybodyDeletes, "auth.rights"),
    (Mutant::AnybodyReads, "auth.rights"),
    (Mutant::PartSizesMayBeOdd, "multipart.initiate"),
    (Mutant::AnyPartIsNext, "multipart"),
    (Mutant::PartsAreTakenTwice, "multipart.upload"),
    (Mutant::NextPartIsWrong, "multipart"),
    (Mutant::GapsAreCompleted, "multipart"),
    (Mutant::WholeMd5sAreIgnored, "multipart"),
    (Mutant::CompletionLosesMetadata, "multipart.initiate"),
    (Mutant::CancelledUploadsStay, "multipart"),
    (Mutant::UploadsLiveForever, "multipart.model"),
    (Mutant::PoliciesNeverExpire, "form.head"),
    (Mutant::FormsMayBeLarge, "form"),
    (Mutant::AnyFileTypeIsAllowed, "form"),
    (Mutant::FormMd5sAreIgnored, "form"),
    (Mutant::PlaceholdersStay, "form"),
    (Mutant::ExtParamIsLost, "form.large"),
    (Mutant::NobodyReturns, "form.notify"),
    (Mutant::CallbacksAreUnsigned, "form.notify"),
    (Mutant::AnyUrlIsPurged, "purge"),
    (Mutant::PurgesNeedNoSignature, "purge"),
    (Mutant::PurgesHaveNoLimit, "purge"),
    (Mutant::AnyNumberOfTasks, "tasks.submit.number"),
    (Mutant::FailuresLookDone, "tasks"),
    (Mutant::ResultsAreForgotten, "tasks"),
    (Mutant::CallbacksAreTriedOnce, "tasks.callbacks.tried-again"),
    (Mutant::SidesAreRoundedDown, "images.scale"),
    (Mutant::PicturesGrow, "images.old"),
    (Mutant::GravityIsIgnored, "images.crop"),
    (Mutant::FactsAreOfTheUpload, "images.old"),
    (Mutant::ResultsAreStale, "images.turn"),
    (Mutant::SecretsAreOpen, "cdn"),
    (Mutant::UpdIsIgnored, "cdn"),
];

/// Rules that no case can see broken yet: each is a case that is missing.
const UNNOTICED: &[(Mutant, &str)] = &[];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(8);
    let of_each = NOTICED_BY.iter().map(|(mutant, cases)| {
        Trial::test(format!("{mutant:?}"), move || is_noticed(*mutant, cases))
    });
    let trials = of_each.chain([Trial::test("none_is_forgotten", none_is_forgotten)]);
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A rule that no case is expected to notice is one that nobody tests.
fn none_is_forgotten() -> Result<(), Failed> {
    let all = || NOTICED_BY.iter().chain(UNNOTICED);
    let is_expected = |mutant: &&Mutant| all().any(|(known, _)| known == *mutant);
    match Mutant::ALL.iter().find(|mutant| !is_expected(mutant)) {
        Some(mutant) => Err(format!("{mutant:?} is not in the table").into()),
        None => Ok(()),
    }
}

fn is_noticed(mutant: Mutant, cases: &str) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let target = Target::Mock(Embedded::built(move |builder| builder.mutant(mutant)));
    let mut asked = 0;
    for case in catalog::all() {
        if !case.id().starts_with(cases) || target.lacks(&case).is_some() {
            continue;
        }
        asked += 1;
        if fails(&runtime, &target, &case) {
            return Ok(());
        }
    }
    Err(format!(
        "broken: {}. None of the {asked} cases {cases}* noticed; a case is missing",
        mutant.rule()
    )
    .into())
}

fn fails(runtime: &tokio::runtime::Runtime, target: &Target, case: &Case) -> bool {
    let meter = Arc::new(Meter::new(Budget::default()));
    let folder = run::new_folder();
    let report = run::run_case(target, case, &folder, meter, Keep::Failures);
    let report = runtime.block_on(report);
    // A case that could not be run notices nothing.
    matches!(report.verdict, Verdict::Failed(_))
}
