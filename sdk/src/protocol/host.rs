//! Host names, and which API a request is for.

/// REST, FORM and resumable uploads; automatic route.
pub const AUTO: &str = "v0.api.upyun.com";
/// The same by China Telecom.
pub const TELECOM: &str = "v1.api.upyun.com";
/// The same by China Unicom (Netcom).
pub const CNC: &str = "v2.api.upyun.com";
/// The same by China Mobile (Tietong).
pub const CTT: &str = "v3.api.upyun.com";
/// The legacy block upload.
pub const BLOCK: &str = "m0.api.upyun.com";
/// Asynchronous processing.
pub const TASKS: &str = "p0.api.upyun.com";
/// Synchronous processing.
pub const SYNC_TASKS: &str = "p1.api.upyun.com";
/// Cache refresh.
pub const PURGE: &str = "purge.upyun.com";

/// What follows `<service>` in the default access domains.
pub const ACCESS_SUFFIXES: [&str; 3] = [".b0.upaiyun.com", ".test.upcdn.net", ".b0.aicdn.com"];

/// The hosts of the APIs.
pub const API_HOSTS: [&str; 8] = [AUTO, TELECOM, CNC, CTT, BLOCK, TASKS, SYNC_TASKS, PURGE];

/// Whether a host, with or without a port, is one of the service's: an API's, or a default access
/// domain.
///
/// ```
/// use upyun_client::protocol::host;
///
/// assert!(host::is_upyun("v0.api.upyun.com:443"));
/// assert!(host::is_upyun("demo.b0.upaiyun.com"));
/// assert!(!host::is_upyun("www.upyun.com"));
/// ```
pub fn is_upyun(host: &str) -> bool {
    let name = without_port(host);
    API_HOSTS
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
        || service_of_access_domain(name).is_some()
}

/// The API that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// REST, FORM and resumable uploads on v0…v3.
    Storage,
    /// The legacy block upload on m0.
    Block,
    /// Asynchronous processing on p0.
    Tasks,
    /// Synchronous processing on p1.
    SyncTasks,
    /// Cache refresh.
    Purge,
    /// An access domain.
    Access,
}

impl Api {
    /// Tells the API by the `Host` header and, where that is an unknown name, by the first segment
    /// of the path (`[choice H-2]`).
    ///
    /// ```
    /// use upyun_client::protocol::host::Api;
    ///
    /// assert_eq!(Api::of("purge.upyun.com:80", "/purge/"), Api::Purge);
    /// assert_eq!(Api::of("127.0.0.1:8390", "/pretreatment/"), Api::Tasks);
    /// assert_eq!(Api::of("localhost", "/demo/a.txt"), Api::Storage);
    /// ```
    pub fn of(host: &str, path: &str) -> Self {
        let name = without_port(host);
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if [AUTO, TELECOM, CNC, CTT].into_iter().any(is) {
            return Self::Storage;
        }
        for (known, api) in [
            (BLOCK, Self::Block),
            (TASKS, Self::Tasks),
            (SYNC_TASKS, Self::SyncTasks),
            (PURGE, Self::Purge),
        ] {
            if is(known) {
                return api;
            }
        }
        if service_of_access_domain(name).is_some() {
            return Self::Access;
        }
        match path.split('/').nth(1) {
            Some("purge") => Self::Purge,
            Some("pretreatment" | "status" | "result") => Self::Tasks,
            _ => Self::Storage,
        }
    }
}

/// The service whose default access domain this is.
pub fn service_of_access_domain(host: &str) -> Option<&str> {
    let name = without_port(host);
    ACCESS_SUFFIXES.iter().find_map(|suffix| {
        let cut = name
            .len()
            .checked_sub(suffix.len())
            .filter(|cut| *cut > 0)?;
        name.get(cut..)?
            .eq_ignore_ascii_case(suffix)
            .then(|| &name[..cut])
    })
}

/// A host without its port, if it has one.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_host_decides_whatever_the_path() {
        assert_eq!(Api::of("V0.API.upyun.com", "/purge/x"), Api::Storage);
        assert_eq!(Api::of("p0.api.upyun.com:443", "/demo/x"), Api::Tasks);
        assert_eq!(Api::of("m0.api.upyun.com", "/demo/"), Api::Block);
        assert_eq!(Api::of("demo.b0.upaiyun.com", "/status/"), Api::Access);
    }

    #[test]
    fn an_unknown_host_leaves_it_to_the_path() {
        assert_eq!(Api::of("[::1]:8390", "/status?x"), Api::Storage);
        assert_eq!(Api::of("[::1]:8390", "/status/"), Api::Tasks);
        assert_eq!(Api::of("", "/"), Api::Storage);
    }

    #[test]
    fn access_domains_name_their_service() {
        assert_eq!(
            service_of_access_domain("demo.B0.upaiyun.com:80"),
            Some("demo")
        );
        assert_eq!(
            service_of_access_domain("demo.test.upcdn.net"),
            Some("demo")
        );
        assert_eq!(service_of_access_domain(".b0.upaiyun.com"), None);
        assert_eq!(service_of_access_domain("é0.upaiyun.com"), None);
    }
}
