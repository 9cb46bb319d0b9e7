//! Callbacks: what the service tells a program, and how often it tries.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use http::header;
use parking_lot::Mutex;
use reqwest::RequestBuilder;
use serde::{Deserialize, Serialize};
use upyun_client::protocol::{
    Md5Digest, date, header as names,
    sign::{HeaderSignature, upyun},
};

use super::Outside;
use crate::{
    accounts::Operator,
    clock::{Clock, Worker, unix_milliseconds},
    faults::{Applied, AppliedFault, Facts, Faults, Met},
    request_id::RequestId,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
/// Seconds between an attempt that failed and the next, by the server's clock.
const RETRIES: [u64; 10] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    10 * HOUR,
];
/// How long a delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Callbacks that are remembered; the oldest are forgotten first.
const CAPACITY: usize = 1000;

/// What is to be delivered.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    /// Whose key signs it; the legacy kind is signed inside.
    pub(crate) operator: Option<Arc<Operator>>,
}

/// A callback and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallbackEntry {
    /// Names it on the control plane.
    pub id: RequestId,
    /// Where it goes.
    pub url: String,
    /// Of the body.
    pub content_type: String,
    /// As sent.
    pub body: String,
    /// What became of it.
    pub state: CallbackState,
    /// Every attempt, the first first.
    pub attempts: Vec<Attempt>,
    /// What faults did to it.
    pub faults: Vec<AppliedFault>,
}

/// What became of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallbackState {
    /// Another attempt follows.
    Waiting,
    /// A program answered with 2xx.
    Delivered,
    /// All attempts failed.
    GivenUp,
    /// A fault lost it: it was never sent.
    Lost,
}

/// One attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// By the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The headers that were sent.
    pub headers: Vec<(String, String)>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// What went wrong if nothing was answered.
    pub error: Option<String>,
}

/// Delivers callbacks and remembers them. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Callbacks {
    inbox: Arc<Mutex<VecDeque<Kept>>>,
    most_bytes: usize,
    clock: Clock,
    outside: Outside,
    faults: Faults,
}

#[derive(Clone, Debug)]
struct Kept {
    callback: Arc<Callback>,
    entry: Arc<Mutex<CallbackEntry>>,
}

impl Callbacks {
    /// None are remembered yet, and never more than these bytes.
    pub(crate) fn new(clock: Clock, outside: Outside, faults: Faults, most_bytes: usize) -> Self {
        Self {
            inbox: Arc::default(),
            most_bytes,
            clock,
            outside,
            faults,
        }
    }

    /// Begins to deliver, and goes on until it is delivered or given up.
    pub(crate) fn submit(&self, callback: Callback) {
        let entry = CallbackEntry {
            id: RequestId::random(),
            url: callback.url.clone(),
            content_type: callback.content_type.to_owned(),
            body: callback.body.clone(),
            state: CallbackState::Waiting,
            attempts: Vec::new(),
            faults: Vec::new(),
        };
        let kept = Kept {
            callback: Arc::new(callback),
            entry: Arc::new(Mutex::new(entry)),
        };
        let mut inbox = self.inbox.lock();
        inbox.push_back(kept.clone());
        let mut bytes: usize = inbox.iter().map(Kept::bytes).sum();
        while inbox.len() > 1 && (inbox.len() > CAPACITY || bytes > self.most_bytes) {
            bytes -= inbox.pop_front().map_or(0, |oldest| oldest.bytes());
        }
        drop(inbox);
        let this = self.clone();
        let worker = self.clock.worker();
        tokio::spawn(async move { this.deliver(&kept, worker).await });
    }

    /// Makes one more attempt, now; false if there is no such callback.
    pub(crate) async fn redeliver(&self, id: &str) -> bool {
        let kept = self
            .inbox
            .lock()
            .iter()
            .find(|kept| kept.entry.lock().id.as_str() == id)
            .cloned();
        match kept {
            Some(kept) => {
                self.attempt(&kept).await;
                true
            }
            None => false,
        }
    }

    /// All that are remembered, oldest first.
    pub(crate) fn entries(&self) -> Vec<CallbackEntry> {
        self.inbox
            .lock()
            .iter()
            .map(|kept| kept.entry.lock().clone())
            .collect()
    }

    /// Forgets all; what is under way goes on.
    pub(crate) fn clear(&self) {
        self.inbox.lock().clear();
    }

    async fn deliver(&self, kept: &Kept, mut worker: Worker) {
        if !self.pass_faults(kept).await {
            return;
        }
        for delay in RETRIES.map(Some).into_iter().chain([None]) {
            // Counted from the attempt: a clock that is moved meanwhile must not delay the next.
            let begun = self.clock.now();
            if self.attempt(kept).await {
                return;
            }
            match delay {
                Some(seconds) => {
                    let due = begun + Duration::from_secs(seconds);
                    let what = format!("the callback to {} was tried again", kept.callback.url);
                    worker.reach(due, &what).await;
                }
                None => kept.entry.lock().state = CallbackState::GivenUp,
            }
        }
    }

    /// Lets faults delay, lose or double it; false if it is lost.
    async fn pass_faults(&self, kept: &Kept) -> bool {
        let mets = self.faults_of(&kept.callback);
        let applied = Applied::default();
        let mut is_lost = false;
        for met in mets {
            met.delay(&applied).await;
            if met.action().lose && met.apply(&applied, "lost the callback") {
                is_lost = true;
            } else if met.action().duplicate && met.apply(&applied, "delivered it twice") {
                self.attempt(kept).await;
            }
        }
        let mut entry = kept.entry.lock();
        entry.faults = applied.all();
        if is_lost {
            entry.state = CallbackState::Lost;
        }
        !is_lost
    }

    fn faults_of(&self, callback: &Callback) -> Vec<Met> {
        if !self.faults.are_set() {
            return Vec::new();
        }
        let url = reqwest::Url::parse(&callback.url).ok();
        let operator = callback.operator.as_ref();
        self.faults.meet(&Facts {
            method: "POST",
            path: url.as_ref().map_or("", reqwest::Url::path),
            host: url.as_ref().and_then(reqwest::Url::host_str).unwrap_or(""),
            api: None,
            operator: operator.map(|operator| &*operator.name),
            service: None,
            headers: &http::HeaderMap::new(),
            part: None,
            is_callback: true,
        })
    }

    /// Every attempt is dated and signed anew; the body stays.
    async fn attempt(&self, kept: &Kept) -> bool {
        let now = self.clock.now();
        let callback = &kept.callback;
        let headers = signed(callback, &date::format(now));
        let result = self.post(callback, &headers).await;
        let is_delivered = result
            .as_ref()
            .is_ok_and(|status| (200..300).contains(status));
        match &result {
            Ok(status) => tracing::info!("callback to {} → {status}", callback.url),
            Err(why) => tracing::warn!("callback to {} failed: {why}", callback.url),
        }
        let mut entry = kept.entry.lock();
        entry.attempts.push(Attempt {
            time_ms: unix_milliseconds(now),
            headers,
            status: result.as_ref().ok().copied(),
            error: result.err(),
        });
        if is_delivered {
            entry.state = CallbackState::Delivered;
        }
        is_delivered
    }

    /// Sends it once; gives the status of the answer, or says what went wrong.
    async fn post(&self, callback: &Callback, headers: &[(String, String)]) -> Result<u16, String> {
        let sent = self.outside.send(&callback.url, |client, url| {
            let body = callback.body.clone();
            let request = client.post(url).timeout(TIMEOUT).body(body);
            let add = |request: RequestBuilder, (name, value): &(String, String)| {
                request.header(name, value)
            };
            headers.iter().fold(request, add)
        });
        match tokio::time::timeout(TIMEOUT, sent).await {
            Ok(answer) => answer.map(|answer| answer.status().as_u16()),
            Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}

impl Kept {
    /// Roughly the memory that it takes: URL and body are in the entry too.
    fn bytes(&self) -> usize {
        2 * (size_of::<CallbackEntry>() + self.callback.url.len() + self.callback.body.len())
    }
}

/// The headers of an attempt.
fn signed(callback: &Callback, date: &str) -> Vec<(String, String)> {
    let md5 = Md5Digest::of(&callback.body).to_string();
    let mut headers = Vec::new();
    if let Some(operator) = &callback.operator {
        let signature = HeaderSignature {
            method: "POST",
            // An empty path is `/`, and a query takes part ([choice A-21], [choice A-22]).
            uri: &signed_uri(&callback.url),
            date,
            content_md5: Some(&md5),
        };
        let authorization = upyun(&operator.name, &signature.sign(&operator.key));
        headers.push((header::AUTHORIZATION.to_string(), authorization));
    }
    headers.push((names::CONTENT_MD5.to_owned(), md5));
    headers.push((header::DATE.to_string(), date.to_owned()));
    headers.push((
        header::CONTENT_TYPE.to_string(),
        callback.content_type.to_owned(),
    ));
    headers
}

/// Path and query of a URL as they are sent.
fn signed_uri(url: &str) -> String {
    match reqwest::Url::parse(url) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => "/".to_owned(),
    }
}
