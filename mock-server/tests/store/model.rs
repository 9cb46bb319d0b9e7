//! The service does what a map would.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::select};

use crate::kit::{Answer, Connection, Request, delete, get, make_folder, patch, put, start};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Put(&'static str, u8),
    Delete(&'static str),
    MakeFolder(&'static str),
    Copy(&'static str, &'static str),
    Move(&'static str, &'static str),
    Patch(&'static str, u8),
}

const KEYS: &[&str] = &["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "中"];

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let key = || select(KEYS);
    prop_oneof![
        4 => (key(), any::<u8>()).prop_map(|(key, n)| Step::Put(key, n)),
        3 => key().prop_map(Step::Delete),
        2 => key().prop_map(Step::MakeFolder),
        2 => (key(), key()).prop_map(|(from, to)| Step::Copy(from, to)),
        2 => (key(), key()).prop_map(|(from, to)| Step::Move(from, to)),
        1 => (key(), any::<u8>()).prop_map(|(key, n)| Step::Patch(key, n)),
    ]
}

#[derive(Clone, Debug, PartialEq)]
enum Thing {
    File { content: Vec<u8>, meta: Option<u8> },
    Folder,
}

#[derive(Clone, Default)]
pub(crate) struct Model(BTreeMap<String, Thing>);

impl Model {
    pub(crate) fn apply(&mut self, step: &Step) -> u16 {
        match step {
            Step::Put(key, n) => self.put(key, content(*n), None),
            Step::MakeFolder(key) => match self.0.get(*key) {
                Some(Thing::Folder) => 200,
                Some(_) => 406,
                None => {
                    let made = self.parents(key);
                    if made == 200 {
                        self.0.insert((*key).into(), Thing::Folder);
                    }
                    made
                }
            },
            Step::Delete(key) => match self.0.get(*key) {
                None => 404,
                Some(Thing::Folder) if self.has_below(key) => 403,
                Some(_) => {
                    self.0.remove(*key);
                    200
                }
            },
            Step::Copy(from, to) | Step::Move(from, to) if from == to => 400,
            Step::Copy(from, to) => self.copy(from, to),
            Step::Move(from, to) => {
                let status = self.copy(from, to);
                if status == 200 {
                    self.0.remove(*from);
                }
                status
            }
            Step::Patch(key, n) => match self.0.get_mut(*key) {
                None => 404,
                Some(Thing::Folder) => 403,
                Some(Thing::File { meta, .. }) => {
                    *meta = Some(*n);
                    200
                }
            },
        }
    }

    fn put(&mut self, key: &str, content: Vec<u8>, meta: Option<u8>) -> u16 {
        if self.0.get(key) == Some(&Thing::Folder) {
            return 406;
        }
        let made = self.parents(key);
        if made == 200 {
            self.0.insert(key.into(), Thing::File { content, meta });
        }
        made
    }

    fn copy(&mut self, from: &str, to: &str) -> u16 {
        match self.0.get(from).cloned() {
            None => 404,
            Some(Thing::Folder) => 403,
            Some(Thing::File { content, meta }) => self.put(to, content, meta),
        }
    }

    fn parents(&mut self, key: &str) -> u16 {
        let parents: Vec<&str> = key.match_indices('/').map(|(at, _)| &key[..at]).collect();
        for parent in &parents {
            if matches!(self.0.get(*parent), Some(Thing::File { .. })) {
                return 406;
            }
        }
        for parent in parents {
            self.0.entry(parent.into()).or_insert(Thing::Folder);
        }
        200
    }

    fn has_below(&self, key: &str) -> bool {
        self.0
            .keys()
            .any(|known| known.starts_with(&format!("{key}/")))
    }

    fn children(&self, folder: &str) -> Vec<(String, bool, usize)> {
        self.0
            .iter()
            .filter_map(|(key, thing)| {
                let name = key
                    .strip_prefix(folder)
                    .filter(|name| !name.contains('/'))?;
                Some(match thing {
                    Thing::Folder => (name.to_owned(), true, 0),
                    Thing::File { content, .. } => (name.to_owned(), false, content.len()),
                })
            })
            .collect()
    }
}

fn content(n: u8) -> Vec<u8> {
    vec![n; usize::from(n) * 7]
}

fn target(service: &str, key: &str) -> String {
    format!("/{service}/{}", key.replace('中', "%E4%B8%AD"))
}

pub(crate) fn to_request(service: &str, step: &Step) -> (&'static str, Request) {
    let target = |key: &str| target(service, key);
    match step {
        Step::Put(key, n) => ("PUT", put(&target(key), content(*n))),
        Step::Delete(key) => ("DELETE", delete(&target(key))),
        Step::MakeFolder(key) => ("POST", make_folder(&target(key))),
        Step::Copy(from, to) => (
            "PUT",
            put(&target(to), "").header("X-Upyun-Copy-Source", target(from)),
        ),
        Step::Move(from, to) => (
            "PUT",
            put(&target(to), "").header("X-Upyun-Move-Source", target(from)),
        ),
        Step::Patch(key, n) => (
            "PATCH",
            patch(&target(key)).header("x-upyun-meta-n", n.to_string()),
        ),
    }
}

pub(crate) fn send(connection: &mut Connection, method: &str, request: &Request) -> Answer {
    connection.write(&request.to_bytes());
    connection.answer(method)
}

pub(crate) fn compare(service: &str, connection: &mut Connection, model: &Model) {
    for key in KEYS {
        let answer = send(connection, "GET", &get(&target(service, key)));
        match model.0.get(*key) {
            None => assert_eq!(answer.status, 404, "{key}"),
            Some(Thing::File { content, meta }) => {
                assert!(answer.body == *content, "{key}");
                let meta = meta.map(|n| n.to_string());
                assert_eq!(answer.header("x-upyun-meta-n"), meta.as_deref(), "{key}");
            }
            Some(Thing::Folder) => {
                assert!(answer.header("x-upyun-list-iter").is_some(), "{key}");
                assert_eq!(listed(&answer), model.children(&format!("{key}/")));
            }
        }
    }
    let root = send(connection, "GET", &get(&format!("/{service}/")));
    assert_eq!(listed(&root), model.children(""));
    let usage = send(connection, "GET", &get(&format!("/{service}/?usage")));
    let sizes = model.0.values().map(|thing| match thing {
        Thing::File { content, .. } => content.len(),
        Thing::Folder => 0,
    });
    assert_eq!(usage.text(), sizes.sum::<usize>().to_string());
}

fn listed(answer: &Answer) -> Vec<(String, bool, usize)> {
    let lines = answer.text().split('\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            (
                fields[0].to_owned(),
                fields[1] == "F",
                fields[2].parse().unwrap(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_agrees_with_a_map(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let server = start();
        let mut connection = Connection::open(server.address());
        let mut model = Model::default();
        for step in &steps {
            let (method, request) = to_request("demo", step);
            let answer = send(&mut connection, method, &request);
            prop_assert_eq!(answer.status, model.apply(step), "{:?} of {:?}", step, steps);
        }
        compare("demo", &mut connection, &model);
    }
}
