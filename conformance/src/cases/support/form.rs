//! A form in the making.

use upyun_test_kit::Refusal;

use serde_json::{Map, Value};

use crate::{
    Context,
    failure::{Failure, holds, same},
    target::Operator,
    wire::{
        Answer, Request,
        sign::{self, base64, md5},
    },
};

const BOUNDARY: &str = "----cases5f1d";

/// A form; what is not changed is right.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Form {
    cx: Context,
    path: String,
    members: Map<String, Value>,
    /// Instead of the Base64 of the members.
    policy: Option<String>,
    proof: Proof,
    parts: Vec<Part>,
}

/// What allows the upload.
#[derive(Clone, Debug)]
enum Proof {
    Operator(Operator),
    /// The form secret of old.
    Secret(String),
    /// A field and its text.
    Text(&'static str, String),
    None,
}

#[derive(Clone, Debug)]
struct Part {
    name: &'static str,
    /// What follows `name="…"` in the head.
    rest: Vec<u8>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Policy,
    Proof,
    Bytes(Vec<u8>),
}

/// A form that uploads a file to its name in the case's folder.
pub(crate) fn form(cx: &Context, name: &str, content: impl AsRef<[u8]>) -> Form {
    let part = |name, content| Part {
        name,
        rest: Vec::new(),
        content,
    };
    let form = Form {
        cx: cx.clone(),
        path: format!("/{}", cx.service()),
        members: Map::new(),
        policy: None,
        proof: Proof::Operator(cx.operator().clone()),
        parts: vec![
            part("policy", Content::Policy),
            part("proof", Content::Proof),
            part("file", Content::Bytes(content.as_ref().to_vec())),
        ],
    };
    form.with("bucket", cx.service())
        .with("save-key", cx.key("{filename}{.suffix}"))
        .with("expiration", cx.unix() + 600)
        .head("file", format!("; filename=\"{name}\""))
}

impl Form {
    /// With this member of the policy.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Without this member of the policy.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.members.remove(name);
        self
    }

    /// With this text of JSON, whatever it is, as policy.
    pub(crate) fn json(self, json: impl AsRef<[u8]>) -> Self {
        self.policy(base64(json))
    }

    /// With this text, whatever it is, as the field `policy`.
    pub(crate) fn policy(mut self, text: impl Into<String>) -> Self {
        self.policy = Some(text.into());
        self
    }

    /// The field `policy`.
    pub(crate) fn policy_text(&self) -> String {
        let made = || base64(Value::Object(self.members.clone()).to_string());
        self.policy.clone().unwrap_or_else(made)
    }

    /// The JSON of the policy.
    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// To another path.
    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// For another service.
    pub(crate) fn into_service(self, name: &str) -> Self {
        self.with("bucket", name).at(format!("/{name}"))
    }

    /// Signed by somebody else.
    pub(crate) fn by(mut self, operator: &Operator) -> Self {
        self.proof = Proof::Operator(operator.clone());
        self
    }

    /// Signed with a form secret.
    pub(crate) fn by_secret(mut self, secret: &str) -> Self {
        self.proof = Proof::Secret(secret.to_owned());
        self
    }

    /// With this text as the field `authorization` or `signature`.
    pub(crate) fn proof(mut self, field: &'static str, text: impl Into<String>) -> Self {
        self.proof = Proof::Text(field, text.into());
        self
    }

    /// Signed by nobody.
    pub(crate) fn unsigned(mut self) -> Self {
        self.proof = Proof::None;
        self
    }

    /// With this after a part's name.
    pub(crate) fn head(mut self, part: &str, rest: impl AsRef<[u8]>) -> Self {
        for it in self.parts.iter_mut().filter(|it| it.name == part) {
            it.rest = rest.as_ref().to_vec();
        }
        self
    }

    /// With one more part at the end.
    pub(crate) fn part(mut self, name: &'static str, content: impl AsRef<[u8]>) -> Self {
        self.parts.push(Part {
            name,
            rest: Vec::new(),
            content: Content::Bytes(content.as_ref().to_vec()),
        });
        self
    }

    /// Without this part.
    pub(crate) fn without_part(mut self, name: &str) -> Self {
        self.parts.retain(|it| it.name != name);
        self
    }

    /// With the file before the other parts.
    pub(crate) fn file_first(mut self) -> Self {
        self.parts.reverse();
        self
    }

    /// The body.
    pub(crate) fn body(&self) -> Vec<u8> {
        let policy = self.policy_text();
        let mut body = Vec::new();
        for part in &self.parts {
            let (name, content) = match &part.content {
                Content::Policy => (part.name, policy.clone().into_bytes()),
                Content::Bytes(bytes) => (part.name, bytes.clone()),
                Content::Proof => match self.proof_field(&policy) {
                    Some((field, text)) => (field, text.into_bytes()),
                    None => continue,
                },
            };
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; ").bytes());
            body.extend(format!("name=\"{name}\"").bytes());
            body.extend(&part.rest);
            body.extend(b"\r\n\r\n");
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        body
    }

    fn proof_field(&self, policy: &str) -> Option<(&'static str, String)> {
        let member = |name| self.members.get(name).and_then(Value::as_str);
        match &self.proof {
            Proof::Operator(Operator { name, password }) => {
                let date = member("date").unwrap_or_default();
                let md5 = member("content-md5").unwrap_or_default();
                let parts = ["POST", &*self.path, date, policy, md5];
                Some(("authorization", sign::upyun(name, password, &parts)))
            }
            Proof::Secret(secret) => Some(("signature", md5(format!("{policy}&{secret}")))),
            Proof::Text(field, text) => Some((field, text.clone())),
            Proof::None => None,
        }
    }

    /// The request with this body instead of the form's own.
    pub(crate) fn request_of(&self, body: impl AsRef<[u8]>) -> Request {
        self.bare().body(body)
    }

    /// The request without a body.
    pub(crate) fn bare(&self) -> Request {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.cx.request("POST", &self.path).unsigned();
        request.header("Content-Type", kind)
    }

    /// The request.
    pub(crate) fn request(&self) -> Request {
        self.request_of(self.body())
    }

    /// Sends it and expects a result that says so.
    pub(crate) async fn ok(&self) -> Result<Value, Failure> {
        let told = self.request().ok().await?.json()?;
        same("the code of the result", &told["code"], 200)?;
        same("the message of the result", &told["message"], "ok")?;
        Ok(told)
    }

    /// Sends it and expects a refusal of the shape that all errors have: the policy was not read.
    pub(crate) async fn refused_early(&self, code: Refusal) -> Result<(), Failure> {
        self.request().refused(code).await.map(drop)
    }

    /// Sends it and expects a refusal of the shape of results, and that nothing changed.
    pub(crate) async fn refused(&self, code: Refusal) -> Result<Value, Failure> {
        let before = self.cx.snapshot().await?;
        let answer = self.request().send().await?;
        let told = refusal(&answer, code)?;
        before.is_unchanged(&self.cx.snapshot().await?)?;
        Ok(told)
    }
}

/// Expects a refusal in the shape of results.
pub(crate) fn refusal(answer: &Answer, code: Refusal) -> Result<Value, Failure> {
    answer.has_code(code)?;
    let (status, _, text) = code;
    same(
        "the length of the id",
        answer.the("x-request-id")?.len(),
        32,
    )?;
    let told = answer.json()?;
    same("the code in the body", &told["code"], status)?;
    same("the text in the body", &told["message"], text)?;
    holds(told["url"].is_string(), "a url in the body", &told)?;
    holds(told["time"].is_u64(), "a time in the body", &told)?;
    Ok(told)
}
