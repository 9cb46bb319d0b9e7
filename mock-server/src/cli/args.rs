//! The command line.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{
    Arg, Args as Group, CommandFactory as _, Parser, Subcommand, ValueEnum,
    builder::FalseyValueParser,
};

use crate::config::address;

/// A setting of `serve` or `exec`: the option's id, its environment variable, its key in the file.
type Setting = (&'static str, &'static str, &'static str);

/// All settings, where help, environment and tests have them from.
const SETTINGS: [Setting; 21] = [
    ("listen", "UPYUN_MOCK_LISTEN", "listen"),
    ("tls", "UPYUN_MOCK_TLS", "tls"),
    ("ca_dir", "UPYUN_MOCK_CA_DIR", "ca_dir"),
    ("allow_host", "UPYUN_MOCK_ALLOW_HOST", "allow_hosts"),
    ("service", "UPYUN_MOCK_SERVICE", "service"),
    ("operator", "UPYUN_MOCK_OPERATOR", "operator"),
    ("data", "UPYUN_MOCK_DATA", "data"),
    ("config", "UPYUN_MOCK_CONFIG", ""),
    ("egress", "UPYUN_MOCK_EGRESS", "egress"),
    ("journal", "UPYUN_MOCK_JOURNAL", "journal"),
    ("fault", "UPYUN_MOCK_FAULT", "fault"),
    ("no_control", "UPYUN_MOCK_NO_CONTROL", "control"),
    ("control_token", "UPYUN_MOCK_CONTROL_TOKEN", "control_token"),
    ("control_host", "UPYUN_MOCK_CONTROL_HOST", "control_hosts"),
    ("log_format", "UPYUN_MOCK_LOG_FORMAT", "log_format"),
    ("via", "UPYUN_MOCK_VIA", "exec.via"),
    ("log", "UPYUN_MOCK_LOG", "exec.log"),
    (
        "isolate_local",
        "UPYUN_MOCK_ISOLATE_LOCAL",
        "exec.isolate_local",
    ),
    (
        "fail_on_leak",
        "UPYUN_MOCK_FAIL_ON_LEAK",
        "exec.fail_on_leak",
    ),
    ("report", "UPYUN_MOCK_REPORT", "exec.report"),
    ("explore_faults", "", ""),
];

/// The command line, with what the table of settings adds to each option.
pub(super) fn command() -> clap::Command {
    let command = Args::command().mut_args(with_setting);
    let command = command.mut_subcommand("serve", |serve| serve.mut_args(with_setting));
    command.mut_subcommand("exec", |exec| exec.mut_args(with_setting))
}

fn with_setting(arg: Arg) -> Arg {
    let setting = SETTINGS
        .iter()
        .find(|(id, ..)| *id == arg.get_id().as_str());
    let Some((_, variable, key)) = setting else {
        return arg;
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let arg = match key.is_empty() {
        true => arg,
        false => arg.help(format!("{help} [config: {key}]")),
    };
    match variable.is_empty() {
        true => arg,
        false => arg.env(*variable).hide_env_values(true),
    }
}

/// The UPYUN object store on loopback.
///
/// Without a subcommand it serves. Objects are plain files in a directory; signatures are checked
/// as the service checks them, and every refusal is explained in the log. A console is at /_mock/ of
/// the address that it prints, http://127.0.0.1:8390/_mock/ by default.
#[derive(Debug, Parser)]
#[command(name = "upyun-mock", version, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) serve: Serve,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The emulator, in the foreground (the default)
    Serve(Box<Serve>),
    /// Show string-to-sign and signature of a request, or explain a given one
    Sign(Box<Sign>),
    /// Start an emulator, run a program against it, and exit with the program's status
    Exec(Box<Exec>),
    /// Print or write the local certificate authority, which programs must trust for HTTPS
    Ca(Ca),
    /// Print lines for /etc/hosts that lead the service's hosts here
    Hosts(Hosts),
    /// Print lines for a shell that make its programs use a server that runs, by proxy variables: eval
    /// "$(upyun-mock env)"
    Env(Env),
    /// Say which ways of `exec` this machine allows, and what the runtimes on PATH need
    Doctor,
    /// A part of `exec`: starts the program and looks after it
    #[command(name = "__keep", hide = true)]
    Keep(Keep),
    /// A part of `exec`: becomes the program, with a filter on itself
    #[command(name = "__filtered", hide = true)]
    Filtered(Filtered),
    /// A part of `exec`: makes sockets in the network that the emulator has left
    #[command(name = "__outside", hide = true)]
    Outside,
    /// A part of `serve`: draws an SVG
    #[command(name = "__draw", hide = true)]
    Draw {
        /// Of the processor
        seconds: u64,
        /// In bytes
        memory: u64,
    },
    /// A part of `exec`: tries whether namespaces, or filters, are allowed
    #[command(name = "__probe", hide = true)]
    Probe(Probe),
}

#[derive(Debug, Group)]
pub(super) struct Serve {
    /// Serve HTTP here; port 0 picks a free one, and without an address it is 127.0.0.1; may be repeated
    /// [default: 127.0.0.1:8390]
    #[arg(long, value_name = "ADDR:PORT", value_parser = address::parse, value_delimiter = ',')]
    pub(super) listen: Vec<SocketAddr>,
    /// Serve HTTPS with the local CA here too; may be repeated. Every address speaks both
    #[arg(long, value_name = "ADDR:PORT", value_parser = address::parse, value_delimiter = ',')]
    pub(super) tls: Vec<SocketAddr>,
    /// Keep the local CA in this directory [default: in --data, else in memory]
    #[arg(long, value_name = "DIR")]
    pub(super) ca_dir: Option<PathBuf>,
    /// Let clients of the proxy reach this host too; may be repeated
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub(super) allow_host: Vec<String>,
    /// A service (bucket); may be repeated [default: demo]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) service: Vec<String>,
    /// An operator; may be repeated. The first `:` ends the name; all services and rights unless
    /// limited [default: operator:password]
    #[arg(
        long,
        value_name = "NAME:PASSWORD[:SERVICE,…][:rwd]",
        value_delimiter = '\n'
    )]
    pub(super) operator: Vec<String>,
    /// Keep objects in this directory [default: a temporary one, removed at exit]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// A TOML file with the same settings and more; flags win
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Let callbacks leave the machine [default: loopback only]
    #[arg(long, value_parser = FalseyValueParser::new())]
    pub(super) egress: bool,
    /// Write the journal of requests to this file at exit, as JSON lines, or as an HTTP archive
    /// if its name ends in .har
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// A rule that makes the service misbehave, like "PUT /demo/** nth=3 => status=503", or as JSON;
    /// may be repeated
    #[arg(long, value_name = "RULE", value_delimiter = '\n')]
    pub(super) fault: Vec<String>,
    /// Switch the control plane under /_mock/ off
    #[arg(long, value_parser = FalseyValueParser::new())]
    pub(super) no_control: bool,
    /// Guard the control plane: it answers to `Authorization: Bearer TOKEN` only; without a token it
    /// answers to this machine only
    #[arg(long, value_name = "TOKEN")]
    pub(super) control_token: Option<String>,
    /// Another name of this machine by which the control plane may be reached without a token; may be
    /// repeated [default: its addresses and localhost]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) control_host: Vec<String>,
    /// How log lines look; RUST_LOG chooses which there are
    /// [default: pretty]
    #[arg(long, value_enum)]
    pub(super) log_format: Option<LogFormat>,
}

/// Options of `exec`, which are those of `serve` and some more.
#[derive(Debug, Group)]
pub(super) struct Exec {
    #[command(flatten)]
    pub(super) serve: Serve,
    /// How the program reaches the emulator; `auto` is the strongest that this machine allows
    /// [default: auto]
    #[arg(long, value_enum)]
    pub(super) via: Option<ViaArg>,
    /// Write the server's log to this file [default: none]
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,
    /// Cut the program off from services of this machine too: ports of the loopback and Unix sockets
    /// that neither it nor the emulator serves; attempts are listed at the end [default: they are
    /// reachable, and listed]. Needs `--via namespace` or `seccomp`
    #[arg(long, value_parser = FalseyValueParser::new())]
    pub(super) isolate_local: bool,
    /// Fail if the program tried to reach another host
    #[arg(long, value_parser = FalseyValueParser::new())]
    pub(super) fail_on_leak: bool,
    /// Tell at the end which operations, error codes and features the program never met, and what it
    /// does that is legal but fragile
    #[arg(long, value_parser = FalseyValueParser::new())]
    pub(super) report: bool,
    /// Run the program once for each of its requests and each of these actions of a fault, which meets
    /// that request alone, and tell where the program loses data or hangs; may be repeated
    /// [default actions: status=503, reset, lose_answer]
    #[arg(
        long,
        value_name = "ACTION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["data", "journal", "report"]
    )]
    pub(super) explore_faults: Vec<String>,
    /// A part of `--explore-faults`: write what was asked and what is stored to this file
    #[arg(long, hide = true)]
    pub(super) outcome: Option<PathBuf>,
    /// The program and its arguments, behind `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ViaArg {
    /// The strongest that works here: namespace, else seccomp, else proxy
    Auto,
    /// UPYUN_* variables only, for programs that can be told an endpoint
    Env,
    /// Proxy variables and trust in the local CA
    Proxy,
    /// The kernel asks the emulator about every connection (Linux): as namespace, where that is
    /// forbidden
    Seccomp,
    /// A network of its own (Linux): works for every program, and no other host is reachable
    Namespace,
}

#[derive(Debug, Group)]
pub(super) struct Ca {
    /// The directory of the CA, which is made if there is none
    #[arg(long, value_name = "DIR")]
    pub(super) ca_dir: PathBuf,
    /// Write the certificate to this file, as PEM, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(super) pem: Option<PathBuf>,
    /// Write a truststore for Java to this file: JKS, password changeit
    #[arg(long, value_name = "FILE")]
    pub(super) truststore: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(super) struct Env {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8390")]
    pub(super) url: String,
    /// The shell that reads the lines
    #[arg(long, value_enum, default_value = "sh")]
    pub(super) shell: Shell,
    /// The directory of the server's CA, which is made if there is none [default: the server is asked for
    /// the certificate]
    #[arg(long, value_name = "DIR", env = "UPYUN_MOCK_CA_DIR")]
    pub(super) ca_dir: Option<PathBuf>,
    /// The service (bucket) [default: UPYUN_SERVICE if the server has it, else the server's first]
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<String>,
    /// The operator [default: UPYUN_USERNAME if the server has it, else the server's first]
    #[arg(long, value_name = "NAME")]
    pub(super) username: Option<String>,
    /// Its password [default: UPYUN_PASSWORD if UPYUN_USERNAME is that operator; the operator named
    /// operator has password; else none is printed]
    #[arg(long)]
    pub(super) password: Option<String>,
    /// The token of the server's --control-token
    #[arg(
        long,
        value_name = "TOKEN",
        env = "UPYUN_MOCK_CONTROL_TOKEN",
        hide_env_values = true
    )]
    pub(super) control_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// And bash, zsh, dash, ksh
    Sh,
    Fish,
    Powershell,
}

#[derive(Debug, Group)]
pub(super) struct Hosts {
    /// A service (bucket) whose access domains are wanted too; may be repeated
    #[arg(long, value_name = "NAME", default_value = "demo")]
    pub(super) service: Vec<String>,
}

#[derive(Debug, Group)]
pub(super) struct Filtered {
    /// None if the filter only refuses kinds of sockets.
    #[arg(long)]
    pub(super) socket: Option<PathBuf>,
    #[arg(long)]
    pub(super) watch: bool,
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Group)]
pub(super) struct Probe {
    #[arg(long)]
    pub(super) seccomp: bool,
}

#[derive(Debug, Group)]
pub(super) struct Keep {
    #[arg(long)]
    pub(super) parent: u32,
    #[arg(long)]
    pub(super) remove: Vec<PathBuf>,
    #[arg(long)]
    pub(super) filtered: bool,
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Pretty,
    Json,
}

#[derive(Debug, Group)]
pub(super) struct Sign {
    /// The operator
    #[arg(long, env = "UPYUN_USERNAME", default_value = "operator")]
    pub(super) operator: String,
    /// Its password
    #[arg(
        long,
        env = "UPYUN_PASSWORD",
        hide_env_values = true,
        default_value = "password"
    )]
    pub(super) password: String,
    /// The request method
    #[arg(long, short = 'X', default_value = "GET")]
    pub(super) method: String,
    /// The path and query as sent, percent-encoded: /<service>/<key>
    pub(super) uri: String,
    /// The date as sent [default: now]
    #[arg(long)]
    pub(super) date: Option<String>,
    /// The Content-MD5 header
    #[arg(long, value_name = "MD5")]
    pub(super) content_md5: Option<String>,
    /// The legacy MD5 signature, over this Content-Length
    #[arg(long, value_name = "BYTES", conflicts_with_all = ["content_md5", "expire"])]
    pub(super) legacy: Option<u64>,
    /// A token for paths that begin so
    #[arg(long, value_name = "PATH", requires = "expire")]
    pub(super) uri_prefix: Option<String>,
    /// A token for paths that end so
    #[arg(long, value_name = "PATH", requires = "expire")]
    pub(super) uri_postfix: Option<String>,
    /// When the token ends, in Unix seconds
    #[arg(long, value_name = "UNIX")]
    pub(super) expire: Option<String>,
    /// Explain this Authorization header instead
    #[arg(long, value_name = "VALUE")]
    pub(super) authorization: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// Options without a variable or a key, and why.
    const EXCEPTIONS: [(&str, &str); 2] = [
        (
            "explore_faults",
            "it is another way to run, and its runs would inherit it",
        ),
        ("config", "the file cannot name itself"),
    ];

    #[test]
    fn every_option_has_its_variable_and_its_key() {
        let command = command();
        for name in ["serve", "exec"] {
            let subcommand = command.find_subcommand(name).unwrap();
            let options = subcommand.get_arguments();
            for option in options.filter(|it| it.get_long().is_some() && !it.is_hide_set()) {
                let id = option.get_id().as_str();
                if matches!(id, "help" | "version") {
                    continue;
                }
                let excused = EXCEPTIONS.iter().any(|(name, _)| *name == id);
                let setting = SETTINGS.iter().find(|(name, ..)| *name == id);
                let (_, variable, key) = setting.unwrap_or_else(|| panic!("{id} has no setting"));
                let named = format!("UPYUN_MOCK_{}", id.to_uppercase());
                assert!(excused || *variable == named, "{id}");
                assert!(excused || !key.is_empty(), "{id}");
                assert_eq!(
                    option.get_env().map_or("", |it| it.to_str().unwrap()),
                    *variable
                );
                if !key.is_empty() {
                    let wrong = Config::parse(&format!("{key} = 1979-05-27")).unwrap_err();
                    let wrong = wrong.to_string();
                    assert!(!wrong.contains("unknown field"), "{id}: {wrong}");
                }
            }
        }
    }
}
