//! `save-key`: where the file goes, with placeholders.

use std::time::SystemTime;

use upyun_client::protocol::{Md5Digest, date};

/// What placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// When the upload was received; placeholders are in UTC.
    pub(super) received: SystemTime,
    pub(super) file_name: &'a str,
    pub(super) file_md5: Md5Digest,
}

/// Fills the placeholders in; unknown ones stay as they are (`[choice F-22]`).
pub(super) fn expand(save_key: &str, context: Context<'_>) -> String {
    let mut expanded = String::with_capacity(save_key.len());
    let mut rest = save_key;
    while let Some(open) = rest.find('{') {
        expanded.push_str(&rest[..open]);
        rest = &rest[open..];
        let known = rest
            .find('}')
            .and_then(|close| Some((close, value(&rest[1..close], context)?)));
        match known {
            Some((close, value)) => {
                expanded.push_str(&value);
                rest = &rest[close + 1..];
            }
            None => {
                expanded.push('{');
                rest = &rest[1..];
            }
        }
    }
    expanded + rest
}

fn value(name: &str, context: Context<'_>) -> Option<String> {
    // `Tue, 24 Nov 2026 00:00:00 GMT`
    let date = date::format(context.received);
    let (stem, extension) = split(context.file_name);
    Some(match name {
        "year" => date[12..16].to_owned(),
        "mon" => {
            const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
            format!("{:02}", MONTHS.find(&date[8..11])? / 3 + 1)
        }
        "day" => date[5..7].to_owned(),
        "hour" => date[17..19].to_owned(),
        "min" => date[20..22].to_owned(),
        "sec" => date[23..25].to_owned(),
        "filemd5" => context.file_md5.to_string(),
        // Lower-case hex digits, as in the documentation's sample (`[choice F-20]`).
        "random" => format!("{:016x}", rand::random::<u64>()),
        "random32" => format!("{:032x}", rand::random::<u128>()),
        "filename" => stem.to_owned(),
        "suffix" => extension.to_owned(),
        ".suffix" if extension.is_empty() => String::new(),
        ".suffix" => format!(".{extension}"),
        _ => return None,
    })
}

/// A name and its extension: what follows the last dot, unless that is the first character
/// (`[choice F-21]`).
pub(super) fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[track_caller]
    fn check(save_key: &str, file_name: &str, want: &str) {
        // 2014-02-02 11:05:20
        let context = Context {
            received: UNIX_EPOCH + Duration::from_secs(1_391_339_120),
            file_name,
            file_md5: Md5Digest::of("hello"),
        };
        assert_eq!(expand(save_key, context), want);
    }

    #[test]
    fn placeholders() {
        check(
            "/{year}/{mon}/{day}/{hour}_{min}_{sec}_{filename}{.suffix}",
            "sample.jpg",
            "/2014/02/02/11_05_20_sample.jpg",
        );
        check(
            "/{filemd5}.{suffix}",
            "a.PNG",
            "/5d41402abc4b2a76b9719d911017c592.PNG",
        );
        check("/{filename}{.suffix}", "archive.tar.gz", "/archive.tar.gz");
        check("/{filename}{.suffix}|{suffix}", ".profile", "/.profile|");
        check("/{filename}{.suffix}", "", "/");
        check("/{unknown}{{year}}{", "a", "/{unknown}{2014}{");
    }

    #[test]
    fn random_is_drawn_anew() {
        let context = Context {
            received: UNIX_EPOCH,
            file_name: "",
            file_md5: Md5Digest::of(""),
        };
        let drawn = expand("{random}{random}{random32}", context);
        assert_eq!(drawn.len(), 64);
        assert_ne!(drawn[..16], drawn[16..32]);
    }
}
