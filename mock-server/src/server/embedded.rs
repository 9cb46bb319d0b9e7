//! A server inside a test.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use upyun_client::protocol::ServiceName;

use super::{
    Expect, ExpectError, ExpectGuard, FaultGuard, Running, ServiceHandle, StartError,
    UnknownService,
};
use crate::{
    accounts::{Accounts, Operator, Service},
    api::{app::App, fork::ForkError},
    clock::Clock,
    config::{Config, ConfigError},
    faults::{Fault, FaultEntry, FaultError},
    front::{Farewell, Tls},
    journal::{JournalEntry, JournalFilter, PurgeEntry},
    report::Report,
    store::{ObjectInfo, Snapshot, StoreError},
    tasks::{CallbackEntry, TaskEntry, Verdict},
};

/// A server of its own for a test: temporary directory, free port, own clock; gone on drop.
///
/// It runs on its own thread, so it answers while the test blocks: in a synchronous test, or while
/// a child process runs.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use upyun_mock::MockServer;
///
/// let server = MockServer::start().await;
/// server.put_object("/hello.txt", "hello")?;
/// assert_eq!(server.get_object("/hello.txt")?, b"hello");
/// println!("point your program at {}", server.url());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct MockServer {
    app: App,
    addresses: Vec<SocketAddr>,
    tls: Tls,
    service: ServiceName,
    operator: Operator,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl MockServer {
    /// Starts a server with the service `demo` and the operator `operator`, password `password`.
    ///
    /// # Panics
    /// When the machine has no free port on loopback or no temporary directory; use
    /// `MockServer::builder().start()` to handle that as an error.
    pub async fn start() -> Self {
        match Self::builder().start().await {
            Ok(server) => server,
            Err(error) => panic!("the mock server did not start: {error}"),
        }
    }

    /// A server with other services, operators or settings.
    pub fn builder() -> Builder {
        Builder {
            config: Config::empty(),
            clock: Clock::system(),
            errors: Vec::new(),
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address, as programs want it that write `http://` themselves.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The certificate, as PEM, that clients must trust to reach this server by HTTPS: its port speaks
    /// that too, for the service's hosts, localhost and 127.0.0.1.
    ///
    /// # Errors
    /// When the directory of the local CA cannot be used.
    pub fn ca_pem(&self) -> Result<String, StartError> {
        let ca = self.tls.ca().map_err(StartError::ca)?;
        Ok(ca.pem().to_owned())
    }

    /// The name of the first service.
    pub fn service_name(&self) -> &ServiceName {
        &self.service
    }

    /// The first operator.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The services and operators, which may be changed while the server runs.
    pub fn accounts(&self) -> &Accounts {
        &self.app.accounts
    }

    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Moves the clock forward, and does on the way what falls due, each at its time: deletions, ends of
    /// lives and of uploads, callbacks that are tried again. Returns when all of it is done, with a
    /// sentence for each. `clock().advance` only moves the clock.
    pub async fn advance(&self, by: Duration) -> Vec<String> {
        let store = self.app.store.clone();
        let to = self.app.clock.now() + by;
        let completed = store.run_jobs_until(to).await;
        completed.into_iter().map(|job| job.what).collect()
    }

    /// The requests that were answered, oldest first.
    pub fn requests(&self) -> Vec<Arc<JournalEntry>> {
        self.app.journal.entries()
    }

    /// The requests that the filter lets through, oldest first.
    pub fn requests_where(&self, filter: &JournalFilter) -> Vec<Arc<JournalEntry>> {
        self.app.journal.select(filter)
    }

    /// Waits until the journal has a request that the filter lets through, and returns the newest; `None`
    /// if there is none within this time. One that came before is returned at once:
    /// [`JournalFilter::after`] excludes it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Duration;
    /// # use upyun_mock::{MockServer, journal::JournalFilter};
    /// # let server = MockServer::start().await;
    /// let client = server.client();
    /// tokio::spawn(async move { client.put("/a.txt").body("a").send().await });
    /// let upload = JournalFilter::new().method("PUT").path("/demo/a.txt");
    /// let request = server.wait_for_request(&upload, Duration::from_secs(10)).await;
    /// assert_eq!(request.map(|request| request.status), Some(200));
    /// # Ok(()) }
    /// ```
    pub async fn wait_for_request(
        &self,
        filter: &JournalFilter,
        timeout: Duration,
    ) -> Option<Arc<JournalEntry>> {
        let wait = async {
            let mut newest = self.app.journal.follow();
            loop {
                newest.mark_unchanged();
                if let Some(entry) = self.app.journal.select(filter).pop() {
                    return Some(entry);
                }
                newest.changed().await.ok()?;
            }
        };
        tokio::time::timeout(timeout, wait).await.ok().flatten()
    }

    /// Expects requests from now on. The guard panics when it is dropped, or reports by
    /// [`verify`](ExpectGuard::verify), if another number of them came: it lists what came instead.
    ///
    /// ```should_panic
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use upyun_mock::{Expect, MockServer};
    /// # use http::Method;
    /// let server = MockServer::start().await;
    /// let _upload = server.expect(Expect::on(Method::PUT).path("/demo/a.txt"))?;
    /// server.client().put("/b.txt").body("x").send().await?;
    /// // expected at least 1 request of PUT /demo/a.txt, but 0 came
    /// //   instead, the nearest first:
    /// //     #1 PUT /demo/b.txt: 200 (other path)
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ExpectError`] for a malformed glob, or if the server keeps no journal.
    pub fn expect(&self, expect: Expect) -> Result<ExpectGuard, ExpectError> {
        ExpectGuard::new(expect, self.app.journal.clone())
    }

    /// The callbacks that were sent or are on their way, oldest first, with every attempt.
    pub fn callbacks(&self) -> Vec<CallbackEntry> {
        self.app.callbacks.entries()
    }

    /// The asynchronous tasks so far, oldest first.
    pub fn tasks(&self) -> Vec<TaskEntry> {
        self.app.tasks.entries()
    }

    /// Waits until all tasks have ended; their callbacks may still be on the way.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// server.wait_for_tasks().await;
    /// assert!(server.tasks().iter().all(|task| task.state.is_final()));
    /// # Ok(()) }
    /// ```
    pub async fn wait_for_tasks(&self) {
        self.app.tasks.idle().await;
    }

    /// Decides what the audit apps say from now on.
    pub fn set_verdict(&self, verdict: Verdict) {
        self.app.tasks.set_verdict(verdict);
    }

    /// The URLs that were purged, oldest first.
    pub fn purges(&self) -> Vec<PurgeEntry> {
        self.app.purges.entries()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        self.app.journal.clear();
    }

    /// What was asked for so far and what never was; `to_string` says it in words.
    pub fn report(&self) -> Report {
        Report::of(&self.app.journal, &self.app.callbacks.entries())
    }

    /// Makes the service misbehave until the fault is removed; returns the id of the fault.
    /// [`add_fault_scoped`](Self::add_fault_scoped) removes it by itself.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # use upyun_mock::faults::Fault;
    /// server.add_fault(Fault::on(http::Method::PUT).path("/demo/**").status(503).times(1))?;
    /// let client = server.client();
    /// client.put("/a.txt").body("tried twice").send().await?;
    /// assert_eq!(server.requests().len(), 2);
    /// assert_eq!(server.faults()[0].applied, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the rule means nothing.
    pub fn add_fault(&self, fault: Fault) -> Result<String, FaultError> {
        self.app.faults.add(fault)
    }

    /// Makes the service misbehave until the guard is dropped.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use upyun_mock::{MockServer, faults::Fault};
    /// # let server = MockServer::start().await;
    /// # let client = server.client();
    /// {
    ///     let fault = server.add_fault_scoped(Fault::any().status(404))?;
    ///     assert!(client.get("/a.txt").send().await.is_err());
    ///     assert_eq!(fault.applied(), 1);
    /// }
    /// assert!(server.faults().is_empty());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the rule means nothing.
    pub fn add_fault_scoped(&self, fault: Fault) -> Result<FaultGuard, FaultError> {
        let id = self.app.faults.add(fault)?;
        Ok(FaultGuard::new(self.app.faults.clone(), id))
    }

    /// Takes a fault away; false if there is none of this id.
    pub fn remove_fault(&self, id: &str) -> bool {
        self.app.faults.remove(id)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.app.faults.clear();
    }

    /// The faults that are set, the oldest first, with how often each acted.
    pub fn faults(&self) -> Vec<FaultEntry> {
        self.app.faults.all()
    }

    /// The objects of a service, to be read and written without requests.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use upyun_mock::MockServer;
    /// let server = MockServer::builder().service("demo").service("photos").start().await?;
    /// let photos = server.service("photos")?;
    /// photos.put_object("/cat.jpg", "not a picture")?;
    /// assert!(photos.exists("/cat.jpg")?);
    /// assert!(server.get_object("/cat.jpg").is_err()); // the first service
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`UnknownService`] if the server has no service of this name.
    pub fn service(&self, name: &str) -> Result<ServiceHandle, UnknownService> {
        match self.app.accounts.service(name) {
            Some(service) => Ok(ServiceHandle::new(self.app.store.handle(&service.name))),
            None => Err(UnknownService::new(name, &self.app.accounts)),
        }
    }

    fn first_service(&self) -> ServiceHandle {
        ServiceHandle::new(self.app.store.handle(&self.service))
    }

    /// Puts an object into the first service without a request, as
    /// [`ServiceHandle::put_object`] does.
    ///
    /// # Errors
    /// As [`ServiceHandle::put_object`].
    pub fn put_object(
        &self,
        key: &str,
        content: impl AsRef<[u8]>,
    ) -> Result<ObjectInfo, StoreError> {
        self.first_service().put_object(key, content)
    }

    /// Puts a local file into the first service without a request.
    ///
    /// # Errors
    /// As [`ServiceHandle::put_file`].
    pub fn put_file(&self, key: &str, path: impl AsRef<Path>) -> Result<ObjectInfo, StoreError> {
        self.first_service().put_file(key, path)
    }

    /// The content of an object of the first service.
    ///
    /// # Errors
    /// As [`ServiceHandle::get_object`].
    pub fn get_object(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        self.first_service().get_object(key)
    }

    /// The directory in which the first service's objects are plain files.
    pub fn directory(&self) -> PathBuf {
        self.first_service().directory()
    }

    /// Remembers all objects as they are now.
    ///
    /// # Errors
    /// The file system's.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.app.store.snapshot()
    }

    /// Makes all objects what they were.
    ///
    /// # Errors
    /// The file system's.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.app.store.restore(snapshot)
    }

    /// Copies a service to another name, with its settings, objects and rights of operators. Contents
    /// are hard links: 1,000 objects take some 10 ms.
    ///
    /// ```
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = upyun_mock::MockServer::start().await;
    /// server.put_object("/seed.txt", "for every test")?;
    /// server.fork("demo", "test-1")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ForkError`].
    pub fn fork(&self, service: &str, to: &str) -> Result<ServiceName, ForkError> {
        self.app.fork(service, to)
    }

    /// Removes all objects, forgets the requests, callbacks, tasks and purges, and brings the system's
    /// time back.
    ///
    /// # Errors
    /// The file system's.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.app.reset_state(&BTreeSet::new())?;
        self.app.clock.reset();
        Ok(())
    }

    /// Brings the system's time back after the clock was frozen, set or advanced, and does what falls
    /// due if that is later, with a sentence for each. `clock().reset` only sets the clock.
    pub async fn reset_clock(&self) -> Vec<String> {
        let completed = self.app.reset_clock().await;
        completed.into_iter().map(|job| job.what).collect()
    }

    /// An SDK client for the first service and operator. It goes by the server's clock, so that it is
    /// not refused after that was moved.
    #[cfg(feature = "client")]
    pub fn client(&self) -> upyun_client::Client {
        let Operator { name, key, .. } = &self.operator;
        let clock = self.app.clock.clone();
        upyun_client::Client::builder(self.service.as_str(), &**name, key.clone())
            .endpoint(upyun_client::Endpoint::url(self.url()))
            .clock(move || clock.now())
            .build()
            .expect("the server's own address and names are well-formed")
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // The thread removes the directory; when this returns, nothing is left.
            let _ = thread.join();
        }
    }
}

/// Settings of a [`MockServer`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    config: Config,
    clock: Clock,
    errors: Vec<ConfigError>,
}

impl Builder {
    /// Adds a service; the first is the one that the server's helpers mean. Default: `demo`.
    /// [`start`](Self::start) returns an error if no service can have this name.
    pub fn service(mut self, name: &str) -> Self {
        match name.parse() {
            Ok(name) => self.config.services.push(Service::new(name)),
            Err(error) => self.errors.push(ConfigError(format!("{error}"))),
        }
        self
    }

    /// Adds a service with settings.
    pub fn service_with(mut self, service: Service) -> Self {
        self.config.services.push(service);
        self
    }

    /// Adds an operator with all rights. Default: `operator` with password `password`.
    /// [`start`](Self::start) returns an error if no operator can have this name.
    pub fn operator(mut self, name: &str, password: &str) -> Self {
        self.config.operators.push(Operator::new(name, password));
        self
    }

    /// Adds an operator with settings.
    pub fn operator_with(mut self, operator: Operator) -> Self {
        self.config.operators.push(operator);
        self
    }

    /// Keeps the objects in this directory. Default: a temporary one.
    pub fn data(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config.data = Some(directory.into());
        self
    }

    /// Listens here. Default: a free port on loopback.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.config.listen.push(address);
        self
    }

    /// Shares a clock. Default: one of its own, which shows the system's time.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Changes any other setting.
    pub fn configure(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// [`StartError::Config`] for names and settings that cannot be used, all of them at once; other
    /// variants for an address or directory that cannot be used.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use upyun_mock::{MockServer, StartError};
    /// let started = MockServer::builder().service("No Name").operator("a:b", "").start().await;
    /// let Err(StartError::Config(errors)) = started else { panic!("it started") };
    /// assert_eq!(errors.len(), 2);
    /// # }
    /// ```
    pub async fn start(self) -> Result<MockServer, StartError> {
        // Nothing here waits, but callers may rely on being inside a runtime later.
        self.start_blocking()
    }

    /// As [`start`](Self::start), for synchronous tests.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(mut self) -> Result<MockServer, StartError> {
        self.errors.extend(self.config.errors());
        if !self.errors.is_empty() {
            return Err(StartError::Config(self.errors));
        }
        if self.config.listen.is_empty() {
            self.config
                .listen
                .push((std::net::Ipv4Addr::LOCALHOST, 0).into());
        }
        let config = self.config.with_defaults();
        let service = config.services[0].name.clone();
        let operator = config.operators[0].clone();
        let running = Running::open(config, self.clock)?;
        let (app, addresses) = (running.app.clone(), running.addresses.clone());
        let tls = running.tls.clone();
        let stop = running.app.stop.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let thread = std::thread::Builder::new()
            .name("upyun-mock".into())
            .spawn(move || {
                if let Err(error) = runtime.block_on(running.run(Farewell::Abrupt)) {
                    tracing::error!("the mock server stopped: {error}");
                }
            })
            .map_err(StartError::Thread)?;
        Ok(MockServer {
            app,
            addresses,
            tls,
            service,
            operator,
            stop,
            thread: Some(thread),
        })
    }
}
