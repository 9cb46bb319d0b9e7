//! The anti-leech token of access domains.

use super::{join, md5_hex, same};

/// `_upt`: eight digits of `md5(secret & etime & URI)`, then the time at which the link ends.
///
/// Sent as the query parameter or the cookie `_upt`; the query wins (`[choice A-27]`).
///
/// ```
/// use upyun_client::protocol::sign::CdnToken;
///
/// let token = CdnToken { secret: "mysecret", etime: 1370000600, uri: "/dir/pic.jpg" };
/// assert_eq!(token.upt(), "af8b8df91370000600");
/// ```
#[derive(Clone, Copy)]
pub struct CdnToken<'a> {
    /// The secret that the domain was configured with.
    pub secret: &'a str,
    /// Unix seconds from which the link is void.
    pub etime: u64,
    /// The path as sent, percent-encoded, without the query (`[choice A-26]`).
    pub uri: &'a str,
}

impl CdnToken<'_> {
    /// The value of `_upt`.
    pub fn upt(&self) -> String {
        let etime = self.etime.to_string();
        let md5 = md5_hex(&join([Some(self.secret), Some(&etime), Some(self.uri)]));
        format!("{}{etime}", &md5[12..20])
    }

    /// Whether the given `_upt` opens this URI at the given time. A link ends at its etime
    /// (`[choice A-28]`).
    pub fn verify(secret: &str, uri: &str, given: &str, now_unix: u64) -> bool {
        let Some(etime) = given.get(8..).and_then(|etime| etime.parse().ok()) else {
            return false;
        };
        etime > now_unix && same(&CdnToken { secret, etime, uri }.upt(), given)
    }
}

impl std::fmt::Debug for CdnToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CdnToken")
            .field("etime", &self.etime)
            .field("uri", &self.uri)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_path_until_its_time() {
        let check = |uri, given, now| CdnToken::verify("mysecret", uri, given, now);
        assert!(check("/dir/pic.jpg", "af8b8df91370000600", 1370000599));
        assert!(!check("/dir/pic.jpg", "af8b8df91370000600", 1370000600));
        assert!(!check("/dir/pic2.jpg", "af8b8df91370000600", 1370000599));
        assert!(!check("/dir/pic.jpg", "af8b8df91370000601", 1370000599));
        assert!(!check("/dir/pic.jpg", "", 0));
        assert!(!check("/dir/pic.jpg", "äöüß1370000600", 0));
    }
}
