//! Why a signature does not fit: tries the mistakes that people make.
//!
//! A signature cannot be read, but it can be made again: with the plain password as the key, over
//! the decoded path, without Content-MD5 … Each element of the string-to-sign has a few variants,
//! the first of which is right; the combination with the fewest mistakes that gives the client's
//! signature is the explanation. Only refused requests pay for this, some thousand hashes.

mod element;
mod search;

use upyun_client::protocol::{
    Md5Digest, PasswordMd5,
    sign::{HeaderSignature, LegacySignature},
};

use self::search::{Form, Guess, search};
use super::{Explanation, Presented, authenticate::token};
use crate::accounts::{Accounts, Operator};

/// Explains a header signature that does not fit.
pub fn header(
    accounts: &Accounts,
    operator: &Operator,
    request: &Presented<'_>,
    given: &str,
) -> Explanation {
    let path_and_query = request.path_and_query();
    let right = HeaderSignature {
        method: request.method,
        uri: &path_and_query,
        date: request.effective_date().unwrap_or_default(),
        content_md5: request.content_md5,
    };
    let guess = search(Form::Header, accounts, operator, request, given);
    explanation(guess, right.string_to_sign(), given)
}

/// Explains a legacy signature that does not fit.
pub fn legacy(
    accounts: &Accounts,
    operator: &Operator,
    request: &Presented<'_>,
    given: &str,
) -> Explanation {
    let path_and_query = request.path_and_query();
    let right = LegacySignature {
        method: request.method,
        uri: &path_and_query,
        date: request.effective_date().unwrap_or_default(),
        content_length: request.content_length,
    };
    let guess = search(Form::Legacy, accounts, operator, request, given);
    explanation(guess, right.masked_string_to_sign(), given)
}

/// Explains a token that does not fit.
pub fn delegated(
    accounts: &Accounts,
    operator: &Operator,
    request: &Presented<'_>,
    given: &str,
) -> Explanation {
    let guess = search(Form::Token, accounts, operator, request, given);
    explanation(guess, token(request).string_to_sign(), given)
}

/// The signature that a wrong key gives.
pub(super) fn hmac_with(key: &str, text: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(search::hmac(key, text))
}

/// Explains a Basic password that is wrong.
pub fn basic(accounts: &Accounts, operator: &Operator, password: &str) -> Explanation {
    let sent = PasswordMd5::of(password);
    if password.eq_ignore_ascii_case(operator.key.reveal()) {
        return Explanation::new("The MD5 of the password was sent as the password.")
            .remedy("Basic authorization takes the plain password.");
    }
    let other = accounts
        .operators()
        .into_iter()
        .find(|other| other.key == sent);
    match other {
        Some(other) => Explanation::new(format!(
            "The password is that of the operator {}, not of {}.",
            other.name, operator.name
        ))
        .remedy("use the operator and the password that belong together."),
        None => Explanation::new(format!("The password of {} is another one.", operator.name))
            .remedy("check UPYUN_PASSWORD, or the `--operator` option of the server."),
    }
}

fn explanation(guess: Option<Guess>, right: String, given: &str) -> Explanation {
    let explanation = match guess {
        Some(guess) => Explanation {
            client_signed: Some(guess.string_to_sign).filter(|text| *text != right),
            ..Explanation::new(guess.cause).remedy(guess.remedy)
        },
        None => shape(given),
    };
    Explanation {
        string_to_sign: Some(right),
        sent: Some(given.to_owned()),
        ..explanation
    }
}

/// What the mere form of a credential tells when no known mistake gives it.
fn shape(given: &str) -> Explanation {
    let is_hex = given.bytes().all(|b| b.is_ascii_hexdigit());
    if given.len() == 40 && is_hex {
        return Explanation::new("The signature is 40 hex digits: an HMAC-SHA1 in hex.")
            .remedy("send the Base64 of the raw 20 bytes, 28 characters.");
    }
    if given.len() == 56 {
        return Explanation::new("The signature has 56 characters: the Base64 of hex digits.")
            .remedy("Base64 the raw 20 bytes of the HMAC, not their hex text.");
    }
    if given.parse::<Md5Digest>().is_err() && (given.len() != 28 || !given.ends_with('=')) {
        return Explanation::new(format!(
            "The signature has {} characters; one by HMAC-SHA1 has 28 and ends in `=`.",
            given.len()
        ))
        .remedy("send the padded standard Base64 of the raw 20 bytes.");
    }
    Explanation::new(
        "The signature fits no known mistake: most likely the password is another one.",
    )
    .remedy(
        "check the password; then compare the client's string-to-sign with the server's, byte \
             by byte.",
    )
}
