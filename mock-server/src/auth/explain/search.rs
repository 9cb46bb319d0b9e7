//! Finds the fewest mistakes that give a signature.

use upyun_client::protocol::sign::MASK;

use super::{
    digest::{self, Digest},
    key::Key,
    layout::Layout,
    variant::{Mistake, Variants},
};

/// How many mistakes are tried at once, and whether they are the rare ones. Pairs are common, but
/// three mistakes at once would be guesswork. The encoding of the signature is not counted: it can
/// be seen.
const PASSES: [(usize, bool); 5] = [(0, false), (1, false), (1, true), (2, false), (2, true)];
/// In a pair with a rare mistake the other one is among the likeliest wrong keys.
const KEYS_WITH_RARE: usize = 3;
/// What a candidate costs besides hashing its text, as a number of hashed bytes.
const CANDIDATE_BYTES: usize = 192;
/// How many bytes one explanation may cost. A candidate with a short path costs about 290, so this
/// is at most 28,000 candidates: 14 ms at half a microsecond each. An optimized build on x86-64 was
/// measured at 0.25 to 0.4 microseconds each, and at 8 ms for the longest search.
const MOST_BYTES: usize = 8_000_000;
/// Key, digest and layout are parts like the elements, and come before them.
const PARTS_BEFORE_ELEMENTS: usize = 3;

/// All the ways in which a signature may have been made.
pub(super) struct Space {
    pub(super) elements: Vec<Variants<String>>,
    pub(super) layouts: Variants<Layout>,
    pub(super) keys: Variants<Key>,
    pub(super) digest: Digest,
}

/// Mistakes that give the client's signature.
#[derive(Debug)]
pub(super) struct Guess {
    pub(super) mistakes: Vec<Mistake>,
    /// What was signed, masked.
    pub(super) string_to_sign: String,
}

/// What a search did.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) candidates: usize,
    pub(super) bytes: usize,
}

impl Work {
    /// Whether the search ended before everything was tried.
    pub(super) fn is_cut_short(&self) -> bool {
        self.bytes >= MOST_BYTES
    }
}

pub(super) fn search(space: &Space, given: &str, work: &mut Work) -> Option<Guess> {
    let decoded = digest::decoded(given, space.digest);
    for (mistakes, are_rare) in PASSES {
        for decoded in decoded.iter() {
            let digests = digest::variants(space.digest, decoded.value.len());
            let mut search = Search {
                parts: parts(space, &digests, mistakes, are_rare),
                space,
                digests,
                wanted: &decoded.value,
                work,
            };
            if let Some(mut guess) = search.run(mistakes, are_rare) {
                guess.mistakes.extend(decoded.mistake.clone());
                return Some(guess);
            }
        }
    }
    None
}

/// The variants of one part that are tried, by their indices.
struct Part {
    right: Vec<usize>,
    wrong: Vec<usize>,
}

fn parts(space: &Space, digests: &Variants<Digest>, mistakes: usize, are_rare: bool) -> Vec<Part> {
    fn part<T: PartialEq>(variants: &Variants<T>, are_rare: bool) -> Part {
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        for (index, variant) in variants.iter().enumerate() {
            if variant.mistake.is_none() {
                right.push(index);
            } else if variant.is_rare == are_rare {
                wrong.push(index);
            }
        }
        Part { right, wrong }
    }
    let mut parts = vec![
        part(&space.keys, are_rare),
        part(digests, are_rare),
        part(&space.layouts, are_rare),
    ];
    if are_rare && mistakes == 2 {
        parts[0] = part(&space.keys, false);
        parts[0].wrong.truncate(KEYS_WITH_RARE);
    }
    let elements = space.elements.iter();
    parts.extend(elements.map(|variants| part(variants, are_rare)));
    parts
}

struct Search<'a> {
    space: &'a Space,
    digests: Variants<Digest>,
    parts: Vec<Part>,
    wanted: &'a [u8],
    work: &'a mut Work,
}

impl Search<'_> {
    /// Goes through all sets of this many wrong parts. Keys are wrong most often, so they are tried
    /// first.
    fn run(&mut self, mistakes: usize, are_rare: bool) -> Option<Guess> {
        (0_u32..1 << self.parts.len())
            .filter(|wrong| wrong.count_ones() as usize == mistakes)
            .filter(|wrong| wrong & 1 == 1 || mistakes < 2 || !are_rare)
            .find_map(|wrong| self.choose(wrong, &mut Vec::with_capacity(self.parts.len())))
    }

    /// Chooses a variant for the next part, or tries the choice if every part has one. Bits of
    /// `wrong` are the parts that must be wrong.
    fn choose(&mut self, wrong: u32, choice: &mut Vec<usize>) -> Option<Guess> {
        let part = choice.len();
        if part == self.parts.len() {
            return self.matches(choice).then(|| self.guess(choice));
        }
        let is_wrong = wrong & 1 << part != 0;
        for at in 0.. {
            let part = &self.parts[part];
            let indices = if is_wrong { &part.wrong } else { &part.right };
            let Some(index) = indices.get(at) else {
                break;
            };
            if self.work.is_cut_short() {
                break;
            }
            choice.push(*index);
            let guess = self.choose(wrong, choice);
            choice.pop();
            if guess.is_some() {
                return guess;
            }
        }
        None
    }

    fn mistake(&self, part: usize, index: usize) -> Option<&Mistake> {
        match part {
            0 => self.space.keys.get(index).mistake.as_ref(),
            1 => self.digests.get(index).mistake.as_ref(),
            2 => self.space.layouts.get(index).mistake.as_ref(),
            part => {
                let variants = &self.space.elements[part - PARTS_BEFORE_ELEMENTS];
                variants.get(index).mistake.as_ref()
            }
        }
    }

    fn elements(&self, choice: &[usize]) -> Vec<&str> {
        let chosen = self.space.elements.iter();
        chosen
            .zip(&choice[PARTS_BEFORE_ELEMENTS..])
            .map(|(variants, index)| variants.get(*index).value.as_str())
            .collect()
    }

    fn matches(&mut self, choice: &[usize]) -> bool {
        let key = &self.space.keys.get(choice[0]).value;
        let digest = self.digests.get(choice[1]).value;
        let layout = &self.space.layouts.get(choice[2]).value;
        // The right key comes first in its list.
        let secret = str::from_utf8(&self.space.keys.get(0).value.bytes).unwrap_or_default();
        let text = layout.text(&self.elements(choice), secret);
        self.work.candidates += 1;
        self.work.bytes += text.len() + CANDIDATE_BYTES;
        digest.of(text.as_bytes(), key) == self.wanted
    }

    fn guess(&self, choice: &[usize]) -> Guess {
        let layout = &self.space.layouts.get(choice[2]).value;
        let text = layout.masked(&self.elements(choice));
        let string_to_sign = match self.digests.get(choice[1]).value {
            Digest::Md5(place) | Digest::Sha1(place) => {
                let masked = place.put(text.as_bytes(), MASK.as_bytes());
                String::from_utf8(masked).unwrap_or_default()
            }
            Digest::Hmac | Digest::HmacMd5 | Digest::Exchanged => text,
        };
        let mistakes = choice
            .iter()
            .enumerate()
            .filter_map(|(part, index)| self.mistake(part, *index).cloned())
            .collect();
        Guess {
            mistakes,
            string_to_sign,
        }
    }
}
