//! Signatures, tokens, dates and rights that the service must check.

use super::{
    Act, Damage, Scene,
    message::Request,
    policy,
    requests::request,
    sign::{
        credential, fits, named, sign, sign_instead_of_token, sign_now, sign_purge, sign_token,
        signer, token_owner,
    },
};
use crate::{target::fixtures, wire::sign::base64};

const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];

/// Replaces the right signature of any operator by that of the one with all rights.
fn lend_rights(request: &mut Request, scene: &Scene) {
    if signer(request, scene).is_some() {
        sign(request, scene.operator());
    }
}

pub(super) static DAMAGES: &[Damage] = &[
    request!(
        "any-date-accepted",
        "A date is at most 30 minutes off.",
        "auth.date",
        |request, scene| if let Some(operator) = signer(request, scene) {
            sign_now(request, scene, &operator);
        }
    ),
    request!(
        "any-signature-accepted",
        "A signature is made with the key of its operator.",
        "auth.header",
        |request, scene| if let Some(operator) = named(request, scene) {
            sign(request, &operator);
        }
    ),
    request!(
        "unsigned-accepted",
        "A request without a credential is refused.",
        "auth.header",
        |request, scene| if !request.headers.has("authorization") && !request.is("OPTIONS") {
            sign_now(request, scene, scene.operator());
        }
    ),
    request!(
        "any-basic-password-accepted",
        "Basic needs the password.",
        "auth.basic",
        |request, scene| {
            let operator = scene.operator();
            let right = base64(format!("{}:{}", operator.name, operator.password));
            request
                .headers
                .edit("authorization", |value| match value.get(..6) {
                    Some("Basic ") => format!("Basic {right}"),
                    _ => value.to_owned(),
                });
        }
    ),
    request!(
        "method-unsigned",
        "The method is part of what is signed.",
        "auth.header",
        |request, scene| {
            let digest = request.headers.get("content-md5").unwrap_or_default();
            let is_any = METHODS
                .iter()
                .any(|method| fits(request, scene, method, digest));
            if let Some(operator) = named(request, scene).filter(|_| is_any) {
                sign(request, &operator);
            }
        }
    ),
    request!(
        "content-md5-unsigned",
        "A Content-MD5 is part of what is signed.",
        "auth.header",
        |request, scene| {
            let is_right = fits(request, scene, &request.method, "");
            if let Some(operator) = named(request, scene).filter(|_| is_right) {
                sign(request, &operator);
            }
        }
    ),
    request!(
        "token-never-expires",
        "A token expires.",
        "auth.token",
        |request, scene| if let Some(operator) = token_owner(request, scene) {
            let is_number = |text: &str| text.parse::<u64>().is_ok();
            if request.headers.get("x-upyun-expire").is_some_and(is_number) {
                let expire = (scene.unix() + 600).to_string();
                request.headers.set("X-Upyun-Expire", expire);
                sign_token(request, &operator);
            }
        }
    ),
    request!(
        "token-fits-anywhere",
        "A token is good for its prefix and postfix only.",
        "auth.token",
        |request, scene| if let Some(operator) = token_owner(request, scene) {
            let expire = request.headers.get("x-upyun-expire");
            let is_valid = expire
                .and_then(|expire| expire.parse::<u64>().ok())
                .is_some_and(|expire| expire >= scene.unix());
            if is_valid {
                sign_instead_of_token(request, scene, &operator);
            }
        }
    ),
    request!(
        "anyone-writes",
        "Writing needs the right to write.",
        "auth.rights",
        |request, scene| if ["PUT", "POST", "PATCH"].contains(&&*request.method) {
            lend_rights(request, scene);
        }
    ),
    request!(
        "anyone-deletes",
        "Deleting needs the right to delete.",
        "auth.rights",
        |request, scene| if request.is("DELETE") {
            lend_rights(request, scene);
        }
    ),
    request!(
        "anyone-reads",
        "Reading needs the right to read.",
        "auth.rights",
        |request, scene| if request.reads() {
            lend_rights(request, scene);
        }
    ),
    request!(
        "anyone-uploads-forms",
        "A form needs an operator with the right to write.",
        "auth.forms",
        |request, scene| policy::sign_as(request, scene, scene.operator())
    ),
    request!(
        "any-form-signature-accepted",
        "The signature of a form is checked.",
        "form.signature",
        policy::sign_anyway
    ),
    request!(
        "any-purge-signature-accepted",
        "The signature of a purge is checked.",
        "purge",
        |request, scene| if request.path() == "/purge/" {
            sign_purge(request, scene);
        }
    ),
    request!(
        "blocked-operator-accepted",
        "A blocked operator is refused.",
        "auth.rights",
        |request, scene| {
            let blocked = [fixtures::BLOCKED_OPERATOR, fixtures::BLOCKED_HERE];
            let is_blocked = credential(request).is_some_and(|(name, _)| blocked.contains(&name));
            if is_blocked {
                lend_rights(request, scene);
            }
        }
    ),
    request!(
        "secrets-open",
        "An object with a secret is not readable without it.",
        "cdn.secret",
        |request, scene| if request.is_public() && !request.target.contains('!') {
            let service = request
                .host()
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned();
            request.target = format!("/{service}{}", request.path());
            request.headers.set("Host", "v0.api.upyun.com");
            sign_now(request, scene, scene.operator());
        }
    ),
];
