//! The error table of the crate is the official one, row by row.

use std::collections::BTreeSet;

use upyun_client::protocol::ErrorCode;

const TABLE: &str = include_str!("data/errors.tsv");

fn rows() -> impl Iterator<Item = (u16, u32, &'static str)> {
    TABLE.lines().skip(1).map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().expect("five columns");
        let status = next().parse().expect("a status");
        (status, next().parse().expect("a code"), next())
    })
}

#[test]
fn every_row_of_the_table_is_there() {
    assert_eq!(rows().count(), 258);
    for (status, code, message) in rows() {
        let got = ErrorCode::new(code);
        assert_eq!(got.message(), Some(message), "{code}");
        assert_eq!(got.status(), status, "{code}");
        assert!(got.family().is_some(), "{code}");
    }
}

#[test]
fn two_codes_are_our_own() {
    let official: BTreeSet<u32> = rows().map(|(_, code, _)| code).collect();
    let ours: Vec<u32> = ErrorCode::all()
        .map(ErrorCode::as_u32)
        .filter(|code| !official.contains(code))
        .collect();
    assert_eq!(ours, [40_500_000, 40_600_000]);
    assert_eq!(ErrorCode::all().len(), official.len() + ours.len());
}

#[test]
fn a_foreign_number_keeps_its_status() {
    let code = ErrorCode::new(41_800_001);
    assert_eq!((code.status(), code.message()), (418, None));
}
