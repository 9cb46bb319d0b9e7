//! `upyun-conformance strict`.

use super::{FAILED, PASSED, args::StrictArgs, say};
use crate::{
    strict::{self, Archive, Options},
    target::Target,
};

pub(super) async fn strict(args: StrictArgs) -> Result<u8, String> {
    let options = Options {
        seed: args.seed,
        requests: args.requests,
        only: None,
    };
    let report = if args.har.is_empty() {
        let target = Target::parse(&args.target, |name| std::env::var(name).ok())?;
        strict::run(&target, options).await
    } else {
        let mut archive = Archive::default();
        for file in &args.har {
            archive.add(file).map_err(|error| error.to_string())?;
        }
        strict::run_clients(&archive, options).await
    };
    let report = report.map_err(|failure| format!("nothing can be said: {failure}"))?;
    if args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        say(&(text + "\n"));
    } else {
        say(&report.to_text());
    }
    Ok(if report.is_clean() { PASSED } else { FAILED })
}
