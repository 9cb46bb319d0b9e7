//! The paths that a source file uses, as far as they begin with `crate`, `self` or `super`.

use std::fmt;

/// A path from the root of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CratePath(Vec<String>);

impl CratePath {
    /// The name behind the path of a module, if this path leads into it.
    pub(crate) fn behind(&self, parent: &[String]) -> Option<String> {
        let begins = self.0.len() > parent.len() && self.0.iter().zip(parent).all(|(a, b)| a == b);
        begins.then(|| self.0[parent.len()].clone())
    }
}

impl fmt::Display for CratePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crate::{}", self.0.join("::"))
    }
}

/// All paths in the text of a module, without its comments and its tests.
pub(crate) fn used_in(text: &str, module: &[String]) -> Vec<CratePath> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (start, _) in code.match_indices(root) {
            let before = code[..start].chars().next_back();
            // Inside another path, or the end of another name.
            if before.is_some_and(|c| c == ':' || c == '_' || c.is_alphanumeric()) {
                continue;
            }
            for names in tree(&code[start..]) {
                found.extend(resolve(&names, module));
            }
        }
    }
    found
}

/// The paths of a use tree, or the single path of an expression, at the beginning of a text.
fn tree(text: &str) -> Vec<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if !name.is_empty() {
            names.push(name.to_owned());
        }
        let Some(after) = after.strip_prefix("::") else {
            return vec![names];
        };
        if let Some(group) = after.strip_prefix('{') {
            return branches(group)
                .iter()
                .flat_map(|branch| tree(branch))
                .map(|tail| names.iter().cloned().chain(tail).collect())
                .collect();
        }
        rest = after;
    }
}

/// The members of a group, up to its closing brace.
fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(group[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

fn resolve(names: &[String], module: &[String]) -> Option<CratePath> {
    let mut base = module.to_vec();
    let mut names = names.iter().map(String::as_str).peekable();
    if names.next_if_eq(&"crate").is_some() {
        base.clear();
    } else {
        names.next_if_eq(&"self");
        while names.next_if_eq(&"super").is_some() {
            base.pop()?;
        }
    }
    base.extend(names.map(str::to_owned));
    Some(CratePath(base))
}

#[test]
fn trees_and_expressions_are_resolved() {
    let text = "use super::{b, c::{d, e as f}};\nuse crate::x;\n// crate::no\nlet y = crate::z::g();\n\
                #[cfg(test)]\nmod tests { use crate::never; }";
    let module = ["api".to_owned(), "a".to_owned()];
    let paths: Vec<String> = used_in(text, &module)
        .iter()
        .map(ToString::to_string)
        .collect();
    let want = [
        "crate::x",
        "crate::z::g",
        "crate::api::b",
        "crate::api::c::d",
        "crate::api::c::e",
    ];
    assert_eq!(paths, want);
}
