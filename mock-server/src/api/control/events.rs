//! The journal as it grows, as server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _, stream};
use http::HeaderMap;
use serde_json::json;
use tokio::sync::watch;

use super::answer::Problem;
use crate::{
    api::app::App,
    journal::{Journal, JournalEntry, JournalFilter},
};

/// A comment as often as this shows that the connection is alive.
const ALIVE: Duration = Duration::from_secs(15);

/// Each request that fits, as it is journaled: `event: request`, with its number as `id`. A reader
/// that is too slow, or comes back too late, is told how many it missed: `event: missed`.
/// The stream ends when the server begins to stop.
#[utoipa::path(get, path = "/_mock/requests/events", tag = "requests", params(JournalFilter), responses(
    (status = 200, description = "server-sent events until the server stops", content_type = "text/event-stream")
))]
pub(super) async fn events(
    State(app): State<App>,
    headers: HeaderMap,
    filter: Result<Query<JournalFilter>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let Query(filter) = filter?;
    let last = headers.get("last-event-id");
    let last = last.and_then(|it| it.to_str().ok()?.parse().ok());
    let newer = app.journal.follow();
    let stopped = app.stop.clone().cancelled_owned();
    let follower = Follower {
        at: last
            .or(filter.after)
            .unwrap_or_else(|| app.journal.newest()),
        journal: app.journal.clone(),
        filter,
        newer,
        ready: VecDeque::new(),
    };
    let events = stream::unfold(follower, async |mut follower| {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    // A stream that a client keeps open must not delay the end of the server.
    let events = events.take_until(stopped);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)))
}

struct Follower {
    journal: Journal,
    filter: JournalFilter,
    /// The number of the last request that was looked at.
    at: u64,
    newer: watch::Receiver<u64>,
    ready: VecDeque<Event>,
}

impl Follower {
    /// `None` when the server has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // Marked before the look, so that what comes meanwhile wakes it again.
            self.newer.mark_unchanged();
            let (entries, missed) = self.journal.after(self.at);
            if missed > 0 {
                let missed = json!({ "requests": missed }).to_string();
                self.ready
                    .push_back(Event::default().event("missed").data(missed));
            }
            for entry in entries {
                self.at = entry.number;
                if self.filter.matches(&entry) {
                    self.ready.extend(event(&entry));
                }
            }
            if self.ready.is_empty() && self.journal.newest() <= self.at {
                self.newer.changed().await.ok()?;
            }
        }
    }
}

fn event(entry: &Arc<JournalEntry>) -> Option<Event> {
    let event = Event::default().event("request");
    event.id(entry.number.to_string()).json_data(&**entry).ok()
}
