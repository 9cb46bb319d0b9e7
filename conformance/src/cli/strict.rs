//! `upyun-conformance strict`.

use super::{FAILED, PASSED, args::StrictArgs, say};
use crate::{
    strict::{self, Options},
    target::Target,
};

pub(super) async fn strict(args: StrictArgs) -> Result<u8, String> {
    let target = Target::parse(&args.target, |name| std::env::var(name).ok())?;
    let options = Options {
        seed: args.seed,
        requests: args.requests,
        only: None,
    };
    let report = strict::run(&target, options).await;
    let report = report.map_err(|failure| format!("nothing can be said: {failure}"))?;
    if args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        say(&(text + "\n"));
    } else {
        say(&report.to_text());
    }
    Ok(if report.is_clean() { PASSED } else { FAILED })
}
