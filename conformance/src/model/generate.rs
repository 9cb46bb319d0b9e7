//! Operations that are worth trying in a state.

mod uploads;

use proptest::{
    prelude::*,
    sample::{Index, select},
    strategy::{BoxedStrategy, Union},
};
use proptest_state_machine::ReferenceStateMachine;
use upyun_client::protocol::{Directive, Md5Digest};

use super::{
    Abilities, Script,
    content::{Body, Content},
    names,
    op::{Checksum, Condition, Form, Meta, Op, Put, Span},
    reference::{Entry, Reference, parse},
};

/// The model as proptest wants it.
pub(super) struct Machine<const CLOCK: bool>;

impl<const CLOCK: bool> ReferenceStateMachine for Machine<CLOCK> {
    type State = Reference;
    type Transition = Op;

    fn init_state() -> BoxedStrategy<Reference> {
        Just(Reference::new(Abilities { clock: CLOCK })).boxed()
    }

    fn transitions(state: &Reference) -> BoxedStrategy<Op> {
        transitions(state)
    }

    fn apply(mut state: Reference, op: &Op) -> Reference {
        state.apply(op);
        state
    }

    fn preconditions(state: &Reference, op: &Op) -> bool {
        state.is_foreseeable(op)
    }
}

/// Scripts of up to so many operations.
pub fn any_script(abilities: Abilities, steps: usize) -> BoxedStrategy<Script> {
    let sequences = match abilities.clock {
        true => Machine::<true>::sequential_strategy(1..=steps).boxed(),
        false => Machine::<false>::sequential_strategy(1..=steps).boxed(),
    };
    sequences.prop_map(|(_, ops, _)| Script(ops)).boxed()
}

fn transitions(state: &Reference) -> BoxedStrategy<Op> {
    let has_clock = state.abilities.clock;
    let mut all: Vec<(u32, BoxedStrategy<Op>)> = vec![
        (14, put(state)),
        (10, get(state)),
        (5, key(state).prop_map(Op::Head).boxed()),
        (7, delete(state)),
        (4, key(state).prop_map(Op::MakeFolder).boxed()),
        (5, list(state)),
        (2, key(state).prop_map(Op::Usage).boxed()),
        (1, Just(Op::Usage("/".to_owned())).boxed()),
        (6, patch(state)),
        (9, transfer(state)),
        (4, form(state)),
        (3, uploads::begin(state)),
        (1, key(state).prop_map(Op::Progress).boxed()),
        (1, Just(Op::Unfinished("/".to_owned())).boxed()),
        (1, key(state).prop_map(Op::Unfinished).boxed()),
    ];
    if state.last_list.is_some() {
        let limit = proptest::option::of(1..4_u32);
        all.push((8, limit.prop_map(|limit| Op::More { limit }).boxed()));
    }
    if !state.uploads.is_empty() {
        all.push((14, uploads::go_on(state)));
    }
    if has_clock {
        all.push((3, advance()));
        all.push((1, Just(Op::Restart).boxed()));
    }
    Union::new_weighted(all).boxed()
}

/// A key that is there more often than not.
fn key(state: &Reference) -> BoxedStrategy<String> {
    let known: Vec<String> = state.entries.keys().cloned().collect();
    if known.is_empty() {
        return names::key().boxed();
    }
    let inside = (select(known.clone()), names::name());
    let inside = inside.prop_map(|(folder, name)| format!("{folder}/{name}"));
    prop_oneof![6 => select(known), 1 => inside, 4 => names::key()].boxed()
}

/// A key of a file, if there is one.
fn file(state: &Reference) -> BoxedStrategy<String> {
    let is_file = |(_, entry): &(&String, &Entry)| matches!(entry, Entry::File(_));
    let files = state.entries.iter().filter(is_file);
    let files: Vec<String> = files.map(|(key, _)| key.clone()).collect();
    match files.is_empty() {
        true => names::key().boxed(),
        false => prop_oneof![5 => select(files), 1 => key(state)].boxed(),
    }
}

fn body() -> impl Strategy<Value = Body> {
    (names::size(), 0..100_u32).prop_map(|(size, seed)| Body { size, seed })
}

/// Names that are metadata only, and the two that mean something, rarely wrong.
fn meta() -> impl Strategy<Value = Meta> {
    let plain = (select(&["a", "b", "x-y"][..]), names::value());
    let plain = plain.prop_map(|(name, value)| (name.to_owned(), value));
    let special = select(
        &[
            ("ttl", "1"),
            ("ttl", "2"),
            ("ttl", "180"),
            ("secret", "s3cret"),
            ("cache-control", "no-store"),
            ("ttl", "0"),
            ("ttl", "181"),
            ("ttl", "x"),
            ("secret", "a-b"),
        ][..],
    );
    let special = special.prop_map(|(name, value)| (name.to_owned(), value.to_owned()));
    let one = prop_oneof![4 => plain, 2 => special];
    proptest::collection::vec(one, 0..3).prop_map(|pairs| pairs.into_iter().collect())
}

fn put(state: &Reference) -> BoxedStrategy<Op> {
    let checksum = prop_oneof![
        6 => Just(Checksum::Absent),
        2 => Just(Checksum::Right),
        1 => Just(Checksum::Wrong),
    ];
    // One in sixty is as large as what is not kept in memory.
    let large = select(&[1_048_575_u64, 1_048_576, 1_048_577][..]);
    let large = large.prop_map(|size| Body { size, seed: 1 });
    let body = prop_oneof![60 => body(), 1 => large];
    (key(state), body, names::kind(), meta(), checksum)
        .prop_map(|(key, body, kind, meta, checksum)| {
            Op::Put(Put {
                key,
                body,
                kind,
                meta,
                checksum,
            })
        })
        .boxed()
}

fn get(state: &Reference) -> BoxedStrategy<Op> {
    let place = || prop_oneof![0..10_u64, select(&[4095_u64, 4096, 4097, 70_000][..])];
    let span = prop_oneof![
        3 => (place(), place()).prop_map(|(first, last)| Span::Inner(first, last)),
        1 => place().prop_map(Span::From),
        1 => place().prop_map(Span::Last),
    ];
    let condition = condition(state);
    (
        file(state),
        proptest::option::weighted(0.3, span),
        proptest::option::weighted(0.2, condition),
    )
        .prop_map(|(key, range, condition)| Op::Get {
            key,
            range,
            condition,
        })
        .boxed()
}

/// ETags of objects that are there, another one, and times around now.
fn condition(state: &Reference) -> BoxedStrategy<Condition> {
    let contents = state.entries.values().filter_map(|entry| match entry {
        Entry::File(object) => Some(object.content.clone()),
        Entry::Folder => None,
    });
    let contents: Vec<Content> = contents.collect();
    let etag = any::<Option<Index>>().prop_map(move |index| match index {
        Some(index) if !contents.is_empty() => index.get(&contents).md5(),
        _ => Md5Digest::of("another"),
    });
    let etag = (etag, any::<bool>()).prop_map(|(etag, is_match)| match is_match {
        true => Condition::Match(etag),
        false => Condition::NoneMatch(etag),
    });
    if !state.abilities.clock {
        return etag.boxed();
    }
    let now = i64::try_from(state.now).unwrap_or_default();
    let time = (-2..3_i64, any::<bool>()).prop_map(move |(by, is_modified)| match is_modified {
        true => Condition::ModifiedSince(now + by),
        false => Condition::UnmodifiedSince(now + by),
    });
    prop_oneof![etag, time].boxed()
}

fn delete(state: &Reference) -> BoxedStrategy<Op> {
    let later = match state.abilities.clock {
        true => proptest::bool::weighted(0.3).boxed(),
        false => Just(false).boxed(),
    };
    (key(state), proptest::bool::weighted(0.3), later)
        .prop_map(|(key, is_folder, later)| Op::Delete {
            key,
            is_folder,
            later,
        })
        .boxed()
}

fn list(state: &Reference) -> BoxedStrategy<Op> {
    let folder = prop_oneof![Just("/".to_owned()), key(state)];
    let limit = proptest::option::weighted(
        0.7,
        prop_oneof![20 => 1..4_u32, 1 => select(&[0_u32, 10_000, 10_001][..])],
    );
    (folder, any::<bool>(), any::<bool>(), limit)
        .prop_map(|(folder, text, descending, limit)| Op::List {
            folder,
            text,
            descending,
            limit,
        })
        .boxed()
}

fn patch(state: &Reference) -> BoxedStrategy<Op> {
    let directive = select(&[Directive::Merge, Directive::Replace, Directive::Delete][..]);
    (file(state), directive, meta(), any::<bool>())
        .prop_map(|(key, directive, meta, touch)| Op::Patch {
            key,
            directive,
            meta: named(directive, meta),
            touch,
        })
        .boxed()
}

/// Of what is deleted only the names count.
fn named(directive: Directive, mut meta: Meta) -> Meta {
    if directive == Directive::Delete {
        meta.values_mut().for_each(String::clear);
    }
    meta
}

fn transfer(state: &Reference) -> BoxedStrategy<Op> {
    let directives = [
        None,
        None,
        Some(Directive::Copy),
        Some(Directive::Merge),
        Some(Directive::Replace),
        Some(Directive::Delete),
    ];
    let directive = select(directives.to_vec());
    (any::<bool>(), file(state), key(state), directive, meta())
        .prop_map(|(is_move, from, to, directive, meta)| {
            let meta = match directive {
                None | Some(Directive::Copy) => Meta::new(),
                Some(directive) => named(directive, meta),
            };
            Op::Transfer {
                is_move,
                from,
                to,
                directive,
                meta,
            }
        })
        .boxed()
}

fn form(state: &Reference) -> BoxedStrategy<Op> {
    let with_placeholders = select(
        &[
            "/{filename}{.suffix}",
            "/d/{filemd5}.{suffix}",
            "/{unknown}{{filename}",
            "//a//b",
            "/a/../b",
        ][..],
    );
    let save_key = prop_oneof![
        3 => key(state),
        2 => with_placeholders.prop_map(str::to_owned),
    ];
    let types = prop_oneof![
        8 => Just(Vec::new()),
        1 => Just(vec!["jpg".to_owned(), "txt".to_owned()]),
        1 => Just(vec!["TXT".to_owned()]),
    ];
    let sizes =
        proptest::option::weighted(0.2, select(&[(0_u64, 4096_u64), (1, 1), (4096, 9999)][..]));
    (
        (save_key, file_name(), body(), names::kind(), meta()),
        (sizes, types, proptest::bool::weighted(0.03)),
    )
        .prop_map(
            |((save_key, name, body, kind, meta), (sizes, types, expired))| {
                // Whether blanks around values stay is not said of forms, as it is of headers.
                let trim = |(name, value): (String, String)| (name, value.trim().to_owned());
                Op::Form(Form {
                    save_key,
                    name: name.to_owned(),
                    body,
                    kind,
                    meta: meta.into_iter().map(trim).collect(),
                    sizes,
                    types,
                    expired,
                })
            },
        )
        .boxed()
}

/// Control characters cannot be written in the header of a part.
fn file_name() -> impl Strategy<Value = &'static str> {
    let is_writable = |name: &&str| !name.chars().any(|it| it.is_ascii_control());
    names::name().prop_filter("a name that a header can hold", is_writable)
}

fn advance() -> BoxedStrategy<Op> {
    prop_oneof![
        4 => 1..4_u64,
        1 => select(&[1800_u64, 43_200, 86_399, 86_400, 86_401, 172_800][..]),
    ]
    .prop_map(Op::Advance)
    .boxed()
}

impl Reference {
    /// Whether the documents leave one answer only. Where two rules would refuse, the order in which
    /// they are looked at is open.
    fn is_foreseeable(&self, op: &Op) -> bool {
        match op {
            Op::Put(put) => {
                // Of a wrong MD5 and a conflict, either may come first.
                put.checksum != Checksum::Wrong || self.would_accept(&put.key)
            }
            Op::More { .. } => self.last_list.is_some(),
            Op::Part { upload, .. } | Op::Complete { upload, .. } | Op::Cancel(upload) => {
                self.uploads.contains_key(upload)
            }
            // Whether the parts of a completed upload are still told is open.
            Op::Parts(upload) => self
                .uploads
                .get(upload)
                .is_some_and(|upload| !upload.is_completed()),
            Op::Begin(begin) => !self.uploads.contains_key(&begin.upload),
            Op::Progress(key) => self.has_a_newest(key),
            _ => true,
        }
    }

    fn would_accept(&self, text: &str) -> bool {
        let Ok((key, _)) = parse(text) else {
            return true;
        };
        self.accepts(&key)
    }
}
