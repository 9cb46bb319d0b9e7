//! Keys that clients make of a password by mistake.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _};
use sha1::{Digest as _, Sha1};
use upyun_client::protocol::{Md5Digest, path};

use super::variant::Variants;
use crate::accounts::{Accounts, Operator};

const MD5: &str = "use the MD5 of the password, in lower-case hex, as the key.";
const PLAIN: &str = "use the password exactly as it is set.";
const PAIR: &str = "use the operator and the password that belong together.";
/// How many other operators and services are tried.
const MAX_OTHERS: usize = 16;

/// A key, with the state of its HMAC that all candidates share.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) bytes: Vec<u8>,
    pub(super) sha1: Hmac<Sha1>,
}

impl Key {
    pub(super) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let sha1 = Hmac::new_from_slice(&bytes).expect("any length is a key");
        Self { bytes, sha1 }
    }

    fn md5(text: &str) -> Self {
        Self::new(Md5Digest::of(text).to_string())
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

/// The keys of an operator's signatures.
pub(super) fn operator(accounts: &Accounts, operator: &Operator) -> Variants<Key> {
    let md5 = operator.key.reveal();
    let mut keys = Variants::right(Key::new(md5));
    if let Some(password) = &operator.password {
        let cause = "The signature was made with the password itself as the key.";
        keys.add(Key::new(password.reveal()), cause, MD5);
    }
    let cause = "The key is the MD5 of the password in upper case.";
    keys.add(Key::new(md5.to_uppercase()), cause, MD5);
    let cause = "The password was MD5ed twice: the client expects the plain password and was given \
                 its MD5.";
    let remedy = "give the client the plain password, or use its option for an MD5.";
    keys.add(Key::md5(md5), cause, remedy);
    if let Ok(digest) = md5.parse::<Md5Digest>() {
        let cause = "The key is the 16 bytes of the password's MD5, not their hex text.";
        keys.add(Key::new(*digest.as_bytes()), cause, MD5);
        let cause = "The key is the MD5 of the password in Base64.";
        keys.add(
            Key::new(BASE64_STANDARD.encode(digest.as_bytes())),
            cause,
            MD5,
        );
    }
    let cause = "The key is the middle half of the password's MD5 (16 digits).";
    keys.add(Key::new(md5.get(8..24).unwrap_or_default()), cause, MD5);
    if let Some(password) = &operator.password {
        misread(&mut keys, password.reveal());
    }
    others(&mut keys, accounts, operator);
    unset(&mut keys, operator);
    keys
}

/// The secrets of the legacy signatures of a form.
pub(super) fn form_secret(accounts: &Accounts, secret: &str) -> Variants<Key> {
    const SECRET: &str = "use the form secret of the service, exactly as it is set.";
    let mut keys = Variants::right(Key::new(secret));
    let cause = "The MD5 of the form secret was used, not the form secret.";
    keys.add(Key::md5(secret), cause, SECRET);
    for (text, cause) in misreadings(secret, "form secret") {
        keys.add(Key::new(text), cause, SECRET);
    }
    for operator in accounts.operators().iter().take(MAX_OTHERS) {
        let name = &operator.name;
        let cause = format!("The password of the operator {name} was used, not the form secret.");
        keys.add(Key::new(operator.key.reveal()), cause.as_str(), SECRET);
        if let Some(password) = &operator.password {
            keys.add(Key::new(password.reveal()), cause, SECRET);
        }
    }
    keys.add(Key::new(""), "The form secret is empty.", SECRET);
    keys
}

/// The password as files, shells and copying change it.
fn misread(keys: &mut Variants<Key>, password: &str) {
    for (text, cause) in misreadings(password, "password") {
        keys.add(Key::md5(&text), cause.as_str(), PLAIN);
        keys.add_rare(
            Key::new(text),
            format!("{cause} And the key is not its MD5."),
            MD5,
        );
    }
    let sha1: String = Sha1::digest(password)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    keys.add(Key::new(sha1), "The key is the SHA-1 of the password.", MD5);
}

fn misreadings(secret: &str, what: &str) -> Vec<(String, String)> {
    let ends = [
        ("", "\n", "a line feed after it"),
        ("", "\r\n", "a line feed after it"),
        ("", "\r", "a carriage return after it"),
        ("", " ", "a space after it"),
        (" ", "", "a space before it"),
        (" ", " ", "spaces around it"),
        ("", "\t", "a tab after it"),
        ("\n", "", "a line feed before it"),
        ("\"", "\"", "quotation marks around it"),
        ("'", "'", "quotation marks around it"),
        ("\u{feff}", "", "a byte order mark before it"),
        ("", "\0", "a zero byte after it"),
    ];
    let around = ends.map(|(before, behind, name)| {
        let cause = format!("The {what} was used with {name}.");
        (format!("{before}{secret}{behind}"), cause)
    });
    let changed = [
        (secret.trim().to_owned(), "without the spaces around it"),
        (secret.to_lowercase(), "in lower case"),
        (secret.to_uppercase(), "in upper case"),
        (path::encode(secret), "percent-encoded"),
        (
            path::decode(secret.as_bytes()).unwrap_or_default(),
            "percent-decoded",
        ),
        (BASE64_STANDARD.encode(secret), "in Base64"),
    ];
    let changed = changed.map(|(text, how)| (text, format!("The {what} was used {how}.")));
    // Characters that a shell or a settings file treats specially.
    let cut = ['$', '#', '!', '&', ';', '"', '\'', ' ', '%', '@', ':', '='].map(|mark| {
        let text = secret.split(mark).next().unwrap_or_default();
        let cause = format!("The {what} was cut at a special character, as a shell does.");
        (text.to_owned(), cause)
    });
    let all = around.into_iter().chain(changed).chain(cut);
    all.filter(|(text, _)| !text.is_empty() && text != secret)
        .collect()
}

fn others(keys: &mut Variants<Key>, accounts: &Accounts, operator: &Operator) {
    let others = accounts.operators();
    let others = others.iter().filter(|other| other.name != operator.name);
    for other in others.take(MAX_OTHERS) {
        let cause = format!("The password is that of the operator {}.", other.name);
        keys.add(Key::new(other.key.reveal()), cause, PAIR);
    }
    for service in accounts.services().iter().take(MAX_OTHERS) {
        if let Some(secret) = &service.form_secret {
            let cause = "The form secret of the service was used, not the operator's password.";
            keys.add(Key::new(secret.reveal()), cause, MD5);
            keys.add(Key::md5(secret.reveal()), cause, MD5);
        }
    }
}

fn unset(keys: &mut Variants<Key>, operator: &Operator) {
    const SET: &str = "check that the client's password is set, and that the client reads it.";
    keys.add(Key::md5(""), "The password is empty.", SET);
    keys.add(Key::new(""), "The key is empty.", SET);
    for word in ["undefined", "null", "None", "nil"] {
        let cause = format!("The password is the word `{word}`: it was not set.");
        keys.add(Key::md5(word), cause.as_str(), SET);
        keys.add(Key::new(word), cause, SET);
    }
    let cause = "The name of the operator was used as the password.";
    keys.add(Key::md5(&operator.name), cause, PLAIN);
    keys.add(Key::new(operator.name.as_bytes()), cause, MD5);
}
