//! Everything that can be wrong with one field of a valid request.

mod body;
mod credential;
mod delegated;
mod head;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    dice::Dice,
    form::{Keys, SignatureForm, sign},
    raw::Raw,
};

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutatedField {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The service in the path, the policy or the credential.
    Service,
    /// The query.
    Query,
    /// Date, X-Date, or a policy's date.
    Date,
    /// The header Content-MD5, or a policy's.
    ContentMd5,
    /// The header Content-Length.
    ContentLength,
    /// The bytes of the object.
    Body,
    /// The credential's first word.
    Scheme,
    /// The operator.
    Operator,
    /// The password of Basic.
    Password,
    /// The credential's last field.
    Signature,
    /// The text that is signed, with a right signature over the wrong text or with a wrong key.
    SignedText,
    /// When a token or a policy ends.
    Expiration,
    /// X-Upyun-Uri-Prefix.
    UriPrefix,
    /// X-Upyun-Uri-Postfix.
    UriPostfix,
    /// The policy.
    Policy,
    /// The list of URLs to refresh.
    PurgeList,
    /// A parameter of a submission of tasks.
    Parameter,
}

impl MutatedField {
    /// As it is called in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Path => "path",
            Self::Service => "service",
            Self::Query => "query",
            Self::Date => "date",
            Self::ContentMd5 => "Content-MD5",
            Self::ContentLength => "Content-Length",
            Self::Body => "body",
            Self::Scheme => "scheme",
            Self::Operator => "operator",
            Self::Password => "password",
            Self::Signature => "signature",
            Self::SignedText => "signed text",
            Self::Expiration => "expiration",
            Self::UriPrefix => "prefix",
            Self::UriPostfix => "postfix",
            Self::Policy => "policy",
            Self::PurgeList => "purge list",
            Self::Parameter => "parameter",
        }
    }
}

impl fmt::Display for MutatedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A request with one field changed.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    pub(super) field: MutatedField,
    /// What was done to it.
    pub(super) how: String,
    pub(super) raw: Raw,
}

/// Collects the mutants of one request.
struct Workshop<'a> {
    form: SignatureForm,
    valid: &'a Raw,
    keys: &'a Keys,
    mutants: Vec<Mutant>,
}

impl Workshop<'_> {
    /// One more, unless nothing changed.
    fn add(&mut self, field: MutatedField, how: impl Into<String>, change: impl FnOnce(&mut Raw)) {
        let mut raw = self.valid.clone();
        change(&mut raw);
        if raw != *self.valid {
            let how = how.into();
            self.mutants.push(Mutant { field, how, raw });
        }
    }

    /// One more that is signed again, so that only the value itself is wrong.
    fn add_signed(
        &mut self,
        field: MutatedField,
        how: impl Into<String>,
        change: impl FnOnce(&mut Raw),
    ) {
        let (form, keys) = (self.form, self.keys);
        let how = format!("{}, signed again", how.into());
        self.add(field, how, |raw| {
            change(raw);
            sign(form, raw, keys);
        });
    }
}

/// All mutants of a valid request. Where a field has many characters, some are drawn.
pub(super) fn all(form: SignatureForm, valid: &Raw, keys: &Keys, dice: &mut Dice) -> Vec<Mutant> {
    let mut shop = Workshop {
        form,
        valid,
        keys,
        mutants: Vec::new(),
    };
    head::method(&mut shop);
    head::path(&mut shop, dice);
    head::query(&mut shop);
    head::dates(&mut shop);
    head::content_md5(&mut shop, dice);
    head::length_and_body(&mut shop);
    credential::scheme(&mut shop);
    credential::who(&mut shop);
    credential::signature(&mut shop, dice);
    credential::signed_text(&mut shop);
    delegated::token(&mut shop);
    body::policy(&mut shop, dice);
    body::purge_list(&mut shop, dice);
    body::parameters(&mut shop, dice);
    shop.mutants
}

/// The text with the character at an index replaced by another of its kind.
fn flipped(text: &str, at: usize) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(character) = characters.get_mut(at) {
        *character = match *character {
            '9' => '0',
            'z' => 'a',
            'Z' => 'A',
            it if it.is_ascii_alphanumeric() => char::from(it as u8 + 1),
            _ => 'A',
        };
    }
    characters.into_iter().collect()
}

/// The text with the case of its first letter from an index on changed.
fn other_case(text: &str, from: usize) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let letters = characters.iter_mut().skip(from);
    if let Some(letter) = letters.into_iter().find(|it| it.is_ascii_alphabetic()) {
        *letter = (*letter as u8 ^ 0x20).into();
    }
    characters.into_iter().collect()
}

fn without_last(text: &str) -> String {
    let mut characters = text.chars();
    characters.next_back();
    characters.as_str().to_owned()
}
