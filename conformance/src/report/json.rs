//! The whole result as JSON.

use super::model::RunReport;

/// Indented, with a newline at the end.
pub fn render(report: &RunReport) -> String {
    let mut text =
        serde_json::to_string_pretty(report).expect("strings, numbers and lists serialise");
    text.push('\n');
    text
}
