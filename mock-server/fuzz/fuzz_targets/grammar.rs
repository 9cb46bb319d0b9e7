#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| upyun_mock::fuzzing::grammar(text));
