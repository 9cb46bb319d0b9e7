//! Addresses to listen on, as people write them.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
};

use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// Reads `ADDR:PORT`, `localhost:PORT`, `:PORT` or `PORT`; without an address it is 127.0.0.1.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = match text.rsplit_once(':') {
        Some((host, port)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => port,
        Some(_) => "",
        None => text,
    };
    match port.parse::<u16>() {
        Ok(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(_) => Err(format!(
            "{text:?} is no address to listen on: write it like 127.0.0.1:8390, [::1]:8390, \
             localhost:8390, :8390 or 8390"
        )),
    }
}

/// One address, or a list of them.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<SocketAddr>, D::Error> {
    struct Addresses;

    impl<'de> Visitor<'de> for Addresses {
        type Value = Vec<SocketAddr>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an address to listen on, or a list of them")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![parse(text).map_err(E::custom)?])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut addresses = Vec::new();
            while let Some(text) = list.next_element::<String>()? {
                addresses.push(parse(&text).map_err(de::Error::custom)?);
            }
            Ok(addresses)
        }
    }

    deserializer.deserialize_any(Addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for text in ["127.0.0.1:8395", "localhost:8395", ":8395", "8395"] {
            assert_eq!(parse(text).unwrap().to_string(), "127.0.0.1:8395", "{text}");
        }
        assert_eq!(parse("[::1]:8395").unwrap().to_string(), "[::1]:8395");
        for text in ["", "localhost", "example.com:80", "70000", "127.0.0.1"] {
            assert!(parse(text).unwrap_err().contains("8390"), "{text}");
        }
    }
}
