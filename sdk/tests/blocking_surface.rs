//! The blocking client has every method and setter of the asynchronous one.
//!
//! Both are read as sources, so that a new setter without its twin fails here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What only one of the two has, and why.
const ASYNC_ONLY: &[(&str, &str, &str)] = &[
    (
        "Download",
        "stream",
        "a blocking download is an `std::io::Read`",
    ),
    ("Entries", "next", "blocking entries are an `Iterator`"),
];

type Surface = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_blocking_client_has_everything() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all = read(&source, &|path| {
        !path.ends_with("blocking") && !path.ends_with("protocol")
    });
    let mut blocking = read(&source.join("blocking"), &|_| true);
    blocking.push(fs::read_to_string(source.join("blocking.rs")).unwrap());
    let asynchronous = surface(&all);
    let blocking = surface(&blocking);
    // It would be empty if the sources were not understood.
    assert!(asynchronous["Client"].len() > 30, "{asynchronous:?}");
    let mut missing = Vec::new();
    for (name, methods) in &asynchronous {
        let is_facade = name == "Client"
            || ["Request", "Domain"].iter().any(|end| name.ends_with(end))
            || ["MultipartUpload", "Download", "Entries"].contains(&&**name);
        // The question that a signer is asked is a value, and the same in both.
        if !is_facade || name == "SignRequest" {
            continue;
        }
        for method in methods {
            let is_there = blocking
                .get(name)
                .is_some_and(|there| there.contains(method));
            let is_excused = ASYNC_ONLY
                .iter()
                .any(|(owner, excused, _)| (*owner, *excused) == (&**name, &**method));
            if !is_there && !is_excused {
                missing.push(format!("{name}::{method}"));
            }
        }
    }
    assert!(missing.is_empty(), "blocking has no {missing:?}");
}

fn read(folder: &Path, is_read: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if is_read(&path) {
                files.extend(read(&path, is_read));
            }
        } else if !path.ends_with("blocking.rs") || folder.ends_with("blocking") {
            files.push(fs::read_to_string(path).unwrap());
        }
    }
    files
}

/// The public methods of each type, those of macros included. A macro is that of the same file, or of
/// any.
fn surface(files: &[String]) -> Surface {
    let mut found = Surface::new();
    let mut shared = Surface::new();
    for file in files {
        scan(file, &Surface::new(), &mut found, &mut shared);
    }
    for file in files {
        let mut own = Surface::new();
        scan(file, &Surface::new(), &mut found, &mut own);
        let mut known = shared.clone();
        known.extend(own);
        scan(file, &known, &mut found, &mut Surface::new());
    }
    found
}

fn scan(source: &str, known: &Surface, found: &mut Surface, macros: &mut Surface) {
    // Of the block at the left margin that the line is in: a type, or a macro.
    let mut owner: Option<String> = None;
    let mut is_macro = false;
    let mut lines = source.lines().peekable();
    while let Some(line) = lines.next() {
        let words = line.trim();
        if let Some(name) = line.strip_prefix("macro_rules! ") {
            owner = Some(name.trim_end_matches(" {").to_owned());
            is_macro = true;
        } else if line.starts_with("impl") && !line.contains(" for ") {
            owner = implemented(line);
            is_macro = false;
        } else if line.starts_with("request! {") {
            blocking_request(&mut lines, found);
        } else if let Some((invoked, rest)) = invocation(line) {
            let mut rest = rest.to_owned();
            if rest.trim().is_empty() {
                rest = lines.peek().copied().unwrap_or_default().to_owned();
            }
            if let Some(methods) = known.get(invoked) {
                let name = identifier(rest.trim()).to_owned();
                found.entry(name).or_default().extend(methods.clone());
            } else if invoked == "questions" {
                let methods = lines.by_ref().take_while(|line| *line != "}");
                let methods = methods.map(|line| identifier(line.trim()).to_owned());
                let domain = found.entry("AccessDomain".to_owned()).or_default();
                domain.extend(methods);
            }
        } else if line == "}" {
            owner = None;
        }
        let declared = ["pub fn ", "pub async fn "]
            .iter()
            .find_map(|start| words.strip_prefix(start));
        if let (Some(declared), Some(owner)) = (declared, &owner) {
            let method = identifier(declared);
            if !method.is_empty() {
                let to = if is_macro { &mut *macros } else { &mut *found };
                to.entry(owner.clone())
                    .or_default()
                    .insert(method.to_owned());
            }
        }
    }
}

/// `request! { Name -> Output; from Maker: method(…), …; setter(…); … }`
fn blocking_request<'a>(lines: &mut impl Iterator<Item = &'a str>, found: &mut Surface) {
    let body: Vec<&str> = lines.take_while(|line| *line != "}").collect();
    let body: Vec<&str> = body
        .into_iter()
        .filter(|line| !line.contains("#["))
        .collect();
    let body = body.join(" ");
    let mut statements = body.split(';').map(str::trim);
    let name = identifier(statements.next().unwrap()).to_owned();
    let makers = statements.next().unwrap().strip_prefix("from ").unwrap();
    let (maker, methods) = makers.split_once(':').unwrap();
    let mut depth = 0;
    let mut start = 0;
    let mut names = Vec::new();
    for (at, character) in methods.char_indices() {
        match character {
            '(' => {
                if depth == 0 {
                    names.push(methods[start..at].trim().to_owned());
                }
                depth += 1;
            }
            ')' => {
                depth -= 1;
                start = at + 1;
            }
            ',' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    found.entry(maker.to_owned()).or_default().extend(names);
    let request = found.entry(name).or_default();
    request.insert("send".to_owned());
    request.extend(statements.filter_map(|setter| {
        let name = identifier(setter);
        (!name.is_empty()).then(|| name.to_owned())
    }));
}

/// The type of an `impl` line.
fn implemented(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl")?;
    let rest = match rest.strip_prefix('<') {
        Some(generic) => generic.split_once("> ")?.1,
        None => rest.trim_start(),
    };
    let name = identifier(rest);
    (!name.is_empty()).then(|| name.to_owned())
}

/// `name!(rest` at the left margin.
fn invocation(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once('!')?;
    let is_name = !name.is_empty() && name == identifier(name);
    is_name.then(|| (name, rest.trim_start_matches([' ', '(', '{'])))
}

fn identifier(text: &str) -> &str {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let end = text.find(|character| !is_part(character));
    &text[..end.unwrap_or(text.len())]
}
