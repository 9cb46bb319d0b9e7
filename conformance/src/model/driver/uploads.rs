//! Uploads in parts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upyun_client::{
    Client, MultipartUpload,
    protocol::{Key, Md5Digest},
};

use super::{Driver, Outcome};
use crate::{
    context::{Context, encode},
    model::{
        answer::{Answer, Fact},
        content::Body,
        op::Begin,
    },
};

impl Driver {
    pub(super) async fn begin(&mut self, client: &Client, begin: &Begin) -> Outcome {
        let key = self.full(&begin.key);
        let mut request = client.begin_multipart(&key);
        if begin.ordered {
            request = request.ordered();
        }
        if let Some(length) = begin.length {
            request = request.length(length);
        }
        if let Some(kind) = &begin.kind {
            request = request.content_type(kind);
        }
        for (name, value) in &begin.meta {
            request = request.meta(name, value);
        }
        let upload = request.send().await?;
        self.uploads
            .insert(begin.upload, (key, upload.id().to_owned()));
        Ok(Vec::new())
    }

    pub(super) async fn part(&self, client: &Client, name: u32, part: u32, body: Body) -> Outcome {
        let upload = self.upload(client, name)?;
        upload.upload(part, body.bytes()).send().await?;
        Ok(Vec::new())
    }

    pub(super) async fn complete(
        &self,
        client: &Client,
        name: u32,
        md5: Option<Md5Digest>,
    ) -> Outcome {
        let mut complete = self.upload(client, name)?.complete();
        if let Some(md5) = md5 {
            complete = complete.md5(md5);
        }
        let done = complete.send().await?;
        let mut facts = vec![Fact::optional("size", done.size)];
        if done.size.is_some() {
            facts.push(Fact::optional("type", done.content_type));
            facts.push(Fact::optional("md5", done.md5));
        }
        Ok(facts)
    }

    pub(super) async fn cancel(&self, client: &Client, name: u32) -> Outcome {
        self.upload(client, name)?.cancel().send().await?;
        Ok(Vec::new())
    }

    pub(super) async fn parts(&self, client: &Client, name: u32) -> Outcome {
        let parts = self.upload(client, name)?.parts().send().await?;
        let parts = parts.into_iter().map(|part| ListedPart {
            id: part.id,
            size: part.size,
            etag: part.md5.map(|md5| md5.to_string()).unwrap_or_default(),
            modified: part.modified,
        });
        Ok(self.part_facts(parts))
    }

    fn part_facts(&self, parts: impl IntoIterator<Item = ListedPart>) -> Vec<Fact> {
        let mut facts = Vec::new();
        for part in parts {
            let name = format!("part {}", part.id);
            facts.push(Fact::new(
                &name,
                format_args!("{} {}", part.size, part.etag),
            ));
            let time = self.times.told(Some(part.modified));
            facts.extend(time.map(|at| Fact::new(format!("{name} time"), at)));
        }
        facts
    }

    /// The SDK asks for it only inside its own uploads of files.
    pub(super) async fn progress(&self, cx: &Context, key: &str) -> Outcome {
        // As the SDK would, were it asked.
        if key.ends_with('/') || Key::parse(key).is_err() {
            return Err(Answer::Invalid);
        }
        let path = format!("/{}{}", cx.service(), encode(&self.full(key)));
        let request = cx.request("GET", path).header("X-Upyun-Multi-Info", "true");
        let broken = |failure: crate::Failure| Answer::Broken(failure.to_string());
        let answer = request.send().await.map_err(broken)?;
        if answer.status != 200 {
            let code = answer.number("x-error-code").map_err(broken)?;
            return Err(Answer::Refused(u32::try_from(code).unwrap_or_default()));
        }
        let ordered = answer.header("x-upyun-meta-order") != Some("false");
        let length = answer.header("x-upyun-multi-length");
        let mut facts = vec![
            Fact::new("ordered", ordered),
            Fact::optional("length", length),
            Fact::optional("part size", answer.header("x-upyun-next-part-size")),
        ];
        let created = answer.the("x-upyun-created-date").map_err(broken)?;
        let created = self.times.told(httpdate::parse_http_date(created).ok());
        facts.extend(created.map(|at| Fact::new("created", at)));
        if ordered {
            let next = answer.header("x-upyun-next-part-id");
            facts.push(Fact::optional("next", next));
        } else {
            let json = answer.json().map_err(broken)?;
            let parts = json["parts"].as_array().into_iter().flatten();
            let parts: Option<Vec<ListedPart>> = parts.map(ListedPart::of).collect();
            let parts = parts.ok_or_else(|| Answer::Broken(format!("not parts: {json}")))?;
            facts.extend(self.part_facts(parts));
        }
        Ok(facts)
    }

    pub(super) async fn unfinished(&self, client: &Client, prefix: &str) -> Outcome {
        let uploads = client.unfinished_uploads().prefix(self.full(prefix));
        let uploads = uploads.send().await?;
        let mut open = Vec::new();
        for upload in uploads {
            let known = self.uploads.iter();
            let name = known.clone().find(|(_, (_, id))| *id == upload.id);
            let key = upload.key.strip_prefix(&self.base);
            let key = key.unwrap_or(&upload.key).to_owned();
            open.push((key, upload.begun, name.map(|(name, _)| *name)));
        }
        let by_key_and_time = |it: &(String, SystemTime, Option<u32>)| {
            (it.0.clone(), self.times.told(Some(it.1)).map(|_| it.1))
        };
        if !open.is_sorted_by_key(by_key_and_time) {
            return Err(Answer::Broken(format!("not by key and time: {open:?}")));
        }
        open.sort();
        Ok(open
            .into_iter()
            .map(|(key, at, name)| {
                let created = self.times.told(Some(at)).map(|at| format!(" {at}"));
                let name = name.map_or("?".to_owned(), |name| format!("u{name}"));
                Fact::new(name, format_args!("{key}{}", created.unwrap_or_default()))
            })
            .collect())
    }

    fn upload(&self, client: &Client, name: u32) -> Result<MultipartUpload, Answer> {
        let unknown = || Answer::Broken(format!("the script has not begun u{name}"));
        let (key, id) = self.uploads.get(&name).ok_or_else(unknown)?;
        Ok(client.resume_multipart(key, id)?)
    }
}

/// A part as a list names it.
struct ListedPart {
    id: u32,
    size: u64,
    etag: String,
    modified: SystemTime,
}

impl ListedPart {
    /// From the JSON of a query for progress.
    fn of(json: &serde_json::Value) -> Option<Self> {
        let seconds = Duration::from_secs(json["last_modified"].as_u64()?);
        Some(Self {
            id: json["id"].as_u64()?.try_into().ok()?,
            size: json["size"].as_u64()?,
            etag: json["etag"].as_str()?.to_owned(),
            modified: UNIX_EPOCH.checked_add(seconds)?,
        })
    }
}
