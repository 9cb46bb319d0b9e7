//! What a stranger may send to this module.

use std::{
    collections::BTreeMap,
    io::Cursor,
    sync::{Arc, OnceLock},
};

use super::{
    answer, facts,
    fonts::Fonts,
    geometry::Rect,
    grammar::{Asked, Wanted, ask, parse, understand},
    memory::Memory,
    recipe::{Question, Recipe},
    render::{self, Frames},
    resources::Resources,
};

/// Larger pictures take longer, and show nothing else.
const MAX_PIXELS: u64 = 1 << 20;
const SIZES: [(u32, u32); 4] = [(1, 1), (1000, 600), (1, 20_000), (16_384, 12_207)];
const RECIPES: [&str; 10] = [
    "/fw/20",
    "/fw/20/format/png/exifswitch/true",
    "/fh/30/format/webp/lossless/true",
    "/both/20x20/force/true/format/jpg/exifswitch/true/progressive/true",
    "/gifto/true/rotate/45",
    "/rotate/auto/coalesce/false/flip/left,right",
    "/crop/7x5a3a2/gravity/center/roundrect/3/border/2x1",
    "/unsharp/true/gaussblur/2x1/format/webp/quality/5",
    "/canvas/40x40/compress/true/format/png",
    "/fp/400/clip/0x0a1a1/gdori/top,down/gdpos/0,9/gdstartcolor/00000000/gdstopcolor/FFFFFF00",
];
const QUESTIONS: [Question; 4] = [
    Question::All,
    Question::Faces,
    Question::Colors {
        count: 4,
        is_hex: true,
    },
    Question::Colors {
        count: 4096,
        is_hex: false,
    },
];

pub(crate) fn grammar(text: &str) {
    if let Ok(Wanted::Look(recipe)) = parse(text) {
        places(&recipe);
    }
    let versions = BTreeMap::from([
        ("small".to_owned(), "/fw/100/crop/9x9".to_owned()),
        ("told".to_owned(), "/info".to_owned()),
    ]);
    let _ = understand(&versions, text);
    // The old parameters: a name and a value each line.
    let fields = text.lines().filter_map(|line| line.split_once('='));
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    if let Ok(Asked {
        look: Some(recipe), ..
    }) = ask(&versions, &fields.collect(), false)
    {
        places(&recipe);
    }
}

/// Whatever was asked for lies in the picture.
fn places(recipe: &Recipe) {
    let is_inside = |part: Rect, size: (u32, u32)| {
        part.width > 0
            && part.height > 0
            && u64::from(part.x) + u64::from(part.width) <= u64::from(size.0)
            && u64::from(part.y) + u64::from(part.height) <= u64::from(size.1)
    };
    for size in SIZES {
        for region in [recipe.crop, recipe.clip].into_iter().flatten() {
            assert!(is_inside(region.of(size), size), "{region:?} of {size:?}");
        }
        if let Some(scaling) = recipe.scaling {
            let scaled = scaling.of(size, recipe.force);
            assert!(is_inside(scaled.from, size), "{scaling:?} of {size:?}");
            assert!(
                scaled.to.0 > 0 && scaled.to.1 > 0,
                "{scaling:?} of {size:?}"
            );
        }
    }
}

/// The first byte chooses a recipe, the rest is the picture.
pub(crate) fn decode(bytes: &[u8]) {
    static RESOURCES: OnceLock<Resources> = OnceLock::new();
    let resources = RESOURCES.get_or_init(|| Resources {
        fonts: Fonts::default(),
        memory: Memory::new(u64::MAX),
        drawer: None,
        stop: Arc::default(),
    });
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let text = RECIPES[usize::from(*choice) % RECIPES.len()];
    let Ok(Wanted::Look(recipe)) = parse(text) else {
        unreachable!("{text} is a recipe");
    };
    let facts = facts::read(Cursor::new(bytes));
    if let Some(facts) = facts {
        let pixels = u64::from(facts.width) * u64::from(facts.height) * u64::from(facts.frames);
        if pixels > MAX_PIXELS {
            return;
        }
    }
    for question in QUESTIONS {
        let _ = answer::answer(Cursor::new(bytes), question, resources);
    }
    let read = render::read(
        Cursor::new(bytes),
        recipe.first_frame,
        recipe.upright,
        resources,
        &mut |pixels| render::change(pixels, &recipe, &[], Frames::Several),
    );
    let Ok(mut changed) = read else { return };
    if let [frame] = &mut *changed.frames {
        let pixels = std::mem::take(&mut frame.pixels);
        let Ok(pixels) = render::change(pixels, &recipe, &[], Frames::One) else {
            return;
        };
        frame.pixels = pixels;
    }
    let Ok(written) = render::encode(&changed, &recipe.output) else {
        return;
    };
    let again = facts::read(Cursor::new(&written.bytes));
    assert_eq!(again.as_ref(), Some(&written.facts), "{text}");
}
