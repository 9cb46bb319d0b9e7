//! `upyun-mock ca` and `upyun-mock hosts`.

use std::{
    io::{self, Write as _},
    net::Ipv4Addr,
};

use super::{
    EXIT_OK, EXIT_USAGE,
    args::{Ca, Hosts},
    serve::complain,
};
use crate::{
    accounts::{Accounts, Service},
    exec::hosts::{lines, names},
    front::LocalCa,
};

/// Prints or writes the certificate of the CA.
pub(super) fn run(args: &Ca) -> u8 {
    match export(args) {
        Ok(()) => EXIT_OK,
        Err(sentence) => {
            complain(&sentence);
            EXIT_USAGE
        }
    }
}

fn export(args: &Ca) -> Result<(), String> {
    let ca = LocalCa::in_directory(&args.ca_dir)
        .map_err(|error| format!("the CA in {} cannot be had: {error}", args.ca_dir.display()))?;
    if let Some(path) = &args.truststore {
        std::fs::write(path, ca.certificate().truststore())
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    match &args.pem {
        Some(path) => std::fs::write(path, ca.pem())
            .map_err(|error| format!("{} cannot be written: {error}", path.display())),
        None if args.truststore.is_some() => Ok(()),
        None => io::stdout()
            .write_all(ca.pem().as_bytes())
            .map_err(|error| error.to_string()),
    }
}

/// Prints lines for a hosts file.
pub(super) fn hosts(args: &Hosts) -> u8 {
    let accounts = Accounts::default();
    for name in &args.service {
        match name.parse() {
            Ok(name) => accounts.put_service(Service::new(name)),
            Err(error) => {
                complain(&format!("{error}"));
                return EXIT_USAGE;
            }
        }
    }
    // If nobody reads there is nobody to tell.
    let _ = io::stdout().write_all(lines(&names(&accounts), Ipv4Addr::LOCALHOST).as_bytes());
    EXIT_OK
}
