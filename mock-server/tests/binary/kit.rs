//! A process and what it says.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

pub(crate) use upyun_test_kit::wait_for;
use upyun_test_kit::{Connection, Request};

/// The program, without the variables of the tests' environment that it reads.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upyun-mock"));
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"UPYUN_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG");
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// A server that is ready.
pub(crate) struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    /// The first line of its output.
    pub(crate) ready: String,
    /// What a server that is killed leaves goes with this, unless the test chose another place.
    _temporary: tempfile::TempDir,
}

impl Served {
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(arguments);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        Self::spawn(&mut command)
    }

    #[track_caller]
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let is_chosen = command.get_envs().any(|(name, value)| {
            // A command that is started again still has the place of the last time.
            name == "TMPDIR" && value.is_some_and(|it| std::path::Path::new(it).exists())
        });
        if !is_chosen {
            command.env("TMPDIR", temporary.path());
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let address = ready
            .trim_end()
            .strip_prefix("upyun-mock listening on http://")
            .and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let output = child.wait_with_output().unwrap();
            panic!("not ready: {ready:?} {output:?}");
        };
        Self {
            child,
            stdout,
            address,
            ready,
            _temporary: temporary,
        }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.pid()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// The exit status and what was logged.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        Connection::open(self.address).into_stream()
    }

    /// Sends a signed request and returns the whole response as text.
    pub(crate) fn ask(&self, method: &str, target: &str, body: &str) -> String {
        let mut connection = Connection::open(self.address);
        connection.write(&signed(method, target, body));
        String::from_utf8(connection.rest()).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After `end` there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request that closes its connection.
pub(crate) fn signed(method: &str, target: &str, body: &str) -> Vec<u8> {
    let request = Request::new(method, target).header("Connection", "close");
    request.body(body).to_bytes()
}
