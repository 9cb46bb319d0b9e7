//! What a key may be.

/// Why one cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Fault {
    Dots,
    Character,
    NameTooLong,
    PathTooLong,
}

impl Fault {
    pub(in crate::model) fn code(self) -> u32 {
        match self {
            Self::Dots => super::code::WRONG_URI,
            Self::Character => super::code::BAD_CHARACTER,
            Self::NameTooLong => super::code::NAME_TOO_LONG,
            Self::PathTooLong => super::code::PATH_TOO_LONG,
        }
    }
}

/// A key in its one form, `/a/b`, and whether a slash ended it. The root is empty.
pub(in crate::model) fn parse(text: &str) -> Result<(String, bool), Fault> {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    if names.contains(&".") || names.contains(&"..") {
        return Err(Fault::Dots);
    }
    if text.contains(['\r', '\n', '\t']) {
        return Err(Fault::Character);
    }
    if names.iter().any(|name| name.len() > 255) {
        return Err(Fault::NameTooLong);
    }
    let key: String = names.iter().flat_map(|name| ["/", name]).collect();
    if key.len() > 1024 {
        return Err(Fault::PathTooLong);
    }
    Ok((key, text.ends_with('/')))
}

pub(super) fn parent(key: &str) -> &str {
    key.rfind('/').map_or("", |slash| &key[..slash])
}

pub(super) fn name(key: &str) -> &str {
    key.rfind('/').map_or(key, |slash| &key[slash + 1..])
}

/// Stem and extension: after the last dot, unless that is the first character (`[choice F-21]`).
pub(super) fn extension(name: &str) -> (&str, Option<&str>) {
    match name.rfind('.') {
        None | Some(0) => (name, None),
        Some(dot) => (&name[..dot], Some(&name[dot + 1..])),
    }
}

/// The type of an object for which none was said; [names](crate::model::names) have no other
/// extensions that mean something.
pub(super) fn kind(key: &str) -> String {
    let extension = extension(name(key)).1.unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "txt" => "text/plain",
        "jpg" => "image/jpeg",
        "json" => "application/json",
        "gz" => "application/gzip",
        // What a placeholder leaves of `a.tar.gz`.
        "tar" => "application/x-tar",
        _ => "application/octet-stream",
    }
    .to_owned()
}
