//! Two reports side by side.

use std::{fmt, path::PathBuf};

use clap::Args as Group;

use crate::{
    failure::Failure,
    report::{Report, Settings},
};

#[derive(Debug, Group)]
pub(crate) struct CompareOptions {
    /// What `--json` wrote before
    before: PathBuf,
    /// And after
    after: PathBuf,
    /// Differences up to this many percent are none
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    tolerance: f64,
}

/// What became of each figure.
#[derive(Debug)]
pub(crate) struct Comparison {
    differences: Vec<String>,
    rows: Vec<Row>,
    tolerance: f64,
}

#[derive(Debug)]
struct Row {
    name: String,
    before: f64,
    after: f64,
    more_is: Sign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Better,
    Worse,
}

impl CompareOptions {
    pub(crate) fn run(&self) -> Result<Comparison, Failure> {
        let (before, after) = (Report::read(&self.before)?, Report::read(&self.after)?);
        Ok(compare(&before, &after, self.tolerance))
    }
}

fn compare(before: &Report, after: &Report, tolerance: f64) -> Comparison {
    let row = |name: &str, of: &dyn Fn(&Report) -> f64, more_is| Row {
        name: name.to_owned(),
        before: of(before),
        after: of(after),
        more_is,
    };
    let failed = |report: &Report| report.errors.values().sum::<u64>() as f64;
    let mut rows = vec![
        row("operations/s", &|it| it.operations_per_second, Sign::Better),
        row("MB/s", &|it| it.bytes_per_second / 1e6, Sign::Better),
        row("errors", &failed, Sign::Worse),
    ];
    for (operation, latency) in &before.latency_ms {
        let Some(other) = after.latency_ms.get(operation) else {
            continue;
        };
        for ((figure, before), (_, after)) in latency.figures().into_iter().zip(other.figures()) {
            rows.push(Row {
                name: format!("{operation} {figure}, ms"),
                before,
                after,
                more_is: Sign::Worse,
            });
        }
    }
    Comparison {
        differences: differences(&before.settings, &after.settings),
        rows,
        tolerance,
    }
}

/// Settings that make figures incomparable. Two targets may well be compared.
fn differences(before: &Settings, after: &Settings) -> Vec<String> {
    let rate = |settings: &Settings| settings.rate.map_or("none".to_owned(), |it| it.to_string());
    let pairs = [
        ("command", before.command.clone(), after.command.clone()),
        ("size", before.size.clone(), after.size.clone()),
        (
            "concurrency",
            before.concurrency.to_string(),
            after.concurrency.to_string(),
        ),
        ("rate", rate(before), rate(after)),
        (
            "verify",
            before.verify.to_string(),
            after.verify.to_string(),
        ),
    ];
    let differing = pairs
        .into_iter()
        .filter(|(_, before, after)| before != after);
    differing
        .map(|(name, before, after)| format!("{name} was {before} and is {after}"))
        .collect()
}

impl Row {
    fn verdict(&self, tolerance: f64) -> &'static str {
        let change = self.after - self.before;
        // From none to some is a change of any size.
        if change.abs() <= self.before.abs() * tolerance / 100.0 {
            return "same";
        }
        match (change > 0.0) == (self.more_is == Sign::Better) {
            true => "better",
            false => "worse",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "not the same run: {difference}")?;
        }
        writeln!(
            f,
            "{:<22} {:>12} {:>12} {:>7}",
            "", "before", "after", "ratio"
        )?;
        for row in &self.rows {
            let ratio = match row.before == 0.0 {
                true => "-".to_owned(),
                false => format!("{:.2}", row.after / row.before),
            };
            writeln!(
                f,
                "{:<22} {:>12.3} {:>12.3} {ratio:>7}  {}",
                row.name,
                row.before,
                row.after,
                row.verdict(self.tolerance)
            )?;
        }
        let count = |verdict| {
            let verdicts = self.rows.iter().map(|row| row.verdict(self.tolerance));
            verdicts.filter(|it| *it == verdict).count()
        };
        writeln!(
            f,
            "{} better, {} worse, {} within {} %",
            count("better"),
            count("worse"),
            count("same"),
            self.tolerance
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: f64, after: f64, more_is: Sign, want: &str) {
        let name = String::new();
        let row = Row {
            name,
            before,
            after,
            more_is,
        };
        assert_eq!(row.verdict(5.0), want, "{before} to {after}");
    }

    #[test]
    fn more_throughput_is_better_and_more_latency_worse() {
        check(100.0, 104.0, Sign::Better, "same");
        check(100.0, 96.0, Sign::Worse, "same");
        check(100.0, 106.0, Sign::Better, "better");
        check(100.0, 106.0, Sign::Worse, "worse");
        check(100.0, 90.0, Sign::Better, "worse");
        check(0.0, 0.0, Sign::Worse, "same");
        check(0.0, 1.0, Sign::Worse, "worse");
    }
}
