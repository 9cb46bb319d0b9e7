//! IPTC: what news agencies say of a picture, in the records of IIM 4 behind JPEG's marker APP13.

use serde_json::{Map, Value};

/// In a block of Photoshop's resources, that of IPTC.
const IPTC_RESOURCE: u16 = 0x0404;
/// The record with what applications say.
const APPLICATION: u8 = 2;
/// The names of its data sets.
const NAMES: [(u8, &str); 33] = [
    (3, "ObjectType"),
    (4, "ObjectAttribute"),
    (5, "ObjectName"),
    (7, "EditStatus"),
    (10, "Urgency"),
    (12, "SubjectReference"),
    (15, "Category"),
    (20, "SupplementalCategories"),
    (22, "FixtureIdentifier"),
    (25, "Keywords"),
    (30, "ReleaseDate"),
    (35, "ReleaseTime"),
    (40, "SpecialInstructions"),
    (55, "DateCreated"),
    (60, "TimeCreated"),
    (62, "DigitalCreationDate"),
    (63, "DigitalCreationTime"),
    (65, "OriginatingProgram"),
    (70, "ProgramVersion"),
    (75, "ObjectCycle"),
    (80, "Byline"),
    (85, "BylineTitle"),
    (90, "City"),
    (92, "SubLocation"),
    (95, "Province"),
    (100, "CountryCode"),
    (101, "Country"),
    (103, "TransmissionReference"),
    (105, "Headline"),
    (110, "Credit"),
    (115, "Source"),
    (116, "Copyright"),
    (120, "Caption"),
];

/// The data sets of a block of resources, by name; what occurs several times is joined by commas.
pub(crate) fn read(block: &[u8]) -> Map<String, Value> {
    let mut told: Vec<(String, String)> = Vec::new();
    let records = resource(block).unwrap_or(block);
    for (number, data) in DataSets(records) {
        let known = NAMES.iter().find(|(known, _)| *known == number);
        let name = match known {
            Some((_, name)) => (*name).to_owned(),
            None => format!("0x{number:04X}"),
        };
        let text = text(data);
        match told.iter_mut().find(|(known, _)| *known == name) {
            Some((_, texts)) => {
                texts.push(',');
                texts.push_str(&text);
            }
            None => told.push((name, text)),
        }
    }
    told.into_iter()
        .map(|(name, text)| (name, text.into()))
        .collect()
}

/// The resource with IPTC of a block of resources.
fn resource(block: &[u8]) -> Option<&[u8]> {
    let mut rest = block.strip_prefix(b"Photoshop 3.0\0").unwrap_or(block);
    loop {
        rest = rest.strip_prefix(b"8BIM")?;
        let (number, behind) = rest.split_first_chunk::<2>()?;
        // A name with its length before it, made even.
        let name = usize::from(*behind.first()?) + 1;
        let behind = behind.get(name + name % 2..)?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if u16::from_be_bytes(*number) == IPTC_RESOURCE {
            return Some(behind.get(..length).unwrap_or(behind));
        }
        rest = behind.get(length + length % 2..)?;
    }
}

/// The data sets of the record of applications: number and content.
struct DataSets<'a>(&'a [u8]);

impl<'a> Iterator for DataSets<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let ([marker, record, number, high, low], rest) = self.0.split_first_chunk::<5>()?;
            if *marker != 0x1c {
                return None;
            }
            let length = u16::from_be_bytes([*high, *low]);
            // The highest bit: so many bytes of length follow.
            let (length, rest) = match length & 0x8000 {
                0 => (usize::from(length), rest),
                _ => {
                    let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7fff))?;
                    let more = |sum: usize, byte: &u8| {
                        sum.checked_mul(256)
                            .and_then(|sum| sum.checked_add(usize::from(*byte)))
                    };
                    (digits.iter().try_fold(0, more)?, rest)
                }
            };
            let (data, rest) = rest.split_at_checked(length)?;
            self.0 = rest;
            // Version of the record: no text.
            if *record == APPLICATION && *number != 0 {
                return Some((*number, data));
            }
        }
    }
}

/// UTF-8, or Latin 1 if it is none.
fn text(data: &[u8]) -> String {
    match str::from_utf8(data) {
        Ok(text) => text.to_owned(),
        Err(_) => data.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn set(number: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&[0x1c, 2, number], &length[..], data].concat()
    }

    fn block(records: &[u8]) -> Vec<u8> {
        let length = u32::try_from(records.len()).unwrap().to_be_bytes();
        let other = b"8BIM\x03\xed\x00\x00\x00\x00\x00\x03abc\0";
        let head = b"Photoshop 3.0\0";
        let mine = b"8BIM\x04\x04\x03abc";
        [&head[..], other, mine, &length, records].concat()
    }

    #[test]
    fn names_repeated_and_unknown_sets_and_both_encodings() {
        let records = [
            set(0, &[0, 4]),
            set(25, b"a"),
            set(25, b"b"),
            set(90, "杭州".as_bytes()),
            set(105, b"caf\xe9"),
            set(231, b"x"),
        ]
        .concat();
        let want = json!({"Keywords": "a,b", "City": "杭州", "Headline": "café", "0x00E7": "x"});
        assert_eq!(Value::from(read(&block(&records))), want);
        // Without Photoshop's frame, too.
        assert_eq!(Value::from(read(&records)), want);
        assert!(read(b"").is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes);
            read(&block(&[&set(25, b"a"), &bytes[..]].concat()));
        }
    }
}
