//! Where the requests of a connection begin and end, as far as they can be told apart.
//!
//! The HTTP library drops a Content-Length beside a Transfer-Encoding without a word and refuses
//! blanks in a request target, so the heads are read here as well, on the way to it.

use std::ops::Range;

/// What is kept of a head; the library accepts no longer one.
const HEAD_BYTES: usize = 512 * 1024;
/// The most that a line of a chunked body may take; the library accepts no more.
const LINE_BYTES: usize = 16 * 1024;

/// Follows the requests of a connection. Never fails: the library refuses what is malformed.
#[derive(Debug, Default)]
pub(super) struct Framing {
    state: State,
    /// The head that is being read, or that was read last.
    head: Vec<u8>,
    /// Whether that head is read to its end.
    is_whole: bool,
    /// How many bytes of that head were passed on to the library.
    passed: usize,
    has_two_lengths: bool,
    /// The Content-Length that head gives to a body.
    length: Option<u64>,
    /// That of the request before.
    length_before: Option<u64>,
    /// The line of a chunked body that is being read.
    line: Vec<u8>,
}

/// What becomes of bytes that were read.
#[derive(Debug, Default)]
pub(super) struct Fed {
    /// How many were read; the others are to be fed again. They stand behind the end of a head.
    pub(super) used: usize,
    /// How many of these the library gets as they are; the others are held back.
    pub(super) passed: usize,
    /// What the library gets after these: bytes that were held back, in full or rewritten.
    pub(super) released: Vec<u8>,
    /// Whether they belong to a head, at least at the end.
    pub(super) is_head: bool,
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
    /// Reads on, to the end of a head at most. Blanks in a target are escaped where the host of the
    /// request `escapes_blanks`.
    pub(super) fn feed(&mut self, bytes: &[u8], escapes_blanks: impl Fn(&str) -> bool) -> Fed {
        let mut used = 0;
        while used < bytes.len() {
            let rest = &bytes[used..];
            used += match self.state {
                State::Head => {
                    let mut fed = self.feed_head(rest, escapes_blanks);
                    fed.used += used;
                    fed.passed += used;
                    return fed;
                }
                State::Body(left) => {
                    let (used, left) = skip(rest, left);
                    self.state = match left {
                        0 => State::Head,
                        left => State::Body(left),
                    };
                    used
                }
                State::Chunk(left) => {
                    let (used, left) = skip(rest, left);
                    self.state = match left {
                        0 => State::ChunkSize,
                        left => State::Chunk(left),
                    };
                    used
                }
                State::ChunkSize | State::Trailers => self.feed_line(rest),
                State::Lost => rest.len(),
            };
        }
        Fed {
            used,
            passed: used,
            ..Fed::default()
        }
    }

    /// The head that was read last, as far as it is here, as the client sent it.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The Content-Length of the request before the one that [`head`](Self::head) belongs to, if
    /// that had a body of known length.
    pub(super) fn length_before(&self) -> Option<u64> {
        self.length_before
    }

    /// Whether that head gives the length of the body in two ways.
    pub(super) fn has_two_lengths(&self) -> bool {
        self.has_two_lengths
    }

    fn feed_head(&mut self, bytes: &[u8], escapes_blanks: impl Fn(&str) -> bool) -> Fed {
        if self.is_whole {
            self.head.clear();
            self.is_whole = false;
            self.passed = 0;
            self.has_two_lengths = false;
            self.length_before = self.length.take();
        }
        let read_before = self.head.len();
        let (skipped, used) = self.read_head(bytes);
        let library_may_read = self.held_from().unwrap_or(self.head.len());
        let mut fed = Fed {
            used,
            is_head: !self.head.is_empty(),
            ..Fed::default()
        };
        if self.passed == read_before {
            fed.passed = skipped + library_may_read - read_before;
            self.passed = library_may_read;
        }
        let is_over = self.state != State::Head || self.is_whole;
        if is_over && library_may_read < self.head.len() {
            fed.released = self.escaped_rest(escapes_blanks);
            self.passed = self.head.len();
        } else {
            fed.released = self.head[self.passed..library_may_read].to_vec();
            self.passed = library_may_read;
        }
        fed
    }

    /// Reads to the end of the head: how many bytes stand before it, and how many were read.
    fn read_head(&mut self, bytes: &[u8]) -> (usize, usize) {
        let mut skipped = 0;
        if self.head.is_empty() {
            // Empty lines before a request mean nothing.
            let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            skipped = bytes.iter().take_while(is_line_end).count();
        }
        let mut used = skipped;
        while used < bytes.len() {
            let rest = &bytes[used..];
            let line = rest.iter().position(|byte| *byte == b'\n');
            let line = line.map_or(rest.len(), |end| end + 1);
            let taken = line.min(HEAD_BYTES - self.head.len());
            self.head.extend_from_slice(&rest[..taken]);
            used += taken;
            if self.head.ends_with(b"\n\r\n") || self.head.ends_with(b"\n\n") {
                self.finish_head();
                break;
            }
            if self.head.len() == HEAD_BYTES {
                self.state = State::Lost;
                break;
            }
        }
        (skipped, used)
    }

    /// Where the library must not read on before the head is whole: at a blank in the target, or
    /// at what may be one.
    fn held_from(&self) -> Option<usize> {
        match self.head.iter().position(|byte| *byte == b'\n') {
            Some(end) => blanks_in_target(&self.head[..end]).map(|blanks| blanks.start),
            None => second_blank(&self.head),
        }
    }

    /// What is left of a head that was held back, with the blanks of its target as `%20` where the
    /// host is one of these (`[choice H-7]`).
    fn escaped_rest(&self, escapes_blanks: impl Fn(&str) -> bool) -> Vec<u8> {
        let rest = || self.head[self.passed..].to_vec();
        let host = self.header(b"host").map(String::from_utf8_lossy);
        if !host.is_some_and(|host| escapes_blanks(host.trim())) {
            return rest();
        }
        let line = self.head.split(|byte| *byte == b'\n').next();
        let Some(blanks) = line.and_then(blanks_in_target) else {
            return rest();
        };
        let mut escaped = self.head[self.passed..blanks.start].to_vec();
        for byte in &self.head[blanks.clone()] {
            match byte {
                b' ' => escaped.extend_from_slice(b"%20"),
                byte => escaped.push(*byte),
            }
        }
        escaped.extend_from_slice(&self.head[blanks.end..]);
        escaped
    }

    fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.head.split(|byte| *byte == b'\n').find_map(|line| {
            let (found, rest) = line.split_at_checked(name.len())?;
            let value = rest.strip_prefix(b":")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn finish_head(&mut self) {
        let length = self.header(b"content-length");
        let is_chunked = self.header(b"transfer-encoding").is_some();
        let has_two_lengths = is_chunked && length.is_some();
        let number = length.map(|value| {
            let text = str::from_utf8(value.trim_ascii()).ok()?;
            text.parse::<u64>().ok()
        });
        self.state = match number {
            _ if self.head.starts_with(b"CONNECT ") => State::Lost,
            _ if is_chunked => State::ChunkSize,
            None | Some(Some(0)) => State::Head,
            Some(Some(length)) => State::Body(length),
            Some(None) => State::Lost,
        };
        self.has_two_lengths = has_two_lengths;
        self.length = match self.state {
            State::Body(length) => Some(length),
            _ => None,
        };
        self.is_whole = true;
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

/// The part of a request line from the first blank in its target to the end of the target.
fn blanks_in_target(line: &[u8]) -> Option<Range<usize>> {
    let start = second_blank(line)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let end = line.len().checked_sub(" HTTP/1.1".len())?;
    (start < end && line[end..].starts_with(b" HTTP/1.")).then_some(start..end)
}

/// Where the target of a request line ends, unless it has blanks.
fn second_blank(line: &[u8]) -> Option<usize> {
    let mut blanks = line.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    blanks.nth(1).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the library gets of these bytes when they are read in pieces of this size.
    fn passed(bytes: &[u8], size: usize) -> String {
        let mut framing = Framing::default();
        let mut passed = Vec::new();
        for piece in bytes.chunks(size) {
            let mut piece = piece;
            while !piece.is_empty() {
                let fed = framing.feed(piece, |host| host == "demo");
                passed.extend_from_slice(&piece[..fed.passed]);
                passed.extend(fed.released);
                piece = &piece[fed.used..];
            }
        }
        String::from_utf8(passed).unwrap()
    }

    #[test]
    fn blanks_in_a_target_are_escaped_wherever_a_read_ends() {
        for (sent, want) in [
            (
                "GET /a b c?d e HTTP/1.1\r\n",
                "GET /a%20b%20c?d%20e HTTP/1.1\r\n",
            ),
            (
                "GET /a HTTP/1.1 b HTTP/1.0\r\n",
                "GET /a%20HTTP/1.1%20b HTTP/1.0\r\n",
            ),
            ("\r\nGET /a HTTP/1.1\n", "\r\nGET /a HTTP/1.1\n"),
            ("GET /a b\r\n", "GET /a b\r\n"),
            ("GET\r\n", "GET\r\n"),
        ] {
            let behind = "Content-Length: 10\r\nHost: demo\r\n\r\nGET a b \r\n";
            let whole = format!("{sent}{behind}{sent}{behind}");
            let want = format!("{want}{behind}{want}{behind}");
            for size in 1..whole.len() {
                assert_eq!(passed(whole.as_bytes(), size), want, "{size}");
            }
        }
        let other = "GET /a b HTTP/1.1\r\nHost: v0.api.upyun.com\r\n\r\n";
        for size in 1..other.len() {
            assert_eq!(passed(other.as_bytes(), size), other);
        }
    }

    #[test]
    fn no_more_than_a_head_is_held_back() {
        let long = format!("GET /a {}", "b ".repeat(HEAD_BYTES));
        assert_eq!(passed(long.as_bytes(), 8192), long);
    }
}
