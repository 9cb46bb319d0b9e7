//! What a case works with.

mod receiver;
mod sdk;
mod snapshot;

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, SystemTime},
};

pub use receiver::Receiver;
pub(crate) use receiver::read_request;
pub use snapshot::Snapshot;
pub(crate) use snapshot::children;
use upyun_client::Client;
use upyun_mock::Clock;
pub use upyun_test_kit::Received;

use crate::{
    failure::Failure,
    target::{Account, Control, Operator, PATIENCE, Place, Session},
    wire::{Api, Connection, Exchange, Meter, Request, Scrubber, Shadow},
};

/// The target, and a new folder there. A cheap handle.
#[derive(Clone, Debug)]
pub struct Context {
    inner: Arc<Inner>,
    is_quiet: bool,
}

#[derive(Debug)]
struct Inner {
    session: Session,
    folder: String,
    meter: Arc<Meter>,
    scrubber: Scrubber,
    exchanges: Mutex<Vec<Exchange>>,
    client: OnceLock<sdk::Connected>,
    shadow: Option<Shadow>,
}

impl Context {
    /// A context for one case.
    pub(crate) fn new(mut session: Session, folder: String, meter: Arc<Meter>) -> Self {
        let shadow = session.shadow.take().map(|it| Shadow::new(*it));
        let account = &session.account;
        let Operator { name, password } = &account.operator;
        let scrubber = Scrubber::default().password(name, password).secret(
            account.form_secret.as_deref().unwrap_or_default(),
            "<form-secret>",
        );
        Self {
            is_quiet: false,
            inner: Arc::new(Inner {
                session,
                folder,
                meter,
                scrubber,
                exchanges: Mutex::default(),
                client: OnceLock::new(),
                shadow,
            }),
        }
    }

    /// The service.
    pub fn service(&self) -> &str {
        &self.inner.session.account.service
    }

    /// The operator that signs unless another is named.
    pub fn operator(&self) -> &Operator {
        &self.inner.session.account.operator
    }

    /// The secret of the legacy signatures of forms, for cases with the tag `needs-form-secret`.
    ///
    /// # Errors
    /// When the case lacks the tag, and the target the secret.
    pub fn form_secret(&self) -> Result<&str, Failure> {
        let secret = self.inner.session.account.form_secret.as_deref();
        secret.ok_or_else(|| Failure::harness("a form secret", "tag the case NeedsFormSecret"))
    }

    /// The access domain, for cases with the tag `needs-domain`.
    ///
    /// # Errors
    /// When the case lacks the tag, and the target the domain.
    pub fn domain(&self) -> Result<Api, Failure> {
        let domain = self.inner.session.account.domain.clone();
        domain
            .map(Api::Host)
            .ok_or_else(|| Failure::harness("an access domain", "tag the case NeedsDomain"))
    }

    /// The key of a name in the case's folder; one that starts with `/` is a key already.
    pub fn key(&self, name: &str) -> String {
        if name.starts_with('/') {
            return name.to_owned();
        }
        format!("{}/{name}", self.inner.folder)
    }

    /// The path of a name, percent-encoded: `/<service>/<folder>/<name>`.
    pub fn path(&self, name: &str) -> String {
        format!("/{}{}", self.service(), encode(&self.key(name)))
    }

    /// A request for exactly this path and query, which are not encoded again.
    pub fn request(&self, method: &str, target: impl Into<String>) -> Request {
        Request::new(self, method, target.into())
    }

    /// `GET` of a name: download or list.
    pub fn get(&self, name: &str) -> Request {
        self.request("GET", self.path(name))
    }

    /// `HEAD` of a name.
    pub fn head(&self, name: &str) -> Request {
        self.request("HEAD", self.path(name))
    }

    /// `PUT` of a name.
    pub fn put(&self, name: &str, body: impl AsRef<[u8]>) -> Request {
        self.request("PUT", self.path(name)).body(body)
    }

    /// `POST` of a name.
    pub fn post(&self, name: &str, body: impl AsRef<[u8]>) -> Request {
        self.request("POST", self.path(name)).body(body)
    }

    /// `DELETE` of a name.
    pub fn delete(&self, name: &str) -> Request {
        self.request("DELETE", self.path(name))
    }

    /// `PATCH` of a name with this operation.
    pub fn patch(&self, name: &str, operation: &str) -> Request {
        let query = format!("metadata={operation}");
        self.request("PATCH", self.path(name)).query(&query)
    }

    /// `POST` of a name with `folder: true`.
    pub fn make_folder(&self, name: &str) -> Request {
        self.post(name, "").header("folder", "true")
    }

    /// `PUT` of a name with another as `X-Upyun-Copy-Source`.
    pub fn copy(&self, from: &str, to: &str) -> Request {
        self.put(to, "")
            .header("X-Upyun-Copy-Source", self.path(from))
    }

    /// `PUT` of a name with another as `X-Upyun-Move-Source`.
    pub fn rename(&self, from: &str, to: &str) -> Request {
        self.put(to, "")
            .header("X-Upyun-Move-Source", self.path(from))
    }

    /// A connection for what no request can express.
    ///
    /// # Errors
    /// When the target cannot be reached.
    pub async fn connect(&self, api: &Api) -> Result<Connection, Failure> {
        Connection::open(self, api).await
    }

    /// The SDK, without retries. It cannot purge: that needs a password, and a signer of ours stands in
    /// for one to count the requests.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn sdk(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.inner.client.get() {
            return Ok(client.client());
        }
        let client = sdk::Connected::new(self)?;
        Ok(self.inner.client.get_or_init(|| client).client())
    }

    /// Expects that there is no entry of this name.
    ///
    /// # Errors
    /// When there is one.
    pub async fn is_missing(&self, name: &str) -> Result<(), Failure> {
        let answer = self.head(name).send().await?;
        answer
            .is_refusal((404, 40400001, "file or directory not found"))
            .map(drop)
            .map_err(|it| it.at(name))
    }

    /// Everything in the case's folder, to be compared later. It is not recorded.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn snapshot(&self) -> Result<Snapshot, Failure> {
        Snapshot::take(&self.quiet(), &self.inner.folder).await
    }

    /// The same without recording what goes over the wire.
    pub(crate) fn quiet(&self) -> Self {
        Self {
            is_quiet: true,
            ..self.clone()
        }
    }

    /// A server on this machine that receives what the target sends, for cases with the tag
    /// `needs-callback`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn receiver(&self) -> Result<Receiver, Failure> {
        Receiver::start(0, self.patience()).await
    }

    /// A [`receiver`](Self::receiver) that answers 500 to the first requests, as many as this.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn refusing_receiver(&self, refusals: usize) -> Result<Receiver, Failure> {
        Receiver::start(refusals, self.patience()).await
    }

    /// The time by the target's clock.
    pub fn now(&self) -> SystemTime {
        self.clock()
            .map_or_else(SystemTime::now, |clock| clock.now())
    }

    /// The same in seconds since 1970.
    pub fn unix(&self) -> u64 {
        let since = self.now().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// Moves the target's clock, for cases with the tag `needs-clock`.
    ///
    /// # Errors
    /// When the case lacks the tag, and the target the ability.
    pub fn advance(&self, by: Duration) -> Result<(), Failure> {
        let control = self.inner.session.control.as_ref();
        let control = control
            .ok_or_else(|| Failure::harness("to move the clock", "tag the case NeedsClock"))?;
        control.clock().advance(by);
        Ok(())
    }

    /// Tries until it holds, for what the target does in its own time.
    ///
    /// # Errors
    /// The last failure, after 20 seconds, or less from a damaged emulator.
    pub async fn eventually<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let deadline = tokio::time::Instant::now() + self.patience();
        let mut pause = Duration::from_millis(5);
        loop {
            match attempt().await {
                Err(failure) if !failure.is_harness && tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(500));
                }
                done => return done,
            }
        }
    }

    fn patience(&self) -> Duration {
        let control = self.inner.session.control.as_ref();
        control.map_or(PATIENCE, Control::patience)
    }

    /// The target's clock, if it is ours.
    pub(crate) fn clock(&self) -> Option<Clock> {
        let control = self.inner.session.control.as_ref()?;
        Some(control.clock().clone())
    }

    /// The target beside the one that is judged; none for what is not recorded.
    pub(crate) fn shadow(&self) -> Option<&Shadow> {
        self.inner.shadow.as_ref().filter(|_| !self.is_quiet)
    }

    /// A way back to this context that does not keep it.
    fn weak(&self) -> impl Fn() -> Option<Self> + Send + Sync + 'static {
        let (inner, is_quiet) = (Arc::downgrade(&self.inner), self.is_quiet);
        move || {
            let inner = inner.upgrade()?;
            Some(Self { inner, is_quiet })
        }
    }

    pub(crate) fn account(&self) -> &Account {
        &self.inner.session.account
    }

    pub(crate) fn place(&self) -> &Place {
        &self.inner.session.place
    }

    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.inner.meter
    }

    pub(crate) fn scrubber(&self) -> &Scrubber {
        &self.inner.scrubber
    }

    pub(crate) fn record(&self, exchange: Exchange) {
        if !self.is_quiet {
            self.lock().push(exchange);
        }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Exchange>> {
        let exchanges = &self.inner.exchanges;
        exchanges.lock().unwrap_or_else(|it| it.into_inner())
    }
}

/// Percent-encodes all but letters, digits, `-._~` and `/`.
pub fn encode(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
