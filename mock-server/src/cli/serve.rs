//! `upyun-mock serve`.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ValueEnum;
use upyun_client::protocol::{PasswordMd5, ServiceName};

use super::{
    EXIT_FAILURE, EXIT_OK, EXIT_USAGE,
    args::{LogFormat, Serve},
};
use crate::{
    accounts::{Operator, Rights, Service},
    clock::Clock,
    config::{Config, ConfigError},
    exec::environment,
    faults::Fault,
    front::Farewell,
    journal::{Journal, har},
    server::Running,
};

/// How often it is tried to remove the temporary directory.
const REMOVALS: usize = 10;
/// How long files that are being read or written at the end are waited for.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Serves until Ctrl-C or SIGTERM.
pub(super) fn run(args: Serve) -> u8 {
    let config = match config(args) {
        Ok(config) => config,
        Err(error) => {
            complain(&error.to_string());
            return EXIT_USAGE;
        }
    };
    let format = match log_format(&config) {
        Ok(format) => format,
        Err(sentence) => {
            complain(&sentence);
            return EXIT_USAGE;
        }
    };
    start_log(format, io::stderr, io::stderr().is_terminal());
    warn_of_default_password(&config);
    let journal_file = config.program.journal.clone();
    let opened = Running::open(config, Clock::system()).map_err(|error| with_source(&error));
    let running = match opened {
        Ok(running) => running,
        Err(sentence) => {
            complain(&sentence);
            return EXIT_USAGE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the program's threads cannot be started: {error}"));
            return EXIT_FAILURE;
        }
    };
    let journal = running.app.journal.clone();
    let outcome = runtime.block_on(async {
        let signals = signals(running.temporary().map(Path::to_owned))?;
        tokio::spawn({
            let stop = running.app.stop.clone();
            async move {
                signals.await;
                stop.cancel();
            }
        });
        let greeting = greeting(&running);
        let mut stdout = io::stdout().lock();
        // Nobody may be reading; that is no reason not to serve.
        let _ = stdout
            .write_all(greeting.as_bytes())
            .and_then(|()| stdout.flush());
        drop(stdout);
        running.run(Farewell::Graceful).await
    });
    // All requests have been answered: what is still at work is of no use to anybody.
    runtime.shutdown_timeout(LAST_WAIT);
    if let Err(error) = outcome {
        complain(&format!("the server stopped: {error}"));
        return EXIT_FAILURE;
    }
    if let Some(file) = journal_file
        && let Err(error) = write_journal(&journal, &file)
    {
        complain(&format!(
            "the journal cannot be written to {}: {error}",
            file.display()
        ));
        return EXIT_FAILURE;
    }
    EXIT_OK
}

/// A future that ends with the first Ctrl-C or SIGTERM. The second one ends the process, and removes this
/// directory.
fn signals(temporary: Option<PathBuf>) -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: running requests finish first");
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if let Some(directory) = temporary {
                remove(&directory);
            }
            std::process::exit(i32::from(EXIT_FAILURE));
        });
    })
}

/// Removes a directory into which others may still write.
fn remove(directory: &Path) {
    for _ in 0..REMOVALS {
        if std::fs::remove_dir_all(directory).is_ok() || !directory.exists() {
            return;
        }
    }
    complain(&format!(
        "the directory {} cannot be removed; remove it yourself",
        directory.display()
    ));
}

/// What stands on stdout when the server is ready: an address, then lines to paste into a shell.
fn greeting(running: &Running) -> String {
    let mut text = String::new();
    for (index, address) in running.addresses.iter().enumerate() {
        let scheme = if index < running.plain {
            "http"
        } else {
            "https"
        };
        // A string takes any text.
        let _ = writeln!(text, "upyun-mock listening on {scheme}://{address}");
    }
    for (name, value) in environment::credentials(&running.app.accounts, |_| None) {
        let _ = writeln!(text, "export {name}={}", quoted(&value));
    }
    let address = environment::reachable(running.addresses[0]);
    let _ = writeln!(text, "export UPYUN_ENDPOINT=http://{address}");
    if running.app.settings.control {
        let _ = writeln!(text, "# console: http://{address}/_mock/");
    }
    text
}

/// A text as one word of a POSIX shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&b);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The config file, then the flags, then the defaults.
pub(super) fn config(mut args: Serve) -> Result<Config, ConfigError> {
    let mut config = match &args.config {
        Some(file) => Config::read(file)?,
        None => Config::empty(),
    };
    if !args.listen.is_empty() {
        config.listen = args.listen;
    }
    if !args.tls.is_empty() {
        config.tls = args.tls;
    }
    if args.ca_dir.is_some() {
        config.ca_dir = args.ca_dir;
    }
    config.allow_hosts.extend(args.allow_host);
    if !args.service.is_empty() {
        let services = args
            .service
            .iter()
            .map(|name| service_name(name).map(Service::new));
        config.services = services.collect::<Result<_, _>>()?;
    }
    // A list of several lines in the environment may end in an empty one.
    args.operator.retain(|text| !text.is_empty());
    args.fault.retain(|rule| !rule.is_empty());
    if !args.operator.is_empty() {
        let operators = args.operator.iter().map(|text| operator(text));
        config.operators = operators.collect::<Result<_, _>>()?;
    }
    if args.data.is_some() {
        config.data = args.data;
    }
    config.control &= !args.no_control;
    if args.control_token.is_some() {
        config.control_token = args.control_token;
    }
    if args.journal.is_some() {
        config.program.journal = args.journal;
    }
    if let Some(format) = args.log_format.and_then(|it| it.to_possible_value()) {
        config.program.log_format = Some(format.get_name().to_owned());
    }
    config.control_hosts.extend(args.control_host);
    config.egress |= args.egress;
    for rule in &args.fault {
        let fault = rule.parse::<Fault>();
        let fault = fault.map_err(|error| ConfigError(format!("--fault: {error}")))?;
        config.faults.push(fault);
    }
    if config.operators.is_empty()
        && let (Ok(name), Ok(password)) = (
            std::env::var("UPYUN_USERNAME"),
            std::env::var("UPYUN_PASSWORD"),
        )
    {
        config.operators.push(Operator::new(&name, &password));
    }
    config.drawing_program = this_program();
    Ok(config.with_defaults())
}

/// Warns of a server that everybody can reach with a password that everybody knows.
fn warn_of_default_password(config: &Config) {
    let mut addresses = config.listen.iter().chain(&config.tls);
    let reached = addresses.find(|address| !address.ip().is_loopback());
    let default = PasswordMd5::of("password");
    let known = config.operators.iter().find(|it| it.key == default);
    if let (Some(address), Some(operator)) = (reached, known) {
        tracing::warn!(
            "other machines can reach {address}, and {} has the default password: choose another by \
             --operator NAME:PASSWORD",
            operator.name
        );
    }
}

/// How log lines look, by the flag or the config file.
pub(super) fn log_format(config: &Config) -> Result<LogFormat, String> {
    chosen(
        "log_format",
        config.program.log_format.as_deref(),
        LogFormat::Pretty,
    )
}

/// The value of a setting that has a few.
pub(super) fn chosen<T: ValueEnum>(key: &str, text: Option<&str>, default: T) -> Result<T, String> {
    let Some(text) = text else {
        return Ok(default);
    };
    T::from_str(text, true).map_err(|_| {
        let all: Vec<_> = T::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        format!(
            "the setting {key} is {text:?}; it is one of {}",
            all.join(", ")
        )
    })
}

/// This program, also after its file was replaced by a newer one.
fn this_program() -> Option<PathBuf> {
    let running = Path::new("/proc/self/exe");
    match running.exists() {
        true => Some(running.to_owned()),
        false => std::env::current_exe().ok(),
    }
}

/// `NAME:PASSWORD[:SERVICE,…][:rwd]`.
fn operator(text: &str) -> Result<Operator, ConfigError> {
    let wrong = |why: &str| {
        ConfigError(format!(
            "--operator: {why}; it is NAME:PASSWORD[:SERVICE,…][:rwd], and a password that holds \
             `:` goes into the config file or UPYUN_PASSWORD"
        ))
    };
    let mut fields = text.split(':');
    let (name, password) = match (fields.next(), fields.next()) {
        (Some(name), Some(password)) if !name.is_empty() => (name, password),
        _ => return Err(wrong("no `:` after a name")),
    };
    let (mut services, mut rights) = (Vec::new(), Rights::ALL);
    let rest: Vec<&str> = fields.collect();
    match rest[..] {
        [] => {}
        [one] => match Rights::parse(one) {
            Ok(letters) => rights = letters,
            Err(_) => services = names(one)?,
        },
        [some, letters] => {
            services = names(some)?;
            rights = Rights::parse(letters)
                .map_err(|_| wrong(&format!("the rights {letters:?} are not letters of `rwd`")))?;
        }
        _ => return Err(wrong("more than four fields")),
    }
    Ok(Operator::new(name, password).limited(services, rights))
}

fn names(list: &str) -> Result<Vec<ServiceName>, ConfigError> {
    list.split(',')
        .filter(|name| !name.is_empty())
        .map(service_name)
        .collect()
}

fn service_name(name: &str) -> Result<ServiceName, ConfigError> {
    name.parse()
        .map_err(|error| ConfigError(format!("{error}")))
}

pub(super) fn start_log<W>(format: LogFormat, writer: W, is_terminal: bool)
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let colour = is_terminal && !is_dumb && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(colour)
        .with_target(false);
    // Fails only if a program that embeds this one has a log already.
    let _ = match format {
        LogFormat::Pretty => log.compact().try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}

pub(super) fn write_journal(journal: &Journal, file: &Path) -> io::Result<()> {
    let mut writer = io::BufWriter::new(std::fs::File::create(file)?);
    let is_archive = file
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("har"));
    if is_archive {
        serde_json::to_writer(&mut writer, &har::archive(&journal.entries()))?;
        return writer.flush();
    }
    for entry in journal.entries() {
        serde_json::to_writer(&mut writer, &*entry)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()
}

pub(super) fn with_source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

pub(super) fn complain(sentence: &str) {
    // If stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "upyun-mock: {sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_limited_by_further_fields() {
        let demo: ServiceName = "demo".parse().unwrap();
        assert_eq!(operator("op:pw").unwrap().rights(&demo), Some(Rights::ALL));
        assert_eq!(operator("op:pw:other").unwrap().rights(&demo), None);
        let reader = Rights {
            read: true,
            write: false,
            delete: false,
        };
        assert_eq!(operator("op:pw:r").unwrap().rights(&demo), Some(reader));
        assert_eq!(
            operator("op:pw:demo,other:r").unwrap().rights(&demo),
            Some(reader)
        );
        for bad in ["op", ":pw", "op:pw:demo:x", "op:pw:Demo", "op:pw:demo:r:x"] {
            assert!(operator(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_shell_reads_is_what_was_meant() {
        assert_eq!(quoted("pass-word_1"), "pass-word_1");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
