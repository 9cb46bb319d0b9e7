//! Resumable uploads: `multipart.md`.

mod cancel;
mod combined;
mod complete;
mod in_progress;
mod initiate;
mod list;
mod model;
mod parts;
mod progress;
mod upload;

use std::fmt::Display;

use serde_json::Value;

use crate::{
    Context, Failure, Outcome,
    failure::same,
    wire::{Answer, Request},
};

/// The size of a part, unless another is announced.
const MIB: usize = 1024 * 1024;
/// What no upload is called.
const UNKNOWN: &str = "b2326f91-c5c4-4c6e-bce9-a41dae78ca2a";

/// A request with a stage.
fn stage(cx: &Context, name: &str, stage: &str, body: impl AsRef<[u8]>) -> Request {
    cx.put(name, body).header("X-Upyun-Multi-Stage", stage)
}

/// The beginning of an ordered upload.
fn initiate(cx: &Context, name: &str, length: impl Display) -> Request {
    let request = stage(cx, name, "initiate", "");
    request.header("X-Upyun-Multi-Length", length.to_string())
}

/// The beginning of one whose parts come in any order, and that says nothing of its length.
fn initiate_disorder(cx: &Context, name: &str) -> Request {
    let request = stage(cx, name, "initiate", "");
    request.header("X-Upyun-Multi-Disorder", "true")
}

/// An upload that was begun.
#[derive(Clone)]
struct Upload {
    cx: Context,
    name: String,
    uuid: String,
}

impl Upload {
    /// Begins it by this request.
    async fn by(cx: &Context, name: &str, request: Request) -> Result<Self, Failure> {
        let answer = request.send().await?;
        answer.is_status(204)?;
        Ok(Self {
            cx: cx.clone(),
            name: name.to_owned(),
            uuid: answer.the("x-upyun-multi-uuid")?.to_owned(),
        })
    }

    async fn ordered(cx: &Context, name: &str, length: usize) -> Result<Self, Failure> {
        Self::by(cx, name, initiate(cx, name, length)).await
    }

    async fn disorder(cx: &Context, name: &str) -> Result<Self, Failure> {
        Self::by(cx, name, initiate_disorder(cx, name)).await
    }

    /// The same upload, as if it were of another key.
    fn of(&self, name: &str) -> Self {
        let name = name.to_owned();
        Self {
            name,
            ..self.clone()
        }
    }

    fn uuid(&self, uuid: &str) -> Self {
        let uuid = uuid.to_owned();
        Self {
            uuid,
            ..self.clone()
        }
    }

    fn stage(&self, name: &str, body: impl AsRef<[u8]>) -> Request {
        let request = stage(&self.cx, &self.name, name, body);
        request.header("X-Upyun-Multi-Uuid", &self.uuid)
    }

    fn part(&self, id: impl Display, body: impl AsRef<[u8]>) -> Request {
        let request = self.stage("upload", body);
        request.header("X-Upyun-Part-Id", id.to_string())
    }

    fn complete(&self) -> Request {
        self.stage("complete", "")
    }

    fn cancel(&self) -> Request {
        let request = self.cx.delete(&self.name);
        request.header("X-Upyun-Multi-Uuid", &self.uuid)
    }

    fn parts(&self) -> Request {
        let request = self.cx.get(&self.name);
        request.header("X-Upyun-Multi-Uuid", &self.uuid)
    }

    /// Stores a part.
    async fn store(&self, id: impl Display, body: impl AsRef<[u8]>) -> Result<Answer, Failure> {
        let answer = self.part(id, body).send().await?;
        answer.is_status(204)?;
        Ok(answer)
    }

    /// Expects exactly these parts to be there: ids and sizes.
    async fn has_parts(&self, want: &[(u64, u64)]) -> Outcome {
        let found = self.parts().ok().await?.json()?;
        let number = |part: &Value, name: &str| part[name].as_u64().unwrap_or(u64::MAX);
        let found: Vec<_> = found["parts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|part| (number(part, "id"), number(part, "size")))
            .collect();
        same("the parts", found, want)
    }

    /// Expects it to be unknown.
    async fn is_gone(&self) -> Outcome {
        self.part(0, "hello")
            .refused((400, 40011058, "x-upyun-multi-uuid not found"))
            .await?;
        self.complete()
            .refused((400, 40011058, "x-upyun-multi-uuid not found"))
            .await?;
        self.parts()
            .refused((400, 40011058, "x-upyun-multi-uuid not found"))
            .await?;
        self.cancel()
            .refused((400, 40011058, "x-upyun-multi-uuid not found"))
            .await?;
        Ok(())
    }
}

/// The uuid and the next part that an answer tells.
fn tells(answer: &Answer, upload: &Upload, next: &str) -> Outcome {
    answer.has("x-upyun-multi-uuid", &upload.uuid)?;
    answer.has("x-upyun-next-part-id", next)?;
    Ok(())
}
