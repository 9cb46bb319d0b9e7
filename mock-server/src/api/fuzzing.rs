//! What a stranger may send to this module, where it is read by a grammar of ours.

use upyun_client::protocol::{
    Key, date,
    list::Cursor,
    path::{self, RequestPath},
    sign::Authorization,
};

use super::{
    form::checks,
    policy::Policy,
    range::{self, Wanted},
    rest::multipart,
};

pub(crate) fn parsers(text: &str) {
    for size in [0, 1, 100, u64::MAX] {
        if let Wanted::Part(part) = range::resolve(text, size) {
            assert!(
                part.start < part.end && part.end <= size,
                "{text} of {size}"
            );
        }
    }
    if let Ok(policy) = Policy::decode(text) {
        read(&policy);
    }
    if let Ok(policy) = Policy::decode(&upyun_client::protocol::sign::encode_policy(text)) {
        read(&policy);
    }
    multipart::try_headers(text);
    if let Some(cursor) = Cursor::decode(text) {
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }
    let _ = Authorization::parse(text);
    let _ = date::parse(text);
    let _ = path::decode(text.as_bytes());
    let _ = RequestPath::parse(text.as_bytes());
    if let Ok(key) = Key::parse(text) {
        let encoded = path::encode(key.as_str());
        assert_eq!(
            path::decode(encoded.as_bytes()).as_deref(),
            Ok(key.as_str())
        );
    }
}

fn read(policy: &Policy) {
    let _ = checks::check_values(policy);
    let _ = checks::metadata(policy);
    let _ = policy.texts();
}
