//! `upyun-mock exec --explore-faults`: a run of the program for each of its requests, with a fault there.
//!
//! Every run is a process of its own, `exec` with the same options and one `--fault`, so each has an
//! emulator and a directory of its own and nothing of one run reaches the next.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{EXIT_FAILURE, EXIT_OK, serve::complain};
use crate::{
    exec::keeper::{FAILED, code_of},
    faults::Fault,
    journal::Journal,
    store::Store,
    words::counted,
};

/// What meets each request unless something else is asked for.
const ACTIONS: [&str; 3] = ["status=503", "reset", "lose_answer"];
/// Requests that are explored; a program that makes more is explored up to here.
const MOST_REQUESTS: usize = 500;
/// A run hangs if it takes longer than this and ten times what it takes without a fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run asked for and what it left behind.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Method and path of each request, in order.
    requests: Vec<String>,
    /// The digest of each object, by service and key.
    objects: BTreeMap<String, String>,
}

impl Outcome {
    pub(super) fn of(journal: &Journal, store: &Store) -> io::Result<Self> {
        let entries = journal.entries();
        let requests = entries
            .iter()
            .map(|it| format!("{} {}{}", it.method(), it.host(), it.path()));
        let objects = store.digests()?.into_iter();
        Ok(Self {
            requests: requests.collect(),
            objects: objects.map(|(key, md5)| (key, md5.to_string())).collect(),
        })
    }

    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, serde_json::to_vec(self)?)
    }

    fn read(file: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(file)?)?)
    }
}

/// How a run ended.
enum Ended {
    Code(u8, Outcome),
    Hung,
}

struct Explorer {
    /// This program's arguments before the `--` and behind it.
    options: Vec<OsString>,
    command: Vec<OsString>,
    scratch: tempfile::TempDir,
}

/// Explores; the exit status is 0 if the program lost nothing and never hung, and 1 also if it sent no
/// request.
pub(super) fn run(actions: &[String]) -> u8 {
    let mut actions: Vec<&str> = actions
        .iter()
        .map(|it| &**it)
        .filter(|it| !it.is_empty())
        .collect();
    if actions.is_empty() {
        actions = ACTIONS.to_vec();
    }
    for action in &actions {
        if let Err(error) = rule(1, action).parse::<Fault>() {
            complain(&format!("--explore-faults={action}: {error}"));
            return super::EXIT_USAGE;
        }
    }
    match Explorer::new().and_then(|explorer| explorer.explore(&actions)) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("the faults cannot be explored: {error}"));
            FAILED
        }
    }
}

fn rule(nth: usize, action: &str) -> String {
    format!("nth={nth} => {action}")
}

impl Explorer {
    fn new() -> io::Result<Self> {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        let end = arguments
            .iter()
            .position(|it| it == "--")
            .unwrap_or(arguments.len());
        let is_ours = |it: &&OsString| it.as_encoded_bytes().starts_with(b"--explore-faults");
        Ok(Self {
            options: arguments[..end]
                .iter()
                .filter(|it| !is_ours(it))
                .cloned()
                .collect(),
            command: arguments.get(end + 1..).unwrap_or_default().to_vec(),
            scratch: tempfile::Builder::new()
                .prefix("upyun-mock-explore-")
                .tempdir()?,
        })
    }

    fn explore(&self, actions: &[&str]) -> io::Result<u8> {
        let begun = Instant::now();
        let Ended::Code(code, first) = self.once(None, Duration::MAX)? else {
            return Err(io::Error::other("a run that may take for ever hung"));
        };
        let patience = PATIENCE + begun.elapsed() * 10;
        if code != EXIT_OK {
            complain(&format!(
                "the program ends with {code} even without a fault; see to that first"
            ));
            return Ok(code);
        }
        if first.requests.is_empty() {
            complain(
                "nothing was explored: the program sent no request to the emulator; does it ask the \
                 service's hosts, or UPYUN_ENDPOINT?",
            );
            return Ok(EXIT_FAILURE);
        }
        let is_steady = matches!(
            self.once(None, Duration::MAX)?,
            Ended::Code(_, second) if second.objects == first.objects
        );
        let mut out = io::stdout().lock();
        let requests = first.requests.len().min(MOST_REQUESTS);
        writeln!(
            out,
            "{}, {} at each of {requests}: {}",
            counted(first.requests.len() as u64, "request"),
            counted(actions.len() as u64, "fault"),
            counted((requests * actions.len()) as u64, "run")
        )?;
        if !is_steady {
            writeln!(
                out,
                "two runs without a fault stored different objects, so lost data is not seen; only \
                 exit statuses and hangs are"
            )?;
        }
        let command: Vec<_> = self.command.iter().map(|it| it.to_string_lossy()).collect();
        let command = command.join(" ");
        let mut bad = 0;
        for (index, request) in first.requests.iter().take(requests).enumerate() {
            writeln!(out, "#{} {request}", index + 1)?;
            for action in actions {
                let rule = rule(index + 1, action);
                let verdict = match self.once(Some(&rule), patience)? {
                    Ended::Hung => Err("HANGS".to_owned()),
                    Ended::Code(EXIT_OK, _) if !is_steady => Ok("goes on".to_owned()),
                    Ended::Code(EXIT_OK, got) => match difference(&first.objects, &got.objects) {
                        None => Ok("survives".to_owned()),
                        Some(lost) => Err(format!("LOSES DATA: exit status 0, but {lost}")),
                    },
                    Ended::Code(code, _) => Ok(format!("gives up with exit status {code}")),
                };
                let (Ok(text) | Err(text)) = &verdict;
                writeln!(out, "    {action:<20} {text}")?;
                if verdict.is_err() {
                    bad += 1;
                    writeln!(
                        out,
                        "      again: upyun-mock exec --fault '{rule}' -- {command}"
                    )?;
                }
            }
        }
        match bad {
            0 => writeln!(out, "no data was lost, and nothing hung")?,
            1 => writeln!(out, "1 run lost data or hung")?,
            bad => writeln!(out, "{bad} runs lost data or hung")?,
        }
        Ok(if bad == 0 { EXIT_OK } else { EXIT_FAILURE })
    }

    /// One run, with a fault or without.
    fn once(&self, fault: Option<&str>, patience: Duration) -> io::Result<Ended> {
        let file = self.scratch.path().join("outcome.json");
        let _ = fs::remove_file(&file);
        let mut run = Command::new(std::env::current_exe()?);
        run.args(&self.options).arg("--outcome").arg(&file);
        if let Some(fault) = fault {
            run.arg("--fault").arg(fault);
        }
        run.arg(OsStr::new("--")).args(&self.command);
        run.stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let Some(code) = wait(run.spawn()?, patience)? else {
            return Ok(Ended::Hung);
        };
        let outcome = Outcome::read(&file);
        let outcome = outcome
            .map_err(|error| io::Error::other(format!("a run ended with {code}: {error}")))?;
        Ok(Ended::Code(code, outcome))
    }
}

/// The first difference, in words.
fn difference(want: &BTreeMap<String, String>, got: &BTreeMap<String, String>) -> Option<String> {
    for (name, digest) in want {
        match got.get(name) {
            None => return Some(format!("{name} is missing")),
            Some(other) if other != digest => return Some(format!("{name} is another")),
            Some(_) => {}
        }
    }
    let more = got.keys().find(|name| !want.contains_key(*name))?;
    Some(format!("{more} is still there"))
}

/// The status of a run; `None` if it took too long and was ended.
fn wait(mut run: Child, patience: Duration) -> io::Result<Option<u8>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = run.try_wait()? {
            return Ok(Some(code_of(status)));
        }
        if begun.elapsed() >= patience {
            // Its keeper ends the program with it.
            run.kill()?;
            run.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
