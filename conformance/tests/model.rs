//! A few hundred random sequences on the emulator, beside the model.
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use upyun_conformance::{
    Target,
    model::{Search, Tally, concurrent::Load},
    wire::{Budget, Meter},
};

/// UPYUN_MODEL_SEED repeats what a failure has printed.
fn search() -> Search {
    let seed = std::env::var("UPYUN_MODEL_SEED").ok();
    Search {
        target: Target::mock(),
        seed: seed.map_or_else(rand::random, |seed| {
            seed.parse().expect("UPYUN_MODEL_SEED is a number")
        }),
        steps: 40,
        shrinks: 1000,
        folder: String::new(),
        meter: Arc::new(Meter::new(Budget::default())),
        stop: Arc::default(),
    }
}

#[track_caller]
fn check(search: &Search, tally: &Tally) {
    if let Some(finding) = &tally.stopped {
        panic!("UPYUN_MODEL_SEED={}\n{finding}", search.seed);
    }
    assert!(tally.operations >= tally.sequences);
}

#[test]
fn the_emulator_does_what_the_model_does() {
    let search = search();
    let tally = search.many(200, 2, || {});
    check(&search, &tally);
    assert_eq!(tally.sequences, 200);
}

#[test]
fn what_several_tasks_see_has_an_order() {
    let search = search();
    let load = Load {
        tasks: 6,
        steps: 15,
        keys: 3,
    };
    let tally = search.many_concurrent(30, 1, load, || {});
    check(&search, &tally);
    assert_eq!(tally.sequences, 30);
}
