//! Uploads in parts.

use proptest::{
    prelude::*,
    sample::select,
    strategy::{BoxedStrategy, Union},
};
use upyun_client::protocol::Md5Digest;

use super::{key, meta, names};
use crate::model::{
    content::Body,
    op::{Begin, Op},
    reference::{Reference, Upload},
};

const MIB: u64 = 1_048_576;

pub(super) fn begin(state: &Reference) -> BoxedStrategy<Op> {
    let lengths = [0, 1, 4097, MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 5];
    let length = proptest::option::weighted(0.8, select(lengths.to_vec()));
    let upload = state.uploads.keys().last().map_or(1, |last| last + 1);
    (key(state), any::<bool>(), length, names::kind(), meta())
        .prop_map(move |(key, ordered, length, kind, meta)| {
            Op::Begin(Begin {
                upload,
                key,
                ordered,
                length,
                kind,
                meta,
            })
        })
        .boxed()
}

/// Something with an upload, mostly one that is open, and mostly what leads to its end.
pub(super) fn go_on(state: &Reference) -> BoxedStrategy<Op> {
    let each = state.uploads.iter().map(|(name, upload)| {
        let weight = if upload.is_open() { 8 } else { 1 };
        (weight, one(*name, upload))
    });
    Union::new_weighted(each.collect()).boxed()
}

fn one(name: u32, upload: &Upload) -> BoxedStrategy<Op> {
    let md5 = {
        let upload = upload.clone();
        prop_oneof![
            4 => Just(None),
            2 => Just(()).prop_map(move |()| Some(upload.content().md5())),
            1 => Just(Some(Md5Digest::of("another"))),
        ]
    };
    let is_full = upload.is_full();
    let complete = md5.prop_map(move |md5| Op::Complete { upload: name, md5 });
    prop_oneof![
        if is_full { 1 } else { 8 } => part(name, upload),
        if is_full { 6 } else { 2 } => complete,
        1 => Just(Op::Cancel(name)),
        2 => Just(Op::Parts(name)),
        1 => Just(Op::Progress(upload.key.clone())),
    ]
    .boxed()
}

fn part(name: u32, upload: &Upload) -> BoxedStrategy<Op> {
    let next = upload.wanted();
    let right = Just((next, upload.exact(next).unwrap_or(MIB)));
    let last = Just((next, 5));
    let is_known = upload.length.is_some();
    let parts = select(vec![0, 1, 2, 3, 9_999, 10_000]);
    let sizes = select(vec![0, 1, MIB - 1, MIB, MIB + 1]);
    prop_oneof![
        6 => right,
        if is_known { 1 } else { 4 } => last,
        2 => (parts, sizes),
    ]
    .prop_flat_map(|(part, size)| (Just(part), Just(size), 0..100_u32))
    .prop_map(move |(part, size, seed)| Op::Part {
        upload: name,
        part,
        body: Body { size, seed },
    })
    .boxed()
}
