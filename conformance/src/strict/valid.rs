//! Valid requests of every kind and form, over hostile names, by the independent signer.

mod bodies;
mod names;

use std::time::Duration;

pub(super) use self::names::name as hostile_name;
use self::names::{Spelling, name, spelled};
use super::{
    dice::Dice,
    form::{Keys, SignatureForm, get_credential, set_credential, sign},
    raw::{Payload, Raw},
};
use crate::wire::{Api, sign::md5};

/// What stands for the id of an upload until the target has told it.
pub(super) const UUID: &str = "<uuid>";

/// The order in which forms take turns.
const FORMS: [SignatureForm; 16] = [
    SignatureForm::Header,
    SignatureForm::HeaderMd5,
    SignatureForm::XDate,
    SignatureForm::Query,
    SignatureForm::PathOnly,
    SignatureForm::Legacy,
    SignatureForm::Basic,
    SignatureForm::TokenPrefix,
    SignatureForm::TokenPostfix,
    SignatureForm::TokenBoth,
    SignatureForm::Multipart,
    SignatureForm::Form,
    SignatureForm::FormLegacy,
    SignatureForm::Purge,
    SignatureForm::Task,
    SignatureForm::TaskLegacy,
];

/// Requests that follow each other, each with its form. Where the form secret is not known, legacy
/// forms are left out.
pub(super) fn scenario(turn: usize, keys: &Keys, dice: &mut Dice) -> Vec<(SignatureForm, Raw)> {
    let form = FORMS[turn % FORMS.len()];
    let requests = match form {
        SignatureForm::Form => vec![bodies::form(keys, dice)],
        SignatureForm::FormLegacy if keys.form_secret.is_none() => Vec::new(),
        SignatureForm::FormLegacy => vec![bodies::form_legacy(keys, dice)],
        SignatureForm::Purge => vec![bodies::purge(keys, dice)],
        SignatureForm::Task | SignatureForm::TaskLegacy => vec![bodies::task(form, keys, dice)],
        SignatureForm::Multipart => stages(keys, dice),
        _ => objects(form, keys, dice),
    };
    let dressed = requests.into_iter().map(|mut raw| {
        dress(form, &mut raw, keys, dice);
        (form, raw)
    });
    dressed.collect()
}

/// A life of an object.
fn objects(form: SignatureForm, keys: &Keys, dice: &mut Dice) -> Vec<Raw> {
    let folder = format!("{}/{}", keys.folder, name(dice));
    let key = format!("{folder}/{}", name(dice));
    let spelling = *dice.pick(&Spelling::ALL);
    let path = spelled(&keys.service, &key, spelling);
    let request = |method: &str, path: &str| Raw::new(Api::Storage, method, path);
    let mut put = request("PUT", &path);
    put.payload = Payload::Bytes(format!("body of {}", dice.next()).into_bytes());
    let mut requests = vec![put];
    if matches!(form, SignatureForm::Query | SignatureForm::PathOnly) {
        let mut put = requests[0].clone();
        put.query = Some("unknown=%20x".to_owned());
        let mut patch = request("PATCH", &path);
        patch.query = Some("metadata=merge".to_owned());
        patch.set_header("x-upyun-meta-strict", "1");
        let mut usage = request("GET", &path);
        usage.query = Some("usage".to_owned());
        return vec![put, patch, usage];
    }
    let mut others = vec![request("GET", &path), request("HEAD", &path)];
    // A token for an object is none for its folder.
    if !form.is_token() {
        let folder = spelled(&keys.service, &format!("{folder}/"), spelling);
        others.push(request("GET", &folder));
        let mut made = request("POST", &format!("{folder}made"));
        made.set_header("folder", "true");
        others.push(made);
        let mut copy = request("PUT", &format!("{path}.copy"));
        let source = spelled(&keys.service, &key, Spelling::Strict);
        copy.set_header("X-Upyun-Copy-Source", source);
        others.push(copy);
    }
    requests.push(others.swap_remove(dice.below(others.len())));
    requests.push(others.swap_remove(dice.below(others.len())));
    requests.push(request("DELETE", &path));
    requests
}

/// The stages of an upload in parts.
fn stages(keys: &Keys, dice: &mut Dice) -> Vec<Raw> {
    let key = format!("{}/{}", keys.folder, name(dice));
    let path = spelled(&keys.service, &key, *dice.pick(&Spelling::ALL));
    let content = format!("part {}", dice.next()).into_bytes();
    let is_parallel = dice.coin();
    let stage = |name: &str| {
        let mut raw = Raw::new(Api::Storage, "PUT", &*path);
        raw.set_header("X-Upyun-Multi-Stage", name);
        raw
    };
    let mut initiate = stage("initiate");
    initiate.set_header("X-Upyun-Multi-Length", content.len().to_string());
    if is_parallel {
        initiate.set_header("X-Upyun-Multi-Disorder", "true");
    }
    let mut upload = stage("upload");
    upload.set_header("X-Upyun-Multi-Uuid", UUID);
    upload.set_header("X-Upyun-Part-Id", "0");
    if dice.coin() {
        upload.set_header("Content-MD5", md5(&content));
    }
    upload.payload = Payload::Bytes(content);
    let mut complete = stage("complete");
    complete.set_header("X-Upyun-Multi-Uuid", UUID);
    vec![initiate, upload, complete]
}

/// Adds what the form needs, in one of the ways that are allowed, and signs.
fn dress(form: SignatureForm, raw: &mut Raw, keys: &Keys, dice: &mut Dice) {
    let needs_no_date = form.is_token()
        || matches!(
            form,
            SignatureForm::Basic
                | SignatureForm::Form
                | SignatureForm::FormLegacy
                | SignatureForm::TaskLegacy
        );
    let date = date(keys, dice);
    let is_x_date = form == SignatureForm::XDate || dice.below(4) == 0;
    match (needs_no_date, is_x_date) {
        (true, _) => {}
        (false, true) => {
            // What a browser or a proxy sets beside it does not matter, by [choice A-6].
            if dice.below(3) == 0 {
                raw.set_header("Date", "Sat, 01 Jan 2000 00:00:00 GMT");
            }
            raw.set_header("X-Date", date);
        }
        (false, false) => raw.set_header("Date", date),
    }
    if form == SignatureForm::HeaderMd5 {
        let digest = md5(raw.body());
        let is_upper = dice.below(4) == 0;
        raw.set_header(
            "Content-MD5",
            if is_upper {
                digest.to_uppercase()
            } else {
                digest
            },
        );
    }
    if form.is_token() {
        delegate(form, raw, keys, dice);
    }
    sign(form, raw, keys);
    respell(form, raw, dice);
}

/// A date that counts as now.
fn date(keys: &Keys, dice: &mut Dice) -> String {
    let off = Duration::from_secs(dice.below(1700) as u64);
    let time = match dice.below(4) {
        0 => keys.now + off,
        1 => keys.now - off,
        _ => keys.now,
    };
    let date = httpdate::fmt_http_date(time);
    match dice.below(6) {
        0 => date.replace("GMT", "UTC"),
        1 => date.replace(", 0", ", "),
        _ => date,
    }
}

fn delegate(form: SignatureForm, raw: &mut Raw, keys: &Keys, dice: &mut Dice) {
    let path = raw.path.clone();
    // Between characters, and never so that nothing of the folder is left.
    let bounds: Vec<_> = path.char_indices().map(|(at, _)| at).collect();
    let at = keys.service.len() + 2 + dice.below(bounds.len() - keys.service.len() - 2);
    let (before, after) = path.split_at(bounds[at.min(bounds.len() - 1)]);
    if form != SignatureForm::TokenPostfix {
        raw.set_header("X-Upyun-Uri-Prefix", before);
    }
    if form != SignatureForm::TokenPrefix {
        raw.set_header("X-Upyun-Uri-Postfix", after);
    }
    let expire = keys.unix() + 60 + dice.next() % 100_000;
    raw.set_header("X-Upyun-Expire", expire.to_string());
}

/// The same credential in another spelling that is as good: scheme words in any case of letters
/// (auth §1), hex digits in any case of letters [choice A-3].
fn respell(form: SignatureForm, raw: &mut Raw, dice: &mut Dice) {
    let value = get_credential(form, raw);
    let Some((scheme, rest)) = value.split_once(' ') else {
        if dice.below(4) == 0 {
            set_credential(form, raw, value.to_uppercase());
        }
        return;
    };
    let scheme = match dice.below(4) {
        0 => scheme.to_lowercase(),
        1 => scheme.to_uppercase(),
        _ => scheme.to_owned(),
    };
    let is_hex = matches!(
        form,
        SignatureForm::Legacy | SignatureForm::Purge | SignatureForm::TaskLegacy
    );
    let rest = match rest.rsplit_once(':') {
        Some((who, digest)) if is_hex && dice.below(4) == 0 => {
            format!("{who}:{}", digest.to_uppercase())
        }
        _ => rest.to_owned(),
    };
    set_credential(form, raw, format!("{scheme} {rest}"));
}
