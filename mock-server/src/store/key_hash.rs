//! A key of fixed length for each object.

use upyun_client::protocol::{Key, Md5Digest, ServiceName};

/// The name of a sidecar: the MD5 of service and key.
pub(super) type KeyHash = Md5Digest;

/// The hash of an object.
pub(super) fn hash(service: &ServiceName, key: &Key) -> KeyHash {
    Md5Digest::of([service.as_str(), key.as_str()].concat())
}
