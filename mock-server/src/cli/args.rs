//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as Group, Parser, Subcommand, ValueEnum};

/// The UPYUN object store on loopback.
///
/// Without a subcommand it serves. Objects are plain files in a directory; signatures are checked
/// as the service checks them, and every refusal is explained in the log.
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
    Serve(Serve),
    /// Show string-to-sign and signature of a request, or explain a given one
    Sign(Box<Sign>),
}

#[derive(Debug, Group)]
pub(super) struct Serve {
    /// Serve HTTP here; port 0 picks a free one [default: 127.0.0.1:8390]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) listen: Vec<SocketAddr>,
    /// A service (bucket); may be repeated [default: demo]
    #[arg(long, value_name = "NAME")]
    pub(super) service: Vec<String>,
    /// An operator; may be repeated. The first `:` ends the name; all services and rights unless
    /// limited [default: operator:password]
    #[arg(long, value_name = "NAME:PASSWORD[:SERVICE,…][:rwd]")]
    pub(super) operator: Vec<String>,
    /// Keep objects in this directory [default: a temporary one, removed at exit]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// A TOML file with the same settings and more; flags win
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Let callbacks leave the machine [default: loopback only]
    #[arg(long)]
    pub(super) egress: bool,
    /// Write the journal of requests to this file at exit, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Switch the control plane under /_mock/ off
    #[arg(long)]
    pub(super) no_control: bool,
    /// How log lines look; RUST_LOG chooses which there are
    #[arg(long, value_enum, default_value_t = LogFormat::Pretty)]
    pub(super) log_format: LogFormat,
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
