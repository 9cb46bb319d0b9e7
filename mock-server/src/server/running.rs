//! From a configuration to sockets that answer.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Instant,
};

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{Accounts, Operator, Service},
    api::{
        app::{App, Settings, Shared, put_service},
        block_uploads::Blocks,
        foreign_host, malformed,
        router::router,
    },
    clock::Clock,
    config::{Config, ConfigError},
    faults::{FaultError, Faults},
    front::{self, Farewell, Proxy, Speaker, Tls},
    image::{ImageWorkers, results::Results},
    journal::{Journal, Purges},
    leaks::{How, Leak, Leaks},
    store::{Snapshots, Store},
    tasks::{Callbacks, Egress, Outside, Tasks, World},
};

/// A server whose sockets are open. Nothing is answered until [`Running::run`].
pub(crate) struct Running {
    pub(crate) app: App,
    pub(crate) addresses: Vec<SocketAddr>,
    /// How many of the addresses are meant for HTTP; the others are for HTTPS.
    pub(crate) plain: usize,
    pub(crate) tls: Tls,
    pub(crate) leaks: Leaks,
    allow_hosts: Vec<String>,
    is_namespace: bool,
    listeners: Vec<std::net::TcpListener>,
    /// Removed when the server is dropped.
    temporary: Option<TempDir>,
}

impl Running {
    /// Opens the data directory and the sockets.
    pub(crate) fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let plain = config.listen.len();
        let allow_hosts = config.allow_hosts.clone();
        if !config.tls.is_empty() {
            Tls::check_support().map_err(|missing| StartError::ca(missing.to_string()))?;
        }
        // Before the data directory: a server that cannot start leaves everything as it is.
        let (listeners, addresses) = bind_all(config.listen.iter().chain(&config.tls))?;
        let (root, temporary) = data_directory(config.data.as_deref())?;
        let store = Store::open(&root, clock.clone(), &holder(&addresses))
            .map_err(|error| StartError::data(root.clone(), io::Error::other(error)))?;
        let shared = Self::share(config, clock, store, &root, &addresses)?;
        Ok(Self {
            tls: shared.settings.tls.clone(),
            allow_hosts,
            leaks: Leaks::default(),
            plain,
            is_namespace: false,
            app: App::new(shared),
            addresses,
            listeners,
            temporary,
        })
    }

    /// What the handlers share, from a configuration.
    fn share(
        config: Config,
        clock: Clock,
        store: Store,
        root: &Path,
        addresses: &[SocketAddr],
    ) -> Result<Shared, StartError> {
        let accounts = accounts_of(&store, root, config.services, config.operators)?;
        // Beside the objects it outlives the server, like them.
        let kept_ca = config.data.as_ref().map(|_| store.private("ca"));
        let settings = Settings {
            fidelity: config.fidelity,
            started: Instant::now(),
            addresses: addresses.to_vec(),
            control: config.control,
            control_token: config.control_token,
            control_hosts: config.control_hosts,
            tls: Tls::new(config.ca_dir.or(kept_ca)),
            limits: config.limits,
        };
        let limits = &settings.limits;
        let egress = match config.egress {
            true => Egress::Open,
            false => Egress::Loopback,
        };
        let outside = Outside::new(egress, addresses);
        let faults = Faults::new(config.faults, clock.clone()).map_err(StartError::Fault)?;
        let callbacks = Callbacks::new(
            clock.clone(),
            outside.clone(),
            faults.clone(),
            limits.callbacks_bytes,
        );
        let image_workers = ImageWorkers::new(limits, config.drawing_program);
        let world = World {
            accounts: accounts.clone(),
            callbacks: callbacks.clone(),
            clock: clock.clone(),
            image_workers: image_workers.clone(),
            ffmpeg_directory: config.ffmpeg_directory,
            limits: limits.clone(),
            outside,
            store: store.clone(),
            verdict: Mutex::default(),
        };
        let tasks = Tasks::open(world, config.data.is_some())
            .map_err(|error| StartError::data(root.to_owned(), error))?;
        Ok(Shared {
            accounts,
            blocks: Blocks::default(),
            snapshots: Snapshots::default(),
            callbacks,
            clock,
            journal: Journal::with_limits(limits.journal_entries, limits.journal_bytes),
            image_workers,
            faults,
            purges: Purges::default(),
            results: Results::new(store.private("results"), limits.picture_cache_bytes),
            store,
            tasks,
            settings,
            stop: CancellationToken::new(),
        })
    }

    /// The directory that is removed when the server is dropped.
    pub(crate) fn temporary(&self) -> Option<&Path> {
        self.temporary.as_ref().map(TempDir::path)
    }

    /// Takes that directory over: it is removed when the caller drops it.
    pub(crate) fn take_temporary(&mut self) -> Option<TempDir> {
        self.temporary.take()
    }

    /// Serves on these sockets of a namespace too.
    pub(crate) fn listen_on(&mut self, listeners: Vec<std::net::TcpListener>) {
        let addresses = listeners.iter().filter_map(|it| it.local_addr().ok());
        self.addresses.extend(addresses);
        self.listeners.extend(listeners);
        self.is_namespace = true;
    }

    /// Answers until the app's `stop` is cancelled.
    pub(crate) async fn run(self, farewell: Farewell) -> io::Result<()> {
        let listeners = self.listeners.into_iter().map(TcpListener::from_std);
        let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
        let stop = self.app.stop.clone();
        let store = self.app.store.clone();
        self.app.tasks.resume();
        let tasks = self.app.tasks.clone();
        let jobs = tokio::spawn(run_due_jobs(store.clone(), self.app.clock.clone()));
        let app = self.app.clone();
        let leaks = self.leaks.clone();
        let refuse = move |parts: &http::request::Parts, host: &str, status, why| {
            leaks.note(Leak {
                target: host.to_owned(),
                how: How::Proxied,
                who: None,
            });
            foreign_host::refuse(&app, parts.clone(), host, status, why)
        };
        let accounts = self.app.accounts.clone();
        let is_bound = move |host: &str| accounts.service_at(host).is_some();
        let proxy = Proxy::new(
            self.addresses,
            self.allow_hosts,
            self.is_namespace,
            is_bound,
            refuse,
        );
        let faults = self.app.faults.clone();
        let speaker = Speaker {
            malformed: malformed::answerer(self.app.clone()),
            router: router(self.app),
            tls: self.tls,
            leaks: self.leaks,
            faults,
            is_from_afar: false,
            is_tunneled: false,
            proxy,
        };
        front::serve(listeners, speaker, stop, farewell).await;
        jobs.abort();
        tasks.stop().await;
        store.run_pending_deletions();
        Ok(())
    }
}

/// The data directory; without one, a temporary directory that is removed in the end.
fn data_directory(data: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), StartError> {
    if let Some(root) = data {
        std::fs::create_dir_all(root)
            .map_err(|source| StartError::data(root.to_owned(), source))?;
        return Ok((root.to_owned(), None));
    }
    let temporary = tempfile::Builder::new()
        .prefix("upyun-mock-")
        .tempdir()
        .map_err(|source| StartError::data(std::env::temp_dir(), source))?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

/// Listens on addresses; returns them with their ports.
fn bind_all<'a>(
    wanted: impl Iterator<Item = &'a SocketAddr>,
) -> Result<(Vec<std::net::TcpListener>, Vec<SocketAddr>), StartError> {
    let bound = wanted.map(|address| {
        let failed = |source| StartError::bind(*address, source);
        let listener = front::bind(*address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok((listener, address))
    });
    bound.collect()
}

fn accounts_of(
    store: &Store,
    root: &Path,
    services: Vec<Service>,
    operators: Vec<Operator>,
) -> Result<Accounts, StartError> {
    let accounts = Accounts::default();
    for service in services {
        put_service(&accounts, store, service)
            .map_err(|error| StartError::data(root.to_owned(), io::Error::other(error)))?;
    }
    for operator in operators {
        accounts.put_operator(operator);
    }
    Ok(accounts)
}

/// Names this process to a second one that wants the same data directory.
fn holder(addresses: &[SocketAddr]) -> String {
    let process = format!("upyun-mock, process {}", std::process::id());
    match addresses.first() {
        Some(address) => format!("{process}, at http://{address},"),
        None => process,
    }
}

/// Runs the jobs that fall due between requests: asynchronous deletions and expiries.
async fn run_due_jobs(store: Store, clock: Clock) {
    loop {
        match store.next_due() {
            Some(due) => {
                tokio::select! {
                    () = clock.reach(due) => store.catch_up().await,
                    () = store.due_changed() => {}
                }
            }
            None => store.due_changed().await,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that cannot be used, all of them.
    #[error("the server cannot be configured so: {}", in_a_line(.0))]
    Config(Vec<ConfigError>),
    /// Another program listens on the address.
    #[error(
        "the address {address} is taken by another program; choose another with --listen, or port 0 for \
         a free one"
    )]
    AddressTaken {
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("the address {address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error("the data directory {} cannot be used", path.display())]
    Data {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The server's thread cannot be started.
    #[error("the server's thread cannot be started")]
    Thread(#[source] io::Error),
    /// The local certificate authority cannot be used.
    #[error("HTTPS cannot be served")]
    Ca(#[source] io::Error),
    /// A fault of the configuration means nothing.
    #[error("the faults of the start cannot be set")]
    Fault(#[source] FaultError),
}

fn in_a_line(errors: &[ConfigError]) -> String {
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    errors.join("; ")
}

impl StartError {
    fn bind(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::AddressTaken { address, source },
            _ => Self::Listen { address, source },
        }
    }

    fn data(path: PathBuf, source: io::Error) -> Self {
        Self::Data { path, source }
    }

    pub(super) fn ca(why: String) -> Self {
        Self::Ca(io::Error::other(why))
    }
}
