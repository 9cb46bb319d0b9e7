//! `upyun-mock env`: lines for a shell whose programs are to use a server that runs.

use std::{
    env,
    ffi::OsString,
    fmt::Write as _,
    io::{self, Write as _},
    path::PathBuf,
};

use reqwest::{Method, Url};
use serde_json::Value;

use super::{
    EXIT_FAILURE, EXIT_OK, EXIT_USAGE,
    args::{Env, Shell},
    serve::{complain, quoted},
};
use crate::{
    ControlClient,
    exec::{
        environment::{Variables, http_url, network_variables},
        trust::TrustFiles,
    },
    front::{CaCertificate, LocalCa},
};

const DEFAULT_SERVICE: &str = "demo";
const DEFAULT_OPERATOR: (&str, &str) = ("operator", "password");

/// Prints the lines.
pub(super) fn run(args: &Env) -> u8 {
    let (host, port) = match address(&args.url) {
        Ok(address) => address,
        Err(sentence) => {
            complain(&sentence);
            return EXIT_USAGE;
        }
    };
    match variables(args, &host, port) {
        Ok(variables) => {
            // If no one reads, no one needs the lines.
            let _ = io::stdout().write_all(lines(args.shell, &variables).as_bytes());
            EXIT_OK
        }
        Err(sentence) => {
            complain(&sentence);
            EXIT_FAILURE
        }
    }
}

/// Host, without the brackets of an IPv6 address, and port.
fn address(url: &str) -> Result<(String, u16), String> {
    let wrong = |why: &str| format!("--url {url:?} {why}; it is like http://127.0.0.1:8390");
    let parsed = Url::parse(url).map_err(|error| wrong(&format!("is no URL ({error})")))?;
    if parsed.scheme() != "http" {
        return Err(wrong(
            "does not begin with http://, which every port of the server speaks",
        ));
    }
    let host = parsed.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']).to_owned();
    match parsed.port_or_known_default() {
        Some(port) if !host.is_empty() => Ok((host, port)),
        _ => Err(wrong("names no host")),
    }
}

fn variables(args: &Env, host: &str, port: u16) -> Result<Variables, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the program's thread cannot be started: {error}"))?;
    let url = http_url(host, port);
    let mut control = ControlClient::new(&url).map_err(|error| error.to_string())?;
    if let Some(token) = &args.control_token {
        control = control.token(token);
    }
    let known = runtime.block_on(control.call::<Value>(Method::GET, "config", ()));
    let (ca, known) = match (&args.ca_dir, known) {
        (Some(directory), known) => {
            let ca = LocalCa::in_directory(directory).map_err(|error| {
                format!("the CA in {} cannot be read: {error}", directory.display())
            })?;
            // The server may be started later, or without its control plane.
            (ca.certificate().clone(), known.unwrap_or_default())
        }
        (None, Ok(known)) => {
            let pem = runtime.block_on(control.ca_pem());
            let pem = pem.map_err(|error| error.to_string())?;
            let ca = CaCertificate::from_pem(pem)
                .map_err(|error| format!("{url}/_mock/ca.pem is no certificate: {error}"))?;
            (ca, known)
        }
        (None, Err(error)) => {
            return Err(format!(
                "{error}. Start the server first (upyun-mock), say where it is with --url, or give the \
                 directory of its CA with --ca-dir"
            ));
        }
    };
    let directory = cache_directory()?.join(ca.fingerprint());
    let trust = TrustFiles::write_certificates(&directory, &ca).map_err(|error| {
        format!(
            "the certificates cannot be written to {}: {error}",
            directory.display()
        )
    })?;
    let mut variables = network_variables(Some((host, port)), &trust);
    variables.insert("UPYUN_ENDPOINT", Some(url.into()));
    variables.extend(credentials(args, &known));
    Ok(variables)
}

/// Where the user's programs keep what they can make again.
fn cache_directory() -> Result<PathBuf, String> {
    let chosen = env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty());
    let cache = chosen.map(PathBuf::from);
    let cache = cache.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    let cache = cache.ok_or("there is no home directory for certificates; set XDG_CACHE_HOME")?;
    Ok(cache.join("upyun-mock"))
}

/// Service and operator: as the options say, else as the environment says if the server has them, else
/// the server's first. The password is never asked for.
fn credentials(args: &Env, known: &Value) -> Variables {
    let inherited = |name: &str| env::var(name).ok();
    let choose = |option: &Option<String>, variable: &str, list: &str, default: &str| {
        let names: Vec<&str> = known[list].as_array().map_or_else(Vec::new, |names| {
            names.iter().filter_map(Value::as_str).collect()
        });
        let is_known = |name: &String| names.is_empty() || names.contains(&name.as_str());
        let first = || names.first().copied().unwrap_or(default).to_owned();
        let chosen = option.clone();
        chosen
            .or_else(|| inherited(variable).filter(is_known))
            .unwrap_or_else(first)
    };
    let service = choose(&args.service, "UPYUN_SERVICE", "services", DEFAULT_SERVICE);
    let (default_operator, default_password) = DEFAULT_OPERATOR;
    let username = choose(
        &args.username,
        "UPYUN_USERNAME",
        "operators",
        default_operator,
    );
    let password = args
        .password
        .clone()
        .or_else(|| {
            inherited("UPYUN_USERNAME")
                .filter(|name| *name == username)
                .and_then(|_| inherited("UPYUN_PASSWORD"))
        })
        .or_else(|| (username == default_operator).then(|| default_password.to_owned()));
    Variables::from([
        ("UPYUN_SERVICE", Some(service.into())),
        ("UPYUN_USERNAME", Some(username.into())),
        ("UPYUN_PASSWORD", password.map(OsString::from)),
    ])
}

fn lines(shell: Shell, variables: &Variables) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        let value = value.as_ref().map(|value| value.to_string_lossy());
        // A string takes any text.
        let _ = match (shell, value) {
            (_, None) if env::var_os(name).is_none() => Ok(()),
            (Shell::Sh, Some(value)) => writeln!(text, "export {name}={}", quoted(&value)),
            (Shell::Sh, None) => writeln!(text, "unset {name}"),
            (Shell::Fish, Some(value)) => {
                let value = value.replace('\\', r"\\").replace('\'', r"\'");
                writeln!(text, "set -gx {name} '{value}'")
            }
            (Shell::Fish, None) => writeln!(text, "set -e {name}"),
            (Shell::Powershell, Some(value)) => {
                writeln!(text, "$Env:{name} = '{}'", value.replace('\'', "''"))
            }
            (Shell::Powershell, None) => writeln!(text, "$Env:{name} = $null"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_reads_what_was_meant() {
        let variables = Variables::from([("A", Some(r"it's \ $x".into()))]);
        let check = |shell, line: &str| assert_eq!(lines(shell, &variables), format!("{line}\n"));
        check(Shell::Sh, r"export A='it'\''s \ $x'");
        check(Shell::Fish, r"set -gx A 'it\'s \\ $x'");
        check(Shell::Powershell, r"$Env:A = 'it''s \ $x'");
    }

    #[test]
    fn addresses_are_of_http() {
        let host = |url| address(url).unwrap();
        assert_eq!(host("http://[::1]:8390/"), ("::1".to_owned(), 8390));
        assert_eq!(host("http://mock"), ("mock".to_owned(), 80));
        for url in ["https://127.0.0.1:8390", "127.0.0.1:8390", "mock"] {
            assert!(address(url).unwrap_err().contains("--url"), "{url}");
        }
    }
}
