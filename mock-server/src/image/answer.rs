//! What can be asked of a picture, and the answers in JSON. `[choice I-8]`

use std::io::{BufRead, Seek, SeekFrom};

use serde_json::{Map, Value, json};

use super::{
    colors, error::RenderError, exif, facts, iptc, recipe::Question, render, resources::Resources,
};
use crate::store::ImageFacts;

/// The largest picture in which faces are looked for.
const MAX_FACE_BYTES: u64 = 8 * 1024 * 1024;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It was asked of something that is no picture.
    NotAnImage,
    /// The picture has too many bytes for this question.
    TooManyBytes,
    /// The picture cannot be decoded.
    Undecodable(RenderError),
}

/// Answers a question. Reads the content from where it stands, several times if need be.
pub(crate) fn answer(
    mut content: impl BufRead + Seek,
    question: Question,
    resources: &Resources,
) -> Result<Value, Unanswered> {
    let unseekable = |_| Unanswered::NotAnImage;
    let begin = content.stream_position().map_err(unseekable)?;
    let facts = facts::read(&mut content).ok_or(Unanswered::NotAnImage)?;
    let mut again = || content.seek(SeekFrom::Start(begin)).map_err(unseekable);
    let mut told = told(&facts);
    match question {
        Question::Info => {}
        Question::Exif => {
            again()?;
            told.insert("EXIF".into(), exif::read(content).into());
        }
        Question::Iptc => {
            again()?;
            told.insert("IPTC".into(), iptc_of(content).into());
        }
        Question::All => {
            again()?;
            told.insert("EXIF".into(), exif::read(&mut content).into());
            content.seek(SeekFrom::Start(begin)).map_err(unseekable)?;
            told.insert("IPTC".into(), iptc_of(content).into());
        }
        Question::Colors { count, is_hex } => {
            again()?;
            let bytes = render::bytes_of_first(&mut content);
            let reserved = resources.memory.reserve(bytes, &resources.stop);
            let _memory = reserved.map_err(Unanswered::Undecodable)?;
            let picture = render::read_first(content, false, resources);
            let pixels = picture.and_then(render::Picture::into_pixels);
            let pixels = pixels.map_err(Unanswered::Undecodable)?;
            let colors = colors::theme(&pixels, usize::from(count)).into_iter();
            return Ok(match is_hex {
                true => colors.map(|color| format!("0x{color:06x}")).collect(),
                false => colors.collect(),
            });
        }
        Question::Faces => {
            let end = content.seek(SeekFrom::End(0)).map_err(unseekable)?;
            if end - begin > MAX_FACE_BYTES {
                return Err(Unanswered::TooManyBytes);
            }
            return Ok(json!({ "size": [facts.width, facts.height], "face": [] }));
        }
    }
    Ok(told.into())
}

fn told(facts: &ImageFacts) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("width".into(), facts.width.into());
    told.insert("height".into(), facts.height.into());
    told.insert("type".into(), facts.file_type.clone().into());
    told.insert("frames".into(), facts.frames.into());
    told
}

fn iptc_of(content: impl BufRead + Seek) -> Map<String, Value> {
    match render::iptc_block(content) {
        Some(block) => iptc::read(&block),
        None => Map::new(),
    }
}
