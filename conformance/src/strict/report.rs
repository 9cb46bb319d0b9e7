//! What was found: two counts, a table, and every fault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Attempt,
    form::SignatureForm,
    mutate::{Mutant, MutatedField},
    raw::Raw,
    send::judge,
};

/// What a run found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The target's name.
    pub target: String,
    /// What all followed from.
    pub seed: u64,
    /// Valid requests by the independent signer.
    pub valid_by_signer: u64,
    /// Valid requests by the SDK.
    pub valid_by_sdk: u64,
    /// Valid requests by other clients.
    #[serde(default)]
    pub valid_by_clients: u64,
    /// Changed requests.
    pub mutants: u64,
    /// Changed requests that were refused with a code of 401; the others by a check that comes before.
    pub mutants_unauthorised: u64,
    /// By form and field, those that are not empty.
    pub rows: Vec<Row>,
    /// Changed requests that are as good as before, and were not sent, by the place that says so.
    pub excluded: BTreeMap<String, u64>,
    /// Requests of other clients that say too little to be tried.
    #[serde(default)]
    pub left_out: u64,
    /// Requests that other clients sent wrong, on purpose, and that were refused.
    #[serde(default)]
    pub wrong_as_sent: u64,
    /// Valid requests that were refused.
    pub false_rejects: Vec<Fault>,
    /// Changed requests that were let through.
    pub false_accepts: Vec<Fault>,
    /// Changed requests that are as good as before although nothing says so: a mistake of this program.
    pub unexplained: Vec<Fault>,
    /// What refused requests changed in the store.
    pub changed: Option<String>,
}

/// One form and field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The form.
    pub form: SignatureForm,
    /// The field that was changed; none in the row of valid requests.
    pub field: Option<MutatedField>,
    /// How many requests.
    pub requests: u64,
    /// How many were judged wrongly.
    pub wrong: u64,
}

/// A request that was judged wrongly.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The form of its signature.
    pub form: SignatureForm,
    /// What was changed, if anything.
    pub field: Option<MutatedField>,
    /// How.
    pub how: String,
    /// Method and target.
    pub request: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's code.
    pub code: Option<u32>,
}

/// Who made a valid request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The signer of this program.
    Independent,
    /// The SDK.
    Sdk,
    /// Another client.
    Client,
}

impl Report {
    pub(super) fn new(target: String, seed: u64) -> Self {
        Self {
            target,
            seed,
            valid_by_signer: 0,
            valid_by_sdk: 0,
            valid_by_clients: 0,
            mutants: 0,
            mutants_unauthorised: 0,
            rows: Vec::new(),
            excluded: BTreeMap::new(),
            left_out: 0,
            wrong_as_sent: 0,
            false_rejects: Vec::new(),
            false_accepts: Vec::new(),
            unexplained: Vec::new(),
            changed: None,
        }
    }

    /// Whether nothing was judged wrongly.
    pub fn is_clean(&self) -> bool {
        self.false_rejects.is_empty()
            && self.false_accepts.is_empty()
            && self.unexplained.is_empty()
            && self.changed.is_none()
    }

    /// The counts of both sides, a line each.
    pub fn counts(&self) -> String {
        let signers = [
            (self.valid_by_signer, "by the independent signer"),
            (self.valid_by_sdk, "by the SDK"),
            (self.valid_by_clients, "by other clients"),
        ];
        let valid: u64 = signers.iter().map(|(count, _)| count).sum();
        let signers = signers.iter().filter(|(count, _)| *count > 0);
        let signers: Vec<_> = signers
            .map(|(count, whom)| format!("{count} {whom}"))
            .collect();
        format!(
            "false rejects: {} of {valid} valid requests ({})\n\
             false accepts: {} of {} requests with one field changed (seed {})\n",
            self.false_rejects.len(),
            signers.join(", "),
            self.false_accepts.len(),
            self.mutants,
            self.seed
        )
    }

    /// For a person.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{:<24}{:<16}{:>9}{:>7}\n",
            "form", "changed", "requests", "wrong"
        );
        for row in &self.rows {
            let field = row.field.map_or("nothing", MutatedField::name);
            text.push_str(&format!(
                "{:<24}{field:<16}{:>9}{:>7}\n",
                row.form.name(),
                row.requests,
                row.wrong
            ));
        }
        let excluded: u64 = self.excluded.values().sum();
        text.push_str(&format!(
            "\nnot sent, as they are as good as before: {excluded}\n"
        ));
        for (rule, count) in &self.excluded {
            text.push_str(&format!("{count:>9}  {rule}\n"));
        }
        if self.left_out + self.wrong_as_sent > 0 {
            text.push_str(&format!(
                "refused as they were sent: {}; left out, as no signature or body was kept: {}\n",
                self.wrong_as_sent, self.left_out
            ));
        }
        text.push('\n');
        for (what, faults) in [
            ("false reject", &self.false_rejects),
            ("false accept", &self.false_accepts),
            ("valid, but no rule says so", &self.unexplained),
        ] {
            for fault in faults {
                text.push_str(&format!("{what}: {}\n", fault.to_line()));
            }
        }
        if let Some(changed) = &self.changed {
            text.push_str(&format!("a refused request changed something: {changed}\n"));
        }
        text + &self.counts()
    }

    pub(super) fn valid(
        &mut self,
        form: SignatureForm,
        signer: Signer,
        raw: &Raw,
        status: u16,
        code: Option<u32>,
    ) {
        match signer {
            Signer::Independent => self.valid_by_signer += 1,
            Signer::Sdk => self.valid_by_sdk += 1,
            Signer::Client => self.valid_by_clients += 1,
        }
        // Other clients also ask for what is not there.
        let is_wrong = match signer {
            Signer::Client => judge::is_refusal(code),
            Signer::Independent | Signer::Sdk => status >= 400,
        };
        self.count(form, None, is_wrong);
        if is_wrong {
            self.false_rejects.push(Fault {
                form,
                field: None,
                how: format!("{signer:?}"),
                request: format!("{} {}", raw.method, raw.target()),
                status,
                code,
            });
        }
    }

    /// A client's request that is not valid.
    pub(super) fn wrong_as_sent(
        &mut self,
        form: SignatureForm,
        raw: &Raw,
        status: u16,
        code: Option<u32>,
    ) {
        if judge::is_refusal(code) {
            self.wrong_as_sent += 1;
            return;
        }
        self.false_accepts.push(Fault {
            form,
            field: None,
            how: "as it was sent".to_owned(),
            request: format!("{} {}", raw.method, raw.target()),
            status,
            code,
        });
    }

    pub(super) fn mutant(&mut self, attempt: &Attempt, status: u16, code: Option<u32>) {
        let is_wrong = !judge::is_refusal(code);
        self.mutants += 1;
        self.mutants_unauthorised += u64::from(code.is_some_and(judge::is_unauthorised));
        self.count(attempt.form, Some(attempt.mutant.field), is_wrong);
        if is_wrong {
            let fault = Fault::of(attempt.form, &attempt.mutant, status, code);
            self.false_accepts.push(fault);
        }
    }

    pub(super) fn exclude(&mut self, section: &str, says: &str) {
        *self
            .excluded
            .entry(format!("{section}: {says}"))
            .or_default() += 1;
    }

    pub(super) fn unexplained(&mut self, form: SignatureForm, mutant: &Mutant) {
        self.unexplained.push(Fault::of(form, mutant, 0, None));
    }

    fn count(&mut self, form: SignatureForm, field: Option<MutatedField>, is_wrong: bool) {
        let key = |row: &Row| (row.form, row.field);
        let at = match self.rows.binary_search_by_key(&(form, field), key) {
            Ok(at) => at,
            Err(at) => {
                let row = Row {
                    form,
                    field,
                    requests: 0,
                    wrong: 0,
                };
                self.rows.insert(at, row);
                at
            }
        };
        self.rows[at].requests += 1;
        self.rows[at].wrong += u64::from(is_wrong);
    }
}

impl Fault {
    fn of(form: SignatureForm, mutant: &Mutant, status: u16, code: Option<u32>) -> Self {
        Self {
            form,
            field: Some(mutant.field),
            how: mutant.how.clone(),
            request: format!("{} {}", mutant.raw.method, mutant.raw.target()),
            status,
            code,
        }
    }

    fn to_line(&self) -> String {
        let Self { how, request, .. } = self;
        let field = self.field.map_or("nothing", MutatedField::name);
        let code = self.code.map_or("no code".to_owned(), |it| it.to_string());
        format!(
            "{}, {field}: {how}; {request} → {} ({code})",
            self.form.name(),
            self.status
        )
    }
}
