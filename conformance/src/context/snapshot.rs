//! What is in a folder, to find out whether a refusal changed something.

use std::collections::BTreeMap;

use super::{Context, encode};
use crate::failure::{Failure, same};

/// Every entry below a folder with what a HEAD tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, Vec<(String, String)>>);

impl Snapshot {
    pub(super) async fn take(cx: &Context, folder: &str) -> Result<Self, Failure> {
        let mut entries = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for (name, is_folder) in children(cx, &folder).await? {
                let key = format!("{folder}/{name}");
                let path = format!("/{}{}", cx.service(), encode(&key));
                let info = cx.request("HEAD", path).send().await?;
                let mut facts = info.headers_from("x-upyun-");
                facts.extend(info.headers_from("content-"));
                facts.extend(info.headers_from("last-modified"));
                entries.insert(key.clone(), facts);
                if is_folder {
                    folders.push(key);
                }
            }
        }
        Ok(Self(entries))
    }

    /// Expects that another, later one is the same.
    ///
    /// # Errors
    /// The first entry that differs.
    pub fn is_unchanged(&self, later: &Self) -> Result<(), Failure> {
        for (key, facts) in &self.0 {
            match later.0.get(key) {
                None => return Err(Failure::new(format!("{key} to stay"), "it is gone")),
                Some(now) => same(&format!("{key} to stay as it was:"), now, facts)?,
            }
        }
        match later.0.keys().find(|key| !self.0.contains_key(*key)) {
            Some(key) => Err(Failure::new("nothing to be stored", key)),
            None => Ok(()),
        }
    }
}

/// Names of a folder, and whether each is one; none if the folder does not exist.
pub(crate) async fn children(cx: &Context, folder: &str) -> Result<Vec<(String, bool)>, Failure> {
    const END: &str = "g2gCZAAEbmV4dGQAA2VvZg";
    let path = format!("/{}{}/", cx.service(), encode(folder));
    let mut children = Vec::new();
    let mut iter = String::new();
    while iter != END {
        let mut request = cx.request("GET", &path).header("x-list-limit", "1000");
        if !iter.is_empty() {
            request = request.header("x-list-iter", &iter);
        }
        let answer = request.send().await?;
        if answer.status == 404 {
            break;
        }
        answer.is_status(200)?;
        for line in answer.text()?.lines() {
            let mut fields = line.split('\t');
            if let (Some(name), Some(kind)) = (fields.next(), fields.next()) {
                children.push((name.to_owned(), kind == "F"));
            }
        }
        answer.the("x-upyun-list-iter")?.clone_into(&mut iter);
    }
    Ok(children)
}
