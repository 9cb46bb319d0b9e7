//! The report as text, the most useful first.

use std::fmt;

use super::Report;
use crate::words::counted;

/// Codes that any program may meet in the field, whatever it does.
const LIKELY: [u32; 6] = [
    40_100_002, 40_100_005, 40_400_001, 42_900_001, 50_300_001, 40_300_004,
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "upyun-mock: {}",
            counted(self.requests as u64, "request")
        )?;
        if self.forgotten > 0 {
            writeln!(
                f,
                "  and {} before them that were forgotten",
                self.forgotten
            )?;
        }
        if !self.fragile.is_empty() {
            writeln!(f, "legal, but fragile")?;
        }
        for finding in &self.fragile {
            let examples: Vec<_> = finding.examples.iter().map(|it| format!("#{it}")).collect();
            writeln!(
                f,
                "  {}: {}, as {}\n    {}",
                finding.title,
                counted(finding.requests, "request"),
                examples.join(" "),
                finding.why
            )?;
        }
        writeln!(f, "did")?;
        for operation in self.operations.iter().filter(|it| it.requests > 0) {
            writeln!(f, "  {:>6}  {}", operation.requests, operation.title)?;
        }
        writeln!(f, "never met")?;
        for code in &self.codes {
            if code.seen == 0 && LIKELY.contains(&code.code.as_u32()) {
                writeln!(f, "  {} {}", code.code.as_u32(), code.message)?;
            }
        }
        let met: Vec<_> = self.codes.iter().filter(|it| it.seen > 0).collect();
        writeln!(f, "  met {} of {} error codes", met.len(), self.codes.len())?;
        for code in met {
            writeln!(
                f,
                "  {:>6}  {} {}",
                code.seen,
                code.code.as_u32(),
                code.message
            )?;
        }
        writeln!(f, "never used")?;
        for feature in self.features.iter().filter(|it| it.seen == 0) {
            writeln!(f, "  {}", feature.title)?;
        }
        writeln!(f, "never did")?;
        for operation in self.operations.iter().filter(|it| it.requests == 0) {
            writeln!(f, "  {}", operation.title)?;
        }
        Ok(())
    }
}
