//! Whether what several tasks saw of one key could have happened one after the other.
//!
//! The method of Wing and Gong: of the operations that are not placed yet, any may come next that
//! began before all others ended. States that were tried are remembered, which keeps histories of a
//! hundred operations quick.

use std::collections::{BTreeSet, HashSet};

/// More operations on one key are not checked.
pub(super) const MOST: usize = 128;

/// What an operation did to one key, or saw of it. Values are numbers of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is this from now on.
    Write(u32),
    /// It is one of these, which nobody was told.
    WriteOneOf(BTreeSet<u32>),
    /// It was this; `None` if it was not there.
    Read(Option<u32>),
    /// It was there.
    Saw,
    /// It was there, and is not any more.
    Remove,
}

impl Action {
    fn only_looks(&self) -> bool {
        matches!(self, Self::Read(_) | Self::Saw)
    }
}

/// An operation in time.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Absent,
    Known(u32),
    OneOf(BTreeSet<u32>),
}

impl State {
    /// What it is after an action, if that is possible.
    fn after(&self, action: &Action) -> Option<Self> {
        match (action, self) {
            (Action::Write(value), _) => Some(Self::Known(*value)),
            (Action::WriteOneOf(values), _) => Some(Self::OneOf(values.clone())),
            (Action::Read(None), Self::Absent) => Some(Self::Absent),
            (Action::Read(Some(seen)), Self::Known(value)) if seen == value => Some(self.clone()),
            (Action::Read(Some(seen)), Self::OneOf(values)) if values.contains(seen) => {
                Some(Self::Known(*seen))
            }
            (Action::Saw, Self::Known(_) | Self::OneOf(_)) => Some(self.clone()),
            (Action::Remove, Self::Known(_) | Self::OneOf(_)) => Some(Self::Absent),
            _ => None,
        }
    }
}

/// Whether there is an order, beginning with nothing there. Of more than [`MOST`] events nothing is
/// said.
pub(super) fn is_linearizable(events: &[Event]) -> bool {
    if events.len() > MOST {
        return true;
    }
    let all = u128::MAX
        .checked_shr((MOST - events.len()) as u32)
        .unwrap_or_default();
    let mut tried = HashSet::new();
    let mut open = vec![(0_u128, State::Absent)];
    while let Some((done, state)) = open.pop() {
        if done == all {
            return true;
        }
        let left = || (0..events.len()).filter(|at| done & (1 << at) == 0);
        let first_end = left().map(|at| events[at].end).min().unwrap_or(u64::MAX);
        let may_be_next = || left().filter(|at| events[*at].begin <= first_end);
        // Where one only looks and changes nothing, every order in which it comes later is also one
        // in which it comes now, so nothing else has to be tried. A write of what is there already
        // is not like that: it may be what brings the value back after a deletion.
        let idle = may_be_next().find(|at| {
            let action = &events[*at].action;
            action.only_looks() && state.after(action).as_ref() == Some(&state)
        });
        if let Some(at) = idle {
            open.push((done | (1 << at), state));
            continue;
        }
        for at in may_be_next() {
            if let Some(next) = state.after(&events[at].action) {
                let step = (done | (1 << at), next);
                if tried.insert(step.clone()) {
                    open.push(step);
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(events: &[(u64, u64, Action)], want: bool) {
        let events: Vec<_> = events
            .iter()
            .map(|(begin, end, action)| Event {
                begin: *begin,
                end: *end,
                action: action.clone(),
            })
            .collect();
        assert_eq!(is_linearizable(&events), want, "{events:?}");
    }

    use Action::{Read, Remove, Saw, Write, WriteOneOf};

    #[test]
    fn one_after_the_other() {
        check(&[], true);
        check(
            &[(0, 1, Read(None)), (2, 3, Write(1)), (4, 5, Read(Some(1)))],
            true,
        );
        check(&[(0, 1, Write(1)), (2, 3, Read(None))], false);
        check(
            &[(0, 1, Write(1)), (2, 3, Write(2)), (4, 5, Read(Some(1)))],
            false,
        );
        check(&[(0, 1, Write(1)), (2, 3, Remove), (4, 5, Remove)], false);
        check(&[(0, 1, Saw)], false);
    }

    #[test]
    fn at_the_same_time() {
        check(
            &[
                (0, 9, Write(1)),
                (1, 2, Read(Some(1))),
                (3, 4, Read(Some(1))),
            ],
            true,
        );
        // Seen, then not seen, with nobody who removes it.
        check(
            &[(0, 9, Write(1)), (1, 2, Read(Some(1))), (3, 4, Read(None))],
            false,
        );
        check(
            &[(0, 9, Write(1)), (0, 9, Write(2)), (10, 11, Read(Some(1)))],
            true,
        );
        check(
            &[
                (0, 9, Write(1)),
                (0, 9, Write(2)),
                (10, 11, Read(Some(1))),
                (12, 13, Read(Some(2))),
            ],
            false,
        );
    }

    #[test]
    fn a_copy_shows_what_it_was_when_it_is_read() {
        let copied = || WriteOneOf([1, 2].into());
        check(
            &[
                (0, 1, copied()),
                (2, 3, Read(Some(2))),
                (4, 5, Read(Some(2))),
            ],
            true,
        );
        check(
            &[
                (0, 1, copied()),
                (2, 3, Read(Some(2))),
                (4, 5, Read(Some(1))),
            ],
            false,
        );
        check(&[(0, 1, copied()), (2, 3, Read(Some(3)))], false);
    }

    #[test]
    fn a_second_copy_of_the_same_brings_back_what_was_deleted() {
        let copied = || WriteOneOf([1, 2].into());
        check(
            &[
                (0, 1, copied()),
                (2, 9, copied()),
                (2, 9, Remove),
                (2, 9, Read(None)),
                (10, 11, Saw),
            ],
            true,
        );
    }

    proptest! {
        /// What really happens in an order can be put into one, however long it took.
        #[test]
        fn every_real_history_passes(
            steps in proptest::collection::vec((0..5_u32, 0..4_u64, 0..4_u64), 0..60)
        ) {
            let mut state = None;
            let events: Vec<_> = steps.iter().zip(0_u64..).map(|((what, early, late), at)| {
                let action = match (what, state) {
                    (0, _) => { state = Some(at as u32); Write(at as u32) }
                    (1, Some(_)) => { state = None; Remove }
                    // What was copied is one of two, and every copy can be of either.
                    (4, _) => { state = Some(at as u32 % 2); WriteOneOf([0, 1].into()) }
                    (2, Some(_)) => Saw,
                    _ => Read(state),
                };
                // Its moment is `at` in the middle.
                Event { begin: (100 + at).saturating_sub(*early), end: 100 + at + late, action }
            }).collect();
            prop_assert!(is_linearizable(&events));
        }
    }
}
