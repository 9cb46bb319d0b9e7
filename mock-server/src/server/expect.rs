//! Requests that a test expects.

mod times;

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use upyun_client::protocol::{ErrorCode, header as names, path::decode};

pub use self::times::Times;
use crate::{
    api_name::ApiName,
    faults::{Facts, Fault, FaultError, FaultMatch, Pattern},
    journal::{Journal, JournalEntry},
    operation::OperationName,
};

/// Requests that a test expects, and how many of them.
///
/// Without [`times`](Self::times) it is at least one. Conditions on requests are those of a
/// [`Fault`]; [`status`](Self::status) and [`code`](Self::code) are those of the response.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use http::Method;
/// use upyun_mock::{Expect, MockServer};
///
/// let server = MockServer::start().await;
/// let _uploads = server.expect(Expect::on(Method::PUT).path("/demo/**").status(200).times(2))?;
/// let _no_deletes = server.expect(Expect::on(Method::DELETE).times(0))?;
///
/// let client = server.client();
/// client.put("/a.txt").body("a").send().await?;
/// client.put("/b.txt").body("b").send().await?;
/// # Ok(()) } // Both are verified here.
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is checked once it is given to `MockServer::expect`"]
pub struct Expect {
    when: FaultMatch,
    operation: Option<OperationName>,
    status: Option<u16>,
    code: Option<ErrorCode>,
    times: Times,
}

impl Expect {
    /// Requests with this method.
    pub fn on(method: Method) -> Self {
        Self::of(Fault::on(method))
    }

    /// All requests.
    pub fn any() -> Self {
        Self::of(Fault::any())
    }

    fn of(fault: Fault) -> Self {
        Self {
            when: fault.when,
            operation: None,
            status: None,
            code: None,
            times: Times::from(1..),
        }
    }

    /// Only paths that this glob matches: `*` within a segment, `**` across segments.
    pub fn path(mut self, glob: impl Into<String>) -> Self {
        self.when.path = Some(glob.into());
        self
    }

    /// Only this API.
    pub fn api(mut self, api: ApiName) -> Self {
        self.when.api = Some(api);
        self
    }

    /// Only this operation.
    pub fn operation(mut self, operation: OperationName) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Only operators that this glob matches.
    pub fn operator(mut self, glob: impl Into<String>) -> Self {
        self.when.operator = Some(glob.into());
        self
    }

    /// Only services that this glob matches.
    pub fn service(mut self, glob: impl Into<String>) -> Self {
        self.when.service = Some(glob.into());
        self
    }

    /// Only requests with this header, whose value the glob matches.
    pub fn header(mut self, name: impl Into<String>, glob: impl Into<String>) -> Self {
        let glob = crate::faults::HeaderWanted::Glob(glob.into());
        self.when.header.insert(name.into(), glob);
        self
    }

    /// Only requests whose response has this status; 0 is a connection that was closed instead.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Only requests whose response has this code of the error table.
    pub fn code(mut self, code: ErrorCode) -> Self {
        self.code = Some(code);
        self
    }

    /// How many requests are expected: a number, or a range like `1..`, `..=3` or `2..=4`.
    pub fn times(mut self, times: impl Into<Times>) -> Self {
        self.times = times.into();
        self
    }
}

/// The conditions in words, like `PUT /demo/** with status 200`.
impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = &self.when;
        f.write_str(when.method.as_deref().unwrap_or("any method"))?;
        if let Some(path) = &when.path {
            write!(f, " {path}")?;
        }
        let code = self.code.map(|code| code.to_string());
        let texts = [
            ("api", when.api.map(ApiName::as_str)),
            ("operation", self.operation.map(OperationName::as_str)),
            ("operator", when.operator.as_deref()),
            ("service", when.service.as_deref()),
            ("code", code.as_deref()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                write!(f, ", {name} {text}")?;
            }
        }
        for (name, wanted) in &when.header {
            if let crate::faults::HeaderWanted::Glob(glob) = wanted {
                write!(f, ", header {name}: {glob}")?;
            }
        }
        match self.status {
            Some(status) => write!(f, ", status {status}"),
            None => Ok(()),
        }
    }
}

/// Why an expectation cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpectError {
    /// A glob or the name of a header is malformed.
    #[error("the expectation cannot be set: {0}")]
    Malformed(String),
    /// The server keeps no journal, so nothing can be checked.
    #[error("the server keeps no journal: set `limits.journal_entries` above 0 to expect requests")]
    NoJournal,
}

impl From<FaultError> for ExpectError {
    fn from(error: FaultError) -> Self {
        Self::Malformed(error.reason().to_owned())
    }
}

/// One condition of an expectation, to say which of them a request fails.
#[derive(Debug)]
struct Condition {
    name: &'static str,
    pattern: Pattern,
}

/// An expectation of a server. When this is dropped, it panics if the requests that came since then
/// are not as many as expected, and lists them; not if the thread panics already.
///
/// It reads the journal: requests that the journal no longer keeps, because it was cleared or has
/// reached its limit, are not counted.
#[derive(Debug)]
#[must_use = "the expectation is verified when its guard is dropped"]
pub struct ExpectGuard {
    expect: Expect,
    conditions: Vec<Condition>,
    journal: Journal,
    after: u64,
    is_verified: bool,
}

impl ExpectGuard {
    pub(super) fn new(expect: Expect, journal: Journal) -> Result<Self, ExpectError> {
        if !journal.is_on() {
            return Err(ExpectError::NoJournal);
        }
        Ok(Self {
            conditions: conditions(&expect.when)?,
            after: journal.newest(),
            expect,
            journal,
            is_verified: false,
        })
    }

    /// How many of the requests so far are as expected.
    pub fn count(&self) -> u64 {
        let matches = |entry: &&Arc<JournalEntry>| self.differences(entry).is_empty();
        self.entries().iter().filter(matches).count() as u64
    }

    /// Verifies now instead of on drop.
    ///
    /// # Errors
    /// [`UnmetExpectation`] when another number of requests came.
    pub fn verify(mut self) -> Result<(), UnmetExpectation> {
        self.is_verified = true;
        self.check()
    }

    fn entries(&self) -> Vec<Arc<JournalEntry>> {
        let mut entries = self.journal.entries();
        entries.retain(|entry| entry.number > self.after);
        entries
    }

    fn check(&self) -> Result<(), UnmetExpectation> {
        let (mut came, mut others) = (Vec::new(), Vec::new());
        for entry in self.entries() {
            match self.differences(&entry) {
                none if none.is_empty() => came.push(line(&entry)),
                differences => others.push((differences, entry)),
            }
        }
        if self.expect.times.contains(came.len() as u64) {
            return Ok(());
        }
        // The sort is stable: of those that are equally near, the oldest is first.
        others.sort_by_key(|(differences, _)| differences.len());
        let others = others.iter().map(|(differences, entry)| {
            format!("{} (other {})", line(entry), differences.join(", "))
        });
        Err(UnmetExpectation {
            expected: format!("{} of {}", self.expect.times, self.expect),
            came,
            others: others.collect(),
        })
    }

    /// The conditions that a request does not meet.
    fn differences(&self, entry: &JournalEntry) -> Vec<&'static str> {
        let path = entry.path().split('?').next().unwrap_or_default();
        let path = decode(path.as_bytes()).unwrap_or_else(|_| path.to_owned());
        let headers = headers(entry);
        let part = headers.get(names::X_UPYUN_PART_ID);
        let part = part.and_then(|part| part.to_str().ok()?.parse().ok());
        let facts = Facts {
            method: entry.method(),
            path: &path,
            host: entry.host(),
            api: entry.api,
            operator: entry.operator(),
            service: entry.service(),
            headers: &headers,
            part,
            is_callback: false,
        };
        let conditions = self.conditions.iter();
        let failed = conditions.filter(|condition| !condition.pattern.fits(&facts));
        let mut failed: Vec<_> = failed.map(|condition| condition.name).collect();
        let Expect {
            operation,
            status,
            code,
            ..
        } = self.expect;
        if operation.is_some() && operation != entry.operation {
            failed.push("operation");
        }
        if status.is_some_and(|status| status != entry.status) {
            failed.push("status");
        }
        if code.is_some() && code != entry.code {
            failed.push("code");
        }
        failed
    }
}

impl Drop for ExpectGuard {
    fn drop(&mut self) {
        if self.is_verified || std::thread::panicking() {
            return;
        }
        if let Err(unmet) = self.check() {
            panic!("{unmet}");
        }
    }
}

/// Each condition as a pattern of its own.
fn conditions(when: &FaultMatch) -> Result<Vec<Condition>, FaultError> {
    let mut conditions = Vec::new();
    let mut add = |name, set: &dyn Fn(&mut FaultMatch)| {
        let mut alone = FaultMatch::default();
        set(&mut alone);
        if alone != FaultMatch::default() {
            let pattern = Pattern::of(&alone)?;
            conditions.push(Condition { name, pattern });
        }
        Ok::<_, FaultError>(())
    };
    add("path", &|alone| alone.path.clone_from(&when.path))?;
    add("method", &|alone| alone.method.clone_from(&when.method))?;
    add("API", &|alone| alone.api = when.api)?;
    add("operator", &|alone| {
        alone.operator.clone_from(&when.operator)
    })?;
    add("service", &|alone| alone.service.clone_from(&when.service))?;
    add("header", &|alone| alone.header.clone_from(&when.header))?;
    Ok(conditions)
}

fn headers(entry: &JournalEntry) -> HeaderMap {
    let pairs = entry.request_headers().into_iter();
    let pairs = pairs.filter_map(|(name, value)| {
        let name = name.parse::<HeaderName>().ok()?;
        Some((name, HeaderValue::from_str(&value).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    headers
}

/// `#3 PUT /demo/a: 401, code 40100005: the cause`.
fn line(entry: &JournalEntry) -> String {
    let mut line = format!("#{} {} {}: ", entry.number, entry.method(), entry.path());
    line += &match (entry.status, entry.code) {
        (0, _) => "no response, the connection was closed".to_owned(),
        (status, Some(code)) => format!("{status}, code {code}"),
        (status, None) => status.to_string(),
    };
    if let Some(why) = &entry.explanation {
        line += ": ";
        line += &why.cause;
    }
    line
}

/// Another number of requests came than a test expects. Its text lists those that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetExpectation {
    expected: String,
    came: Vec<String>,
    others: Vec<String>,
}

impl UnmetExpectation {
    /// How many requests were as expected.
    pub fn count(&self) -> usize {
        self.came.len()
    }
}

/// Requests that a message lists of each kind.
const LISTED: usize = 10;

impl fmt::Display for UnmetExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected {}, but {} came",
            self.expected,
            self.came.len()
        )?;
        let other = match self.came.is_empty() {
            true => "instead, the nearest first",
            false => "besides, the nearest first",
        };
        for (title, requests) in [("these came", &self.came), (other, &self.others)] {
            if requests.is_empty() {
                continue;
            }
            write!(f, "\n  {title}:")?;
            for request in requests.iter().take(LISTED) {
                write!(f, "\n    {request}")?;
            }
            if requests.len() > LISTED {
                write!(f, "\n    and {} more", requests.len() - LISTED)?;
            }
        }
        if self.came.is_empty() && self.others.is_empty() {
            f.write_str("; there was no request at all")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnmetExpectation {}
