//! Why there is nothing to report.

use std::{
    io,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The service, or the way to it.
    #[error("{0}")]
    Client(Box<upyun_client::Error>),
    /// A file that could not be read or written.
    #[error("cannot {what} {}: {error}", path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// A file that no run with `--json` wrote.
    #[error(
        "{} is not what `upyun-bench put --json` and its like write: {}",
        .0.display(),
        .1
    )]
    NotAReport(PathBuf, serde_json::Error),
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
    /// Not one operation succeeded.
    #[error("no operation succeeded; the last said: {0}")]
    NothingWorked(String),
    /// The plot could not be drawn.
    #[error("the plot cannot be drawn: {0}")]
    Plot(String),
}

impl Failure {
    pub(crate) fn file(what: &'static str, path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        Self::File { what, path, error }
    }
}

impl From<upyun_client::Error> for Failure {
    fn from(error: upyun_client::Error) -> Self {
        Self::Client(Box::new(error))
    }
}
