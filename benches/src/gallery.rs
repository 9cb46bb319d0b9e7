//! An emulator in this process that keeps no results, with one picture.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
};

use upyun_mock::MockServer;

pub(crate) struct Gallery {
    /// Stops when it is dropped.
    _server: MockServer,
    address: String,
}

impl Gallery {
    pub(crate) fn open(picture: Vec<u8>) -> io::Result<Self> {
        let server = MockServer::builder()
            .configure(|config| config.limits.picture_cache_bytes = 0)
            .start_blocking()
            .map_err(io::Error::other)?;
        server
            .put_object("/photo.jpg", picture)
            .map_err(io::Error::other)?;
        let address = server.url().trim_start_matches("http://").to_owned();
        Ok(Self {
            _server: server,
            address,
        })
    }

    /// Fetches the picture, processed, over a connection of its own.
    pub(crate) fn fetch(&self, parameters: &str) -> io::Result<Vec<u8>> {
        let host = "demo.b0.upaiyun.com";
        let mut stream = TcpStream::connect(self.address.trim_end_matches('/'))?;
        write!(
            stream,
            "GET /photo.jpg!{parameters} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
        match end {
            Some(end) if answer.starts_with(b"HTTP/1.1 200 ") => Ok(answer.split_off(end + 4)),
            _ => {
                let answer = String::from_utf8_lossy(&answer);
                Err(io::Error::other(format!("{parameters}: {answer}")))
            }
        }
    }
}
