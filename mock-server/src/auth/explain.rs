//! Why a signature does not fit: tries the mistakes that people make.
//!
//! A signature cannot be read, but it can be made again: with the plain password as the key, over
//! the decoded path, without Content-MD5 … Each part of a signature (method, path, date, key, hash,
//! layout …) has a list of variants, of which the first is right. The choice of variants with the
//! fewest mistakes that gives the client's signature is the explanation. Only refused requests pay
//! for this, and the work is bounded (see `search.rs`).
//!
//! A new mistake is one line in the list of its part, and one row in the table of `tests.rs`.

mod dates;
mod digest;
mod element;
mod key;
mod layout;
mod path;
mod search;
#[cfg(test)]
mod tests;
mod variant;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use upyun_client::protocol::{
    Md5Digest, PasswordMd5,
    sign::{HeaderSignature, LegacySignature, MASK, PurgeSignature},
};

use self::{
    digest::{Digest, Place},
    layout::Extra,
    path::Target,
    search::{Space, Work, search},
    variant::Variants,
};
use super::{Presented, PresentedForm};
use crate::accounts::{Accounts, Operator};
use crate::refusal::Explanation;

/// Explains a header signature that does not fit.
pub(crate) fn header(
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
    let space = header_space(accounts, operator, request);
    explanation(&space, operator, right.string_to_sign(), given)
}

fn header_space(accounts: &Accounts, operator: &Operator, request: &Presented<'_>) -> Space {
    let mut elements = of_request(accounts, request);
    elements.push(element::content_md5s(request.content_md5));
    let length = Extra::Text(request.content_length.to_string());
    let extras = vec![("the Content-Length", length)];
    space(accounts, operator, elements, extras, Digest::Hmac)
}

/// Explains a legacy signature that does not fit.
pub(crate) fn legacy(
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
    let mut elements = of_request(accounts, request);
    elements.push(element::lengths(request.content_length));
    let md5 = request
        .content_md5
        .map(|md5| ("Content-MD5", Extra::Text(md5.to_owned())));
    let digest = Digest::Md5(Place::Joined);
    let extras = md5.into_iter().collect();
    let space = space(accounts, operator, elements, extras, digest);
    explanation(&space, operator, right.masked_string_to_sign(), given)
}

/// Explains a token that does not fit.
pub(crate) fn delegated(
    accounts: &Accounts,
    operator: &Operator,
    request: &Presented<'_>,
    given: &str,
) -> Explanation {
    const HEADERS: &str =
        "sign the values of the headers X-Upyun-Uri-Prefix, -Postfix and -Expire.";
    let token = request.token();
    let part = |sent: Option<&str>| match sent {
        Some(sent) => {
            let mut paths = path::variants(
                accounts,
                Target {
                    path: sent,
                    query: None,
                    host: request.host,
                    query_is_signed: false,
                },
            );
            paths.add(
                String::new(),
                "The value of X-Upyun-Uri-Prefix or -Postfix was not signed.",
                HEADERS,
            );
            let cause = "The whole path was signed, not the beginning or end that the token names.";
            paths.add(request.path.to_owned(), cause, HEADERS);
            paths
        }
        None => Variants::right(String::new()),
    };
    let mut expires = Variants::right(token.expire.to_owned());
    let cause = "The value of X-Upyun-Expire was not signed.";
    expires.add(String::new(), cause, HEADERS);
    let cause = "The expiry was signed in milliseconds, but sent in seconds.";
    expires.add(format!("{}000", token.expire), cause, HEADERS);
    let methods = element::methods(request.method);
    let elements = vec![methods, part(token.prefix), part(token.postfix), expires];
    let extras = [
        ("the date", request.effective_date()),
        ("the path", Some(request.path)),
    ];
    let extras = extras
        .into_iter()
        .filter_map(|(name, text)| Some((name, Extra::Text(text?.to_owned()))))
        .collect();
    let space = space(accounts, operator, elements, extras, Digest::Hmac);
    explanation(&space, operator, token.string_to_sign(), given)
}

/// Explains the field `authorization` of a form that does not fit.
pub(super) fn form(
    accounts: &Accounts,
    operator: &Operator,
    form: &PresentedForm<'_>,
    right: String,
    given: &str,
) -> Explanation {
    let target = Target {
        path: form.uri,
        query: form.query,
        host: None,
        query_is_signed: false,
    };
    let elements = vec![
        element::methods("POST"),
        path::variants(accounts, target),
        dates::variants(form.date, None),
        element::policies(form.policy),
        element::content_md5s(form.content_md5),
    ];
    let space = space(accounts, operator, elements, Vec::new(), Digest::Hmac);
    explanation(&space, operator, right, given)
}

/// Explains the legacy field `signature` of a form that does not fit.
pub(super) fn form_legacy(
    accounts: &Accounts,
    secret: &str,
    policy: &str,
    given: &str,
) -> Explanation {
    let space = Space {
        elements: vec![element::policies(policy)],
        layouts: layout::variants(&[policy], Vec::new()),
        keys: key::form_secret(accounts, secret),
        digest: Digest::Md5(Place::Joined),
    };
    let right = format!("{policy}&{MASK}");
    if given == secret || given == Md5Digest::of(secret).to_string() {
        return secret_was_sent("form secret", right);
    }
    found(&space, right.clone(), given, &mut Work::default()).unwrap_or_else(|| {
        let cause = "The signature fits no known mistake: most likely the form secret is another \
                     one, or another policy was signed. Tried, alone and in pairs: other encodings \
                     of the policy, other forms of the secret, the passwords of the operators, \
                     other hashes and separators.";
        Explanation {
            string_to_sign: Some(right),
            sent: Some(given.to_owned()),
            ..Explanation::new(cause)
                .remedy("send the hex MD5 of the policy, `&` and the form secret.")
        }
    })
}

/// Explains the signature of a cache refresh that does not fit.
pub(crate) fn purge(
    accounts: &Accounts,
    operator: &Operator,
    right: PurgeSignature<'_>,
    given: &str,
) -> Explanation {
    let elements = vec![
        element::purges(right.purge),
        element::services(accounts, right.service),
        dates::variants(Some(right.date), None),
    ];
    let digest = Digest::Md5(Place::Joined);
    let space = space(accounts, operator, elements, Vec::new(), digest);
    explanation(&space, operator, right.masked_string_to_sign(), given)
}

/// The elements that header and legacy signatures have in common.
fn of_request(accounts: &Accounts, request: &Presented<'_>) -> Vec<Variants<String>> {
    let target = Target {
        path: request.path,
        query: request.query,
        host: request.host,
        query_is_signed: true,
    };
    let unused = request.x_date.and(request.date);
    vec![
        element::methods(request.method),
        path::variants(accounts, target),
        dates::variants(request.effective_date(), unused),
    ]
}

fn space(
    accounts: &Accounts,
    operator: &Operator,
    elements: Vec<Variants<String>>,
    mut extras: Vec<(&str, Extra)>,
    digest: Digest,
) -> Space {
    extras.push(("the MD5 of the password", Extra::Secret));
    extras.push(("the operator", Extra::Text(operator.name.to_string())));
    for service in accounts.services().iter().take(4) {
        extras.push(("the service", Extra::Text(service.name.to_string())));
    }
    let right: Vec<&str> = elements
        .iter()
        .map(|variants| variants.get(0).value.as_str())
        .collect();
    let layouts = layout::variants(&right, extras);
    Space {
        layouts,
        keys: key::operator(accounts, operator),
        digest,
        elements,
    }
}

/// Explains a Basic password that is wrong.
pub(crate) fn basic(accounts: &Accounts, operator: &Operator, password: &str) -> Explanation {
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

fn explanation(space: &Space, operator: &Operator, right: String, given: &str) -> Explanation {
    if is_secret(operator, given) {
        return secret_was_sent("password", right);
    }
    let mut work = Work::default();
    found(space, right.clone(), given, &mut work).unwrap_or_else(|| Explanation {
        string_to_sign: Some(right),
        sent: Some(given.to_owned()),
        ..match space.digest {
            Digest::Md5(_) => shape_of_md5(given, &work),
            _ => shape(given, &work),
        }
    })
}

/// The explanation of a secret that was sent as a signature. It leaves out what was sent.
fn secret_was_sent(what: &str, right: String) -> Explanation {
    let cause = format!("The {what} or its MD5 was sent in place of a signature.");
    Explanation {
        string_to_sign: Some(right),
        ..Explanation::new(cause).remedy("send the signature of the string-to-sign instead.")
    }
}

/// The fewest known mistakes that give this signature.
fn found(space: &Space, right: String, given: &str, work: &mut Work) -> Option<Explanation> {
    let guess = search(space, given, work)?;
    let (mut causes, mut remedies) = (Vec::new(), Vec::new());
    for mistake in &guess.mistakes {
        causes.push(mistake.cause.as_str());
        if !remedies.contains(&mistake.remedy) {
            remedies.push(mistake.remedy);
        }
    }
    Some(Explanation {
        client_signed: Some(guess.string_to_sign).filter(|text| *text != right),
        string_to_sign: Some(right),
        sent: Some(given.to_owned()),
        ..Explanation::new(causes.join(" ")).remedy(remedies.join(" Also: "))
    })
}

/// Whether the credential is the password, its MD5, or the Base64 of one of them.
fn is_secret(operator: &Operator, given: &str) -> bool {
    let password = operator.password.as_ref().map(|password| password.reveal());
    let secrets = [Some(operator.key.reveal()), password];
    secrets
        .into_iter()
        .flatten()
        .any(|secret| given.eq_ignore_ascii_case(secret) || given == BASE64_STANDARD.encode(secret))
}

/// What can be seen of an MD5 signature that no known mistake gives.
fn shape_of_md5(given: &str, work: &Work) -> Explanation {
    if given.len() == 32 && given.bytes().all(|b| b.is_ascii_hexdigit()) {
        return unknown(work);
    }
    Explanation::new(format!(
        "The signature's length is {}, but an MD5 has 32 hex digits.",
        given.len()
    ))
    .remedy("send the lower-case hex MD5 of the string-to-sign, `&` and the MD5 of the password.")
}

/// What can be seen of an HMAC signature that no known mistake gives.
fn shape(given: &str, work: &Work) -> Explanation {
    let is_hex = given.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes = if is_hex {
        given.len() / 2
    } else {
        BASE64_STANDARD.decode(given).map_or(0, |bytes| bytes.len())
    };
    let function = match bytes {
        20 if is_hex => {
            return Explanation::new(
                "The signature was sent in hex, not in Base64. It also fits no known mistake: most \
                 likely the password is another one.",
            )
            .remedy("send the Base64 of the raw 20 bytes, 28 characters; check the password.");
        }
        32 => "SHA-256",
        48 => "SHA-384",
        64 => "SHA-512",
        16 | 20 => {
            let mut unknown = unknown(work);
            unknown.cause += " Not tried: a Content-MD5 that was signed but not sent.";
            return unknown;
        }
        _ => {
            return Explanation::new(format!(
                "The signature's length is {}, but the Base64 of an HMAC-SHA1 has 28 characters and ends \
                 in `=`.",
                given.len()
            ))
            .remedy("send the padded standard Base64 of the raw 20 bytes.");
        }
    };
    Explanation::new(format!(
        "The signature is {bytes} bytes long, as those of {function} and HMAC-{function} are."
    ))
    .remedy("use HMAC-SHA1, and send the Base64 of its 20 bytes.")
}

fn unknown(work: &Work) -> Explanation {
    let tried = match work.is_cut_short() {
        false => "Tried, alone and the likely ones in pairs",
        true => "Tried in part, because the string-to-sign is long",
    };
    Explanation::new(format!(
        "The signature fits no known mistake: most likely the password is another one. {tried}: \
         other methods, paths, dates and forms of the password, other hashes, orders and \
         separators, and elements left out or added.",
    ))
    .remedy(
        "check the password; then compare the client's string-to-sign with the server's, byte \
         by byte.",
    )
}
