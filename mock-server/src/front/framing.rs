//! Where the requests of a connection begin and end, as far as they can be told apart.
//!
//! The HTTP library drops a Content-Length beside a Transfer-Encoding without a word, so the heads
//! are read here as well, on the way to it.

use std::collections::VecDeque;

/// What is kept of a head; the library accepts no longer one.
const HEAD_BYTES: usize = 512 * 1024;
/// The most that a line of a chunked body may take; the library accepts no more.
const LINE_BYTES: usize = 16 * 1024;

/// Follows the requests of a connection. Never fails: the library refuses what is malformed.
#[derive(Debug, Default)]
pub(super) struct Framing {
    state: State,
    /// The head or the line that is being read.
    line: Vec<u8>,
    /// The heads that were read and not yet taken.
    heads: VecDeque<Head>,
}

#[derive(Debug)]
struct Head {
    bytes: Vec<u8>,
    has_two_lengths: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    /// So many bytes of a body are still to come.
    Body(u64),
    ChunkSize,
    /// So many bytes of a chunk, with the line end behind it.
    Chunk(u64),
    Trailers,
    /// Not followed any more: a tunnel, or what the library refuses.
    Lost,
}

impl Framing {
    /// Reads on.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let used = match self.state {
                State::Head => self.feed_head(bytes),
                State::Body(left) => {
                    let (used, left) = skip(bytes, left);
                    self.state = match left {
                        0 => State::Head,
                        left => State::Body(left),
                    };
                    used
                }
                State::Chunk(left) => {
                    let (used, left) = skip(bytes, left);
                    self.state = match left {
                        0 => State::ChunkSize,
                        left => State::Chunk(left),
                    };
                    used
                }
                State::ChunkSize | State::Trailers => self.feed_line(bytes),
                State::Lost => return,
            };
            bytes = &bytes[used..];
        }
    }

    /// The head that the library is about to understand or to refuse, as far as it is here.
    pub(super) fn head(&self) -> &[u8] {
        match (self.heads.front(), self.state) {
            (Some(head), _) => &head.bytes,
            (None, State::Head | State::Lost) => &self.line,
            (None, _) => &[],
        }
    }

    /// Takes the next whole head; tells whether it gives its length in two ways.
    pub(super) fn take_head(&mut self) -> bool {
        let head = self.heads.pop_front();
        head.is_some_and(|head| head.has_two_lengths)
    }

    fn feed_head(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            // Empty lines before a request mean nothing.
            if self.line.is_empty() && matches!(byte, b'\r' | b'\n') {
                continue;
            }
            self.line.push(*byte);
            if *byte == b'\n' && (self.line.ends_with(b"\n\r\n") || self.line.ends_with(b"\n\n")) {
                self.finish_head();
                return index + 1;
            }
            if self.line.len() == HEAD_BYTES {
                self.state = State::Lost;
                return bytes.len();
            }
        }
        bytes.len()
    }

    fn finish_head(&mut self) {
        let header = |name: &[u8]| {
            self.line.split(|byte| *byte == b'\n').find_map(|line| {
                let (found, rest) = line.split_at_checked(name.len())?;
                let value = rest.strip_prefix(b":")?;
                found.eq_ignore_ascii_case(name).then_some(value)
            })
        };
        let length = header(b"content-length");
        let is_chunked = header(b"transfer-encoding").is_some();
        let has_two_lengths = is_chunked && length.is_some();
        let number = length.map(|value| {
            let text = str::from_utf8(value.trim_ascii()).ok()?;
            text.parse::<u64>().ok()
        });
        self.state = match number {
            _ if self.line.starts_with(b"CONNECT ") => State::Lost,
            _ if is_chunked => State::ChunkSize,
            None | Some(Some(0)) => State::Head,
            Some(Some(length)) => State::Body(length),
            Some(None) => State::Lost,
        };
        self.heads.push_back(Head {
            bytes: std::mem::take(&mut self.line),
            has_two_lengths,
        });
    }

    fn feed_line(&mut self, bytes: &[u8]) -> usize {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(bytes.len(), |end| end + 1);
        self.line.extend_from_slice(&bytes[..used]);
        if end.is_some() {
            self.finish_line();
        } else if self.line.len() > LINE_BYTES {
            self.lose();
        }
        used
    }

    fn finish_line(&mut self) {
        let line = self.line.trim_ascii();
        if self.state == State::Trailers {
            if line.is_empty() {
                self.state = State::Head;
            }
            self.line.clear();
            return;
        }
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = str::from_utf8(digits.trim_ascii())
            .ok()
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map(|size| (size, size.checked_add(2)));
        match size {
            Some((0, _)) => self.state = State::Trailers,
            Some((_, Some(with_line_end))) => self.state = State::Chunk(with_line_end),
            _ => return self.lose(),
        }
        self.line.clear();
    }

    fn lose(&mut self) {
        self.line.clear();
        self.state = State::Lost;
    }
}

/// Passes over bytes of a body: how many are here, and how many are left.
fn skip(bytes: &[u8], left: u64) -> (usize, u64) {
    let here = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
    (here, left - here as u64)
}
