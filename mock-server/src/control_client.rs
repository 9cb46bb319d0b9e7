//! The control plane of a server in another process.

use std::{fmt, time::Duration};

use http::Method;
use reqwest::{Response, Url};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    api::{ClockState, Health, RequestRecord, ServiceRecord, UploadRecord},
    faults::{Fault, FaultEntry},
    journal::JournalFilter,
    report::Report,
    tasks::{CallbackEntry, TaskEntry, in_words, plain_client},
};

/// Sees and changes what a server in another process does, by the JSON under `/_mock/`.
///
/// A cheap handle. `GET /_mock/openapi.json` describes the calls; those that have no method of their
/// own here go through [`call`](Self::call).
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use upyun_mock::{ControlClient, MockServer};
///
/// let server = MockServer::start().await; // or a program that runs elsewhere
/// let control = ControlClient::new(&server.url())?;
/// control.put_object("demo", "a.txt", "hello").await?;
/// control.add_fault(&"GET => status=503 times=1".parse()?).await?;
/// let download = server.client().get("/a.txt").send().await?; // tries again
/// assert_eq!(download.text().await?, "hello");
/// assert_eq!(control.faults().await?[0].applied, 1);
/// assert_eq!(control.requests(&Default::default()).await?.len(), 2);
/// control.advance(Duration::from_secs(60)).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ControlClient {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
}

impl ControlClient {
    /// For the server at this address, like `http://127.0.0.1:8390`.
    ///
    /// # Errors
    /// When that is no URL of HTTP.
    pub fn new(url: &str) -> Result<Self, ControlError> {
        let wrong = |why: String| ControlError {
            call: format!("{url:?}"),
            status: None,
            why,
        };
        let base = Url::parse(url).map_err(|error| wrong(error.to_string()))?;
        if base.scheme() != "http" {
            return Err(wrong(
                "the control plane is reached by http://, on the same port as all else".to_owned(),
            ));
        }
        let http = plain_client().map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            http,
            base,
            token: None,
        })
    }

    /// With the token that the server was started with.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// State, version and uptime.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn health(&self) -> Result<Health, ControlError> {
        self.get("health").await
    }

    /// The certificate of the server's CA, as PEM, which clients must trust to reach it by HTTPS.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn ca_pem(&self) -> Result<String, ControlError> {
        let response = self.send(Method::GET, "ca.pem", None).await?;
        let text = response.text().await;
        text.map_err(|error| self.failed("GET", "ca.pem", &error))
    }

    /// The requests that fit, oldest first.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn requests(
        &self,
        filter: &JournalFilter,
    ) -> Result<Vec<RequestRecord>, ControlError> {
        let query = match serde_json::to_value(filter) {
            Ok(Value::Object(members)) => members,
            _ => serde_json::Map::new(),
        };
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &query {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            pairs.append_pair(name, &text);
        }
        self.member(&format!("requests?{}", pairs.finish()), "requests")
            .await
    }

    /// Forgets the requests. Numbers go on.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn clear_requests(&self) -> Result<(), ControlError> {
        self.done(Method::DELETE, "requests", None).await
    }

    /// What was asked for, what never was, and what is fragile.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn report(&self) -> Result<Report, ControlError> {
        self.get("report").await
    }

    /// The callbacks with their attempts, oldest first.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn callbacks(&self) -> Result<Vec<CallbackEntry>, ControlError> {
        self.member("callbacks", "callbacks").await
    }

    /// The tasks, oldest first.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn tasks(&self) -> Result<Vec<TaskEntry>, ControlError> {
        self.member("tasks", "tasks").await
    }

    /// The unfinished uploads with their parts.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn uploads(&self) -> Result<Vec<UploadRecord>, ControlError> {
        self.member("uploads", "uploads").await
    }

    /// Adds a service with an operator of its own, for one test. Without a name it gets a free one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_service(&self, name: Option<&str>) -> Result<ServiceRecord, ControlError> {
        let mut body = json!({ "operator": true });
        if let Some(name) = name {
            body["name"] = name.into();
        }
        self.json(Method::POST, "services", Some(body)).await
    }

    /// Removes a service with its objects.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_service(&self, name: &str) -> Result<(), ControlError> {
        self.done(Method::DELETE, &format!("services/{name}"), None)
            .await
    }

    /// Stores an object without a signature.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn put_object(
        &self,
        service: &str,
        key: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<(), ControlError> {
        let path = object_path(service, key);
        self.send(Method::PUT, &path, Some((OCTETS, content.into())))
            .await?;
        Ok(())
    }

    /// The content of an object.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn get_object(&self, service: &str, key: &str) -> Result<Vec<u8>, ControlError> {
        let path = object_path(service, key);
        let answer = self.send(Method::GET, &path, None).await?;
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|error| self.failed("GET", &path, &error))?;
        Ok(bytes.into())
    }

    /// Deletes an object, or a folder with all that is in it.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn delete_object(&self, service: &str, key: &str) -> Result<(), ControlError> {
        self.done(Method::DELETE, &object_path(service, key), None)
            .await
    }

    /// What the server's clock shows.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn clock(&self) -> Result<ClockState, ControlError> {
        self.get("clock").await
    }

    /// Moves the clock forward, and waits until what fell due is done; the answer tells what that was.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn advance(&self, by: Duration) -> Result<ClockState, ControlError> {
        let body = json!({ "seconds": by.as_secs_f64() });
        self.json(Method::POST, "clock/advance", Some(body)).await
    }

    /// Stops the clock, or lets it run on.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn freeze(&self, is_frozen: bool) -> Result<ClockState, ControlError> {
        let path = match is_frozen {
            true => "clock/freeze",
            false => "clock/resume",
        };
        self.json(Method::POST, path, Some(json!({}))).await
    }

    /// Brings the system's time back, and waits until what fell due is done.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn reset_clock(&self) -> Result<ClockState, ControlError> {
        self.json(Method::POST, "clock/reset", Some(json!({})))
            .await
    }

    /// Sets a fault; gives its id.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn add_fault(&self, fault: &Fault) -> Result<String, ControlError> {
        let body = json!(fault);
        let added: Added = self.json(Method::POST, "faults", Some(body)).await?;
        Ok(added.id)
    }

    /// The faults with their counts, the oldest first.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn faults(&self) -> Result<Vec<FaultEntry>, ControlError> {
        self.member("faults", "faults").await
    }

    /// Takes a fault away.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn remove_fault(&self, id: &str) -> Result<(), ControlError> {
        self.done(Method::DELETE, &format!("faults/{id}"), None)
            .await
    }

    /// Takes all faults away.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn clear_faults(&self) -> Result<(), ControlError> {
        self.done(Method::DELETE, "faults", None).await
    }

    /// Remembers all objects as they are; gives the snapshot's id.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn snapshot(&self) -> Result<String, ControlError> {
        let added: Added = self.json(Method::POST, "snapshot", Some(json!({}))).await?;
        Ok(added.id)
    }

    /// Makes all objects what they were.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn restore(&self, id: &str) -> Result<(), ControlError> {
        self.done(Method::POST, "restore", Some(json!({ "id": id })))
            .await
    }

    /// Copies a service to another name.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn fork(&self, service: &str, to: &str) -> Result<(), ControlError> {
        let body = json!({ "service": service, "as": to });
        self.done(Method::POST, "fork", Some(body)).await
    }

    /// Removes all objects, requests, callbacks, tasks and purges, and the faults that were set, and brings
    /// the system's time back.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn reset(&self) -> Result<(), ControlError> {
        self.done(Method::POST, "reset", Some(json!({}))).await
    }

    /// Makes any call: `call::<T>(Method::GET, "uploads", ())` is `GET /_mock/uploads` without a body. A
    /// response without a body is read as `null`.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use upyun_mock::{ControlClient, MockServer};
    /// # use serde::Deserialize;
    /// #[derive(Deserialize)]
    /// struct Counts {
    ///     uploads: u64,
    /// }
    /// # let server = MockServer::start().await;
    /// # let control = ControlClient::new(&server.url())?;
    /// let counts: Counts = control.call(http::Method::GET, "counts", ()).await?;
    /// assert_eq!(counts.uploads, 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ControlError`] when the server cannot be reached, or says in a sentence why it refuses.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: http::Method,
        path: &str,
        body: impl Serialize,
    ) -> Result<T, ControlError> {
        let body = serde_json::to_value(body).map_err(|error| ControlError {
            call: format!("{method} {path}"),
            status: None,
            why: format!("the body cannot be written as JSON: {error}"),
        })?;
        let body = Some(body).filter(|body| !body.is_null());
        self.json(method, path, body).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ControlError> {
        self.json(Method::GET, path, None).await
    }

    async fn member<T: DeserializeOwned>(&self, path: &str, name: &str) -> Result<T, ControlError> {
        let mut answer: Value = self.get(path).await?;
        let member = answer.get_mut(name).map(Value::take).unwrap_or_default();
        serde_json::from_value(member).map_err(|error| ControlError {
            call: format!("GET {path}"),
            status: None,
            why: error.to_string(),
        })
    }

    async fn done(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(), ControlError> {
        self.json::<Value>(method, path, body).await.map(drop)
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, ControlError> {
        let name = method.to_string();
        let body = body.map(|body| (JSON, body.to_string().into_bytes()));
        let answer = self.send(method, path, body).await?;
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|error| self.failed(&name, path, &error))?;
        let bytes = if bytes.is_empty() {
            &b"null"[..]
        } else {
            &bytes
        };
        serde_json::from_slice(bytes).map_err(|error| ControlError {
            call: format!("{name} {path}"),
            status: None,
            why: format!("its answer is not understood: {error}"),
        })
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Response, ControlError> {
        let name = method.to_string();
        let url = format!("{}_mock/{path}", self.base);
        let mut request = self.http.request(method, url);
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let sent = request.send().await;
        let answer = sent.map_err(|error| self.failed(&name, path, &error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let text = answer.text().await.unwrap_or_default();
        let told: Value = serde_json::from_str(&text).unwrap_or_default();
        Err(ControlError {
            call: format!("{name} {path}"),
            status: Some(status.as_u16()),
            why: told["error"].as_str().unwrap_or(&text).to_owned(),
        })
    }

    fn failed(&self, method: &str, path: &str, error: &reqwest::Error) -> ControlError {
        ControlError {
            call: format!("{method} {}_mock/{path}", self.base),
            status: None,
            why: in_words(error),
        }
    }
}

/// The response to a call that adds something.
#[derive(Deserialize)]
struct Added {
    id: String,
}

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";

fn object_path(service: &str, key: &str) -> String {
    let key = upyun_client::protocol::path::encode(key.trim_start_matches('/'));
    format!("objects/{service}/{key}")
}

/// Why a call of the control plane failed.
#[derive(Clone, Debug)]
pub struct ControlError {
    call: String,
    status: Option<u16>,
    why: String,
}

impl ControlError {
    /// The status, if the server answered.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} was refused with {status}: {}", self.call, self.why),
            None => write!(f, "{} failed: {}", self.call, self.why),
        }
    }
}

impl std::error::Error for ControlError {}
