//! `upyun-mock exec`.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use super::{
    EXIT_FAILURE, EXIT_OK,
    args::{Exec, Filtered, Keep, Probe, ViaArg},
    explore::{self, Outcome},
    serve::{chosen, complain, config, log_format, start_log, with_source, write_journal},
};
#[cfg(target_os = "linux")]
use crate::{
    api::app::App,
    clock::Clock,
    config::Config,
    exec::{
        Via, environment, hosts,
        keeper::{self, FAILED, code_of},
        local::LocalServices,
        outside::Outside,
        summary,
        trust::{RESOLVER, RESOLVER_BY_TCP, TrustFiles},
    },
    front::Farewell,
    leaks::Leaks,
    report::Report,
    server::Running,
};

/// Requests that a run remembers.
const JOURNAL_ENTRIES: usize = 100_000;

/// Runs a program against an emulator of its own.
pub(super) fn run(args: Exec) -> u8 {
    if !args.explore_faults.is_empty() {
        return explore::run(&args.explore_faults);
    }
    match start(args) {
        Ok(run) => run.watch(),
        Err(sentence) => {
            complain(&sentence);
            FAILED
        }
    }
}

/// The life of the process that becomes the program.
#[cfg(target_os = "linux")]
pub(super) fn filtered(args: &Filtered) -> u8 {
    use crate::exec::seccomp::{Task, run};
    let task = match (&args.socket, args.watch) {
        (None, _) => Task::Guard,
        (Some(_), true) => Task::Watch,
        (Some(_), false) => Task::Intercept,
    };
    run(args.socket.as_deref(), task, &args.command)
}

/// The life of the process that makes sockets outside.
pub(super) fn outside() -> u8 {
    #[cfg(target_os = "linux")]
    let code = crate::exec::outside::run();
    #[cfg(not(target_os = "linux"))]
    let code = FAILED;
    code
}

#[cfg(not(target_os = "linux"))]
pub(super) fn filtered(_: &Filtered) -> u8 {
    FAILED
}

/// The life of the keeper.
pub(super) fn keep(args: &Keep) -> u8 {
    keeper::run(&args.command, args.parent, &args.remove, args.filtered)
}

/// An emulator that is ready, and the program to run.
struct Run {
    running: Running,
    /// Files that the program reads; removed at the end.
    scratch: tempfile::TempDir,
    command: Command,
    local: LocalServices,
    at_end: AtEnd,
}

/// What is done when the program has ended.
struct AtEnd {
    journal_file: Option<PathBuf>,
    outcome_file: Option<PathBuf>,
    reports: bool,
    fails_on_leak: bool,
}

fn start(args: Exec) -> Result<Run, String> {
    let Exec {
        mut serve,
        via,
        log,
        isolate_local,
        fail_on_leak,
        report,
        explore_faults: _,
        outcome,
        command,
    } = args;
    // A port of the config file is for `serve`; every run has its own.
    if serve.listen.is_empty() {
        serve.listen.push((std::net::Ipv4Addr::LOCALHOST, 0).into());
    }
    let mut config = config(serve).map_err(|error| error.to_string())?;
    let settings = std::mem::take(&mut config.program.exec);
    if let Some(path) = log.or(settings.log) {
        let file = File::create(&path)
            .map_err(|error| format!("the log {} cannot be written: {error}", path.display()))?;
        start_log(log_format(&config)?, std::sync::Mutex::new(file), false);
    }
    let isolate_local = isolate_local || settings.isolate_local;
    let via = match via {
        Some(via) => via,
        None => chosen("exec.via", settings.via.as_deref(), ViaArg::Auto)?,
    };
    let via = choose(via, leaves_machine(&config))?;
    // Beside a network of its own, a filter sees what would only fail there, and leads to services of
    // this machine.
    let watches = via == Via::Namespace && seccomp_works().is_ok();
    if isolate_local && via != Via::Seccomp && !watches {
        return Err(cannot_isolate(via));
    }
    let local = LocalServices::new(isolate_local);
    let journal_file = config.program.journal.take();
    config.limits.journal_entries = JOURNAL_ENTRIES;
    if outcome.is_some() && config.data.is_some() {
        return Err(
            "--explore-faults gives every run a directory of its own: leave `data` out of the config \
             file"
                .to_owned(),
        );
    }
    let mut running =
        Running::open(config, Clock::system()).map_err(|error| with_source(&error))?;
    let scratch = tempfile::Builder::new()
        .prefix("upyun-mock-exec-")
        .tempdir()
        .map_err(|error| format!("no temporary directory can be had: {error}"))?;
    let ca = running.tls.ca()?;
    let names = hosts::names(&running.app.accounts);
    let (resolver, names_at) = match via {
        #[cfg(target_os = "linux")]
        Via::Seccomp => (RESOLVER_BY_TCP, crate::exec::seccomp::RESERVED),
        _ => (RESOLVER, std::net::Ipv4Addr::LOCALHOST),
    };
    let trust = TrustFiles::write(scratch.path(), ca.certificate(), &names, names_at, resolver)
        .map_err(|error| format!("the files of the run cannot be written: {error}"))?;
    let address = running.addresses[0];
    #[cfg(target_os = "linux")]
    let outside = match watches {
        true => Some(
            Outside::start()
                .map_err(|error| format!("local services cannot be reached: {error}"))?,
        ),
        false => None,
    };
    if via == Via::Namespace {
        move_inside(&mut running, &trust, address.port())?;
    }
    let variables = environment::variables(via, address, &running.app.accounts, &trust);
    let program = std::env::current_exe()
        .map_err(|error| format!("this program cannot be found: {error}"))?;
    let mut keeper = Command::new(&program);
    keeper
        .arg("__keep")
        .arg("--parent")
        .arg(std::process::id().to_string());
    for directory in [Some(scratch.path()), running.temporary()]
        .into_iter()
        .flatten()
    {
        keeper.arg("--remove").arg(directory);
    }
    if matches!(via, Via::Namespace | Via::Seccomp) {
        keeper.arg("--filtered").arg("--").arg(&program);
        keeper.arg("__filtered");
    }
    #[cfg(target_os = "linux")]
    if via == Via::Seccomp || watches {
        let socket = scratch.path().join("supervisor");
        intercept(&running, &trust, &socket, outside, &local)?;
        keeper.arg("--socket").arg(socket);
        if watches {
            keeper.arg("--watch");
        }
    }
    keeper.arg("--").args(command);
    for (name, value) in variables {
        match value {
            Some(value) => keeper.env(name, value),
            None => keeper.env_remove(name),
        };
    }
    Ok(Run {
        running,
        scratch,
        command: keeper,
        local,
        at_end: AtEnd {
            journal_file,
            outcome_file: outcome,
            reports: report || settings.report,
            fails_on_leak: fail_on_leak || settings.fail_on_leak,
        },
    })
}

/// Why services of this machine cannot be cut off, and what to do.
fn cannot_isolate(via: Via) -> String {
    match (via, seccomp_works()) {
        (Via::Namespace, Err(why)) => {
            format!("--isolate-local does not work here, as it needs a filter: {why}")
        }
        _ => {
            "--isolate-local needs `--via namespace` or `--via seccomp`; `upyun-mock doctor` tells \
              what works here"
                .to_owned()
        }
    }
}

/// Waits for the program's questions. If it has a network of its own, it is only watched, and led to
/// services outside.
#[cfg(target_os = "linux")]
fn intercept(
    running: &Running,
    trust: &TrustFiles,
    socket: &Path,
    outside: Option<Outside>,
    local: &LocalServices,
) -> Result<(), String> {
    use crate::exec::{
        dns,
        seccomp::{Interception, Leads, Sinks, Sockets, supervise},
    };
    let failed = |error: io::Error| format!("the program cannot be intercepted: {error}");
    let own_ports = running.addresses.iter().map(std::net::SocketAddr::port);
    let mut interception = Interception {
        own_ports: own_ports.collect(),
        leads: None,
        files: std::collections::HashMap::new(),
        leaks: running.leaks.clone(),
        sinks: Sinks::default(),
        local: local.clone(),
        sockets: Sockets::of(match &outside {
            Some(outside) => outside.pid(),
            None => std::process::id().cast_signed(),
        }),
        outside,
    };
    if interception.outside.is_none() {
        let names = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0));
        let names = names.map_err(failed)?;
        interception.files = trust.paths();
        interception.leads = Some(Leads {
            emulator: running.addresses[0],
            names: names.local_addr().map_err(failed)?,
        });
        dns::answer_by_tcp(names, &running.leaks).map_err(failed)?;
    }
    let socket = std::os::unix::net::UnixListener::bind(socket).map_err(failed)?;
    supervise(socket, interception).map_err(failed)
}

/// The option that wants to reach other machines.
fn leaves_machine(config: &Config) -> Option<&'static str> {
    if config.egress {
        Some("--egress")
    } else if config.allow_hosts.is_empty() {
        None
    } else {
        Some("--allow-host")
    }
}

/// The way, and a word about it where the strongest does not work.
fn choose(via: ViaArg, leaves: Option<&str>) -> Result<Via, String> {
    let fits = |works: fn() -> Result<(), String>| match leaves {
        Some(option) => Err(format!(
            "no other host is reachable then, so {option} needs `--via proxy`"
        )),
        None => works(),
    };
    match via {
        ViaArg::Env => Ok(Via::Env),
        ViaArg::Proxy => Ok(Via::Proxy),
        ViaArg::Namespace => fits(namespace_works).map(|()| Via::Namespace),
        ViaArg::Seccomp => fits(seccomp_works).map(|()| Via::Seccomp),
        ViaArg::Auto => {
            let Err(no_namespace) = fits(namespace_works) else {
                return Ok(Via::Namespace);
            };
            let no_namespace = format!("--via namespace does not work here: {no_namespace}");
            Ok(match fits(seccomp_works) {
                Ok(()) => {
                    complain(&format!("--via seccomp, for {no_namespace}"));
                    Via::Seccomp
                }
                Err(_) if leaves.is_some() => {
                    complain(&format!("--via proxy, for {no_namespace}"));
                    Via::Proxy
                }
                Err(why) => {
                    complain(&format!(
                        "--via proxy, for {no_namespace}; nor does --via seccomp: {why}"
                    ));
                    Via::Proxy
                }
            })
        }
    }
}

/// Whether namespaces work, tried by a process of its own.
pub(super) fn namespace_works() -> Result<(), String> {
    probed(&["__probe"])
}

/// Whether filters with notifications work, tried by a process of its own.
pub(super) fn seccomp_works() -> Result<(), String> {
    probed(&["__probe", "--seccomp"])
}

fn probed(arguments: &[&str]) -> Result<(), String> {
    let tried = std::env::current_exe().and_then(|it| Command::new(it).args(arguments).output());
    match tried {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The life of that process.
#[cfg(target_os = "linux")]
pub(super) fn probe(args: &Probe) -> u8 {
    let hosts = Path::new("/etc/hosts").to_owned();
    let tried = match args.seccomp {
        true => crate::exec::seccomp::works(),
        false => crate::exec::namespace::enter(&[(hosts.clone(), hosts)], 8390).map(drop),
    };
    match tried {
        Ok(()) => EXIT_OK,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}");
            EXIT_FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn probe(_: &Probe) -> u8 {
    let _ = writeln!(io::stderr(), "namespaces and filters are a thing of Linux");
    EXIT_FAILURE
}

#[cfg(target_os = "linux")]
fn move_inside(running: &mut Running, trust: &TrustFiles, port: u16) -> Result<(), String> {
    let inside = crate::exec::namespace::enter(&trust.places(), port)?;
    // Directories that were opened before belong to the mounts outside, and nothing can be renamed or
    // linked from one mount to another.
    let reopened = running.app.store.reopen_directories();
    reopened.map_err(|error| format!("the data directory cannot be used: {error}"))?;
    running.listen_on(inside.listeners);
    crate::exec::dns::answer(inside.dns, &running.leaks)
        .map_err(|error| format!("names cannot be answered: {error}"))
}

#[cfg(not(target_os = "linux"))]
fn move_inside(_: &mut Running, _: &TrustFiles, _: u16) -> Result<(), String> {
    Err("namespaces are a thing of Linux".to_owned())
}

impl Run {
    /// Serves until the program ends.
    fn watch(mut self) -> u8 {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                complain(&format!("the program's threads cannot be started: {error}"));
                return FAILED;
            }
        };
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        // From this thread: the keeper is told when the thread that started it ends.
        let child = match self.command.spawn() {
            Ok(child) => child,
            Err(error) => {
                complain(&format!("the program cannot be started: {error}"));
                return FAILED;
            }
        };
        let app = self.running.app.clone();
        let temporary = self.running.take_temporary();
        let leaks = self.running.leaks.clone();
        let serving = runtime.spawn(self.running.run(Farewell::Abrupt));
        let code = runtime.block_on(ended(child));
        keeper::end_all_children();
        app.stop.cancel();
        let _ = runtime.block_on(serving);
        drop(self.scratch);
        if let Some(file) = &self.at_end.outcome_file
            && let Err(error) = Outcome::of(&app.journal, &app.store).and_then(|it| it.write(file))
        {
            complain(&format!("the outcome cannot be written: {error}"));
            return FAILED;
        }
        drop(temporary);
        conclude(code, &app, &leaks, &self.local, &self.at_end)
    }
}

/// The status of the program; meanwhile its keeper gets the signals that this process gets.
async fn ended(mut child: Child) -> u8 {
    let id = child.id();
    let forwarding = tokio::spawn(forward_signals(id));
    let status = tokio::task::spawn_blocking(move || child.wait()).await;
    forwarding.abort();
    match status {
        Ok(Ok(status)) => code_of(status),
        _ => FAILED,
    }
}

async fn forward_signals(id: u32) {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
        SignalKind::quit(),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
    ];
    let mut forwarding = tokio::task::JoinSet::new();
    for kind in kinds {
        forwarding.spawn(async move {
            let Ok(mut signals) = signal(kind) else {
                return;
            };
            while signals.recv().await.is_some() {
                send(id, kind.as_raw_value());
            }
        });
    }
    while forwarding.join_next().await.is_some() {}
}

fn send(id: u32, signal: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = Pid::from_raw(id.cast_signed());
    if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
        let _ = kill_process(pid, signal);
    }
}

/// What is said at the end, and the exit status.
fn conclude(code: u8, app: &App, leaks: &Leaks, local: &LocalServices, at_end: &AtEnd) -> u8 {
    let (journal, callbacks) = (&app.journal, app.callbacks.entries());
    let leaked = leaks.all();
    let mut text = match code {
        EXIT_OK if leaked.is_empty() => String::new(),
        EXIT_OK => summary::leaked(&leaked),
        _ => summary::of(journal, &callbacks, &leaked) + &summary::faults(&app.faults.all()),
    };
    text += &summary::local(local);
    if at_end.reports {
        text += &Report::of(journal, &callbacks).to_string();
    }
    // If stderr is closed there is nobody to tell.
    let _ = io::stderr().write_all(text.as_bytes());
    if let Some(file) = &at_end.journal_file
        && let Err(error) = write_journal(journal, file)
    {
        complain(&format!(
            "the journal cannot be written to {}: {error}",
            file.display()
        ));
        return if code == EXIT_OK { FAILED } else { code };
    }
    if code == EXIT_OK && at_end.fails_on_leak && !leaked.is_empty() {
        return EXIT_FAILURE;
    }
    code
}
