//! Requests whose body is signed: forms, cache refresh, tasks.

use serde_json::json;

use super::{
    super::{
        dice::Dice,
        form::{Keys, SignatureForm},
        raw::{Field, Payload, Raw},
    },
    date,
    names::name,
};
use crate::wire::{
    Api,
    sign::{base64, md5},
};

pub(super) fn form(keys: &Keys, dice: &mut Dice) -> Raw {
    upload(keys, dice, "authorization")
}

pub(super) fn form_legacy(keys: &Keys, dice: &mut Dice) -> Raw {
    upload(keys, dice, "signature")
}

fn upload(keys: &Keys, dice: &mut Dice, credential: &str) -> Raw {
    let content = format!("file {}", dice.next()).into_bytes();
    let service = if dice.coin() { "service" } else { "bucket" };
    let mut policy = json!({
        service: keys.service,
        "save-key": format!("{}/{}", keys.folder, name(dice)),
        "expiration": keys.unix() + 60 + dice.next() % 100_000,
    });
    if dice.coin() {
        policy["date"] = date(keys, dice).into();
    }
    if dice.coin() {
        policy["content-md5"] = md5(&content).into();
    }
    let slash = if dice.coin() { "/" } else { "" };
    let mut raw = Raw::new(Api::Storage, "POST", format!("/{}{slash}", keys.service));
    // Python gives every field a file name.
    let has_names = dice.coin();
    let field = |name: &str, value: Vec<u8>| Field {
        name: name.to_owned(),
        file_name: (has_names || name == "file").then(|| name.to_owned()),
        value,
    };
    let mut fields = vec![
        field("policy", base64(policy.to_string()).into_bytes()),
        field(credential, Vec::new()),
    ];
    if dice.coin() {
        fields.reverse();
    }
    fields.push(field("file", content));
    raw.payload = Payload::Multipart(fields);
    raw
}

pub(super) fn purge(keys: &Keys, dice: &mut Dice) -> Raw {
    let name = name(dice).replace(['\u{1}', '\u{7f}'], "");
    let mut list = format!("http://{}.b0.upaiyun.com/{name}", keys.service);
    // Python ends the list with a line feed and signs that.
    if dice.coin() {
        list.push('\n');
    }
    let mut raw = Raw::new(Api::Purge, "POST", "/purge/");
    raw.payload = Payload::Urlencoded(vec![("purge".to_owned(), list)]);
    raw
}

pub(super) fn task(form: SignatureForm, keys: &Keys, dice: &mut Dice) -> Raw {
    let source = format!("{}/{}", keys.folder, name(dice));
    let tasks = base64(json!([{ "source": source }]).to_string());
    let service = if dice.coin() {
        "service"
    } else {
        "bucket_name"
    };
    let mut fields = vec![
        (service.to_owned(), keys.service.clone()),
        ("notify_url".to_owned(), String::new()),
        ("app_name".to_owned(), "imgaudit".to_owned()),
        ("tasks".to_owned(), tasks),
        // Unknown fields are ignored, and signed where fields are.
        (format!("x{}", name(dice)), name(dice)),
    ];
    let first = dice.below(fields.len());
    fields.rotate_left(first);
    let mut raw = Raw::new(Api::Tasks, "POST", "/pretreatment/");
    raw.payload = Payload::Urlencoded(fields);
    if form == SignatureForm::Task && dice.coin() {
        raw.set_header("Content-MD5", md5(raw.body()));
    }
    raw
}
