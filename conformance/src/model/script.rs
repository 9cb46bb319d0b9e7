//! Operations as text, to be read, kept and replayed.

mod parse;
mod words;
mod write;

use std::{fmt, str::FromStr};

use super::op::Op;

/// Operations one after the other: a line each, empty lines and lines that begin with `#` aside.
///
/// ```
/// use upyun_conformance::model::Script;
///
/// let script: Script = "
///     put /a%20b size=4097 seed=3
///     advance 86400s
///     get /a%20b
/// ".parse()?;
/// assert_eq!(script.0.len(), 3);
/// # Ok::<(), upyun_conformance::model::ScriptError>(())
/// ```
///
/// Keys and values are percent-encoded. Bodies are told by size and seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Op>);

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|op| writeln!(f, "{op}"))
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let lines = text.lines().zip(1..).map(|(line, number)| {
            let line = line.trim();
            (line, number)
        });
        let ops = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let ops = ops.map(|(line, number)| {
            line.parse()
                .map_err(|why| ScriptError(format!("line {number}, `{line}`: {why}")))
        });
        ops.collect::<Result<_, _>>().map(Self)
    }
}

/// Which line is no operation, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Abilities, any_script};

    #[track_caller]
    fn check_error(text: &str, want: &str) {
        let error = text.parse::<Script>().expect_err("it is refused");
        assert!(error.0.contains(want), "{error} does not say {want}");
    }

    #[test]
    fn mistakes_are_named() {
        check_error(
            "\nput /a size=3",
            "line 2, `put /a size=3`: seed is missing",
        );
        check_error("fly /a", "there is no operation fly");
        check_error("get /a range=3", "range=3 is none");
        check_error("get /a if-none-match=x", "if-none-match=x is none");
        check_error("head /a /b", "/b is too much");
        check_error("head /a size=3", "size=3 is too much");
        check_error("head", "a key is missing");
        check_error("head /%F", "%F is no byte");
        check_error("advance 3", "3 is no number of seconds, like 60s");
        check_error("part 1 0 size=1 seed=1", "1 is no upload, like u1");
    }

    #[test]
    fn a_line_of_each() {
        let text = "put /a%20b size=4097 seed=3 type=text/plain meta.a=%201 md5=right
get /a range=0-9 if-none-match=d41d8cd98f00b204e9800998ecf8427e
get /a range=9- if-modified-since=-3
get /a range=-9
head /a/
delete /a later
rmdir /d
mkdir /d
list /d text desc limit=2
more
usage /
patch /a delete meta.a= touch
copy /a /b
move /a /b merge meta.x=y
begin u1 /a ordered length=5 type=a/b
part u1 0 size=5 seed=1
complete u1 md5=d41d8cd98f00b204e9800998ecf8427e
cancel u1
parts u1
progress /a
unfinished /
form /%7Bfilename%7D name=a%20b size=0 seed=1 sizes=1-2 types=jpg,png expired
advance 86400s
restart
";
        let script: Script = text.parse().expect("a script");
        assert_eq!(script.to_string(), text);
    }

    proptest! {
        #[test]
        fn every_script_comes_back(script in any_script(Abilities::ALL, 30)) {
            prop_assert_eq!(script.to_string().parse::<Script>(), Ok(script));
        }
    }
}
