//! Requests to a server in this process, and what its journal and its directory show of them.

use upyun_mock::{MockServer, journal::JournalEntry};
#[allow(unused_imports, reason = "every test program uses a part of it")]
pub(crate) use upyun_test_kit::{Connection, Refusal, Request, Response as Answer, tree, wait_for};

/// A server with the defaults.
pub(crate) fn start() -> MockServer {
    MockServer::builder().start_blocking().unwrap()
}

/// A request, signed by the default operator.
pub(crate) fn request(method: &str, target: &str) -> Request {
    Request::new(method, target)
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

/// Requests to a server of this process.
pub(crate) trait Send {
    /// Sends it on a connection of its own.
    fn send(&self, server: &MockServer) -> Answer;

    /// Expects success.
    fn ok(&self, server: &MockServer) -> Answer;

    /// Expects this refusal in the response and in the journal, and that no file changes.
    fn refused(&self, server: &MockServer, refusal: Refusal) -> Refused;
}

impl Send for Request {
    #[track_caller]
    fn send(&self, server: &MockServer) -> Answer {
        self.send_to(server.address())
    }

    #[track_caller]
    fn ok(&self, server: &MockServer) -> Answer {
        let answer = self.send(server);
        assert_eq!(answer.status, 200, "{self:?}: {answer:?}");
        answer
    }

    #[track_caller]
    fn refused(&self, server: &MockServer, refusal: Refusal) -> Refused {
        let before = tree(&server.directory());
        let answer = self.send(server);
        answer.assert_refused(refusal);
        let after = tree(&server.directory());
        assert_eq!(after, before, "a refusal changed the store");
        assert_eq!(last_code(server), Some(refusal.1));
        let requests = server.requests();
        let entry = requests.last().expect("the refusal is journaled");
        assert_eq!(entry.id.to_string(), answer.header("x-request-id").unwrap());
        let why = entry.explanation.as_ref().map(ToString::to_string);
        Refused {
            entry: (**entry).clone(),
            why: why.unwrap_or_default(),
        }
    }
}

/// The code in the newest entry of the journal.
pub(crate) fn last_code(server: &MockServer) -> Option<u32> {
    let requests = server.requests();
    let entry = requests.last().expect("an entry in the journal");
    entry.code.map(|code| code.as_u32())
}

/// What the journal records of a refusal.
pub(crate) struct Refused {
    pub(crate) entry: JournalEntry,
    /// The explanation as one paragraph.
    pub(crate) why: String,
}

impl Refused {
    /// Expects that the explanation contains this.
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        let why = &self.why;
        assert!(why.contains(part), "{why:?} does not say {part:?}");
        self
    }
}
