//! How text and key become a signature: the function, and the encoding of its result.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::{Digest as _, Sha1};

use super::{key::Key, variant::Variants};

/// Bytes of an MD5, and of a SHA-1.
const LENGTHS: [usize; 2] = [16, 20];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    /// HMAC-SHA1, the current one.
    Hmac,
    HmacMd5,
    /// HMAC-SHA1 with key and text exchanged.
    Exchanged,
    Sha1(Place),
    Md5(Place),
}

/// Where the key stands in the text of a plain hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `text&key`, as in legacy signatures.
    Joined,
    Behind,
    Before,
    JoinedBefore,
    Absent,
}

impl Place {
    const ALL: [Self; 5] = [
        Self::Joined,
        Self::Behind,
        Self::Before,
        Self::JoinedBefore,
        Self::Absent,
    ];

    pub(super) fn put(self, text: &[u8], key: &[u8]) -> Vec<u8> {
        match self {
            Self::Joined => [text, b"&", key].concat(),
            Self::Behind => [text, key].concat(),
            Self::Before => [key, text].concat(),
            Self::JoinedBefore => [key, b"&", text].concat(),
            Self::Absent => text.to_vec(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Joined => "the string, `&` and the key",
            Self::Behind => "the string and the key",
            Self::Before => "the key and the string",
            Self::JoinedBefore => "the key, `&` and the string",
            Self::Absent => "the string without the key",
        }
    }
}

impl Digest {
    /// The digest of a text under a key.
    pub(super) fn of(self, text: &[u8], key: &Key) -> Vec<u8> {
        match self {
            Self::Hmac => {
                let mut mac = key.sha1.clone();
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
            Self::HmacMd5 => {
                let mut mac = Hmac::<Md5>::new_from_slice(&key.bytes).expect("any length is a key");
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
            Self::Exchanged => {
                let mut mac = Hmac::<Sha1>::new_from_slice(text).expect("any length is a key");
                mac.update(&key.bytes);
                mac.finalize().into_bytes().to_vec()
            }
            Self::Sha1(place) => Sha1::digest(place.put(text, &key.bytes)).to_vec(),
            Self::Md5(place) => Md5::digest(place.put(text, &key.bytes)).to_vec(),
        }
    }

    fn length(self) -> usize {
        match self {
            Self::Hmac | Self::Exchanged | Self::Sha1(_) => 20,
            Self::HmacMd5 | Self::Md5(_) => 16,
        }
    }
}

/// The digests whose results have this length.
pub(super) fn variants(right: Digest, length: usize) -> Variants<Digest> {
    const HMAC: &str = "use HMAC-SHA1 of the string-to-sign, with the MD5 of the password in \
                        lower-case hex as the key, and Base64 of the raw 20 bytes.";
    const LEGACY: &str = "use the MD5 of the string-to-sign, `&` and the MD5 of the password.";
    let remedy = match right {
        Digest::Md5(_) => LEGACY,
        _ => HMAC,
    };
    let mut digests = Variants::none();
    if right.length() == length {
        digests.add_right(right);
    }
    let mut add = |digest: Digest, cause: String| {
        if digest.length() == length {
            digests.add(digest, cause, remedy);
        }
    };
    add(Digest::Hmac, "HMAC-SHA1 was used, not MD5.".to_owned());
    add(Digest::HmacMd5, "HMAC-MD5 was used.".to_owned());
    let cause = "The key and the string-to-sign were swapped in the call to HMAC-SHA1.";
    add(Digest::Exchanged, cause.to_owned());
    for place in Place::ALL {
        let name = place.name();
        let cause = format!("A plain SHA-1 of {name} was used.");
        add(Digest::Sha1(place), cause);
        let cause = format!("A plain MD5 of {name} was used.");
        add(Digest::Md5(place), cause);
    }
    digests
}

/// The bytes that a signature stands for, in each encoding that it may be of.
pub(super) fn decoded(given: &str, right: Digest) -> Variants<Vec<u8>> {
    const RAW: &str = "send the padded standard Base64 of the raw 20 bytes.";
    const HEX: &str = "send the 32 lower-case hex digits of the MD5.";
    let is_legacy = matches!(right, Digest::Md5(_));
    let remedy = if is_legacy { HEX } else { RAW };
    let mut found = Variants::none();
    let mut add = |bytes: Option<Vec<u8>>, cause: &str| {
        if let Some(bytes) = bytes.filter(|bytes| LENGTHS.contains(&bytes.len())) {
            match cause {
                "" => found.add_right(bytes),
                cause => found.add(bytes, cause, remedy),
            }
        }
    };
    let standard = STANDARD.decode(given).ok();
    if is_legacy {
        add(unhex(given), "");
        add(
            standard.clone(),
            "The signature was sent in Base64, not in hex.",
        );
    } else {
        add(standard.clone(), "");
        add(unhex(given), "The HMAC was sent in hex, not in Base64.");
    }
    let inner = standard
        .as_deref()
        .and_then(|inner| str::from_utf8(inner).ok());
    add(
        inner.and_then(unhex),
        "The HMAC was hex-encoded before Base64.",
    );
    let twice = inner.and_then(|inner| STANDARD.decode(inner).ok());
    add(twice, "The signature was encoded in Base64 twice.");
    // A text of Latin-1 letters, written as UTF-8.
    let letters = inner.and_then(|inner| {
        let bytes = inner
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).ok());
        bytes.collect::<Option<Vec<u8>>>()
    });
    add(
        letters,
        "The bytes of the HMAC were turned into text before Base64.",
    );
    let cause = "The Base64 lacks its padding.";
    add(STANDARD_NO_PAD.decode(given).ok(), cause);
    let cause = "The Base64 uses the URL-safe alphabet.";
    add(
        URL_SAFE_NO_PAD.decode(given.trim_end_matches('=')).ok(),
        cause,
    );
    let bare = given.trim_matches(['"', '\'', '<', '>', ' ']);
    let cause = "The signature was sent with quotation marks or brackets around it.";
    add(STANDARD.decode(bare).ok(), cause);
    let percent = upyun_client::protocol::path::decode(given.as_bytes()).ok();
    let cause = "The signature was sent percent-encoded.";
    add(percent.and_then(|text| STANDARD.decode(text).ok()), cause);
    found
}

/// The bytes behind hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() || text.len() > 2 * 64 {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
