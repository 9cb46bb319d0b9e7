//! The engine: tasks wait for a worker, are carried out, and their end is told.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::PathBuf,
    sync::Arc,
};

use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::{
    sync::{Semaphore, watch},
    task::AbortHandle,
};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use upyun_client::protocol::ServiceName;

use super::{
    Callback, Callbacks, NewTask, Outside, TaskEntry, TaskState, Verdict, apps,
    job::Job,
    kept::Kept,
    outcome::{Failure, Success},
    report,
    task::Task,
};
use crate::{
    accounts::{Accounts, Operator},
    clock::{Clock, unix_milliseconds},
    image::ImageWorkers,
    limits::Limits,
    request_id::RequestId,
    store::Store,
};

/// Tasks that are remembered; the oldest that have ended are forgotten first.
const CAPACITY: usize = 100_000;

/// What tasks work with.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) accounts: Accounts,
    pub(crate) callbacks: Callbacks,
    pub(crate) clock: Clock,
    pub(crate) image_workers: ImageWorkers,
    /// Where ffmpeg and ffprobe are; on PATH if `None`.
    pub(crate) ffmpeg_directory: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) outside: Outside,
    pub(crate) store: Store,
    pub(crate) verdict: Mutex<Verdict>,
}

/// The tasks of a server. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Tasks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: Arc<World>,
    list: Mutex<List>,
    workers: Semaphore,
    /// What is to be waited for before the server ends.
    at_work: TaskTracker,
    kept: Option<Kept>,
    /// Told whenever a task has ended.
    ended: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct List {
    order: VecDeque<RequestId>,
    tasks: HashMap<RequestId, Entry>,
    /// The sum of all entries' bytes.
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    task: Arc<Task>,
    work: Option<AbortHandle>,
    bytes: usize,
}

impl Tasks {
    /// An engine; with `is_kept`, tasks are written beside the objects.
    pub(crate) fn open(world: World, is_kept: bool) -> io::Result<Self> {
        world.store.clear_work_dirs().map_err(io::Error::other)?;
        let (kept, entries) = match is_kept {
            true => {
                let (kept, entries) = Kept::open(&world.store.private("tasks"))?;
                (Some(kept), entries)
            }
            false => (None, Vec::new()),
        };
        let mut list = List::default();
        for mut entry in entries {
            if !entry.state.is_final() {
                entry.state = TaskState::Queued;
                entry.progress_percent = 0;
            }
            list.push(Arc::new(Task::new(entry)));
        }
        let tasks = Self(Arc::new(Inner {
            workers: Semaphore::new(world.limits.tasks_at_once),
            at_work: TaskTracker::new(),
            world: Arc::new(world),
            list: Mutex::new(list),
            kept,
            ended: watch::Sender::new(()),
        }));
        tasks.forget_oldest();
        Ok(tasks)
    }

    /// Takes up again what an earlier server did not finish.
    pub(crate) fn resume(&self) {
        let order = self.0.list.lock().order.clone();
        for id in order {
            let task = self
                .0
                .list
                .lock()
                .tasks
                .get(&id)
                .map(|it| Arc::clone(&it.task));
            if let Some(task) = task.filter(|task| !task.state().is_final()) {
                let operator = task.entry().operator;
                let operator = operator.and_then(|name| self.0.world.accounts.operator(&name));
                self.spawn(id, task, operator);
            }
        }
    }

    /// Puts a task at the end of the queue; gives its id.
    pub(crate) fn submit(&self, task: NewTask) -> RequestId {
        let id = RequestId::random();
        let operator = task.operator.clone();
        let entry = task.into_entry(id, self.now_ms());
        if let Some(kept) = &self.0.kept {
            kept.save(&entry);
        }
        let task = Arc::new(Task::new(entry));
        self.0.list.lock().push(Arc::clone(&task));
        self.forget_oldest();
        self.spawn(id, task, operator);
        id
    }

    /// Something that is done at once, without a place in the queue.
    pub(crate) fn job(
        &self,
        app: &str,
        service: &ServiceName,
        operator: Option<Arc<Operator>>,
        parameters: Map<String, Value>,
    ) -> Result<Job, Failure> {
        let task = NewTask {
            app: app.to_owned(),
            service: service.to_string(),
            operator,
            source: String::new(),
            parameters,
            notify_url: None,
            notify_json: true,
        };
        let entry = task.into_entry(RequestId::random(), self.now_ms());
        Ok(Job {
            service: self.0.world.store.handle(service),
            world: Arc::clone(&self.0.world),
            task: Arc::new(Task::new(entry.clone())),
            entry,
        })
    }

    /// A task of a service.
    pub(crate) fn find(&self, id: &str, service: &str) -> Option<TaskEntry> {
        let id: RequestId = id.parse().ok()?;
        let task = self
            .0
            .list
            .lock()
            .tasks
            .get(&id)
            .map(|it| Arc::clone(&it.task))?;
        Some(task.entry()).filter(|entry| entry.service == service)
    }

    /// All, oldest first.
    pub(crate) fn entries(&self) -> Vec<TaskEntry> {
        let list = self.0.list.lock();
        let tasks = list.order.iter().filter_map(|id| list.tasks.get(id));
        tasks.map(|it| it.task.entry()).collect()
    }

    /// Waits until no task waits or runs.
    pub(crate) async fn idle(&self) {
        let mut ended = self.0.ended.subscribe();
        while !self.is_idle() {
            // The sender lives in `self`, so this cannot fail.
            let _ = ended.changed().await;
        }
    }

    fn is_idle(&self) -> bool {
        let list = self.0.list.lock();
        let mut tasks = list.tasks.values();
        tasks.all(|it| it.task.state().is_final())
    }

    /// Stops what runs; gives when it has ended. Under `--data` the next server takes it up again.
    pub(crate) async fn stop(&self) {
        let works: Vec<_> = {
            let list = self.0.list.lock();
            let entries = list.tasks.values();
            entries.filter_map(|it| it.work.clone()).collect()
        };
        works.iter().for_each(AbortHandle::abort);
        self.0.at_work.close();
        self.0.at_work.wait().await;
    }

    /// Stops what runs and forgets all.
    pub(crate) fn clear(&self) {
        let old = std::mem::take(&mut *self.0.list.lock());
        for (id, entry) in old.tasks {
            if let Some(work) = entry.work {
                work.abort();
            }
            if let Some(kept) = &self.0.kept {
                kept.remove(&id);
            }
        }
        self.0.ended.send_replace(());
    }

    /// What audits find from now on.
    pub(crate) fn set_verdict(&self, verdict: Verdict) {
        *self.0.world.verdict.lock() = verdict;
    }

    /// What audits find.
    pub(crate) fn verdict(&self) -> Verdict {
        *self.0.world.verdict.lock()
    }

    fn spawn(&self, id: RequestId, task: Arc<Task>, operator: Option<Arc<Operator>>) {
        let this = self.clone();
        let work = tokio::spawn({
            let task = Arc::clone(&task);
            async move { this.carry_out(task, operator).await }
        });
        if let Some(entry) = self.0.list.lock().tasks.get_mut(&id) {
            entry.work = Some(work.abort_handle());
        }
    }

    async fn carry_out(&self, task: Arc<Task>, operator: Option<Arc<Operator>>) {
        let Ok(_worker) = self.0.workers.acquire().await else {
            return;
        };
        task.start(self.now_ms());
        self.save(&task);
        let entry = task.entry();
        let outcome = self.work(&task, &entry).await;
        match &outcome {
            Ok(_) => tracing::info!("task {} ({}) done", entry.id, entry.app),
            Err(why) => tracing::warn!("task {} ({}) failed: {why}", entry.id, entry.app),
        }
        let state = match outcome {
            Ok(_) => TaskState::Done,
            Err(_) => TaskState::Failed,
        };
        let now = self.0.world.clock.unix();
        let json = report::json(&entry, &outcome, operator.as_deref(), now);
        task.end(state, self.now_ms(), json.clone());
        self.save(&task);
        self.0.list.lock().measure(&entry.id);
        self.forget_oldest();
        self.tell(&entry, &outcome, operator, json);
        self.0.ended.send_replace(());
    }

    /// On a task of its own, so that a mistake of ours ends one task and not the queue.
    async fn work(&self, task: &Arc<Task>, entry: &TaskEntry) -> Result<Success, Failure> {
        let name: ServiceName = entry
            .service
            .parse()
            .map_err(|error| Failure::malformed(format!("{error}")))?;
        let job = Job {
            service: self.0.world.store.handle(&name),
            world: Arc::clone(&self.0.world),
            task: Arc::clone(task),
            entry: entry.clone(),
        };
        let limit = self.0.world.limits.task_timeout;
        let work = self
            .0
            .at_work
            .spawn(async move { apps::carry_out(&job).await });
        match tokio::time::timeout(limit, AbortOnDropHandle::new(work)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Err(Failure::internal(format!(
                "upyun-mock made a mistake: {error}"
            ))),
            Err(_) => Err(Failure::timed_out(format!(
                "it took longer than {} s",
                limit.as_secs()
            ))),
        }
    }

    fn tell(
        &self,
        entry: &TaskEntry,
        outcome: &Result<Success, Failure>,
        operator: Option<Arc<Operator>>,
        json: Map<String, Value>,
    ) {
        // A path is accepted where a URL is meant, and never called.
        let url = entry.notify_url.as_ref().filter(|url| url.contains("://"));
        let Some(url) = url.cloned() else { return };
        let is_form = entry.app == "naga" && !entry.notify_json;
        let (content_type, body) = match is_form {
            true => (
                "application/x-www-form-urlencoded",
                report::form(entry, outcome, operator.as_deref()),
            ),
            false => ("application/json", Value::Object(json).to_string()),
        };
        self.0.world.callbacks.submit(Callback {
            url,
            content_type,
            body,
            operator,
        });
    }

    /// Forgets the oldest tasks that have ended, on disk too, while the list is too large.
    fn forget_oldest(&self) {
        let most_bytes = self.0.world.limits.tasks_bytes;
        let forgotten = self.0.list.lock().forget_oldest(CAPACITY, most_bytes);
        if let Some(kept) = &self.0.kept {
            forgotten.iter().for_each(|id| kept.remove(id));
        }
    }

    fn save(&self, task: &Task) {
        if let Some(kept) = &self.0.kept {
            kept.save(&task.entry());
        }
    }

    fn now_ms(&self) -> u64 {
        unix_milliseconds(self.0.world.clock.now())
    }
}

impl List {
    fn push(&mut self, task: Arc<Task>) {
        let id = task.entry().id;
        let bytes = task.bytes();
        self.bytes += bytes;
        self.order.push_back(id);
        let entry = Entry {
            task,
            work: None,
            bytes,
        };
        self.tasks.insert(id, entry);
    }

    /// Counts a task's bytes again: it has a result now.
    fn measure(&mut self, id: &RequestId) {
        if let Some(entry) = self.tasks.get_mut(id) {
            self.bytes -= entry.bytes;
            entry.bytes = entry.task.bytes();
            self.bytes += entry.bytes;
        }
    }

    /// Removes the oldest tasks that have ended until the limits are kept; returns their ids. The
    /// newest task stays.
    fn forget_oldest(&mut self, most: usize, most_bytes: usize) -> Vec<RequestId> {
        let mut forgotten = Vec::new();
        while self.order.len() > most || self.bytes > most_bytes {
            let older = self.order.len().saturating_sub(1);
            let has_ended = |id: &RequestId| {
                let entry = self.tasks.get(id);
                entry.is_none_or(|entry| entry.task.state().is_final())
            };
            let Some(id) = (self.order.iter().take(older).position(has_ended))
                .and_then(|index| self.order.remove(index))
            else {
                break;
            };
            if let Some(entry) = self.tasks.remove(&id) {
                self.bytes -= entry.bytes;
            }
            forgotten.push(id);
        }
        forgotten
    }
}
