//! Requests byte by byte over a socket, and what must hold of every answer.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, SystemTime},
};

use upyun_client::protocol::{
    ErrorCode, PasswordMd5, date,
    sign::{HeaderSignature, upyun},
};
use upyun_mock::{MockServer, journal::JournalEntry};

/// A server with the defaults.
pub(crate) fn start() -> MockServer {
    MockServer::builder().start_blocking().unwrap()
}

/// One request; signed with the default operator unless told otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    host: &'static str,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    signer: Option<(String, PasswordMd5)>,
    date: Option<String>,
    length: bool,
}

pub(crate) fn request(method: &str, target: &str) -> Request {
    Request {
        method: method.into(),
        target: target.into(),
        host: "localhost",
        headers: Vec::new(),
        body: Vec::new(),
        signer: Some(("operator".into(), PasswordMd5::of("password"))),
        date: None,
        length: matches!(method, "PUT" | "POST"),
    }
}

pub(crate) fn get(target: &str) -> Request {
    request("GET", target)
}

pub(crate) fn head(target: &str) -> Request {
    request("HEAD", target)
}

pub(crate) fn put(target: &str, body: impl AsRef<[u8]>) -> Request {
    request("PUT", target).body(body)
}

pub(crate) fn delete(target: &str) -> Request {
    request("DELETE", target)
}

pub(crate) fn patch(target: &str) -> Request {
    request("PATCH", target)
}

pub(crate) fn make_folder(target: &str) -> Request {
    request("POST", target).header("folder", "true")
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.into(), value.as_ref().into()));
        self
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().into();
        self
    }

    /// As another operator.
    pub(crate) fn by(mut self, operator: &str, password: &str) -> Self {
        self.signer = Some((operator.into(), PasswordMd5::of(password)));
        self
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    /// Signed at another time than the system's.
    pub(crate) fn at(mut self, time: SystemTime) -> Self {
        self.date = Some(date::format(time));
        self
    }

    pub(crate) fn dated(mut self, text: &str) -> Self {
        self.date = Some(text.into());
        self
    }

    /// Without `Content-Length`, for bodies that say their length otherwise or not at all.
    pub(crate) fn without_length(mut self) -> Self {
        self.length = false;
        self
    }

    /// With another `Host`.
    pub(crate) fn host(mut self, host: &'static str) -> Self {
        self.host = host;
        self
    }

    /// The bytes on the wire.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\n",
            self.method, self.target, self.host
        );
        if let Some((operator, key)) = &self.signer {
            let now = date::format(SystemTime::now());
            let date = self.date.as_deref().unwrap_or(&now);
            let md5 = self.headers.iter().find(|(name, _)| name == "Content-MD5");
            let md5 = md5.map(|(_, value)| str::from_utf8(value).unwrap());
            let signature = HeaderSignature {
                method: &self.method,
                uri: &self.target,
                date,
                content_md5: md5,
            };
            let authorization = upyun(operator, &signature.sign(key));
            let _ = write!(head, "Date: {date}\r\nAuthorization: {authorization}\r\n");
        }
        if self.length || !self.body.is_empty() && !self.is_chunked() {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = head.into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(name.as_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    fn is_chunked(&self) -> bool {
        self.headers
            .iter()
            .any(|(name, _)| name == "Transfer-Encoding")
    }

    /// Sends it on a connection of its own.
    #[track_caller]
    pub(crate) fn send(&self, server: &MockServer) -> Answer {
        let mut connection = Connection::open(server);
        connection.write(&self.to_bytes());
        connection.answer(&self.method)
    }

    /// Expects success.
    #[track_caller]
    pub(crate) fn ok(&self, server: &MockServer) -> Answer {
        let answer = self.send(server);
        assert_eq!(answer.status, 200, "{self:?}: {answer:?}");
        answer
    }

    /// Expects the refusal, whole: status, code, text, id, journal; and that no file changed.
    #[track_caller]
    pub(crate) fn refused(&self, server: &MockServer, code: ErrorCode) -> Refused {
        let before = tree(&server.directory());
        let answer = self.send(server);
        answer.assert_refusal(code, &self.method);
        assert_eq!(
            tree(&server.directory()),
            before,
            "a refusal changed the store"
        );
        let requests = server.requests();
        let entry = requests.last().expect("the refusal is journaled");
        assert_eq!(entry.code, Some(code));
        assert_eq!(entry.id.to_string(), answer.header("x-request-id").unwrap());
        let why = entry.explanation.as_ref().map(ToString::to_string);
        Refused {
            entry: (**entry).clone(),
            why: why.unwrap_or_default(),
        }
    }
}

/// What the journal knows of a refusal.
pub(crate) struct Refused {
    pub(crate) entry: JournalEntry,
    /// The explanation as one paragraph.
    pub(crate) why: String,
}

impl Refused {
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(
            self.why.contains(part),
            "{:?} does not say {part:?}",
            self.why
        );
        self
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| &**value);
        assert!(found.next().is_none(), "{name} stands twice: {self:?}");
        value
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// All headers whose names start so, sorted.
    pub(crate) fn all(&self, prefix: &str) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (&**name, &**value))
            .collect();
        all.sort_unstable();
        all
    }

    #[track_caller]
    pub(crate) fn assert_refusal(&self, code: ErrorCode, method: &str) {
        assert_eq!(
            (self.status, self.header("x-error-code")),
            (code.status(), Some(&*code.as_u32().to_string())),
            "{self:?}"
        );
        let id = self.header("x-request-id").expect("an id");
        if method == "HEAD" {
            assert_eq!(self.body, b"");
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_eq!(body["code"], code.as_u32());
        assert_eq!(body["msg"], code.message().unwrap());
        assert_eq!(body["id"], id);
    }
}

/// A keep-alive connection.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    #[track_caller]
    pub(crate) fn open(server: &MockServer) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            reader: BufReader::new(stream),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // A server that has refused may have closed; the answer tells.
        let _ = self.reader.get_mut().write_all(bytes);
    }

    pub(crate) fn stream(&mut self) -> &mut impl std::io::Read {
        &mut self.reader
    }

    pub(crate) fn finish_writing(&mut self) {
        self.reader
            .get_ref()
            .shutdown(std::net::Shutdown::Write)
            .unwrap();
    }

    /// What comes until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is a close too.
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }

    /// The next answer that is not interim.
    #[track_caller]
    pub(crate) fn answer(&mut self, method: &str) -> Answer {
        let (mut status, mut headers) = self.answer_head();
        while status < 200 {
            (status, headers) = self.answer_head();
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![
            0;
            if method == "HEAD" || status == 304 {
                0
            } else {
                length
            }
        ];
        self.reader.read_exact(&mut body).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    #[track_caller]
    pub(crate) fn answer_head(&mut self) -> (u16, Vec<(String, String)>) {
        let status_line = self.line();
        let status = status_line.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status in {status_line:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
                None => return (status, headers),
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// Every file and folder below a directory with what would betray a change.
pub(crate) fn tree(directory: &Path) -> Vec<(String, u64, Option<SystemTime>)> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let info = entry.metadata().unwrap();
            let path = entry.path().display().to_string();
            if info.is_dir() {
                folders.push(entry.path());
                found.push((path, 0, None));
            } else {
                found.push((path, info.len(), info.modified().ok()));
            }
        }
    }
    found.sort();
    found
}
