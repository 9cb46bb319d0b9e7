//! Files that make a program trust the local CA and find the emulator.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write as _},
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use super::hosts;
use crate::front::CaCertificate;

/// Where systems keep the certificates that programs trust: Debian and Alpine, RHEL, SUSE, OpenSSL.
const BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/cert.pem",
];

/// Names are asked for here, once: who answers says at once whether they are known.
pub(crate) const RESOLVER: &str = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
/// The same by TCP, where packets cannot be answered from the port that they were sent to.
pub(crate) const RESOLVER_BY_TCP: &str =
    "nameserver 127.0.0.1\noptions use-vc timeout:1 attempts:1\n";

/// The files of a run, in a directory of their own.
#[derive(Debug)]
pub(crate) struct TrustFiles {
    directory: PathBuf,
}

impl TrustFiles {
    /// Writes them; the names will lead to this address.
    pub(crate) fn write(
        directory: &Path,
        ca: &CaCertificate,
        names: &[String],
        address: Ipv4Addr,
        resolver: &str,
    ) -> io::Result<Self> {
        let files = Self {
            directory: directory.to_owned(),
        };
        fs::write(files.bundle(), bundle(ca))?;
        fs::write(files.ca(), ca.pem())?;
        fs::write(files.truststore(), ca.truststore())?;
        let original = fs::read_to_string("/etc/hosts").unwrap_or_default();
        let own = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        fs::write(
            files.hosts(),
            hosts::file(&original, own.trim(), names, address),
        )?;
        // One server, which says at once that a name is not known.
        fs::write(files.resolver(), resolver)?;
        fs::write(
            files.name_services(),
            "passwd: files\ngroup: files\nhosts: files dns\n",
        )?;
        Ok(files)
    }

    /// Writes the certificates alone, to a directory that other processes may be reading.
    pub(crate) fn write_certificates(directory: &Path, ca: &CaCertificate) -> io::Result<Self> {
        let files = Self {
            directory: directory.to_owned(),
        };
        fs::create_dir_all(directory)?;
        replace(&files.bundle(), &bundle(ca))?;
        replace(&files.ca(), ca.pem().as_bytes())?;
        replace(&files.truststore(), &ca.truststore())?;
        Ok(files)
    }

    /// The system's certificates and ours.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.directory.join("bundle.pem")
    }

    /// Ours alone.
    pub(crate) fn ca(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// Ours for Java.
    pub(crate) fn truststore(&self) -> PathBuf {
        self.directory.join("truststore.jks")
    }

    fn hosts(&self) -> PathBuf {
        self.directory.join("hosts")
    }

    fn resolver(&self) -> PathBuf {
        self.directory.join("resolv.conf")
    }

    fn name_services(&self) -> PathBuf {
        self.directory.join("nsswitch.conf")
    }

    /// What is seen under which paths, links included.
    pub(crate) fn paths(&self) -> HashMap<PathBuf, PathBuf> {
        let bundles = BUNDLES
            .iter()
            .map(|path| (self.bundle(), PathBuf::from(path)));
        let all = self.places().into_iter().chain(bundles);
        all.map(|(ours, path)| (path, ours)).collect()
    }

    /// What is seen where inside a namespace.
    pub(crate) fn places(&self) -> Vec<(PathBuf, PathBuf)> {
        let mut places = vec![
            (self.hosts(), PathBuf::from("/etc/hosts")),
            (self.resolver(), PathBuf::from("/etc/resolv.conf")),
            (self.name_services(), PathBuf::from("/etc/nsswitch.conf")),
        ];
        let mut seen: Vec<PathBuf> = Vec::new();
        for bundle in BUNDLES {
            // Some are links to others, and a place is covered once.
            if let Ok(path) = Path::new(bundle).canonicalize()
                && !seen.contains(&path)
            {
                places.push((self.bundle(), path.clone()));
                seen.push(path);
            }
        }
        places
    }
}

/// The system's certificates and this one.
fn bundle(ca: &CaCertificate) -> Vec<u8> {
    let system = BUNDLES.iter().find_map(|path| fs::read(path).ok());
    let mut bundle = system.unwrap_or_default();
    if !bundle.is_empty() && !bundle.ends_with(b"\n") {
        bundle.push(b'\n');
    }
    bundle.extend(ca.pem().bytes());
    bundle
}

/// Replaces a file in one step: readers see the old content or the new.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
