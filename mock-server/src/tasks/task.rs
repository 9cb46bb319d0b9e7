//! A task: what was asked for, how far it is, how it ended.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{accounts::Operator, request_id::RequestId};

/// A task and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskEntry {
    /// As the service told it.
    pub id: RequestId,
    /// What carries it out, like `naga`.
    pub app: String,
    /// Whose objects it works on.
    pub service: String,
    /// Who asked for it; `None` for a form upload with the legacy signature.
    pub operator: Option<String>,
    /// The key of the object that it begins with; empty for apps that name theirs themselves.
    pub source: String,
    /// What was asked for, as it was sent.
    pub parameters: Map<String, Value>,
    /// Where its end is told.
    pub notify_url: Option<String>,
    /// Whether its end is told as JSON rather than as a form.
    pub notify_json: bool,
    /// By the server's clock, in milliseconds since 1970.
    pub submitted_ms: u64,
    /// By the same clock; `None` while it waits.
    pub started_ms: Option<u64>,
    /// By the same clock; `None` until it has ended.
    pub ended_ms: Option<u64>,
    /// What became of it.
    pub state: TaskState,
    /// 0 to 100.
    pub progress_percent: u8,
    /// How it ended, as `/result/` tells it.
    pub result: Option<Map<String, Value>>,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskState {
    /// It waits for a worker.
    Queued,
    /// It is worked on.
    Running,
    /// It has ended well.
    Done,
    /// It has ended otherwise.
    Failed,
}

impl TaskEntry {
    fn bytes(&self) -> usize {
        let texts = [&self.app, &self.service, &self.source].map(String::len);
        let optional = [&self.operator, &self.notify_url];
        let optional = optional.into_iter().flatten().map(String::len);
        let parameters = members_bytes(&self.parameters);
        let result = self.result.as_ref().map_or(0, members_bytes);
        let all = texts.into_iter().chain(optional).sum::<usize>();
        size_of::<Self>() + all + parameters + result
    }
}

fn members_bytes(members: &Map<String, Value>) -> usize {
    let bytes =
        |(name, value): (&String, &Value)| size_of::<String>() + name.len() + value_bytes(value);
    members.iter().map(bytes).sum()
}

fn value_bytes(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_bytes).sum(),
        Value::Object(members) => members_bytes(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

impl TaskState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// What a task is made of when it is submitted.
#[derive(Debug)]
pub(crate) struct NewTask {
    pub(crate) app: String,
    pub(crate) service: String,
    pub(crate) operator: Option<Arc<Operator>>,
    pub(crate) source: String,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) notify_url: Option<String>,
    pub(crate) notify_json: bool,
}

impl NewTask {
    pub(super) fn into_entry(self, id: RequestId, submitted_ms: u64) -> TaskEntry {
        TaskEntry {
            id,
            app: self.app,
            service: self.service,
            operator: self.operator.map(|it| it.name.to_string()),
            source: self.source,
            parameters: self.parameters,
            notify_url: self.notify_url,
            notify_json: self.notify_json,
            submitted_ms,
            started_ms: None,
            ended_ms: None,
            state: TaskState::Queued,
            progress_percent: 0,
            result: None,
        }
    }
}

/// A task while it lives in the engine.
#[derive(Debug)]
pub(super) struct Task {
    entry: Mutex<TaskEntry>,
    progress: AtomicU8,
}

impl Task {
    pub(super) fn new(entry: TaskEntry) -> Self {
        Self {
            progress: AtomicU8::new(entry.progress_percent),
            entry: Mutex::new(entry),
        }
    }

    /// As it is now.
    pub(super) fn entry(&self) -> TaskEntry {
        let mut entry = self.entry.lock().clone();
        entry.progress_percent = self.progress.load(Ordering::Relaxed);
        entry
    }

    /// Roughly the memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.entry.lock().bytes()
    }

    pub(super) fn state(&self) -> TaskState {
        self.entry.lock().state
    }

    /// Tells how far it is; it never goes back, and 100 is told at the end only.
    pub(super) fn advance(&self, percent: u8) {
        self.progress.fetch_max(percent.min(99), Ordering::Relaxed);
    }

    pub(super) fn start(&self, now_ms: u64) {
        let mut entry = self.entry.lock();
        entry.state = TaskState::Running;
        entry.started_ms = Some(now_ms);
    }

    pub(super) fn end(&self, state: TaskState, now_ms: u64, result: Map<String, Value>) {
        let mut entry = self.entry.lock();
        if state == TaskState::Done {
            self.progress.store(100, Ordering::Relaxed);
        }
        entry.state = state;
        entry.ended_ms = Some(now_ms);
        entry.result = Some(result);
    }
}
