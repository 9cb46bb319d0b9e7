//! The signatures inside a FORM upload.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;
use upyun_client::protocol::{
    ErrorCode, Md5Digest, PasswordMd5,
    sign::{Authorization, FormSignature, form_legacy},
};

use super::{Explanation, authenticate};
use crate::{
    accounts::{Accounts, Operator, Service},
    refusal::Refusal,
};

/// What a FORM upload presents to be verified.
#[derive(Clone, Copy, Debug)]
pub struct PresentedForm<'a> {
    /// The path of the request line as sent.
    pub uri: &'a str,
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
pub fn authenticate_form(
    accounts: &Accounts,
    form: &PresentedForm<'_>,
) -> Result<Arc<Operator>, Refusal> {
    let authorization =
        Authorization::parse(form.authorization).map_err(authenticate::malformed)?;
    let operator = authenticate::known_operator(accounts, authorization.operator())?;
    let given = match &authorization {
        Authorization::Hmac { signature, .. } => *signature,
        Authorization::Md5 { .. } | Authorization::Basic { .. } => "",
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
    Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(explain(&operator, signature, given)))
}

/// Checks the legacy field `signature` against the service's form secret.
///
/// # Errors
/// `signature error`, also when the service has no form secret.
pub fn authenticate_form_legacy(
    service: &Service,
    policy: &str,
    given: &str,
) -> Result<(), Refusal> {
    let refuse = |why: Explanation| Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why));
    let Some(secret) = &service.form_secret else {
        return refuse(
            Explanation::new(format!("The service {} has no form secret.", service.name))
                .remedy("set form_secret in the config file, or sign with `authorization`."),
        );
    };
    let right = form_legacy(policy, secret.reveal());
    let given = given.to_ascii_lowercase();
    if right.as_bytes().ct_eq(given.as_bytes()).into() {
        return Ok(());
    }
    let mut why = Explanation::new("The form secret is another one, or another policy was signed.")
        .remedy("signature is the hex MD5 of policy & form secret.");
    why.sent = Some(given);
    refuse(why)
}

/// Tries the mistakes that people make with form signatures.
fn explain(operator: &Operator, right: FormSignature<'_>, given: &str) -> Explanation {
    let other_path = match right.uri.strip_suffix('/') {
        Some(shorter) => shorter.to_owned(),
        None => format!("{}/", right.uri),
    };
    let key = &operator.key;
    let guesses = [
        (
            FormSignature {
                date: None,
                ..right
            },
            "The policy's date was not signed.",
            "sign the policy's date after the path.",
        ),
        (
            FormSignature {
                content_md5: None,
                ..right
            },
            "The policy's content-md5 was not signed.",
            "sign the policy's content-md5 after the policy.",
        ),
        (
            FormSignature {
                uri: &other_path,
                ..right
            },
            "Another path was signed than requested: with or without the last slash.",
            "sign the path that is requested.",
        ),
    ];
    let mut explanation = guesses
        .iter()
        .find(|(guess, ..)| guess.verify(key, given))
        .map(|(guess, cause, remedy)| {
            let mut explanation = Explanation::new(*cause).remedy(*remedy);
            explanation.client_signed = Some(guess.string_to_sign());
            explanation
        })
        .or_else(|| with_plain_password(operator, right, given))
        .unwrap_or_else(|| {
            Explanation::new(
                "The signature fits no known mistake: most likely the password is another one.",
            )
            .remedy("check the password; then compare the strings-to-sign byte by byte.")
        });
    explanation.string_to_sign = Some(right.string_to_sign());
    explanation.sent = Some(given.to_owned());
    explanation
}

fn with_plain_password(
    operator: &Operator,
    right: FormSignature<'_>,
    given: &str,
) -> Option<Explanation> {
    let text = right.string_to_sign();
    let plain = operator.password.as_ref()?.reveal();
    let twice = PasswordMd5::from_hex(&Md5Digest::of(operator.key.reveal()).to_string()).ok()?;
    if super::explain::hmac_with(plain, &text) == given {
        return Some(
            Explanation::new("The key is the plain password, not its MD5.")
                .remedy("the key is the lower-case hex MD5 of the password."),
        );
    }
    right.verify(&twice, given).then(|| {
        Explanation::new("The password was MD5ed twice.")
            .remedy("give the client the plain password, or use its option for an MD5.")
    })
}
