//! Dependencies between modules point one way: down. The floors stand here, the lowest first; a module
//! uses modules of lower floors only. Tests at the end of a file may use anything.

mod paths;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use self::paths::CratePath;

/// The modules of the crate. Those of one floor do not use each other.
const CRATE: &[&[&str]] = &[
    &[
        "api_name",
        "clock",
        "features",
        "leaks",
        "limits",
        "operation",
        "request_id",
        "words",
    ],
    &["accounts", "faults", "refusal"],
    &["auth", "journal", "store"],
    &["front", "image"],
    &["config", "tasks"],
    &["report"],
    &["api"],
    &["control_client", "exec", "server"],
    &["cli", "fuzzing"],
];

/// The modules inside `api`: what operations share, the operations, and what leads to them.
const API: &[&[&str]] = &[
    &["answer", "conditions", "cors", "policy", "range", "stream"],
    &["block_uploads", "content", "metadata"],
    &["app"],
    &["trace"],
    &["body", "fork", "picture", "record"],
    &["foreign_host", "malformed", "urlencoded"],
    &["form", "tasks"],
    &["block", "cdn", "control", "purge", "rest", "sync_tasks"],
    &["target"],
    &["dispatch"],
    &["faulty"],
    &["fuzzing", "router"],
];

/// The operations of REST.
const REST: &[&[&str]] = &[
    &["call", "list", "operation"],
    &[
        "copy_move",
        "delete",
        "download",
        "folder",
        "info",
        "patch",
        "upload",
        "usage",
    ],
    &["multipart"],
];

#[test]
fn modules_use_lower_floors_only() {
    check(&[], CRATE);
}

#[test]
fn modules_of_the_api_use_lower_floors_only() {
    check(&["api"], API);
    check(&["api", "rest"], REST);
}

/// Inside the other modules no floors are written down, but nothing goes round in a circle.
#[test]
fn modules_inside_others_do_not_use_each_other_in_a_circle() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut parents = vec![Vec::new()];
    while let Some(parent) = parents.pop() {
        let directory = source.join(parent.iter().collect::<PathBuf>());
        let modules = modules_in(&directory);
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in files_below(&directory) {
            for (user, used, _) in uses_in(source, &file, &parent, &modules) {
                uses.entry(user).or_default().insert(used);
            }
        }
        for module in &modules {
            assert!(
                !reaches(&uses, module, module),
                "{} uses itself by way of others: {uses:?}",
                [parent.clone(), vec![module.clone()]].concat().join("::")
            );
            if directory.join(module).is_dir() {
                parents.push([parent.clone(), vec![module.clone()]].concat());
            }
        }
    }
}

/// Whether a module uses another, itself or by way of others.
fn reaches(uses: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut next, mut seen) = (vec![from], BTreeSet::new());
    while let Some(module) = next.pop() {
        for used in uses.get(module).into_iter().flatten() {
            if used == to {
                return true;
            }
            if seen.insert(used) {
                next.push(used);
            }
        }
    }
    false
}

/// Which modules of a parent a file uses, and by which paths.
fn uses_in(
    source: &Path,
    file: &Path,
    parent: &[String],
    modules: &BTreeSet<String>,
) -> Vec<(String, String, CratePath)> {
    let text = fs::read_to_string(file).expect("a source file is readable");
    let module = module_of(source, file);
    let Some(user) = module.get(parent.len()) else {
        return Vec::new();
    };
    let paths = paths::used_in(&text, &module).into_iter();
    paths
        .filter_map(|path| {
            let used = path.behind(parent)?;
            let is_another = used != *user && modules.contains(&used);
            is_another.then(|| (user.clone(), used, path))
        })
        .collect()
}

/// Checks the modules inside a module.
#[track_caller]
fn check(parent: &[&str], floors: &[&[&str]]) {
    let floor_of = |module: &str| floors.iter().position(|floor| floor.contains(&module));
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let directory: PathBuf = source.join(parent.iter().collect::<PathBuf>());
    let modules = modules_in(&directory);
    let unlisted: Vec<_> = modules
        .iter()
        .filter(|module| floor_of(module).is_none())
        .collect();
    assert!(unlisted.is_empty(), "on no floor: {unlisted:?}");
    let mut upward = Vec::new();
    let parent: Vec<String> = parent.iter().map(ToString::to_string).collect();
    for file in files_below(&directory) {
        for (user, used, path) in uses_in(source, &file, &parent, &modules) {
            if floor_of(&used) >= floor_of(&user) {
                upward.push(format!("{}: {path}", file.display()));
            }
        }
    }
    assert!(
        upward.is_empty(),
        "these use a module of their own floor or a higher one:\n{}",
        upward.join("\n")
    );
}

/// The modules whose files are in a directory.
fn modules_in(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("a directory of modules");
    let names = entries.map(|entry| entry.expect("an entry").path());
    names
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "lib" && name != "main" && name != "tests")
        .collect()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory of modules") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The path of the module in a file; empty for the root of the crate.
fn module_of(source: &Path, file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(source).expect("a file of the crate");
    let relative = relative.with_extension("");
    let names = relative
        .iter()
        .map(|name| name.to_string_lossy().into_owned());
    names
        .filter(|name| name != "lib" && name != "main")
        .collect()
}
