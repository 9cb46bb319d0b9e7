//! Conformance cases and other-language clients for the UPYUN protocol.
