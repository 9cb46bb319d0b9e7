//! Signing changed requests again.

use super::{Scene, message::Request};
use crate::{
    target::Operator,
    wire::sign::{md5, upyun},
};

/// Operator and signature of `Authorization: UPYUN operator:signature`.
pub(super) fn credential(request: &Request) -> Option<(&str, &str)> {
    let value = request.headers.get("authorization")?;
    let (scheme, credential) = value.split_once(' ')?;
    let is_upyun = scheme.eq_ignore_ascii_case("upyun");
    credential.split_once(':').filter(|_| is_upyun)
}

/// The operator that the request names.
pub(super) fn named(request: &Request, scene: &Scene) -> Option<Operator> {
    let (name, _) = credential(request)?;
    Some(Operator::new(name, scene.password(name)))
}

fn date(request: &Request) -> &str {
    let date = request.headers.get("x-date");
    let date = date.or_else(|| request.headers.get("date"));
    date.unwrap_or_default()
}

/// Whether the signature fits these parts, over path and query or the path alone.
pub(super) fn fits(request: &Request, scene: &Scene, method: &str, digest: &str) -> bool {
    let Some((name, signature)) = credential(request) else {
        return false;
    };
    [&*request.target, request.path()].into_iter().any(|uri| {
        let parts = [method, uri, date(request), digest];
        let value = upyun(name, scene.password(name), &parts);
        value.ends_with(&format!(":{signature}"))
    })
}

/// The operator whose signature is right, if the request has a signature over its head.
pub(super) fn signer(request: &Request, scene: &Scene) -> Option<Operator> {
    let digest = request.headers.get("content-md5").unwrap_or_default();
    let is_right = fits(request, scene, &request.method, digest);
    named(request, scene).filter(|_| is_right)
}

/// Signs the request as it is now.
pub(super) fn sign(request: &mut Request, operator: &Operator) {
    let digest = request.headers.get("content-md5").unwrap_or_default();
    let parts = [&*request.method, &*request.target, date(request), digest];
    let value = upyun(&operator.name, &operator.password, &parts);
    request.headers.set("Authorization", value);
}

/// Changes a request whose signature is right, and signs it again.
pub(super) fn edit_signed(request: &mut Request, scene: &Scene, change: impl FnOnce(&mut Request)) {
    if let Some(operator) = signer(request, scene) {
        change(request);
        sign(request, &operator);
    }
}

/// Dates the request by the emulator's clock and signs it as this operator.
pub(super) fn sign_now(request: &mut Request, scene: &Scene, operator: &Operator) {
    request.headers.remove("x-date");
    request.headers.set("Date", scene.date());
    sign(request, operator);
}

/// The signature of the token that the request carries.
fn token(request: &Request, operator: &Operator) -> String {
    let part = |name: &str| request.headers.get(name).unwrap_or_default();
    let (prefix, postfix) = (part("x-upyun-uri-prefix"), part("x-upyun-uri-postfix"));
    let parts = [&*request.method, prefix, postfix, part("x-upyun-expire")];
    upyun(&operator.name, &operator.password, &parts)
}

/// The operator whose token is right, whatever it is good for.
pub(super) fn token_owner(request: &Request, scene: &Scene) -> Option<Operator> {
    let (_, signature) = credential(request)?;
    let operator = named(request, scene)?;
    let is_token = request.headers.has("x-upyun-expire");
    let is_right = token(request, &operator).ends_with(&format!(":{signature}"));
    (is_token && is_right).then_some(operator)
}

/// Signs the token as it is now.
pub(super) fn sign_token(request: &mut Request, operator: &Operator) {
    let value = token(request, operator);
    request.headers.set("Authorization", value);
}

/// Replaces a token by a signature.
pub(super) fn sign_instead_of_token(request: &mut Request, scene: &Scene, operator: &Operator) {
    request.headers.remove_prefix("x-upyun-uri-");
    request.headers.remove("x-upyun-expire");
    sign_now(request, scene, operator);
}

/// Signs a purge as it is, for the operator that it names.
pub(super) fn sign_purge(request: &mut Request, scene: &Scene) {
    let Some((service, rest)) = credential(request) else {
        return;
    };
    let Some((name, _)) = rest.split_once(':') else {
        return;
    };
    let urls = url::form_urlencoded::parse(&request.body)
        .find_map(|(name, value)| (name == "purge").then(|| value.into_owned()))
        .unwrap_or_default();
    let key = md5(scene.password(name));
    let signature = md5(format!("{urls}&{service}&{}&{key}", date(request)));
    let value = format!("UpYun {service}:{name}:{signature}");
    request.headers.set("Authorization", value);
}
