//! Why parameters are none.

/// Why parameters cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageParamsError {
    /// There is nothing to be done.
    #[error("there are no parameters; set one or name a version")]
    Nothing,
    /// A number that the service would not take.
    #[error("{name} is {value}; it is {range}")]
    OutOfRange {
        /// The setter.
        name: &'static str,
        /// What it was given.
        value: String,
        /// What it takes.
        range: String,
    },
    /// What cannot name a version.
    #[error(
        "`{}` cannot name a version: a name is not empty and has neither a slash nor control \
         characters",
        name.escape_debug()
    )]
    Version {
        /// The name.
        name: String,
    },
    /// A text that cannot be a parameter.
    #[error(
        "`{}` cannot be a part of parameters: it is empty, or has a slash or control characters",
        text.escape_debug()
    )]
    Text {
        /// The text.
        text: String,
    },
    /// A watermark without a text, or with a path that cannot be one.
    #[error(
        "`{}` cannot be a watermark; give a text, or the key of a picture in the service",
        text.escape_debug()
    )]
    Watermark {
        /// What was given.
        text: String,
    },
}

impl ImageParamsError {
    pub(super) fn check(
        name: &'static str,
        value: u32,
        (least, most): (u32, u32),
    ) -> Result<(), Self> {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(Self::OutOfRange {
            name,
            value: value.to_string(),
            range: format!("{least} to {most}"),
        })
    }
}
