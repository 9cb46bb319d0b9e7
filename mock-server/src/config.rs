//! What a server is started with: defaults, a TOML file, flags or a builder.

pub(crate) mod address;
mod entries;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub(crate) use self::entries::{OperatorEntry, ServiceEntry};
use crate::{
    accounts::{Operator, Service},
    faults::Fault,
    limits::Limits,
};

/// Everything that a server needs to know to start.
///
/// ```
/// use upyun_mock::Config;
///
/// let config = Config::parse(
///     r#"
///     [[service]]
///     name = "photos"
///     capacity_bytes = 1_000_000
///
///     [[operator]]
///     name = "reader"
///     password = "secret"
///     services = ["photos"]
///     rights = "r"
///     "#,
/// )?;
/// assert_eq!(config.services[0].name.as_str(), "photos");
/// # Ok::<(), upyun_mock::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Addresses to serve HTTP on; port 0 picks a free one.
    pub listen: Vec<SocketAddr>,
    /// More addresses, for HTTPS. Every address speaks both HTTP and HTTPS.
    pub tls: Vec<SocketAddr>,
    /// Where the local certificate authority is kept: in `data` if `None`, and in memory without
    /// that.
    pub ca_dir: Option<PathBuf>,
    /// Hosts that the forward proxy lets through besides the service's.
    pub allow_hosts: Vec<String>,
    /// Where objects are kept; a temporary directory, removed at exit, if `None`.
    pub data: Option<PathBuf>,
    /// The services.
    pub services: Vec<Service>,
    /// The operators.
    pub operators: Vec<Operator>,
    /// Which of several known behaviours of the service is shown.
    pub fidelity: Fidelity,
    /// The directory that holds ffmpeg and ffprobe; on PATH if `None`.
    pub ffmpeg_directory: Option<PathBuf>,
    /// Bounds.
    pub limits: Limits,
    /// Whether the control plane under `/_mock/` is there.
    pub control: bool,
    /// What the control plane wants to be sent; without one it answers to this machine only.
    pub control_token: Option<String>,
    /// Names of this machine, besides its addresses and localhost, by which the control plane may be
    /// reached without a token.
    pub control_hosts: Vec<String>,
    /// Whether callbacks may leave the machine.
    pub egress: bool,
    /// Faults that are set at the start.
    pub faults: Vec<Fault>,
    /// What only the program reads.
    pub(crate) program: ProgramSettings,
    /// This program, if it can be run again to draw pictures.
    pub(crate) drawing_program: Option<PathBuf>,
}

impl Config {
    /// The port that the emulator listens on unless told otherwise.
    pub const DEFAULT_PORT: u16 = 8390;

    /// The defaults without services and operators: see [`Config::with_defaults`].
    pub(crate) fn empty() -> Self {
        Self {
            listen: Vec::new(),
            tls: Vec::new(),
            ca_dir: None,
            allow_hosts: Vec::new(),
            data: None,
            services: Vec::new(),
            operators: Vec::new(),
            fidelity: Fidelity::default(),
            drawing_program: None,
            ffmpeg_directory: None,
            limits: Limits::default(),
            control: true,
            control_token: None,
            control_hosts: Vec::new(),
            egress: false,
            faults: Vec::new(),
            program: ProgramSettings::default(),
        }
    }

    /// Fills in what was not said: service `demo`, operator `operator` with password `password`,
    /// 127.0.0.1:8390.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        if self.listen.is_empty() {
            self.listen
                .push((Ipv4Addr::LOCALHOST, Self::DEFAULT_PORT).into());
        }
        if self.services.is_empty() {
            self.services
                .push(Service::new("demo".parse().expect("a good name")));
        }
        if self.operators.is_empty() {
            self.operators.push(Operator::new("operator", "password"));
        }
        self
    }

    /// What is wrong with services and operators that did not come from a file, which checks them.
    pub(crate) fn errors(&self) -> Vec<ConfigError> {
        let services = self.services.iter();
        let services = services.filter_map(|service| ServiceEntry::of(service).check().err());
        let operators = self.operators.iter();
        let operators =
            operators.filter_map(|operator| entries::check_operator_name(&operator.name).err());
        services.chain(operators).collect()
    }

    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |why: &dyn fmt::Display| {
            ConfigError(format!(
                "the config file {} cannot be used: {why}",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        Self::parse(&text).map_err(|error| wrong(&error))
    }

    /// Reads the text of a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| ConfigError(error.to_string()))?;
        let mut config = Self::empty();
        config.listen = file.listen;
        config.tls = file.tls;
        config.ca_dir = file.ca_dir;
        config.allow_hosts = file.allow_hosts;
        config.data = file.data;
        config.fidelity = file.fidelity;
        config.ffmpeg_directory = file.ffmpeg_directory;
        config.control = file.control;
        config.control_token = file.control_token;
        config.control_hosts = file.control_hosts;
        config.egress = file.egress;
        config.limits = file.limits.into();
        config.faults = file.fault;
        config.program = ProgramSettings {
            journal: file.journal,
            log_format: file.log_format,
            exec: file.exec,
        };
        for service in file.service {
            config.services.push(service.check()?);
        }
        for operator in file.operator {
            config.operators.push(operator.check()?);
        }
        Ok(config)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::empty().with_defaults()
    }
}

/// Which of several known behaviours of the service is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Fidelity {
    /// Which headers of the response to a plain PUT describe the stored object.
    pub put_answer: PutAnswer,
    /// What `/result/` answers with.
    pub task_results: TaskResults,
}

/// `[choice R-91]`: the headers of the response to a successful PUT that is no copy or move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PutAnswer {
    /// None but the facts of a picture, as documented.
    #[default]
    Documented,
    /// `ETag` and `X-Upyun-Content-Length` too, as seen on newer deployments.
    Observed,
}

/// The shape of the answer of `/result/`, on which the documentation and the clients disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskResults {
    /// `{"tasks":{"<id>":{…}}}`, which the official Go and PHP clients read.
    #[default]
    Wrapped,
    /// `{"<id>":{…}}`, as documented.
    Bare,
}

impl TaskResults {
    pub(crate) fn is_bare(self) -> bool {
        self == Self::Bare
    }
}

impl PutAnswer {
    pub(crate) fn has_etag(self) -> bool {
        self == Self::Observed
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, deserialize_with = "address::one_or_more")]
    listen: Vec<SocketAddr>,
    #[serde(default, deserialize_with = "address::one_or_more")]
    tls: Vec<SocketAddr>,
    ca_dir: Option<PathBuf>,
    #[serde(default)]
    allow_hosts: Vec<String>,
    data: Option<PathBuf>,
    #[serde(default)]
    service: Vec<ServiceEntry>,
    #[serde(default)]
    operator: Vec<OperatorEntry>,
    #[serde(default)]
    fidelity: Fidelity,
    ffmpeg_directory: Option<PathBuf>,
    #[serde(default)]
    limits: LimitsEntry,
    #[serde(default = "yes")]
    control: bool,
    control_token: Option<String>,
    #[serde(default)]
    control_hosts: Vec<String>,
    #[serde(default)]
    egress: bool,
    #[serde(default)]
    fault: Vec<Fault>,
    journal: Option<PathBuf>,
    log_format: Option<String>,
    #[serde(default)]
    exec: ExecSettings,
}

/// Settings of the program that a server inside a test does not have.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgramSettings {
    pub(crate) journal: Option<PathBuf>,
    pub(crate) log_format: Option<String>,
    pub(crate) exec: ExecSettings,
}

/// Settings of `exec` only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecSettings {
    pub(crate) via: Option<String>,
    pub(crate) log: Option<PathBuf>,
    #[serde(default)]
    pub(crate) isolate_local: bool,
    #[serde(default)]
    pub(crate) fail_on_leak: bool,
    #[serde(default)]
    pub(crate) report: bool,
}

fn yes() -> bool {
    true
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsEntry {
    max_object_bytes: Option<u64>,
    body_timeout_seconds: Option<f64>,
    journal_entries: Option<usize>,
    journal_bytes: Option<usize>,
    tasks_bytes: Option<usize>,
    callbacks_bytes: Option<usize>,
    tasks_at_once: Option<std::num::NonZeroUsize>,
    task_timeout_seconds: Option<f64>,
    picture_timeout_seconds: Option<f64>,
    picture_cache_bytes: Option<u64>,
    picture_memory_bytes: Option<u64>,
    task_output_bytes: Option<u64>,
}

impl From<LimitsEntry> for Limits {
    fn from(entry: LimitsEntry) -> Self {
        let default = Self::default();
        Self {
            max_object_bytes: entry.max_object_bytes.unwrap_or(default.max_object_bytes),
            body_timeout: seconds(entry.body_timeout_seconds, default.body_timeout),
            journal_entries: entry.journal_entries.unwrap_or(default.journal_entries),
            journal_bytes: entry.journal_bytes.unwrap_or(default.journal_bytes),
            tasks_bytes: entry.tasks_bytes.unwrap_or(default.tasks_bytes),
            callbacks_bytes: entry.callbacks_bytes.unwrap_or(default.callbacks_bytes),
            tasks_at_once: entry
                .tasks_at_once
                .map_or(default.tasks_at_once, std::num::NonZeroUsize::get),
            task_timeout: seconds(entry.task_timeout_seconds, default.task_timeout),
            picture_timeout: seconds(entry.picture_timeout_seconds, default.picture_timeout),
            picture_cache_bytes: entry
                .picture_cache_bytes
                .unwrap_or(default.picture_cache_bytes),
            picture_memory_bytes: entry
                .picture_memory_bytes
                .unwrap_or(default.picture_memory_bytes),
            task_output_bytes: entry.task_output_bytes.unwrap_or(default.task_output_bytes),
        }
    }
}

fn seconds(entry: Option<f64>, default: Duration) -> Duration {
    entry
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(default)
}

/// What is wrong with a configuration, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

#[cfg(test)]
mod tests {
    use upyun_client::protocol::PasswordMd5;

    use super::*;
    use crate::accounts::ServiceState;

    #[track_caller]
    fn check_error(text: &str, want: &str) {
        let error = Config::parse(text).unwrap_err().to_string();
        assert!(error.contains(want), "{error:?} does not say {want:?}");
    }

    #[test]
    fn everything_at_once() {
        let config = Config::parse(
            r#"
            listen = ["127.0.0.1:0"]
            data = "objects"
            control = false
            fidelity.put_answer = "observed"
            limits = { max_object_bytes = 10, body_timeout_seconds = 0.5, journal_entries = 7 }

            [[service]]
            name = "demo"
            state = "read-only"

            [[operator]]
            name = "op"
            password_md5 = "5F4DCC3B5AA765D61D8327DEB882CF99"
            grants = { demo = "rw" }
            blocked_in = ["demo"]
            "#,
        )
        .unwrap();
        assert_eq!(config.limits.body_timeout, Duration::from_millis(500));
        assert_eq!(config.services[0].state, ServiceState::ReadOnly);
        assert_eq!(config.operators[0].key, PasswordMd5::of("password"));
        assert_eq!(config.operators[0].everywhere, None);
        assert!(config.fidelity.put_answer.has_etag());
        assert!(!config.control);
    }

    #[test]
    fn mistakes_are_named() {
        check_error("port = 1", "unknown field `port`");
        check_error("[[service]]\nname = 'Demo'", "`Demo` cannot name a service");
        check_error(
            "[[operator]]\nname = 'op'",
            "give one of password and password_md5",
        );
        check_error("[[operator]]\nname = 'a:b'\npassword = ''", "holds no `:`");
        check_error(
            "[[operator]]\nname = 'op'\npassword = ''\nrights = 'x'",
            "letters of `rwd`",
        );
        check_error(
            "[[operator]]\nname = 'op'\npassword_md5 = 'x'",
            "32 hex digits",
        );
        check_error(
            "[[service]]\nname = 'demo'\nseparator = '+'",
            "one of ! - _",
        );
        check_error(
            "[[service]]\nname = 'demo'\nversions = { small = '/fw/x' }",
            "version \"small\": fw is \"x\"",
        );
        check_error("listen = ['port']", "no address to listen on");
    }

    #[test]
    fn one_address_needs_no_list() {
        let config = Config::parse("listen = '8395'\ntls = ['localhost:8396']").unwrap();
        assert_eq!(config.listen, ["127.0.0.1:8395".parse().unwrap()]);
        assert_eq!(config.tls, ["127.0.0.1:8396".parse().unwrap()]);
    }

    #[test]
    fn defaults_fill_what_was_not_said() {
        let config = Config::default();
        assert_eq!(config.listen, ["127.0.0.1:8390".parse().unwrap()]);
        assert_eq!(config.services[0].name.as_str(), "demo");
        assert_eq!(&*config.operators[0].name, "operator");
    }
}
