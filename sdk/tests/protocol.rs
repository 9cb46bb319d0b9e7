//! What holds of the pure parts for every input.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use upyun_client::protocol::{
    FormPolicy, Key, PasswordMd5, ServiceName,
    list::{Cursor, EntryKind, ListEntry, parse_json, parse_text, to_json, to_text},
    path::{self, RequestPath},
    sign::{
        Authorization, FormSignature, HeaderSignature, LegacySignature, PurgeSignature,
        TokenSignature, basic, upyun,
    },
};

/// Text without line breaks, as in headers.
fn line() -> impl Strategy<Value = String> {
    "\\PC{0,30}"
}

/// What a string-to-sign is joined of: with `&` in it, one could look like two, and an empty MD5 counts
/// as none.
fn field() -> impl Strategy<Value = String> {
    "[^&\\pC]{1,20}"
}

/// A name in a folder, anything that the protocol allows.
fn name() -> impl Strategy<Value = String> {
    let odd = "[a-z%+?#&=;:\\\\ \u{1}\u{7f}\u{85}\u{2028}e\u{301}文😀.]{1,20}";
    let names = prop_oneof!["[a-c.]{1,3}", odd, "\\PC{1,40}"];
    names
        .prop_map(|name| name.replace('/', "_"))
        .prop_filter("a name", |name| Key::parse(name).is_ok())
}

fn key() -> impl Strategy<Value = Key> {
    proptest::collection::vec(name(), 0..5).prop_map(|names| Key::parse(&names.join("/")).unwrap())
}

fn entry() -> impl Strategy<Value = ListEntry> {
    let file = (any::<u64>(), "[a-z]{1,9}/[a-z.+-]{1,9}");
    (name(), any::<u32>(), proptest::option::of(file)).prop_map(|(name, modified, file)| {
        let (size, content_type) = file.unzip();
        ListEntry {
            name,
            kind: match size {
                Some(_) => EntryKind::File,
                None => EntryKind::Folder,
            },
            size: size.unwrap_or_default(),
            modified: UNIX_EPOCH + Duration::from_secs(modified.into()),
            content_type,
        }
    })
}

fn entries() -> impl Strategy<Value = Vec<ListEntry>> {
    proptest::collection::vec(entry(), 0..6)
}

proptest! {
    #[test]
    fn a_path_comes_back(text in "\\PC{0,60}") {
        let encoded = path::encode(&text);
        prop_assert!(encoded.bytes().all(|b| b.is_ascii_graphic()));
        prop_assert_eq!(path::decode(encoded.as_bytes()).unwrap(), text);
    }

    #[test]
    fn no_path_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(path) = RequestPath::parse(&bytes) {
            let _ = path.key();
        }
    }

    #[test]
    fn a_key_comes_back_from_its_path(key in key()) {
        let service: ServiceName = "demo".parse().unwrap();
        let path = RequestPath::parse(path::of(&service, &key).as_bytes()).unwrap();
        prop_assert_eq!(path.service(), "demo");
        prop_assert_eq!(path.key().unwrap(), key.clone());
        prop_assert_eq!(Key::parse(key.as_str()).unwrap(), key);
    }

    #[test]
    fn a_list_comes_back_from_either_format(entries in entries(), last in name()) {
        let plain = |entry: &ListEntry| ListEntry { content_type: None, ..entry.clone() };
        let plain: Vec<_> = entries.iter().map(plain).collect();
        prop_assert_eq!(parse_text(&to_text(&entries)).unwrap(), plain);
        let cursor = Cursor::After(last);
        let json = to_json(entries.clone(), &cursor);
        let (back, iter) = parse_json(json.as_bytes()).unwrap();
        prop_assert_eq!(back, entries);
        prop_assert_eq!(Cursor::decode(&iter), Some(cursor));
    }

    #[test]
    fn no_list_and_no_cursor_is_too_odd(text in "\\PC{0,60}|[a-z\t\n0-9NF]{0,40}") {
        let _ = parse_text(&text);
        let _ = parse_json(text.as_bytes());
        let _ = Cursor::decode(&text);
    }

    #[test]
    fn a_policy_says_what_it_was_told(
        save_key in line(), name in "x-upyun-meta-[a-z]{1,9}", value in line(), sizes in any::<(u32, u32)>(),
    ) {
        let sizes = u64::from(sizes.0)..=u64::from(sizes.1);
        let policy = FormPolicy::new(&*save_key)
            .set(&name, &*value)
            .content_length_range(sizes.clone());
        let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_409_200_758);
        let text = policy.encode(&"demo".parse().unwrap(), at, "a date");
        let json: serde_json::Value =
            serde_json::from_slice(&BASE64_STANDARD.decode(text).unwrap()).unwrap();
        prop_assert_eq!(&json["save-key"], &save_key);
        prop_assert_eq!(&json[&name], &value);
        prop_assert_eq!(&json["content-length-range"], &format!("{},{}", sizes.start(), sizes.end()));
        prop_assert_eq!(&json["expiration"], 1_409_200_758);
        prop_assert_eq!(&json["bucket"], "demo");
    }

    #[test]
    fn an_authorization_comes_back(operator in "[^\\pC: ][^\\pC:]{0,20}", rest in "[^\\pC]{1,30}") {
        prop_assume!(operator == operator.trim() && rest == rest.trim());
        let header = upyun(&operator, &rest);
        match Authorization::parse(&header).unwrap() {
            Authorization::Hmac { operator: who, signature }
            | Authorization::Md5 { operator: who, signature } => {
                prop_assert_eq!((who, signature), (&*operator, &*rest));
            }
            Authorization::Basic { .. } => prop_assert!(false, "{}", header),
        }
        let header = basic(&operator, &rest);
        let back = Authorization::Basic { operator, password: rest };
        prop_assert!(Authorization::parse(&header).unwrap() == back);
    }

    /// A signature fits what was signed, and nothing in which one field or the password is another.
    #[test]
    fn a_signature_fits_one_request(
        fields in (field(), field(), field(), field()), other in field(), password in field(),
        length in any::<u64>(),
    ) {
        let (a, b, c, d) = (&*fields.0, &*fields.1, &*fields.2, &*fields.3);
        prop_assume!([a, b, c, d, &password].iter().all(|it| **it != other));
        let (key, other_key) = (PasswordMd5::of(&password), PasswordMd5::of(&other));
        let x = &*other;

        let it = HeaderSignature { method: a, uri: b, date: c, content_md5: Some(d) };
        let signature = it.sign(&key);
        prop_assert!(it.verify(&key, &signature));
        prop_assert!(!it.verify(&other_key, &signature));
        for changed in [
            HeaderSignature { method: x, ..it },
            HeaderSignature { uri: x, ..it },
            HeaderSignature { date: x, ..it },
            HeaderSignature { content_md5: Some(x), ..it },
            HeaderSignature { content_md5: None, ..it },
        ] {
            prop_assert!(!changed.verify(&key, &signature), "{}", changed.string_to_sign());
        }

        let it = FormSignature { uri: a, date: Some(b), policy: c, content_md5: Some(d) };
        let signature = it.sign(&key);
        prop_assert!(it.verify(&key, &signature));
        prop_assert!(!it.verify(&other_key, &signature));
        for changed in [
            FormSignature { uri: x, ..it },
            FormSignature { date: Some(x), ..it },
            FormSignature { policy: x, ..it },
            FormSignature { content_md5: Some(x), ..it },
        ] {
            prop_assert!(!changed.verify(&key, &signature), "{}", changed.string_to_sign());
        }

        let it = LegacySignature { method: a, uri: b, date: c, content_length: length };
        let signature = it.sign(&key);
        prop_assert!(it.verify(&key, &signature));
        prop_assert!(!it.verify(&other_key, &signature));
        let longer = LegacySignature { content_length: length ^ 1, ..it };
        prop_assert!(!longer.verify(&key, &signature));
        let changed = LegacySignature { uri: x, ..it };
        prop_assert!(!changed.verify(&key, &signature));

        let it = PurgeSignature { purge: a, service: b, date: c };
        let signature = it.sign(&key);
        prop_assert!(it.verify(&key, &signature));
        prop_assert!(!it.verify(&other_key, &signature));
        let changed = PurgeSignature { purge: x, ..it };
        prop_assert!(!changed.verify(&key, &signature));

        let it = TokenSignature { method: a, prefix: Some(b), postfix: Some(c), expire: d };
        let signature = it.sign(&key);
        prop_assert!(it.verify(&key, &signature));
        prop_assert!(!it.verify(&other_key, &signature));
        let changed = TokenSignature { expire: x, ..it };
        prop_assert!(!changed.verify(&key, &signature));
        let changed = TokenSignature { prefix: Some(x), ..it };
        prop_assert!(!changed.verify(&key, &signature));
    }
}
