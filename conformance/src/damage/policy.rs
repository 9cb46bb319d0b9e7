//! Changing the policy of a form upload.

use std::ops::Range;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{Scene, message::Request};
use crate::{
    target::Operator,
    wire::sign::{md5, upyun},
};

/// Changes the policy of a form whose signature is right, and signs it again.
pub(super) fn edit(request: &mut Request, scene: &Scene, change: fn(&mut Map<String, Value>)) {
    replace(request, scene, change, false);
}

/// Signs a form for the operator that it names, whatever its signature was.
pub(super) fn sign_anyway(request: &mut Request, scene: &Scene) {
    replace(request, scene, |_| {}, true);
}

/// Signs a form whose signature is right as another operator.
pub(super) fn sign_as(request: &mut Request, scene: &Scene, operator: &Operator) {
    let Some(form) = Form::of(request) else {
        return;
    };
    if form.is_signed(request, scene) {
        let value = form.signature(request, operator);
        request.body.splice(form.proof, value.into_bytes());
    }
}

fn replace(
    request: &mut Request,
    scene: &Scene,
    change: fn(&mut Map<String, Value>),
    is_any_signature: bool,
) {
    let Some(mut form) = Form::of(request) else {
        return;
    };
    if !is_any_signature && !form.is_signed(request, scene) {
        return;
    }
    let before = form.members.clone();
    change(&mut form.members);
    if form.members == before && !is_any_signature {
        return;
    }
    if form.members != before {
        form.text = STANDARD.encode(Value::Object(form.members.clone()).to_string());
    }
    let proof = form.right_proof(request, scene);
    let mut pieces = [(form.policy, form.text), (form.proof, proof)];
    // The later piece first, so that the range of the other stays right.
    pieces.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in pieces {
        request.body.splice(range, text.into_bytes());
    }
}

/// Where policy and signature are in a form, and what they say.
struct Form {
    policy: Range<usize>,
    text: String,
    members: Map<String, Value>,
    proof: Range<usize>,
    given: String,
    is_legacy: bool,
}

impl Form {
    fn of(request: &Request) -> Option<Self> {
        let kind = request.headers.get("content-type")?;
        if !request.is("POST") || !kind.starts_with("multipart/form-data") {
            return None;
        }
        let body = &request.body;
        let policy = field(body, "policy")?;
        let text = std::str::from_utf8(&body[policy.clone()]).ok()?.to_owned();
        let members = serde_json::from_slice(&STANDARD.decode(&text).ok()?).ok()?;
        let current = field(body, "authorization");
        let is_legacy = current.is_none();
        let proof = current.or_else(|| field(body, "signature"))?;
        let given = String::from_utf8_lossy(&body[proof.clone()]).into_owned();
        Some(Self {
            policy,
            text,
            members,
            proof,
            given,
            is_legacy,
        })
    }

    fn is_signed(&self, request: &Request, scene: &Scene) -> bool {
        self.given == self.right_proof(request, scene)
    }

    /// The signature that the form should have.
    fn right_proof(&self, request: &Request, scene: &Scene) -> String {
        if self.is_legacy {
            return md5(format!("{}&{}", self.text, scene.form_secret()));
        }
        let credential = self.given.split_once(' ').map_or("", |(_, rest)| rest);
        let name = credential.split(':').next().unwrap_or_default();
        self.signature(request, &Operator::new(name, scene.password(name)))
    }

    fn signature(&self, request: &Request, operator: &Operator) -> String {
        let member = |name: &str| self.members.get(name).and_then(Value::as_str);
        let (date, digest) = (member("date"), member("content-md5"));
        let parts = [
            "POST",
            request.path(),
            date.unwrap_or_default(),
            &self.text,
            digest.unwrap_or_default(),
        ];
        upyun(&operator.name, &operator.password, &parts)
    }
}

/// Where the value of a field is.
fn field(body: &[u8], name: &str) -> Option<Range<usize>> {
    let find = |text: &[u8], from: usize| {
        let mut windows = body.get(from..)?.windows(text.len());
        Some(from + windows.position(|window| window == text)?)
    };
    let head = find(format!("; name=\"{name}\"").as_bytes(), 0)?;
    let start = find(b"\r\n\r\n", head)? + 4;
    Some(start..find(b"\r\n--", start)?)
}
