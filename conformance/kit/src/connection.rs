//! A connection on which bytes are written as they are.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use crate::{Head, Response};

/// A connection that stays open for several requests.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    #[track_caller]
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        Self {
            reader: BufReader::new(stream),
        }
    }

    /// Writes the bytes. A server that has refused may have closed, which the response shows, so a
    /// failure is no error here.
    pub fn write(&mut self, bytes: &[u8]) {
        let _ = self.reader.get_mut().write_all(bytes);
    }

    /// What the server sends.
    pub fn stream(&mut self) -> &mut impl Read {
        &mut self.reader
    }

    /// The connection itself, of which nothing must have been read yet.
    pub fn into_stream(self) -> TcpStream {
        self.reader.into_inner()
    }

    /// Closes the sending direction.
    pub fn finish_writing(&mut self) {
        let stream = self.reader.get_ref();
        stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is a close too.
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }

    /// The next response that is not interim, to a request of this method.
    #[track_caller]
    pub fn answer(&mut self, method: &str) -> Response {
        let (mut status, mut headers) = self.answer_head();
        while status < 200 {
            (status, headers) = self.answer_head();
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let has_body = method != "HEAD" && status != 304;
        let mut body = vec![0; if has_body { length } else { 0 }];
        self.reader.read_exact(&mut body).unwrap();
        Response {
            method: method.to_owned(),
            status,
            headers,
            body,
        }
    }

    /// Status and headers of the next response, also an interim one.
    #[track_caller]
    pub fn answer_head(&mut self) -> (u16, Vec<(String, String)>) {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let read = self.reader.read_until(b'\n', &mut bytes).unwrap();
            let received = String::from_utf8_lossy(&bytes);
            assert_ne!(read, 0, "the connection is closed after {received:?}");
        }
        let (head, _) = Head::parse(&bytes).unwrap();
        let status = head.word(1).and_then(|word| word.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status in {:?}", head.first_line));
        let headers = head.headers.into_iter();
        let headers = headers.map(|(name, value)| (name, String::from_utf8(value).unwrap()));
        (status, headers.collect())
    }
}
