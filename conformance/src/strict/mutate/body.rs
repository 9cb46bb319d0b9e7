//! Policies, lists of URLs, parameters.

use serde_json::{Value, json};

use super::{
    super::{
        dice::Dice,
        form::{SignatureForm, decoded},
        raw::Payload,
    },
    MutatedField::{Body, ContentMd5, Date, Expiration, Parameter, Policy, PurgeList, Service},
    Workshop, flipped, other_case,
};
use crate::wire::sign::base64;

/// A mutation of a policy: of which field, what was done, and how.
type Change = (super::MutatedField, &'static str, fn(&mut Value, u64));

/// Changes of a policy's members, which its signature must notice.
const CHANGES: [Change; 8] = [
    (Expiration, "a second later", |policy, _| {
        policy["expiration"] = (policy["expiration"].as_u64().unwrap_or_default() + 1).into();
    }),
    (Policy, "a character of save-key", |policy, _| {
        let key = policy["save-key"].as_str().unwrap_or_default();
        policy["save-key"] = format!("{key}x").into();
    }),
    (Policy, "one more member", |policy, _| {
        policy["x"] = json!("y")
    }),
    (Policy, "a limit lifted", |policy, _| {
        policy["content-length-range"] = json!("0,1000000");
    }),
    (Date, "another date", |policy, _| {
        policy["date"] = json!("Sat, 01 Jan 2000 00:00:00 GMT");
    }),
    (Date, "none", |policy, _| {
        policy.as_object_mut().map(|it| it.remove("date"));
    }),
    (ContentMd5, "none", |policy, _| {
        policy.as_object_mut().map(|it| it.remove("content-md5"));
    }),
    (Service, "another", |policy, _| {
        policy["service"] = json!("second");
    }),
];

/// Changes that are refused although the policy is signed again.
const WRONGS: [Change; 6] = [
    (Expiration, "passed", |policy, now| {
        policy["expiration"] = (now - 60).into()
    }),
    (Expiration, "none", |policy, _| {
        policy.as_object_mut().map(|it| it.remove("expiration"));
    }),
    (Expiration, "no number", |policy, _| {
        policy["expiration"] = json!("never")
    }),
    (Service, "another", |policy, _| {
        policy["service"] = json!("second")
    }),
    (Service, "another bucket", |policy, _| {
        policy["bucket"] = json!("second")
    }),
    (ContentMd5, "a digit", |policy, _| {
        if let Some(digest) = policy["content-md5"].as_str() {
            policy["content-md5"] = flipped(digest, 7).into();
        }
    }),
];

pub(super) fn policy(shop: &mut Workshop<'_>, dice: &mut Dice) {
    if !matches!(shop.form, SignatureForm::Form | SignatureForm::FormLegacy) {
        return;
    }
    let text = shop.valid.field("policy").unwrap_or_default();
    let mut change = |how: &str, text: String| {
        shop.add(Policy, how, |raw| raw.set_field("policy", text));
    };
    for _ in 0..6 {
        let at = dice.below(text.len());
        change("one character", flipped(&text, at));
        change("case of a letter", other_case(&text, at));
    }
    change("one character less", text[..text.len() - 1].to_owned());
    change("a line feed after it", format!("{text}\n"));
    change("a blank before it", format!(" {text}"));
    change(
        "a line feed inside",
        format!("{}\r\n{}", &text[..8], &text[8..]),
    );
    change("twice Base64", base64(&text));
    change(
        "padding",
        match text.strip_suffix('=') {
            Some(bare) => bare.to_owned(),
            None => format!("{text}="),
        },
    );
    change("a blank in the JSON", {
        let json = decoded(&text).to_string();
        base64(format!("{json} "))
    });
    let now = shop.keys.unix();
    for (field, how, change) in CHANGES {
        let mut policy = decoded(&text);
        let before = policy.clone();
        change(&mut policy, now);
        if policy != before {
            let other = base64(policy.to_string());
            shop.add(field, how, |raw| raw.set_field("policy", other));
        }
    }
    for (field, how, change) in WRONGS {
        let mut policy = decoded(&text);
        let before = policy.clone();
        change(&mut policy, now);
        if policy != before {
            let other = base64(policy.to_string());
            shop.add_signed(field, how, |raw| raw.set_field("policy", other));
        }
    }
    if shop.form == SignatureForm::FormLegacy {
        let secret = shop.keys.form_secret.clone().unwrap_or_default();
        // What one client of old did by mistake.
        let twice = crate::wire::sign::md5(format!("{}&{secret}", base64(&text)));
        shop.add(
            super::MutatedField::SignedText,
            "policy is encoded twice",
            |raw| {
                raw.set_field("signature", twice);
            },
        );
    }
}

pub(super) fn purge_list(shop: &mut Workshop<'_>, dice: &mut Dice) {
    if shop.form != SignatureForm::Purge {
        return;
    }
    let list = shop.valid.field("purge").unwrap_or_default();
    let characters = list.chars().count();
    let mut change = |how: &str, list: String| {
        shop.add(PurgeList, how, |raw| raw.set_field("purge", list));
    };
    for _ in 0..4 {
        let at = dice.below(characters);
        change("one character", flipped(&list, at));
        change("case of a letter", other_case(&list, at));
    }
    change(
        "one URL more",
        format!("{list}\nhttp://demo.b0.upaiyun.com/more"),
    );
    change("a blank after it", format!("{list} "));
    change("carriage returns", list.replace('\n', "\r\n"));
    match list.strip_suffix('\n') {
        Some(bare) => change("without the last line feed", bare.to_owned()),
        None => change("a line feed after it", format!("{list}\n")),
    }
}

pub(super) fn parameters(shop: &mut Workshop<'_>, dice: &mut Dice) {
    if !matches!(shop.form, SignatureForm::Task | SignatureForm::TaskLegacy) {
        return;
    }
    let Payload::Urlencoded(fields) = shop.valid.payload.clone() else {
        return;
    };
    // Without Content-MD5 the body of a task is signed by the form of old only.
    let field = match shop.form {
        SignatureForm::TaskLegacy => Parameter,
        _ => Body,
    };
    for at in 0..fields.len() {
        let mut changed = fields.clone();
        let (name, value) = &mut changed[at];
        let what = name.clone();
        match value.chars().count() {
            0 => value.push('x'),
            length => *value = flipped(value, dice.below(length)),
        }
        let how = format!("value of {what}");
        shop.add(field, how, |raw| raw.payload = Payload::Urlencoded(changed));
    }
    let mut more = fields.clone();
    more.push(("more".to_owned(), "1".to_owned()));
    shop.add(field, "one more", |raw| {
        raw.payload = Payload::Urlencoded(more)
    });
    let unknown = fields.iter().position(|(name, _)| name.starts_with("xk"));
    if let Some(at) = unknown {
        let mut less = fields.clone();
        less.remove(at);
        shop.add(field, "one less", |raw| {
            raw.payload = Payload::Urlencoded(less)
        });
        // Names and values are run together, so where one ends is not signed.
        let mut moved = fields.clone();
        let (name, value) = &mut moved[at];
        if let Some(last) = name.pop() {
            value.insert(0, last);
        }
        shop.add(field, "a letter from name to value", |raw| {
            raw.payload = Payload::Urlencoded(moved);
        });
    }
    let mut order = fields;
    order.rotate_left(1);
    shop.add(field, "order", |raw| {
        raw.payload = Payload::Urlencoded(order)
    });
}
