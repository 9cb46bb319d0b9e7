//! Bounds of the server: sizes, times and how much is kept.

use std::time::Duration;

/// Bounds of the server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The largest object, in bytes: 150 GB by the service's FAQ.
    pub max_object_bytes: u64,
    /// How long the server waits for the next bytes of a body, and a reader of an unfinished upload
    /// for the next part.
    pub body_timeout: Duration,
    /// Requests that the journal keeps; with 0 there is no journal.
    pub journal_entries: usize,
    /// What the journal may hold, in bytes.
    pub journal_bytes: usize,
    /// What the list of tasks may hold, in bytes; the oldest that have ended are forgotten first.
    pub tasks_bytes: usize,
    /// What the list of callbacks may hold, in bytes; the oldest are forgotten first.
    pub callbacks_bytes: usize,
    /// Tasks that are carried out at the same time; the others wait. One a processor by default.
    pub tasks_at_once: usize,
    /// How long a task may take.
    pub task_timeout: Duration,
    /// How long a picture may be worked on before whoever asked is told that it is too large.
    pub picture_timeout: Duration,
    /// What is kept of pictures that were processed for access domains, in bytes; 0 keeps none.
    pub picture_cache_bytes: u64,
    /// The memory for pixels of all pictures that are processed at the same time, in bytes. Each reserves
    /// what it is estimated to need before it is decoded, and waits for others; one that needs more than
    /// all of it is too large.
    pub picture_memory_bytes: u64,
    /// What a task may write, in bytes: a transcoded film, an unpacked archive, a fetched file.
    pub task_output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_object_bytes: 150_000_000_000,
            body_timeout: Duration::from_secs(60),
            journal_entries: 1000,
            journal_bytes: 64 * 1024 * 1024,
            tasks_bytes: 64 * 1024 * 1024,
            callbacks_bytes: 64 * 1024 * 1024,
            tasks_at_once: std::thread::available_parallelism().map_or(1, usize::from),
            task_timeout: Duration::from_secs(600),
            picture_timeout: Duration::from_secs(30),
            picture_cache_bytes: 256 * 1024 * 1024,
            picture_memory_bytes: 512 * 1024 * 1024,
            task_output_bytes: 5 * 1024 * 1024 * 1024,
        }
    }
}
