//! The content of a file as the body of an answer.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

/// What is read at once. Two pieces are in memory: one is sent while the next is read.
const PIECE_BYTES: u64 = 256 * 1024;
/// Up to this size the content is read at once, and leaves with the head in one write.
const WHOLE_BYTES: u64 = 64 * 1024;

/// A part of a file.
pub(crate) fn body(mut file: File, part: Range<u64>) -> io::Result<Body> {
    let left = part.end - part.start;
    if left == 0 {
        return Ok(Body::empty());
    }
    if part.start != 0 {
        file.seek(SeekFrom::Start(part.start))?;
    }
    if left <= WHOLE_BYTES {
        return Ok(Body::from(read_piece(&file, left)?));
    }
    let state = State::reading(file, left.min(PIECE_BYTES));
    Ok(Body::new(FileBody { state, left }))
}

struct FileBody {
    state: State,
    left: u64,
}

enum State {
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Done,
}

impl State {
    fn reading(file: File, length: u64) -> Self {
        Self::Reading(tokio::task::spawn_blocking(move || {
            let piece = read_piece(&file, length)?;
            Ok((file, piece))
        }))
    }
}

fn read_piece(mut file: &File, length: u64) -> io::Result<Bytes> {
    let capacity = usize::try_from(length).unwrap_or(usize::MAX);
    let mut piece = Vec::with_capacity(capacity);
    file.by_ref().take(length).read_to_end(&mut piece)?;
    if piece.len() == capacity {
        return Ok(piece.into());
    }
    // Only a file that somebody truncates in place gets shorter while it is read.
    Err(io::ErrorKind::UnexpectedEof.into())
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let State::Reading(reading) = &mut self.state else {
            return Poll::Ready(None);
        };
        let read = match ready!(Pin::new(reading).poll(cx)) {
            Ok(read) => read,
            Err(error) => Err(io::Error::other(error)),
        };
        self.state = State::Done;
        Poll::Ready(Some(read.map(|(file, piece)| {
            self.left -= piece.len() as u64;
            if self.left > 0 {
                self.state = State::reading(file, self.left.min(PIECE_BYTES));
            }
            Frame::data(piece)
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
