//! One file that needs nothing else.

use super::model::{CaseReport, RunReport};

const STYLE: &str = include_str!("report.css");

/// Every case; those that did not pass are open.
pub fn render(report: &RunReport) -> String {
    let counts = report.counts();
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Conformance of {target}</title>\n<style>\n{STYLE}</style></head>\n<body>\n\
         <h1>Conformance of {target}</h1>\n\
         <p class=\"counts\"><b class=\"passed\">{} passed</b> <b class=\"failed\">{} failed</b> \
         {} known differences, {} broken, {} not applicable, {} not run; {} requests in {:.1} s</p>\n",
        counts.passed,
        counts.failed,
        counts.known,
        counts.broken,
        counts.not_applicable,
        counts.not_run,
        report.spent.requests,
        report.seconds,
        target = escape(&report.target),
    );
    for case in &report.cases {
        html.push_str(&entry(case));
    }
    html.push_str("<h2>Coverage</h2>\n<table><tr><th>section<th>about<th>cases</tr>\n");
    for section in &report.coverage.sections {
        let class = if section.cases == 0 { "none" } else { "some" };
        html.push_str(&format!(
            "<tr class=\"{class}\"><td>{}<td>{}<td>{}</tr>\n",
            escape(&section.section),
            escape(&section.about),
            section.cases
        ));
    }
    html.push_str(&format!(
        "</table>\n<p>{} of the error table's codes have cases; without: {}</p>\n</body></html>\n",
        report.coverage.codes.len(),
        list(&report.coverage.codes_without),
    ));
    html
}

fn entry(case: &CaseReport) -> String {
    let word = case.verdict.name();
    let class = word.replace(' ', "-");
    let open = if matches!(word, "failed" | "broken") {
        " open"
    } else {
        ""
    };
    let mut html = format!(
        "<details class=\"{class}\"{open}><summary><b>{word}</b> <code>{}</code> {}</summary>\n\
         <p>{} · {} {} · {:.3} s</p>\n",
        escape(&case.id),
        escape(&case.holds),
        escape(&case.sections.join(", ")),
        case.certainty.name(),
        escape(&case.choices.join(", ")),
        case.seconds,
    );
    if let Some(why) = &case.known {
        html.push_str(&format!("<p>Known: {}</p>\n", escape(why)));
    }
    let detail = case.verdict.detail();
    if !detail.is_empty() {
        html.push_str(&format!("<p class=\"detail\">{}</p>\n", escape(&detail)));
    }
    for exchange in &case.exchanges {
        html.push_str(&format!("<pre>{}</pre>\n", escape(&exchange.to_text())));
    }
    html.push_str("</details>\n");
    html
}

fn list(codes: &[u32]) -> String {
    let codes: Vec<_> = codes.iter().map(ToString::to_string).collect();
    codes.join(", ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_came_over_the_wire_is_no_markup() {
        assert_eq!(
            super::escape("<a b=\"&\">"),
            "&lt;a b=&quot;&amp;&quot;&gt;"
        );
    }
}
