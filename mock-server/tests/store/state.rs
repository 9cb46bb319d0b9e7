//! Snapshots, forks and resets do what copies of a map would, in any order.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant},
};

use proptest::{collection, prelude::*, sample::select};
use upyun_client::protocol::ServiceName;
use upyun_mock::MockServer;

use crate::{
    kit::{Connection, start},
    model::{Model, Step, compare, send, step, to_request},
};

#[derive(Clone, Debug)]
enum StateStep {
    Operation(&'static str, Step),
    Snapshot,
    /// The snapshot of this number, if there are so many.
    Restore(usize),
    Forget(usize),
    Reset,
    Empty(&'static str),
    /// The second is what the first is.
    Fork(&'static str, &'static str),
    /// Looks at a service alone.
    Look(&'static str),
}

/// How many snapshots, unfinished bodies and removed folders lie in the directory.
pub(crate) fn temporary_entries(server: &MockServer) -> usize {
    let temporary = server.directory().with_file_name(".upyun-mock/tmp");
    fs::read_dir(temporary).unwrap().count()
}

/// Waits until no more is left: folders are removed by other threads.
pub(crate) fn wait_for_temporary_entries(server: &MockServer, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while temporary_entries(server) != count {
        let left = temporary_entries(server);
        assert!(Instant::now() < deadline, "{left} are left, not {count}");
        thread::sleep(Duration::from_millis(2));
    }
}

const SERVICES: [&str; 3] = ["demo", "fork", "fork-of-fork"];

fn state_step() -> impl Strategy<Value = StateStep> {
    let service = || select(&SERVICES[..]);
    prop_oneof![
        40 => (service(), step()).prop_map(|(service, step)| StateStep::Operation(service, step)),
        4 => Just(StateStep::Snapshot),
        4 => (0..4_usize).prop_map(StateStep::Restore),
        1 => (0..4_usize).prop_map(StateStep::Forget),
        1 => Just(StateStep::Reset),
        1 => service().prop_map(StateStep::Empty),
        5 => (service(), service()).prop_map(|(from, to)| StateStep::Fork(from, to)),
        2 => service().prop_map(StateStep::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_agrees_with_copies_of_maps(steps in collection::vec(state_step(), 1..80)) {
        let server = start();
        let mut connection = Connection::open(server.address());
        for name in &SERVICES[1..] {
            server.fork("demo", name).unwrap();
        }
        let mut models: BTreeMap<_, _> = SERVICES.map(|it| (it, Model::default())).into();
        let mut snapshots = Vec::new();
        for step in &steps {
            match step {
                StateStep::Operation(service, step) => {
                    let (method, request) = to_request(service, step);
                    let answer = send(&mut connection, method, &request);
                    let expected = models.get_mut(service).unwrap().apply(step);
                    prop_assert_eq!(answer.status, expected, "{:?} of {:?}", step, steps);
                }
                StateStep::Snapshot => snapshots.push((server.snapshot().unwrap(), models.clone())),
                StateStep::Restore(at) => if let Some((snapshot, then)) = snapshots.get(*at) {
                    server.restore(snapshot).unwrap();
                    models = then.clone();
                },
                StateStep::Forget(at) => if *at < snapshots.len() {
                    snapshots.remove(*at);
                },
                StateStep::Reset => {
                    server.reset().unwrap();
                    models = SERVICES.map(|it| (it, Model::default())).into();
                }
                StateStep::Empty(service) => {
                    server.service(service).unwrap().clear().unwrap();
                    models.insert(service, Model::default());
                }
                StateStep::Fork(from, to) => {
                    if from != to {
                        server.accounts().remove_service(&to.parse::<ServiceName>().unwrap());
                        server.fork(from, to).unwrap();
                    }
                    models.insert(to, models[from].clone());
                }
                StateStep::Look(service) => compare(service, &mut connection, &models[service]),
            }
        }
        for service in SERVICES {
            compare(service, &mut connection, &models[service]);
        }
        drop(snapshots);
        server.reset().unwrap();
        wait_for_temporary_entries(&server, 0);
    }
}
