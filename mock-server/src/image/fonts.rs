//! Fonts: those of the machine, and one that is always there.

use std::sync::{Arc, OnceLock};

use fontdb::{Database, Family, ID, Query, Style, Weight};

/// Families that are looked for in the place of each font that the service knows, best first.
const FAMILIES: [(&str, &[&str]); 12] = [
    ("simsun", SERIF_CHINESE),
    ("simhei", SANS_CHINESE),
    ("simkai", &["KaiTi", "AR PL UKai CN", "Noto Serif CJK SC"]),
    ("simli", &["LiSu", "AR PL UKai CN", "Noto Serif CJK SC"]),
    ("simyou", &["YouYuan", "Noto Sans CJK SC"]),
    ("simfang", &["FangSong", "Noto Serif CJK SC"]),
    ("sc", SANS_CHINESE),
    ("tc", &["PingFang TC", "Noto Sans CJK TC"]),
    ("arial", &["Arial", "Liberation Sans", "DejaVu Sans"]),
    ("georgia", &["Georgia", "Gelasio", "DejaVu Serif"]),
    (
        "helvetica",
        &["Helvetica", "Liberation Sans", "DejaVu Sans"],
    ),
    (
        "roman",
        &["Times New Roman", "Liberation Serif", "DejaVu Serif"],
    ),
];
const SERIF_CHINESE: &[&str] = &["SimSun", "Noto Serif CJK SC", "AR PL UMing CN"];
const SANS_CHINESE: &[&str] = &[
    "SimHei",
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
];

/// Text is never lost for want of a font.
const ALWAYS_HERE: &str = "DejaVu Sans";

/// The fonts of the machine, read when they are first needed. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fonts(Arc<OnceLock<Arc<Database>>>);

impl Fonts {
    /// The names that watermarks may give.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        FAMILIES.iter().map(|(name, _)| *name)
    }

    /// All fonts. May read many files the first time.
    pub(crate) fn database(&self) -> Arc<Database> {
        let read = || {
            let mut database = Database::new();
            database.load_system_fonts();
            database.load_font_data(dejavu::sans::regular().to_vec());
            name_generic_families(&mut database);
            Arc::new(database)
        };
        self.0.get_or_init(read).clone()
    }
}

/// Drawings ask for families that may not be here, and then for any with serifs or without.
fn name_generic_families(database: &mut Database) {
    let first = |families: &[&'static str]| {
        let is_here = |family: &&&str| {
            let query = Query {
                families: &[Family::Name(family)],
                ..Query::default()
            };
            database.query(&query).is_some()
        };
        families
            .iter()
            .find(is_here)
            .copied()
            .unwrap_or(ALWAYS_HERE)
    };
    let serif = first(&["Times New Roman", "Liberation Serif", "DejaVu Serif"]);
    let sans = first(&["Arial", "Liberation Sans"]);
    let even = first(&["Courier New", "Liberation Mono", "DejaVu Sans Mono"]);
    database.set_serif_family(serif);
    database.set_sans_serif_family(sans);
    database.set_monospace_family(even);
    database.set_cursive_family(sans);
    database.set_fantasy_family(sans);
}

/// Faces to look for a character in, best first: those of the font that was asked for, then all that
/// are neither bold nor slanted.
pub(super) fn faces(database: &Database, font: &str) -> Vec<ID> {
    let known = FAMILIES.iter().find(|(name, _)| *name == font);
    let mut faces: Vec<ID> = known
        .map_or(&[][..], |(_, families)| families)
        .iter()
        .filter_map(|family| {
            database.query(&Query {
                families: &[Family::Name(family)],
                ..Query::default()
            })
        })
        .collect();
    let others = database
        .faces()
        .filter(|face| face.weight == Weight::NORMAL && face.style == Style::Normal)
        .map(|face| face.id);
    for face in others {
        if !faces.contains(&face) {
            faces.push(face);
        }
    }
    faces
}
