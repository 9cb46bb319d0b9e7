//! `upyun-conformance list`.

use super::{PASSED, args::ListArgs, say};
use crate::{
    catalog,
    coverage::Coverage,
    report::model::{CaseReport, Verdict},
};

pub(super) fn list(args: &ListArgs) -> Result<u8, String> {
    let cases = args.selection.clone().selection().of(&catalog::all());
    match (args.coverage, args.json) {
        (true, true) => say(&json(&Coverage::of(&cases))?),
        (true, false) => say(&coverage_text(&Coverage::of(&cases))),
        (false, true) => {
            let reason = "only listed".to_owned();
            let rows = cases.iter().map(|case| {
                let verdict = Verdict::NotRun {
                    reason: reason.clone(),
                };
                CaseReport::unstarted(case, verdict)
            });
            say(&json(&rows.collect::<Vec<_>>())?);
        }
        (false, false) => {
            let mut text = String::new();
            for case in &cases {
                let tags: Vec<_> = case.tags.iter().map(|tag| tag.name()).collect();
                let basis = match case.choices {
                    [] => case.certainty.name().to_owned(),
                    choices => choices.join(" "),
                };
                let section = case.sections.first().map(ToString::to_string);
                text.push_str(&format!(
                    "{}\t{}\t{basis}\t{}\t{}\n",
                    case.id(),
                    section.unwrap_or_default(),
                    tags.join(","),
                    case.holds
                ));
            }
            say(&text);
        }
    }
    Ok(PASSED)
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

fn coverage_text(coverage: &Coverage) -> String {
    let mut text = String::new();
    for section in &coverage.sections {
        text.push_str(&format!(
            "{}\t{}\t{}\n",
            section.section, section.cases, section.about
        ));
    }
    for (code, cases) in &coverage.codes {
        text.push_str(&format!("{code}\t{cases}\n"));
    }
    for code in &coverage.codes_without {
        text.push_str(&format!("{code}\t0\n"));
    }
    text
}
