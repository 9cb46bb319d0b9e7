//! From lines to operations.

use std::str::FromStr;

use upyun_client::protocol::Directive;

use super::words::Words;
use crate::model::op::{Begin, Checksum, Condition, Form, Op, Put, Span};

const DIRECTIVES: [(&str, Directive); 4] = [
    ("copy", Directive::Copy),
    ("merge", Directive::Merge),
    ("replace", Directive::Replace),
    ("delete", Directive::Delete),
];

impl FromStr for Op {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = Words::of(line);
        let op = op(&mut words)?;
        words.end()?;
        Ok(op)
    }
}

fn op(words: &mut Words<'_>) -> Result<Op, String> {
    Ok(match words.plain("an operation")? {
        "put" => Op::Put(Put {
            key: words.key()?,
            body: words.body()?,
            kind: words.text("type")?,
            meta: words.meta()?,
            checksum: words
                .with("md5", |text| match text {
                    "right" => Some(Checksum::Right),
                    "wrong" => Some(Checksum::Wrong),
                    _ => None,
                })?
                .unwrap_or(Checksum::Absent),
        }),
        "get" => Op::Get {
            key: words.key()?,
            range: words.with("range", span)?,
            condition: condition(words)?,
        },
        "head" => Op::Head(words.key()?),
        verb @ ("delete" | "rmdir") => Op::Delete {
            key: words.key()?,
            is_folder: verb == "rmdir",
            later: words.flag("later"),
        },
        "mkdir" => Op::MakeFolder(words.key()?),
        "list" => Op::List {
            folder: words.key()?,
            text: words.flag("text"),
            descending: words.flag("desc"),
            limit: words.value("limit")?,
        },
        "more" => Op::More {
            limit: words.value("limit")?,
        },
        "usage" => Op::Usage(words.key()?),
        "patch" => Op::Patch {
            key: words.key()?,
            directive: words
                .one_of(&DIRECTIVES[1..])
                .ok_or("merge, replace or delete is missing")?,
            meta: words.meta()?,
            touch: words.flag("touch"),
        },
        verb @ ("copy" | "move") => Op::Transfer {
            is_move: verb == "move",
            from: words.key()?,
            to: words.key()?,
            directive: words.one_of(&DIRECTIVES),
            meta: words.meta()?,
        },
        "begin" => Op::Begin(Begin {
            upload: words.upload()?,
            key: words.key()?,
            ordered: words.flag("ordered"),
            length: words.value("length")?,
            kind: words.text("type")?,
            meta: words.meta()?,
        }),
        "part" => Op::Part {
            upload: words.upload()?,
            part: {
                let word = words.plain("the part's number")?;
                let number = word.parse();
                number.map_err(|_| format!("{word} is no number of a part"))?
            },
            body: words.body()?,
        },
        "complete" => Op::Complete {
            upload: words.upload()?,
            md5: words.value("md5")?,
        },
        "cancel" => Op::Cancel(words.upload()?),
        "parts" => Op::Parts(words.upload()?),
        "progress" => Op::Progress(words.key()?),
        "unfinished" => Op::Unfinished(words.key()?),
        "form" => form(words)?,
        "advance" => {
            let word = words.plain("a number of seconds")?;
            let seconds = word.strip_suffix('s').and_then(|it| it.parse().ok());
            Op::Advance(seconds.ok_or_else(|| format!("{word} is no number of seconds, like 60s"))?)
        }
        "restart" => Op::Restart,
        other => return Err(format!("there is no operation {other}")),
    })
}

fn form(words: &mut Words<'_>) -> Result<Op, String> {
    Ok(Op::Form(Form {
        save_key: words.key()?,
        name: words.text("name")?.ok_or("name is missing")?,
        body: words.body()?,
        kind: words.text("type")?,
        meta: words.meta()?,
        sizes: words.with("sizes", |text| {
            let (least, most) = text.split_once('-')?;
            Some((least.parse().ok()?, most.parse().ok()?))
        })?,
        types: words
            .named("types")
            .map(|types| types.split(',').map(str::to_owned).collect())
            .unwrap_or_default(),
        expired: words.flag("expired"),
    }))
}

fn span(text: &str) -> Option<Span> {
    let (first, last) = text.split_once('-')?;
    Some(match (first, last) {
        ("", bytes) => Span::Last(bytes.parse().ok()?),
        (first, "") => Span::From(first.parse().ok()?),
        (first, last) => Span::Inner(first.parse().ok()?, last.parse().ok()?),
    })
}

fn condition(words: &mut Words<'_>) -> Result<Option<Condition>, String> {
    let known = [
        words.value("if-match")?.map(Condition::Match),
        words.value("if-none-match")?.map(Condition::NoneMatch),
        words
            .value("if-modified-since")?
            .map(Condition::ModifiedSince),
        words
            .value("if-unmodified-since")?
            .map(Condition::UnmodifiedSince),
    ];
    Ok(known.into_iter().flatten().next())
}
