//! Truststores in the JKS format of Java, which every JVM reads.
//!
//! All numbers are big-endian. A store is a header, its entries, and a SHA-1 digest of the password
//! and both. Certificates are not encrypted: the digest only shows that they are unchanged.

use sha1::{Digest as _, Sha1};

/// The password that Java itself uses for its truststore.
const PASSWORD: &str = "changeit";
const ALIAS: &str = "upyun-mock";
const MAGIC: u32 = 0xFEED_FEED;
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;
/// Mixed into the digest by every implementation.
const SALT: &[u8] = b"Mighty Aphrodite";

/// A truststore with one certificate, given in DER.
pub(super) fn of_certificate(der: &[u8]) -> Vec<u8> {
    let mut store = Vec::new();
    for number in [MAGIC, VERSION, 1, TRUSTED_CERTIFICATE] {
        store.extend(number.to_be_bytes());
    }
    push_text(&mut store, ALIAS);
    // The date of the entry. It is constant, so that a certificate has one truststore.
    store.extend(0_u64.to_be_bytes());
    push_text(&mut store, "X.509");
    store.extend((der.len() as u32).to_be_bytes());
    store.extend(der);
    let digest = digest(&store);
    store.extend(digest);
    store
}

fn push_text(store: &mut Vec<u8>, text: &str) {
    store.extend((text.len() as u16).to_be_bytes());
    store.extend(text.bytes());
}

fn digest(content: &[u8]) -> [u8; 20] {
    let password = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes);
    let sha1 = Sha1::new_with_prefix(password.collect::<Vec<_>>());
    sha1.chain_update(SALT)
        .chain_update(content)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_format() {
        let store = of_certificate(b"certificate");
        let (content, end) = store.split_at(store.len() - 20);
        let want = [
            b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x01\0\0\0\x02".as_slice(),
            b"\0\x0Aupyun-mock",
            &[0; 8],
            b"\0\x05X.509\0\0\0\x0Bcertificate",
        ];
        assert_eq!(content, want.concat());
        let salted = b"\0c\0h\0a\0n\0g\0e\0i\0tMighty Aphrodite".as_slice();
        assert_eq!(end, &*Sha1::digest([salted, content].concat()));
    }
}
