//! The block upload of old, on a host of its own: `multipart.md` §9.

mod begin;
mod blocks;
mod finish;
mod signature;

use upyun_test_kit::Refusal;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Context, Failure, Outcome,
    failure::same,
    wire::{
        Answer, Api, Request,
        sign::{base64, md5},
    },
};

/// The least that a block has which is not the last.
const LEAST: usize = 100 * 1024;

/// A policy on its way to become a request.
#[derive(Clone)]
struct Step {
    cx: Context,
    policy: Value,
    secret: String,
    block: Option<Vec<u8>>,
}

/// A policy's members as the sorted signature has them.
fn texts(members: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let members = members.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// The signature over sorted members, which answers have too.
fn sorted(members: &Value, secret: &str) -> String {
    let texts = texts(members).into_iter();
    let text: String = texts.map(|(name, value)| name + &value).collect();
    md5(text + secret)
}

impl Step {
    /// The first step for these bytes in so many blocks.
    fn begin(cx: &Context, name: &str, whole: &[u8], blocks: usize) -> Result<Self, Failure> {
        Ok(Self {
            policy: json!({
                "path": cx.key(name),
                "expiration": cx.unix() + 600,
                "file_blocks": blocks,
                "file_hash": md5(whole),
                "file_size": whole.len(),
            }),
            secret: cx.form_secret()?.to_owned(),
            block: None,
            cx: cx.clone(),
        })
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.policy[name] = value.into();
        self
    }

    fn without(mut self, name: &str) -> Self {
        if let Some(members) = self.policy.as_object_mut() {
            members.remove(name);
        }
        self
    }

    fn encoded(&self) -> String {
        base64(self.policy.to_string())
    }

    /// With exactly these fields, and the block if there is one.
    fn fields(&self, fields: &[(&str, &str)]) -> Request {
        let request = self.cx.request("POST", format!("/{}/", self.cx.service()));
        let request = request.to(Api::Block).unsigned();
        let Some(block) = &self.block else {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            let request = request.body(form.finish());
            return request.header("Content-Type", "application/x-www-form-urlencoded");
        };
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n",
        );
        let body = [body.as_bytes(), block, b"\r\n--B--\r\n"].concat();
        let request = request.body(body);
        request.header("Content-Type", "multipart/form-data; boundary=B")
    }

    /// Signed over the policy as it is sent.
    fn request(&self) -> Request {
        let signature = md5(format!("{}&{}", self.encoded(), self.secret));
        self.fields(&[("policy", &self.encoded()), ("signature", &signature)])
    }

    /// Signed over the sorted members.
    fn request_sorted(&self) -> Request {
        let signature = sorted(&self.policy, &self.secret);
        self.fields(&[("policy", &self.encoded()), ("signature", &signature)])
    }

    async fn refused(&self, code: Refusal) -> Result<Answer, Failure> {
        self.request().refused(code).await
    }
}

/// An upload that was begun.
struct Upload {
    cx: Context,
    token: String,
    secret: String,
}

impl Upload {
    async fn begin(step: Step) -> Result<Self, Failure> {
        let state = step.request().ok().await?.json()?;
        let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            token: text("save_token"),
            secret: text("token_secret"),
            cx: step.cx,
        })
    }

    fn step(&self) -> Step {
        Step {
            cx: self.cx.clone(),
            policy: json!({
                "save_token": self.token,
                "expiration": self.cx.unix() + 600,
            }),
            secret: self.secret.clone(),
            block: None,
        }
    }

    fn block(&self, index: impl Into<Value>, block: &[u8]) -> Step {
        let step = Step {
            block: Some(block.to_vec()),
            ..self.step()
        };
        step.with("block_index", index)
            .with("block_hash", md5(block))
    }

    fn finish(&self) -> Step {
        self.step()
    }

    /// Stores a block and expects this state.
    async fn store(&self, index: usize, block: &[u8], status: &[u8]) -> Outcome {
        let state = self.block(index, block).request().ok().await?.json()?;
        same("the status", &state["status"], &json!(status))
    }
}
