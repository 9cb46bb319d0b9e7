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
use upyun_client::protocol::Md5Digest;

use super::{EXIT_FAILURE, EXIT_OK, serve::complain};
use crate::{
    exec::keeper::{FAILED, code_of},
    observe::{Fault, Journal},
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
    pub(super) fn of(journal: &Journal, data: &Path) -> io::Result<Self> {
        let entries = journal.entries();
        let request = |it: &std::sync::Arc<crate::observe::JournalEntry>| {
            format!("{} {}{}", it.method, it.host, it.path)
        };
        let mut objects = BTreeMap::new();
        collect(data, data, &mut objects)?;
        Ok(Self {
            requests: entries.iter().map(request).collect(),
            objects,
        })
    }

    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, serde_json::to_vec(self)?)
    }

    fn read(file: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(file)?)?)
    }
}

/// The files below a directory that are objects: names that begin with `.upyun-mock` are the server's.
fn collect(root: &Path, directory: &Path, to: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b".upyun-mock")
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &path, to)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let digest = Md5Digest::of(fs::read(&path)?);
            to.insert(format!("/{}", name.display()), digest.to_string());
        }
    }
    Ok(())
}

/// How a run ended.
enum Ended {
    Code(u8),
    Hung,
}

struct Explorer {
    /// This program's arguments before the `--` and behind it.
    options: Vec<OsString>,
    command: Vec<OsString>,
    scratch: tempfile::TempDir,
}

/// Explores; the exit status is 0 if the program lost nothing and never hung.
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
        let (ended, first) = self.once(None, Duration::MAX)?;
        let took = begun.elapsed();
        if let Ended::Code(code) = ended
            && code != EXIT_OK
        {
            complain(&format!(
                "the program ends with {code} even without a fault; see to that first"
            ));
            return Ok(code);
        }
        let (_, second) = self.once(None, Duration::MAX)?;
        let is_steady = first.objects == second.objects;
        let mut out = io::stdout().lock();
        let requests = first.requests.len().min(MOST_REQUESTS);
        writeln!(
            out,
            "{} requests, {} faults at each of {requests}: {} runs",
            first.requests.len(),
            actions.len(),
            requests * actions.len()
        )?;
        if !is_steady {
            writeln!(
                out,
                "two runs without a fault stored different objects, so lost data is not seen; only \
                 exit statuses and hangs are"
            )?;
        }
        let patience = PATIENCE + took * 10;
        let mut bad = 0;
        for (index, request) in first.requests.iter().take(requests).enumerate() {
            writeln!(out, "#{} {request}", index + 1)?;
            for action in actions {
                let (ended, outcome) = self.once(Some(&rule(index + 1, action)), patience)?;
                let verdict = verdict(&ended, &first, &outcome, is_steady);
                writeln!(out, "    {action:<20} {}", verdict.text)?;
                if verdict.is_bad {
                    bad += 1;
                    let command: Vec<_> =
                        self.command.iter().map(|it| it.to_string_lossy()).collect();
                    let rule = rule(index + 1, action);
                    let command = command.join(" ");
                    writeln!(
                        out,
                        "      again: upyun-mock exec --fault '{rule}' -- {command}"
                    )?;
                }
            }
        }
        writeln!(
            out,
            "{}",
            match bad {
                0 => "no data was lost, and nothing hung".to_owned(),
                1 => "1 run lost data or hung".to_owned(),
                bad => format!("{bad} runs lost data or hung"),
            }
        )?;
        Ok(if bad == 0 { EXIT_OK } else { EXIT_FAILURE })
    }

    /// One run, with a fault or without.
    fn once(&self, fault: Option<&str>, patience: Duration) -> io::Result<(Ended, Outcome)> {
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
        let ended = wait(run.spawn()?, patience)?;
        let nothing = Outcome {
            requests: Vec::new(),
            objects: BTreeMap::new(),
        };
        let outcome = match (&ended, Outcome::read(&file)) {
            (_, Ok(outcome)) => outcome,
            (Ended::Hung, Err(_)) => nothing,
            (Ended::Code(code), Err(error)) => {
                return Err(io::Error::other(format!(
                    "a run ended with {code}: {error}"
                )));
            }
        };
        Ok((ended, outcome))
    }
}

struct Verdict {
    text: String,
    is_bad: bool,
}

fn verdict(ended: &Ended, want: &Outcome, got: &Outcome, is_steady: bool) -> Verdict {
    let good = |text: String| Verdict {
        text,
        is_bad: false,
    };
    match ended {
        Ended::Hung => Verdict {
            text: "HANGS".to_owned(),
            is_bad: true,
        },
        Ended::Code(EXIT_OK) if !is_steady => good("goes on".to_owned()),
        Ended::Code(EXIT_OK) => match difference(&want.objects, &got.objects) {
            None => good("survives".to_owned()),
            Some(difference) => Verdict {
                text: format!("LOSES DATA: exit status 0, but {difference}"),
                is_bad: true,
            },
        },
        Ended::Code(code) => good(format!("gives up with exit status {code}")),
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

/// The status of a run, which is ended if it takes too long.
fn wait(mut run: Child, patience: Duration) -> io::Result<Ended> {
    let begun = Instant::now();
    loop {
        if let Some(status) = run.try_wait()? {
            return Ok(Ended::Code(code_of(status)));
        }
        if begun.elapsed() >= patience {
            // Its keeper ends the program with it.
            run.kill()?;
            run.wait()?;
            return Ok(Ended::Hung);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
