//! Why there is nothing to report.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

#[derive(Debug)]
pub(crate) enum Failure {
    /// The service, or the way to it.
    Client(Box<upyun_client::Error>),
    /// A file that could not be read or written.
    File {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// A file that no run with `--json` wrote.
    NotAReport(PathBuf, serde_json::Error),
    /// The options do not fit together.
    Options(String),
    /// Not one operation succeeded.
    NothingWorked(String),
    /// The plot could not be drawn.
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) => error.fmt(f),
            Self::File { what, path, error } => {
                write!(f, "cannot {what} {}: {error}", path.display())
            }
            Self::NotAReport(path, error) => write!(
                f,
                "{} is not what `upyun-bench put --json` and its like write: {error}",
                path.display()
            ),
            Self::Options(why) => why.fmt(f),
            Self::NothingWorked(why) => write!(f, "no operation succeeded; the last said: {why}"),
            Self::Plot(why) => write!(f, "the plot cannot be drawn: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
