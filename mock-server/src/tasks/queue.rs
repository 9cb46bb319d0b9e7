//! Asynchronous tasks that wait to be carried out.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::observe::RequestId;

/// Tasks that are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// A task and what became of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TaskEntry {
    /// As the service told it.
    pub id: RequestId,
    /// What carries it out, like `naga`.
    pub app: String,
    /// Whose objects it works on.
    pub service: String,
    /// The key of the object that it begins with.
    pub source: String,
    /// What was asked for, without the members above and below.
    pub parameters: Map<String, Value>,
    /// Where its end is told.
    pub notify_url: Option<String>,
    /// By the server's clock, in milliseconds since 1970.
    pub submitted_ms: u64,
    /// What became of it.
    pub state: TaskState,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskState {
    /// It waits.
    Queued,
}

/// The tasks of a server. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks(Arc<Mutex<VecDeque<Arc<TaskEntry>>>>);

impl Tasks {
    /// Puts a task at the end.
    pub(crate) fn submit(&self, task: TaskEntry) {
        let mut tasks = self.lock();
        if tasks.len() == CAPACITY {
            tasks.pop_front();
        }
        tasks.push_back(Arc::new(task));
    }

    /// All, oldest first.
    pub(crate) fn entries(&self) -> Vec<Arc<TaskEntry>> {
        self.lock().iter().map(Arc::clone).collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<TaskEntry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
