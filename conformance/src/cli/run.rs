//! `upyun-conformance run`.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use std::{io::IsTerminal as _, path::PathBuf, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;

use super::{
    FAILED, PASSED, UNUSABLE,
    args::{RunArgs, TargetArgs},
    say,
};
use crate::{
    case::Case,
    catalog,
    recording::shadow::ShadowReport,
    report::{
        html, json, junit, markdown,
        model::{RunReport, Verdict},
        terminal,
        terminal::Colour,
    },
    run::{self, Event, Keep, Options},
    target::{Embedded, Target},
    wire::Budget,
};

pub(super) async fn run(args: RunArgs) -> Result<u8, String> {
    let target = match (args.damage, &args.shadow) {
        (Some(damage), _) => Target::Mock(Embedded::default().damaged(damage)),
        (None, Some(names)) => Target::parse_pair(names, |name| std::env::var(name).ok())?,
        (None, None) if args.dry_run && args.target.target == "live" => {
            planned_target(&args.target)?
        }
        (None, None) => target(&args.target)?,
    };
    let cases = args.selection.selection().of(&catalog::all());
    if cases.is_empty() {
        return Err("no case matches; `upyun-conformance list` shows all".to_owned());
    }
    let is_live = target.is_live();
    let budget = args.run.budget(is_live)?;
    if args.dry_run {
        say(&plan(&target, &cases, budget));
        return Ok(PASSED);
    }
    let options = Options {
        jobs: args.run.jobs_on(is_live),
        budget,
        keep: match &target {
            Target::Shadowed(_) => Keep::Everything,
            _ => Keep::Failures,
        },
    };
    for one in target.each() {
        if let Err(failure) = run::probe(one).await {
            return Err(format!("{} cannot be used: {failure}", one.name()));
        }
    }
    let mut report = watched(&target, &cases, &options).await;
    let shadow = shadow(&target, &mut report);
    say(&terminal::render(
        &report,
        colour(std::io::stdout().is_terminal()),
    ));
    if let Some(shadow) = &shadow {
        say(&shadow.to_text());
        let json = serde_json::to_string_pretty(shadow).map_err(|error| error.to_string())?;
        write(args.shadow_report, || json + "\n")?;
    }
    write(args.junit, || junit::render(&report))?;
    write(args.json, || json::render(&report))?;
    write(args.markdown, || markdown::render(&report))?;
    write(args.html, || html::render(&report))?;
    Ok(exit_code(&report))
}

/// What the second target did otherwise; what was kept only to find out is dropped.
fn shadow(target: &Target, report: &mut RunReport) -> Option<ShadowReport> {
    let Target::Shadowed(two) = target else {
        return None;
    };
    let names = [two.judged.name(), two.shadow.name()];
    let shadow = ShadowReport::of(report, names, target.service());
    for case in &mut report.cases {
        if case.verdict == Verdict::Passed {
            case.exchanges.clear();
        }
    }
    Some(shadow)
}

/// The target of a dry run, which asks nobody and so needs no credentials.
fn planned_target(args: &TargetArgs) -> Result<Target, String> {
    Target::parse(&args.target, |name| {
        let given = std::env::var(name).ok().filter(|it| !it.is_empty());
        let placeholder = match name {
            "UPYUN_SERVICE" => "service",
            "UPYUN_USERNAME" => "operator",
            "UPYUN_PASSWORD" => "password",
            _ => return given,
        };
        given.or_else(|| Some(placeholder.to_owned()))
    })
}

pub(super) fn target(args: &TargetArgs) -> Result<Target, String> {
    Target::parse(&args.target, |name| std::env::var(name).ok())
}

/// Runs with a bar on a terminal, until it is done or the person has had enough.
pub(super) async fn watched(target: &Target, cases: &[Case], options: &Options) -> RunReport {
    let (stop, stopped) = watch::channel(false);
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping; what was made is removed");
            let _ = stop.send(true);
        }
        // The sender stays until the run is over: dropping it would look like a stop.
        std::future::pending::<()>().await;
    });
    let is_terminal = std::io::stderr().is_terminal();
    let bar = if is_terminal {
        ProgressBar::new(cases.len() as u64)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let colour = colour(is_terminal);
    let report = run::run(target, cases, options, stopped, |event| match event {
        Event::Finished(case) => {
            bar.inc(1);
            bar.set_message(case.id.clone());
            if let Some(line) = terminal::line(case, colour) {
                bar.suspend(|| eprintln!("{line}"));
            }
        }
    })
    .await;
    bar.finish_and_clear();
    listener.abort();
    report
}

fn plan(target: &Target, cases: &[Case], budget: Budget) -> String {
    let mut text = format!(
        "target {}; everything below one new folder {} of the service, which is removed at the end\n",
        target.name(),
        run::new_folder()
    );
    let limit = |limit: Option<String>| limit.unwrap_or_else(|| "no limit".to_owned());
    text.push_str(&format!(
        "requests: {}; bytes: {}; requests a second: {}\n",
        limit(budget.requests.map(|it| it.to_string())),
        limit(budget.bytes.map(|it| it.to_string())),
        limit(budget.requests_per_second.map(|it| it.to_string())),
    ));
    for case in cases {
        match target.lacks(case) {
            None => text.push_str(&format!("run {}: {}\n", case.id(), case.holds)),
            Some(reason) => text.push_str(&format!("not applicable {}: {reason}\n", case.id())),
        }
    }
    text
}

fn colour(is_terminal: bool) -> Colour {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    if is_terminal && !is_unwanted {
        Colour::On
    } else {
        Colour::Off
    }
}

fn write(file: Option<PathBuf>, render: impl FnOnce() -> String) -> Result<(), String> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(&file, render())
        .map_err(|error| format!("the report {} cannot be written: {error}", file.display()))
}

fn exit_code(report: &RunReport) -> u8 {
    let counts = report.counts();
    match (counts.failed, counts.broken + counts.not_run) {
        (0, 0) => PASSED,
        (0, _) => UNUSABLE,
        (_, _) => FAILED,
    }
}
