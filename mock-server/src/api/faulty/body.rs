//! A body that faults slow down, change or end.

use std::{io, time::Duration};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;

use super::Pause;
use crate::{
    faults::{Applied, Met, Side},
    front::Wire,
};

/// What is sent before an end reaches the client if it is given so much time.
const FLUSH: Duration = Duration::from_millis(20);
/// Pieces of a body that is slowed down come this often.
const PIECES_PER_SECOND: u64 = 20;

/// What happens at a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The connection is closed, or reset.
    Close(bool),
    /// The body ends.
    Truncate { is_noted: bool },
    /// Nothing comes, for a time or for ever.
    Stall(Pause),
}

pub(super) struct Meddler {
    /// Whose body it is.
    side: Side,
    body: Body,
    /// What was read of it and not yet given.
    left: Bytes,
    /// Bytes that were given.
    at: u64,
    pace: Option<u64>,
    corrupt: Vec<(Met, u64, u64)>,
    /// By place, the last first.
    stops: Vec<(Met, u64, Stop)>,
    applied: Applied,
    wire: Wire,
}

impl Meddler {
    pub(super) fn new(side: Side, body: Body, applied: Applied, wire: Wire) -> Self {
        Self {
            side,
            body,
            left: Bytes::new(),
            at: 0,
            pace: None,
            corrupt: Vec::new(),
            stops: Vec::new(),
            applied,
            wire,
        }
    }

    pub(super) fn pace(&mut self, met: &Met, bytes_per_second: Option<u64>) {
        let Some(rate) = bytes_per_second else { return };
        if self.pace.is_none_or(|other| rate < other) && !http_body::Body::is_end_stream(&self.body)
        {
            met.apply(
                &self.applied,
                format!("slowed a body down to {rate} bytes/s"),
            );
            self.pace = Some(rate);
        }
    }

    pub(super) fn corrupt(&mut self, met: &Met, at: u64, bytes: u64) {
        self.corrupt.push((met.clone(), at, bytes));
    }

    pub(super) fn stop(&mut self, met: &Met, at: u64, stop: Stop) {
        self.stops.push((met.clone(), at, stop));
        self.stops.sort_by_key(|(_, at, _)| std::cmp::Reverse(*at));
    }

    pub(super) fn has_work(&self) -> bool {
        self.pace.is_some() || !self.corrupt.is_empty() || !self.stops.is_empty()
    }

    /// The body as the other side gets it.
    pub(super) fn into_body(self) -> Body {
        if !self.has_work() {
            return self.body;
        }
        let pieces = stream::unfold(self, move |mut this| async move {
            let next = this.next().await?;
            Some((next, this))
        });
        // Whoever drains a body asks again after its end.
        Body::from_stream(pieces.fuse())
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        while self.left.is_empty() {
            match self.body.frame().await? {
                Ok(frame) => self.left = frame.into_data().unwrap_or_default(),
                Err(error) => return Some(Err(io::Error::other(error))),
            }
        }
        // Only where something follows: a place behind the end is none.
        while self.stops.last().is_some_and(|(_, at, _)| *at <= self.at) {
            let (met, at, stop) = self.stops.pop()?;
            match stop {
                Stop::Truncate { is_noted } => {
                    if is_noted || met.apply(&self.applied, cut_to(at)) {
                        return None;
                    }
                }
                Stop::Stall(pause) => {
                    if met.apply(&self.applied, format!("stalled after {at} bytes")) {
                        pause.wait().await;
                    }
                }
                Stop::Close(is_reset) => {
                    let how = if is_reset { "reset" } else { "closed" };
                    let of = if self.side == Side::Answer {
                        "answer"
                    } else {
                        "request"
                    };
                    let did = format!("{how} the connection after {at} bytes of the {of}");
                    if !met.apply(&self.applied, did) {
                        continue;
                    }
                    if self.side == Side::Answer {
                        tokio::time::sleep(FLUSH).await;
                    }
                    self.wire.cut(is_reset);
                    return Some(match self.side {
                        // Whatever is written next finds the wire cut.
                        Side::Answer => Ok(std::mem::take(&mut self.left)),
                        Side::Request => Err(io::ErrorKind::ConnectionAborted.into()),
                    });
                }
            }
        }
        let mut most = u64::MAX;
        if let Some((_, at, _)) = self.stops.last() {
            most = at - self.at;
        }
        if let Some(rate) = self.pace {
            most = most.min((rate / PIECES_PER_SECOND).max(1));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let piece = self.left.split_to(most.min(self.left.len()));
        if let Some(rate) = self.pace {
            #[expect(clippy::cast_precision_loss, reason = "a pace need not be exact")]
            let seconds = piece.len() as f64 / rate as f64;
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
        let piece = self.corrupted(piece);
        self.at += piece.len() as u64;
        Some(Ok(piece))
    }

    /// Every bit of the bytes that are meant is turned over.
    fn corrupted(&self, piece: Bytes) -> Bytes {
        let end = self.at + piece.len() as u64;
        let mut piece = piece;
        for (met, at, bytes) in &self.corrupt {
            let (from, to) = ((*at).max(self.at), at.saturating_add(*bytes).min(end));
            if from >= to {
                continue;
            }
            // The first of them counts as the deed.
            if from == *at {
                let did = format!("corrupted {bytes} bytes at {at}");
                if !met.apply(&self.applied, did) {
                    continue;
                }
            }
            let mut changed = BytesMut::from(&piece[..]);
            let range = index(from - self.at)..index(to - self.at);
            changed[range].iter_mut().for_each(|byte| *byte = !*byte);
            piece = changed.freeze();
        }
        piece
    }
}

pub(super) fn cut_to(bytes: u64) -> String {
    format!("cut the answer's body to {bytes} bytes")
}

/// A place within a piece, which is in memory.
fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
