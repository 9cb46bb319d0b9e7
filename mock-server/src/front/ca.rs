//! The local certificate authority: it vouches for the service's hosts, and cannot for any other.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use upyun_client::protocol::{Md5Digest, host};

use super::truststore;

/// What the authority may vouch for. Whoever trusts it risks these names and no others.
const DOMAINS: [&str; 5] = [
    "upyun.com",
    "upaiyun.com",
    "upcdn.net",
    "aicdn.com",
    "localhost",
];
const NAME: &str = "upyun-mock local CA";
const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca-key.pem";

/// A certificate authority for this machine.
#[derive(Debug)]
pub(crate) struct LocalCa {
    issuer: Issuer<'static, KeyPair>,
    certificate: CaCertificate,
    /// One key for all hosts: a new one for each would only take time.
    leaf_key: KeyPair,
}

/// The certificate of an authority, without its key.
#[derive(Clone, Debug)]
pub(crate) struct CaCertificate {
    pem: String,
    der: Vec<u8>,
}

impl CaCertificate {
    /// Reads the first certificate of a PEM text.
    pub(crate) fn from_pem(pem: String) -> Result<Self, rcgen::Error> {
        let der = <CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(
            pem.as_bytes(),
        )
        .map_err(|_| rcgen::Error::CouldNotParseCertificate)?
        .to_vec();
        Ok(Self { pem, der })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// As a JKS truststore with the password `changeit`, the format that Java reads.
    pub(crate) fn truststore(&self) -> Vec<u8> {
        truststore::of_certificate(&self.der)
    }

    /// A name for directories: the same for the same certificate.
    pub(crate) fn fingerprint(&self) -> String {
        Md5Digest::of(&self.der).to_string()
    }
}

/// A certificate and its key, for a host.
pub(super) struct Leaf {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl LocalCa {
    /// An authority whose key is nowhere but in memory.
    pub(crate) fn new() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, NAME);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let names = DOMAINS.map(|domain| GeneralSubtree::DnsName(domain.to_owned()));
        let loopback = [
            CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0]),
            CidrSubnet::from_v6_prefix(std::net::Ipv6Addr::LOCALHOST.octets(), 128),
        ];
        let addresses = loopback.map(GeneralSubtree::IpAddress);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: names.into_iter().chain(addresses).collect(),
            excluded_subtrees: Vec::new(),
        });
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(1);
        params.not_after = now + Duration::days(3650);
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            certificate: CaCertificate {
                pem: certificate.pem(),
                der: certificate.der().to_vec(),
            },
            issuer: Issuer::new(params, key),
            leaf_key: KeyPair::generate()?,
        })
    }

    /// The authority of a directory; made, with its key readable by the owner alone, if it has none.
    pub(crate) fn in_directory(directory: &Path) -> io::Result<Self> {
        let (certificate, key) = (directory.join(CERTIFICATE_FILE), directory.join(KEY_FILE));
        match (fs::read_to_string(&certificate), fs::read_to_string(&key)) {
            (Ok(pem), Ok(key)) => Self::load(pem, &key).map_err(|error| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!(
                        "{} holds no authority ({error}); remove {CERTIFICATE_FILE} and {KEY_FILE} \
                         to have a new one made",
                        directory.display()
                    ),
                )
            }),
            (Err(error), _) | (_, Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                Err(error)
            }
            _ => {
                let made = Self::new().map_err(io::Error::other)?;
                fs::create_dir_all(directory)?;
                // Beside and renamed: whoever starts at the same time sees a whole key or none.
                let draft = tempfile::Builder::new()
                    .prefix(".ca")
                    .tempdir_in(directory)?;
                let write = |name: &str, mode, text: &str| {
                    let path = draft.path().join(name);
                    let mut options = fs::OpenOptions::new();
                    let mut file = options
                        .write(true)
                        .create_new(true)
                        .mode(mode)
                        .open(&path)?;
                    file.write_all(text.as_bytes())?;
                    fs::rename(path, directory.join(name))
                };
                write(KEY_FILE, 0o600, &made.issuer.key().serialize_pem())?;
                write(CERTIFICATE_FILE, 0o644, made.pem())?;
                Ok(made)
            }
        }
    }

    fn load(pem: String, key: &str) -> Result<Self, rcgen::Error> {
        let key = KeyPair::from_pem(key)?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key)?;
        let certificate = CaCertificate::from_pem(pem)?;
        Ok(Self {
            issuer,
            certificate,
            leaf_key: KeyPair::generate()?,
        })
    }

    /// The certificate, for programs to trust.
    pub(crate) fn certificate(&self) -> &CaCertificate {
        &self.certificate
    }

    /// The certificate as PEM.
    pub(crate) fn pem(&self) -> &str {
        self.certificate.pem()
    }

    /// A certificate for a host of the service, or for this machine if `None`.
    ///
    /// # Errors
    /// For any other host.
    pub(super) fn leaf(&self, name: Option<&str>) -> Result<Leaf, rcgen::Error> {
        let names = match name {
            Some(name) if vouches_for(name) => vec![name.to_owned()],
            Some(_) => return Err(rcgen::Error::InvalidNameType),
            None => ["localhost", "127.0.0.1", "::1"]
                .map(str::to_owned)
                .to_vec(),
        };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "upyun-mock");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(1);
        // Longer ones are refused by some runtimes.
        params.not_after = now + Duration::days(397);
        let certificate = params.signed_by(&self.leaf_key, &self.issuer)?;
        let key = PrivateKeyDer::try_from(self.leaf_key.serialize_der())
            .map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Leaf {
            certificate: certificate.der().clone(),
            key,
        })
    }
}

/// Whether a name is one of the service's hosts or access domains, or this machine.
pub(crate) fn vouches_for(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || host::is_upyun(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_host_gets_a_certificate() {
        let ca = LocalCa::new().unwrap();
        for name in [
            "v0.api.upyun.com",
            "PURGE.upyun.com",
            "demo.b0.upaiyun.com",
            "localhost",
        ] {
            assert!(ca.leaf(Some(name)).is_ok(), "{name}");
        }
        for name in [
            "example.com",
            "upyun.com.evil.org",
            "evilupyun.com",
            "",
            "www.upyun.com",
        ] {
            assert!(ca.leaf(Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn an_authority_is_kept_with_its_key_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let made = LocalCa::in_directory(directory.path()).unwrap();
        let again = LocalCa::in_directory(directory.path()).unwrap();
        assert_eq!(made.pem(), again.pem());
        let mode = fs::metadata(directory.path().join(KEY_FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(directory.path().join(KEY_FILE), "damaged").unwrap();
        let error = LocalCa::in_directory(directory.path()).unwrap_err();
        assert!(error.to_string().contains("remove ca.pem"), "{error}");
    }
}
