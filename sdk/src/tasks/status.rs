//! How far tasks are, how they ended, and waiting for that.

use std::{collections::BTreeMap, fmt, time::Duration};

use reqwest::Method;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::TaskResult;
use crate::{
    client::{Client, call::Call},
    error::{Error, ErrorKind, Result},
    protocol::host::Api,
};

/// Tasks that may be asked for at once.
const MAX_IDS: usize = 20;
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Between two questions, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long tasks are waited for unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3600);

impl Client {
    /// Asks how far tasks are; of more than 20, 20 at a time.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// use upyun_client::TaskStatus;
    ///
    /// let id = "35f0148d414a688a275bf915ba7cebb2";
    /// let status = client.task_status([id]).send().await?;
    /// assert_eq!(status[id], TaskStatus::Unknown);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("status", "GetProgress"))]
    pub fn task_status(&self, ids: impl IntoIterator<Item = impl AsRef<str>>) -> TaskStatusRequest {
        TaskStatusRequest {
            client: self.clone(),
            ids: owned(ids),
        }
    }

    /// Asks how tasks ended; those that have not are missing. Of more than 20, 20 at a time.
    #[doc(alias("GetResult", "result"))]
    pub fn task_results(
        &self,
        ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> TaskResultsRequest {
        TaskResultsRequest {
            client: self.clone(),
            ids: owned(ids),
        }
    }

    /// Waits until tasks have ended, well or not, and gives their results in the same order.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/a.txt", "a")?;
    /// # let id = client.compress(["/a.txt"], "/a.zip").send().await?;
    /// let results = client
    ///     .wait_for_tasks([id])
    ///     .on_progress(|task| println!("{}: {}", task.id, task.status))
    ///     .send()
    ///     .await?;
    /// for result in results {
    ///     if !result.is_success() {
    ///         eprintln!("{}: {}", result.task_id, result.description);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_tasks(
        &self,
        ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> WaitForTasksRequest {
        WaitForTasksRequest {
            client: self.clone(),
            ids: owned(ids),
            timeout: DEFAULT_TIMEOUT,
            on_progress: None,
        }
    }

    async fn ask_for_tasks(&self, path: &str, ids: &[String]) -> Result<Map<String, Value>> {
        let mut all = Map::new();
        for ids in ids.chunks(MAX_IDS) {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("service", self.service().as_str())
                .append_pair("task_ids", &ids.join(","))
                .finish();
            let uri = format!("{path}?{query}");
            let mut call = Call::new(Method::GET, uri.clone());
            call.api = Api::Tasks;
            let mut answer = self.send(call).await?;
            let body = answer.read(MAX_ANSWER_BYTES).await?;
            let Ok(Value::Object(mut told)) = serde_json::from_slice(&body) else {
                let error = answer.malformed("the answer is no JSON object");
                return Err(error.of_request("GET", &uri));
            };
            // The documentation has results without the wrapping that clients expect.
            all.extend(match told.remove("tasks") {
                Some(Value::Object(tasks)) => tasks,
                _ => told,
            });
        }
        Ok(all)
    }
}

fn owned(ids: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    ids.into_iter().map(|id| id.as_ref().to_owned()).collect()
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// It has not begun, or there is no such task: the service does not tell these apart.
    Unknown,
    /// This much of it is done, in percent.
    Running(u8),
    /// It has ended well.
    Done,
    /// It has ended otherwise.
    Failed,
}

impl TaskStatus {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }

    fn of(value: &Value) -> Option<Self> {
        // Some revisions wrote the numbers as texts.
        let number = match value {
            Value::Null => return Some(Self::Unknown),
            Value::String(text) => text.parse().ok()?,
            value => value.as_i64()?,
        };
        Some(match number {
            100.. => Self::Done,
            0..100 => Self::Running(u8::try_from(number).unwrap_or(99)),
            _ => Self::Failed,
        })
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("waiting"),
            Self::Running(percent) => write!(f, "{percent} %"),
            Self::Done => f.write_str("done"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

/// A question how far tasks are: see [`Client::task_status`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct TaskStatusRequest {
    client: Client,
    ids: Vec<String>,
}

impl TaskStatusRequest {
    /// Asks; the answer is by id.
    ///
    /// # Errors
    /// Kind Malformed for an answer that is not the protocol's.
    pub async fn send(self) -> Result<BTreeMap<String, TaskStatus>> {
        let told = self.client.ask_for_tasks("/status/", &self.ids).await?;
        let read = |(id, value): (String, Value)| {
            let status = TaskStatus::of(&value);
            let status = status.ok_or_else(|| {
                Error::malformed(format!("the status of the task {id} is {value}"))
            })?;
            Ok((id, status))
        };
        told.into_iter().map(read).collect()
    }
}

/// A question how tasks ended: see [`Client::task_results`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct TaskResultsRequest {
    client: Client,
    ids: Vec<String>,
}

impl TaskResultsRequest {
    /// Asks; the answer is by id.
    ///
    /// # Errors
    /// Kind Malformed for an answer that is not the protocol's.
    pub async fn send(self) -> Result<BTreeMap<String, TaskResult>> {
        let told = self.client.ask_for_tasks("/result/", &self.ids).await?;
        let mut results = BTreeMap::new();
        for (id, value) in told {
            let members = match value {
                Value::Null => continue,
                Value::Object(members) => members,
                // An early revision put JSON into a text.
                Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
                _ => Map::new(),
            };
            let result = TaskResult::of(members).map_err(|error| {
                Error::malformed(format!("the result of the task {id} cannot be read"))
                    .with_source(error)
            })?;
            results.insert(id, result);
        }
        Ok(results)
    }
}

/// A task that is waited for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskProgress<'a> {
    /// Which.
    pub id: &'a str,
    /// How far it is.
    pub status: TaskStatus,
}

type OnProgress = Box<dyn FnMut(TaskProgress<'_>) + Send>;

/// Tasks that are waited for: see [`Client::wait_for_tasks`].
#[must_use = "a request does nothing until it is sent"]
pub struct WaitForTasksRequest {
    client: Client,
    ids: Vec<String>,
    timeout: Duration,
    on_progress: Option<OnProgress>,
}

impl WaitForTasksRequest {
    /// Gives up after this time; an hour unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Is told whenever a task's status has changed.
    pub fn on_progress(mut self, tell: impl FnMut(TaskProgress<'_>) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// Waits. The service is asked again and again, less and less often up to every 5 s.
    ///
    /// # Errors
    /// Kind Transport if the tasks have not ended in time: [`Error::is_timeout`]. An id that the
    /// service does not know looks like a task that has not begun, and is waited for, too.
    pub async fn send(mut self) -> Result<Vec<TaskResult>> {
        let begun = Instant::now();
        let mut known: BTreeMap<String, TaskStatus> = BTreeMap::new();
        let mut pause = FIRST_PAUSE;
        loop {
            let is_final = |id: &&String| known.get(*id).copied().is_some_and(TaskStatus::is_final);
            let open: Vec<&String> = self.ids.iter().filter(|id| !is_final(id)).collect();
            if open.is_empty() {
                break;
            }
            let told = self.client.task_status(&open).send().await?;
            for (id, status) in told {
                if known.insert(id.clone(), status) != Some(status)
                    && let Some(tell) = &mut self.on_progress
                {
                    tell(TaskProgress { id: &id, status });
                }
            }
            let all = self.ids.iter();
            if all.filter(|id| is_open(&known, id)).count() == 0 {
                break;
            }
            if begun.elapsed() + pause > self.timeout {
                let open = self.ids.iter().filter(|id| is_open(&known, id)).count();
                let message = format!("{open} tasks have not ended within {:?}", self.timeout);
                return Err(Error::new(ErrorKind::Transport, message)
                    .with_cause(crate::error::Cause::Timeout));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let mut results = self.client.task_results(&self.ids).send().await?;
        let ids = self.ids.iter().map(|id| {
            results.remove(id).ok_or_else(|| {
                Error::malformed(format!("the task {id} has ended without a result"))
            })
        });
        ids.collect()
    }
}

fn is_open(known: &BTreeMap<String, TaskStatus>, id: &str) -> bool {
    !known.get(id).copied().is_some_and(TaskStatus::is_final)
}

impl fmt::Debug for WaitForTasksRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForTasksRequest")
            .field("ids", &self.ids)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
