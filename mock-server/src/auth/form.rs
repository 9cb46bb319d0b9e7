//! The signatures inside a FORM upload.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;
use upyun_client::protocol::{
    ErrorCode,
    sign::{Authorization, FormSignature, form_legacy},
};

use super::{authenticate, explain};
use crate::{
    accounts::{Accounts, Operator, Service},
    refusal::Explanation,
    refusal::Refusal,
};

/// What a FORM upload presents to be verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentedForm<'a> {
    /// The path of the request line as sent.
    pub uri: &'a str,
    /// The query of the request line, which is not signed.
    pub query: Option<&'a str>,
    /// The Base64 text of the policy as sent.
    pub policy: &'a str,
    /// The policy's `date`.
    pub date: Option<&'a str>,
    /// The policy's `content-md5`.
    pub content_md5: Option<&'a str>,
    /// The field `authorization`.
    pub authorization: &'a str,
}

/// Checks the field `authorization`.
///
/// # Errors
/// Malformed, operator unknown or blocked, signature wrong.
pub(crate) fn authenticate_form(
    accounts: &Accounts,
    form: &PresentedForm<'_>,
) -> Result<Arc<Operator>, Refusal> {
    let authorization =
        Authorization::parse(form.authorization).map_err(authenticate::malformed)?;
    let operator = authenticate::known_operator(accounts, authorization.operator())?;
    let given = match &authorization {
        Authorization::Hmac { signature, .. } | Authorization::Md5 { signature, .. } => *signature,
        Authorization::Basic { .. } => "",
    };
    let signature = FormSignature {
        uri: form.uri,
        date: form.date,
        policy: form.policy,
        content_md5: form.content_md5,
    };
    if signature.verify(&operator.key, given) {
        return Ok(operator);
    }
    let right = signature.string_to_sign();
    let why = explain::form(accounts, &operator, form, right, given);
    Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why))
}

/// Checks the legacy field `signature` against the service's form secret.
///
/// # Errors
/// `signature error`, also when the service has no form secret.
pub(crate) fn authenticate_form_legacy(
    accounts: &Accounts,
    service: &Service,
    policy: &str,
    sent: &str,
) -> Result<(), Refusal> {
    let refuse = |why: Explanation| Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why));
    let Some(secret) = &service.form_secret else {
        return refuse(
            Explanation::new(format!("The service {} has no form secret.", service.name))
                .remedy("set form_secret in the config file, or sign with `authorization`."),
        );
    };
    let right = form_legacy(policy, secret.reveal());
    let given = sent.to_ascii_lowercase();
    if right.as_bytes().ct_eq(given.as_bytes()).into() {
        return Ok(());
    }
    refuse(explain::form_legacy(
        accounts,
        secret.reveal(),
        policy,
        sent,
    ))
}
