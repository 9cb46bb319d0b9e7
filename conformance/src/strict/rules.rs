//! Mutations that make another valid request, and are therefore no false accepts: each kind with
//! the place that says so. Whatever else turns out valid fails the run.

use super::{
    form::SignatureForm::{self, *},
    mutate::MutatedField::{self, *},
};

/// Why a request with a changed field is as good as before.
#[derive(Debug)]
pub(super) struct Rule {
    forms: &'static [SignatureForm],
    fields: &'static [MutatedField],
    /// Where it stands.
    pub(super) section: &'static str,
    /// What it says.
    pub(super) says: &'static str,
}

const EVERY: &[SignatureForm] = &[
    Header,
    HeaderMd5,
    XDate,
    SignatureForm::Query,
    PathOnly,
    Legacy,
    Basic,
    TokenPrefix,
    TokenPostfix,
    TokenBoth,
    Multipart,
    Form,
    FormLegacy,
    Purge,
    Task,
    TaskLegacy,
];
const TOKENS: &[SignatureForm] = &[TokenPrefix, TokenPostfix, TokenBoth];

/// The first that fits counts.
const RULES: &[Rule] = &[
    Rule {
        forms: EVERY,
        fields: &[Scheme],
        section: "auth §1",
        says: "the scheme word is compared without regard to case",
    },
    Rule {
        forms: EVERY,
        fields: &[MutatedField::Signature],
        section: "auth §1 [choice A-2] [choice A-3]",
        says: "white space around a credential is ignored, and so is the case of hex digits",
    },
    Rule {
        forms: &[SignatureForm::Basic],
        fields: &[Method, Path, MutatedField::Query, Date, ContentMd5, Body],
        section: "auth §3",
        says: "Basic proves the operator and covers nothing of the request",
    },
    Rule {
        forms: &[SignatureForm::Basic, TokenPostfix],
        fields: &[Service],
        section: "auth §3, §4",
        says: "a credential that covers no beginning of the path is good for every service that its \
               operator is granted",
    },
    Rule {
        forms: TOKENS,
        fields: &[Path],
        section: "auth §4",
        says: "a token serves every path that its prefix and postfix fit",
    },
    Rule {
        forms: TOKENS,
        fields: &[MutatedField::Query, Date, ContentMd5, Body],
        section: "auth §4 [choice A-13] [choice A-15]",
        says: "a token covers method, prefix, postfix and end",
    },
    Rule {
        forms: &[Header, HeaderMd5, XDate, PathOnly, Legacy, Multipart],
        fields: &[MutatedField::Query],
        section: "auth §2.1, §5",
        says: "a signature over the path alone is good for every query",
    },
    Rule {
        forms: &[Task],
        fields: &[MutatedField::Query],
        section: "auth §2.1 [choice A-4]",
        says: "a signature over the path alone is good for every query, also of tasks",
    },
    Rule {
        forms: &[
            Header,
            XDate,
            SignatureForm::Query,
            PathOnly,
            Legacy,
            Multipart,
            Task,
        ],
        fields: &[Body],
        section: "auth §2",
        says: "the body is covered by Content-MD5 only",
    },
    Rule {
        forms: &[Legacy],
        fields: &[ContentLength],
        section: "auth §5",
        says: "the length is a number, so that a leading zero does not matter",
    },
    Rule {
        forms: &[HeaderMd5, Multipart],
        fields: &[ContentMd5],
        section: "rest §3.3",
        says: "Content-MD5 is compared with the body of uploads, and only signed elsewhere",
    },
    Rule {
        forms: &[Legacy],
        fields: &[ContentMd5],
        section: "auth §5",
        says: "Content-MD5 is not signed by the MD5 of old",
    },
    Rule {
        forms: &[
            Header,
            XDate,
            SignatureForm::Query,
            PathOnly,
            Legacy,
            Multipart,
            Task,
            HeaderMd5,
            Purge,
        ],
        fields: &[Date],
        section: "auth §2.2 [choice A-6]",
        says: "X-Date counts where both dates are there",
    },
    Rule {
        forms: &[SignatureForm::Form, FormLegacy],
        fields: &[Date, ContentMd5],
        section: "auth §6, §7",
        says: "headers of a form's request are not signed, and ignored",
    },
    Rule {
        forms: &[SignatureForm::Form, FormLegacy],
        fields: &[Body],
        section: "form §3",
        says: "the file is covered by the policy's content-md5 only",
    },
    Rule {
        forms: &[SignatureForm::Form, FormLegacy, Purge, TaskLegacy],
        fields: &[MutatedField::Query],
        section: "auth §6 to §9",
        says: "the query takes no part in signatures of bodies",
    },
    Rule {
        forms: &[FormLegacy],
        fields: &[Path],
        section: "auth §7",
        says: "the form signature of old covers the policy only",
    },
    Rule {
        forms: &[TaskLegacy],
        fields: &[Path, Date, ContentMd5],
        section: "auth §8",
        says: "the media signature of old covers operator and parameters only",
    },
    Rule {
        forms: &[TaskLegacy],
        fields: &[Parameter],
        section: "auth §8",
        says: "parameters are sorted and run together, so neither their order nor where a name ends \
               is covered",
    },
    Rule {
        forms: &[Purge],
        fields: &[ContentMd5],
        section: "auth §9",
        says: "the refresh signature covers list, service and date only",
    },
];

/// The rule that makes a changed request valid.
pub(super) fn why(form: SignatureForm, field: MutatedField) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.forms.contains(&form) && rule.fields.contains(&field))
}
