//! Forms of signatures, and making them by the independent signer.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::raw::{Payload, Raw};
use crate::context::Context;
use crate::wire::{
    Api,
    sign::{self, md5},
};

/// How a request proves who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureForm {
    /// HMAC over method, path and Date.
    Header,
    /// The same with Content-MD5.
    HeaderMd5,
    /// The same with X-Date instead of Date.
    XDate,
    /// HMAC over path and query.
    Query,
    /// HMAC over the path of a request that has a query.
    PathOnly,
    /// MD5 of old.
    Legacy,
    /// Name and password.
    Basic,
    /// A delegated token for paths with a prefix.
    TokenPrefix,
    /// A delegated token for paths with a postfix.
    TokenPostfix,
    /// A delegated token for paths with both.
    TokenBoth,
    /// HMAC header on a stage of an upload in parts.
    Multipart,
    /// `authorization` in a form.
    Form,
    /// `signature` in a form.
    FormLegacy,
    /// Three fields on the host of cache refresh.
    Purge,
    /// HMAC header on a submission of tasks.
    Task,
    /// MD5 over the parameters of a submission of tasks.
    TaskLegacy,
}

impl SignatureForm {
    /// As it is called in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::HeaderMd5 => "header, Content-MD5",
            Self::XDate => "header, X-Date",
            Self::Query => "header, query signed",
            Self::PathOnly => "header, query unsigned",
            Self::Legacy => "legacy MD5",
            Self::Basic => "Basic",
            Self::TokenPrefix => "token, prefix",
            Self::TokenPostfix => "token, postfix",
            Self::TokenBoth => "token, both",
            Self::Multipart => "multipart stages",
            Self::Form => "FORM",
            Self::FormLegacy => "FORM, legacy",
            Self::Purge => "purge",
            Self::Task => "tasks",
            Self::TaskLegacy => "tasks, legacy",
        }
    }

    /// Whether it is a token.
    pub(super) const fn is_token(self) -> bool {
        matches!(
            self,
            Self::TokenPrefix | Self::TokenPostfix | Self::TokenBoth
        )
    }

    /// Whether it is an HMAC in a header over method, path and date.
    pub(super) const fn is_hmac_header(self) -> bool {
        matches!(
            self,
            Self::Header
                | Self::HeaderMd5
                | Self::XDate
                | Self::Query
                | Self::PathOnly
                | Self::Multipart
                | Self::Task
        )
    }

    /// That of a request that somebody else made.
    pub(super) fn of(raw: &Raw) -> Option<Self> {
        if raw.field("authorization").is_some() {
            return Some(Self::Form);
        }
        if raw.field("policy").is_some() {
            return Some(Self::FormLegacy);
        }
        let value = raw.header("authorization")?;
        let credential = value.rsplit(':').next()?;
        let is_md5 = credential.len() == 32;
        Some(match raw.api {
            Api::Purge => Self::Purge,
            Api::Tasks if is_md5 => Self::TaskLegacy,
            Api::Tasks if raw.method == "POST" => Self::Task,
            _ if value.starts_with("Basic ") => Self::Basic,
            _ if is_md5 => Self::Legacy,
            _ if raw.header("x-upyun-multi-stage").is_some() => Self::Multipart,
            _ if raw.query.is_some() => Self::Query,
            _ if raw.header("content-md5").is_some() => Self::HeaderMd5,
            _ if raw.header("x-date").is_some() => Self::XDate,
            _ => Self::Header,
        })
    }
}

/// Whom requests are from, and where they go.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) service: String,
    pub(super) operator: String,
    pub(super) password: String,
    pub(super) form_secret: Option<String>,
    /// All keys begin with it: `/upyun-conformance-…`.
    pub(super) folder: String,
    /// The target's time.
    pub(super) now: SystemTime,
}

impl Keys {
    /// Those of the account that a run has.
    pub(super) fn of(cx: &Context, folder: &str) -> Self {
        let account = cx.account();
        Self {
            service: account.service.clone(),
            operator: account.operator.name.clone(),
            password: account.operator.password.clone(),
            form_secret: account.form_secret.clone(),
            folder: folder.to_owned(),
            now: cx.now(),
        }
    }

    pub(super) fn unix(&self) -> u64 {
        let since = self.now.duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }
}

/// Puts the right credential where the form has it.
pub(super) fn sign(form: SignatureForm, raw: &mut Raw, keys: &Keys) {
    let value = credential(form, raw, keys);
    set_credential(form, raw, value);
}

/// The credential's text, as it stands in the request.
pub(super) fn get_credential(form: SignatureForm, raw: &Raw) -> String {
    let found = match form {
        SignatureForm::Form => raw.field("authorization"),
        SignatureForm::FormLegacy => raw.field("signature"),
        _ => raw.header("authorization").map(str::to_owned),
    };
    found.unwrap_or_default()
}

pub(super) fn set_credential(form: SignatureForm, raw: &mut Raw, value: String) {
    match form {
        SignatureForm::Form => raw.set_field("authorization", value),
        SignatureForm::FormLegacy => raw.set_field("signature", value),
        _ => raw.set_header("Authorization", value),
    }
}

/// What the credential is of: method, path, date and so on, in the form's order.
pub(super) fn parts(form: SignatureForm, raw: &Raw) -> Vec<String> {
    let header = |name: &str| raw.header(name).unwrap_or_default().to_owned();
    let date = raw.header("x-date").or(raw.header("date"));
    let date = date.unwrap_or_default().to_owned();
    let method = raw.method.clone();
    match form {
        SignatureForm::TokenPrefix | SignatureForm::TokenPostfix | SignatureForm::TokenBoth => {
            vec![
                method,
                header("x-upyun-uri-prefix"),
                header("x-upyun-uri-postfix"),
                header("x-upyun-expire"),
            ]
        }
        SignatureForm::Form => {
            let policy = raw.field("policy").unwrap_or_default();
            let json = decoded(&policy);
            let member = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
            let (date, md5) = (member("date"), member("content-md5"));
            vec!["POST".to_owned(), raw.path.clone(), date, policy, md5]
        }
        SignatureForm::Query | SignatureForm::Multipart => {
            vec![method, raw.target(), date, header("content-md5")]
        }
        SignatureForm::Legacy => {
            let length = raw.header("content-length").map(str::to_owned);
            let length = length.unwrap_or_else(|| raw.body().len().to_string());
            vec![method, raw.path.clone(), date, length]
        }
        SignatureForm::Purge => {
            let purge = raw.field("purge").unwrap_or_default();
            vec![purge, String::new(), date]
        }
        _ => vec![method, raw.path.clone(), date, header("content-md5")],
    }
}

/// The policy's object, or null.
pub(super) fn decoded(policy: &str) -> serde_json::Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let bytes = STANDARD.decode(policy).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Name and value of all parameters, sorted, run together.
pub(super) fn run_together(raw: &Raw) -> String {
    let mut parameters = match &raw.payload {
        Payload::Urlencoded(fields) => fields.clone(),
        _ => Vec::new(),
    };
    parameters.retain(|(name, _)| name != "signature");
    parameters.sort();
    let pairs = parameters.into_iter().flat_map(|(a, b)| [a, b]);
    pairs.collect()
}

fn credential(form: SignatureForm, raw: &Raw, keys: &Keys) -> String {
    let Keys {
        service,
        operator,
        password,
        ..
    } = keys;
    let parts = parts(form, raw);
    let key = md5(password);
    match form {
        SignatureForm::Basic => {
            let plain = format!("{operator}:{password}");
            format!("Basic {}", sign::base64(plain))
        }
        SignatureForm::Legacy => {
            let digest = md5(format!("{}&{key}", parts.join("&")));
            format!("UpYun {operator}:{digest}")
        }
        SignatureForm::FormLegacy => {
            let policy = raw.field("policy").unwrap_or_default();
            let secret = keys.form_secret.as_deref().unwrap_or_default();
            md5(format!("{policy}&{secret}"))
        }
        SignatureForm::Purge => {
            let text = format!("{}&{service}&{}&{key}", parts[0], parts[2]);
            format!("UpYun {service}:{operator}:{}", md5(text))
        }
        SignatureForm::TaskLegacy => {
            let digest = md5(format!("{operator}{}{key}", run_together(raw)));
            format!("UPYUN {operator}:{digest}")
        }
        _ => {
            let parts: Vec<_> = parts.iter().map(String::as_str).collect();
            sign::upyun(operator, password, &parts)
        }
    }
}
