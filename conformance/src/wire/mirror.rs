//! A second target that gets the same bytes.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    time::timeout,
};

use super::{
    Answer, Api,
    connection::{Stream, connect},
    parse, sign,
};
use crate::target::{Account, Session};

/// How long the second target may take where the first has answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// Headers whose value is the target's own, and is sent back to it later.
const OWN: [&str; 2] = ["x-upyun-multi-uuid", "x-upyun-list-iter"];

/// A target that is asked beside the one that is judged, and what it calls things.
#[derive(Debug)]
pub(crate) struct Shadow {
    session: Session,
    /// What the first target and this one call the same thing.
    names: Mutex<Vec<(String, String)>>,
}

impl Shadow {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            names: Mutex::default(),
        }
    }

    fn names(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.names.lock().unwrap_or_else(|it| it.into_inner())
    }

    /// Learns ids and cursors of an answer to the same request.
    pub(super) fn learn(&self, first: &Answer, second: &Answer) {
        let mut names = self.names();
        let mut pair = |first: &str, second: &str| {
            if first != second && first.len() >= 8 {
                names.push((first.to_owned(), second.to_owned()));
            }
        };
        for name in OWN {
            if let (Some(a), Some(b)) = (first.header(name), second.header(name)) {
                pair(a, b);
            }
        }
        let (Ok(a), Ok(b)) = (first.json(), second.json()) else {
            return;
        };
        if let (Some(a), Some(b)) = (a["iter"].as_str(), b["iter"].as_str()) {
            pair(a, b);
        }
        // Ids of tasks.
        if let (Some(a), Some(b)) = (a.as_array(), b.as_array()) {
            for (a, b) in a.iter().zip(b) {
                if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
                    pair(a, b);
                }
            }
        }
    }

    /// The same bytes with this target's names.
    fn translated(&self, bytes: &[u8]) -> Vec<u8> {
        let names = self.names();
        let mut new = bytes.to_vec();
        for (first, second) in names.iter() {
            new = replaced(&new, first.as_bytes(), second.as_bytes());
        }
        if new == bytes {
            return new;
        }
        resigned(bytes, &new, &self.session.account).unwrap_or(new)
    }
}

/// A connection to the second target. Whatever fails on it is an answer that does not come.
pub(super) struct Mirror {
    stream: Option<BufReader<Box<dyn Stream>>>,
}

impl Mirror {
    pub(super) async fn open(shadow: &Shadow, api: &Api) -> Self {
        let connecting = connect(&shadow.session.place, api.host());
        let stream = timeout(PATIENCE, connecting).await;
        Self {
            stream: stream.ok().and_then(Result::ok).map(BufReader::new),
        }
    }

    pub(super) async fn write(&mut self, shadow: &Shadow, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream {
            let bytes = shadow.translated(bytes);
            let _ = timeout(PATIENCE, async {
                stream.get_mut().write_all(&bytes).await?;
                stream.get_mut().flush().await
            })
            .await;
        }
    }

    pub(super) async fn finish_writing(&mut self) {
        if let Some(stream) = &mut self.stream {
            let _ = stream.get_mut().shutdown().await;
        }
    }

    /// The next answer that is not interim.
    pub(super) async fn answer(&mut self, method: &str) -> Option<Answer> {
        let stream = self.stream.as_mut()?;
        let answer = timeout(PATIENCE, async {
            loop {
                let answer = parse::answer(stream, method).await?;
                if answer.status >= 200 {
                    return Ok::<_, std::io::Error>(answer);
                }
            }
        });
        let answer = answer.await.ok().and_then(Result::ok);
        if answer.is_none() {
            self.stream = None;
        }
        answer
    }
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut new = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|it| it == from) {
        new.extend(&rest[..at]);
        new.extend(to);
        rest = &rest[at + from.len()..];
    }
    new.extend(rest);
    new
}

/// Signs a head again whose path or query has changed, if it was signed rightly before.
fn resigned(old: &[u8], new: &[u8], account: &Account) -> Option<Vec<u8>> {
    let before = credential(std::str::from_utf8(old).ok()?, account)?;
    let text = std::str::from_utf8(new).ok()?;
    let after = credential(text, account)?;
    (text.contains(&before) && before != after)
        .then(|| text.replacen(&before, &after, 1).into_bytes())
}

/// The signature that a head should have.
fn credential(text: &str, account: &Account) -> Option<String> {
    let head = text.split("\r\n\r\n").next()?;
    let mut words = head.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    let date = header("x-date").or(header("date"))?;
    let digest = header("content-md5").unwrap_or_default();
    let operator = &account.operator;
    let parts = [method, target, date, digest];
    Some(sign::upyun(&operator.name, &operator.password, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Operator, Place};

    #[test]
    fn ids_are_translated_and_signed_again() {
        let account = Account {
            service: "demo".into(),
            operator: Operator::new("op", "pw"),
            form_secret: None,
            domain: None,
        };
        let shadow = Shadow::new(Session {
            place: Place::Internet,
            account: account.clone(),
            control: None,
            shadow: None,
        });
        shadow.names().push(("aaaaaaaa".into(), "bbbbbbbb".into()));
        let request = |id: &str| {
            let target = format!("/status/?task_ids={id}");
            let value = sign::upyun("op", "pw", &["GET", &target, "today"]);
            format!("GET {target} HTTP/1.1\r\nDate: today\r\nAuthorization: {value}\r\n\r\n")
        };
        let translated = shadow.translated(request("aaaaaaaa").as_bytes());
        assert_eq!(String::from_utf8(translated).unwrap(), request("bbbbbbbb"));
    }
}
