//! The console: a page, its scripts and its styles, as they stand in `src/console/`.
//!
//! They are part of the program, so that it is one file and needs no other at run time. The policy below
//! lets the page load from here only, and no script that stands in the page itself: a name, a header or a
//! body that holds markup could not run even if a page put it there as markup.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use upyun_client::protocol::Md5Digest;

use super::nothing_here;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

#[derive(Debug)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

macro_rules! assets {
    ($($content_type:ident: $($name:literal)+;)+) => {
        &[$($(Asset {
            name: $name,
            content_type: $content_type,
            content: include_str!(concat!("../../console/", $name)),
        },)+)+]
    };
}

const PAGE: Asset = Asset {
    name: "index.html",
    content_type: HTML,
    content: include_str!("../../console/index.html"),
};

const ASSETS: &[Asset] = assets! {
    STYLE: "style.css" "pages.css";
    SVG: "favicon.svg";
    SCRIPT:
        "account-forms.js" "accounts.js" "api.js" "app.js" "body.js" "callbacks.js" "causes.js"
        "checks.js" "chinese-causes.js" "chinese.js" "clock.js" "connect.js" "curl.js" "diff.js" "dom.js" "fault-form.js" "fault-rules.js"
        "faults.js" "filter.js" "form-body.js" "format.js" "hex.js" "icons.js" "json.js" "keys.js"
        "list.js" "live.js" "login.js" "md5.js" "object.js" "objects.js" "password.js" "polled.js"
        "prefs.js" "purges.js" "report.js" "request.js" "requests.js" "router.js" "server-clock.js"
        "shell.js" "signature.js" "signed.js" "state.js" "tasks.js" "toast.js" "uploads.js" "words.js";
};

/// `GET /_mock`.
pub(super) async fn to_page() -> Redirect {
    Redirect::permanent("/_mock/")
}

/// `GET /_mock/`: the page, for everyone who takes HTML.
pub(super) async fn page(headers: HeaderMap, uri: Uri) -> Response {
    if takes_html(&headers) {
        PAGE.answer(&headers)
    } else {
        nothing_here(uri).await
    }
}

/// `GET /_mock/assets/{file}`.
pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    match ASSETS.iter().find(|asset| asset.name == file) {
        Some(asset) => asset.answer(&headers),
        None => nothing_here(uri).await,
    }
}

fn takes_html(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(header::ACCEPT) else {
        return true;
    };
    accept.to_str().is_ok_and(|accept| {
        ["text/html", "text/*", "*/*"]
            .iter()
            .any(|range| accept.contains(range))
    })
}

impl Asset {
    /// Browsers keep a copy, but ask each time: another version of the program has other assets.
    fn answer(&self, request: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", Md5Digest::of(self.content));
        let is_known = request
            .get(header::IF_NONE_MATCH)
            .and_then(|known| known.to_str().ok())
            .is_some_and(|known| known.contains(&etag));
        let mut answer = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.content.into_response()
        };
        let headers = answer.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(etag) = HeaderValue::try_from(etag) {
            headers.insert(header::ETAG, etag);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in_the_directory() -> Vec<String> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console");
        let mut names: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_console_is_in_the_program() {
        let mut served: Vec<&str> = ASSETS.iter().map(|asset| asset.name).collect();
        served.push(PAGE.name);
        served.sort_unstable();
        assert_eq!(served, names_in_the_directory());
    }

    #[test]
    fn scripts_import_what_there_is() {
        for asset in ASSETS.iter().filter(|asset| asset.content_type == SCRIPT) {
            for line in asset.content.lines() {
                let Some((_, rest)) = line.split_once(" from './") else {
                    continue;
                };
                let imported = rest.trim_end_matches('\'');
                assert!(
                    ASSETS.iter().any(|other| other.name == imported),
                    "{}: {line}",
                    asset.name
                );
            }
        }
    }

    /// Both would let what a program sent become markup or script.
    #[test]
    fn no_script_makes_markup_of_text() {
        for asset in ASSETS {
            for way in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
            ] {
                assert!(!asset.content.contains(way), "{} has {way}", asset.name);
            }
        }
    }

    /// All literal texts of `t('…')` have a Chinese one.
    #[test]
    fn every_text_has_a_chinese_one() {
        let chinese = ASSETS
            .iter()
            .find(|asset| asset.name == "chinese.js")
            .unwrap();
        for asset in ASSETS {
            for piece in asset.content.split("t('").skip(1) {
                let text = piece.split('\'').next().unwrap();
                let before = asset.content.as_bytes()
                    [piece.as_ptr() as usize - asset.content.as_ptr() as usize - 4];
                if !before.is_ascii_alphanumeric() && before != b'.' {
                    assert!(
                        chinese.content.contains(&format!("'{text}':"))
                            || chinese.content.contains(&format!("\n  {text}:")),
                        "{}: {text:?}",
                        asset.name
                    );
                }
            }
        }
    }

    fn asset_named(name: &str) -> &'static str {
        let found = ASSETS.iter().find(|asset| asset.name == name);
        found.unwrap().content
    }

    /// The string literals of Rust sources, but for those of comments and tests.
    fn literals(path: &std::path::Path) -> Vec<String> {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).unwrap();
            return entries
                .flat_map(|entry| literals(&entry.unwrap().path()))
                .collect();
        }
        if path.ends_with("tests.rs") {
            return Vec::new();
        }
        let source = std::fs::read_to_string(path).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: String = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let code = code.replace("'\"'", "' '");
        let mut chars = code.chars().peekable();
        let mut literals = Vec::new();
        while chars.any(|c| c == '"') {
            let mut literal = String::new();
            while let Some(c) = chars.next_if(|c| *c != '"') {
                match (c, chars.peek()) {
                    // A literal that goes on in the next line.
                    ('\\', Some('\n')) => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    ('\\', _) => literal.extend(chars.next()),
                    (c, _) => literal.push(c),
                }
            }
            chars.next();
            literals.push(literal);
        }
        literals
    }

    /// A text with `{}` for each `{…}`.
    fn with_gaps(text: &str) -> String {
        let mut pieces = text.split('{');
        let mut gapped = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.split_once('}').map_or("", |(_, rest)| rest);
            gapped.push_str("{}");
            gapped.push_str(rest);
        }
        gapped
    }

    /// Whoever adds a sentence about a refusal adds its Chinese, or reads here which one is missing.
    #[test]
    fn every_sentence_about_refusals_has_a_chinese_one() {
        // They hold nothing but another sentence, or are not about refusals.
        const WITHOUT: [&str; 4] = ["{}: {}.", "{} is a {}.", " HTTP/1.", "See and change "];
        let known: Vec<String> = asset_named("chinese-causes.js")
            .lines()
            .filter_map(|line| Some(line.strip_prefix("  ['")?.split_once("', '")?.0))
            .map(|english| with_gaps(&english.replace("\\'", "'")))
            .collect();
        let is_known = |sentence: &str| known.iter().any(|english| english == sentence);
        let sources = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let places = ["auth", "api", "front", "refusal.rs"];
        let sentences: Vec<String> = places
            .iter()
            .flat_map(|place| literals(&sources.join(place)))
            .filter(|literal| literal.contains(' ') && literal.ends_with('.'))
            .map(|literal| with_gaps(&literal))
            .filter(|sentence| !WITHOUT.iter().any(|other| sentence.starts_with(other)))
            .collect();
        let missing: Vec<&String> = sentences
            .iter()
            .filter(|sentence| {
                // What a sentence is added to has a Chinese one of its own.
                let alone = sentence.strip_prefix("{} ").unwrap_or(sentence).trim();
                !is_known(alone) && !is_known(sentence)
            })
            .collect();
        assert_eq!(missing, [""; 0], "without a line in chinese-causes.js");
        assert!(sentences.len() > 300, "only {} were found", sentences.len());
    }

    #[test]
    fn the_words_of_the_report_have_chinese_ones() {
        let chinese = asset_named("chinese.js");
        let sources = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let mut count = 0;
        for file in ["operation.rs", "report/features.rs", "journal/fragile.rs"] {
            for literal in literals(&sources.join(file)) {
                if literal.trim().contains(' ') {
                    let line = format!("'{literal}':");
                    assert!(chinese.contains(&line), "{file}: {literal:?}");
                    count += 1;
                }
            }
        }
        assert!(count > 50, "only {count} words were found");
    }

    #[test]
    fn who_takes_html_gets_the_page() {
        let with = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            takes_html(&headers)
        };
        assert!(takes_html(&HeaderMap::new()));
        assert!(with("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"));
        assert!(with("*/*"));
        assert!(!with("application/json"));
    }
}
