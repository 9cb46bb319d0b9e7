//! Pictures that lie about their size or explode when they are read: the documented error, soon and
//! in little memory. The server is a process of its own, so that its memory can be measured.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    time::Duration,
};

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};

use crate::kit::Served;

/// Most memory that the server ever had. The fonts of the machine, mapped, are a part of it.
const MOST_KIB: u64 = 400 * 1024;
/// Most of a processor's time for one of them. Other tests may want the processors too.
const MOST_TICKS: u64 = 15 * 100;
const PATIENCE: Duration = Duration::from_secs(120);

const NO_IMAGE: (u16, &str) = (405, "Not an image");
const TOO_LONG: (u16, &str) = (405, "Image Width/Height Limit Error");
const TOO_MANY: (u16, &str) = (409, "Limit Exceeded");

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let checked = [&kind[..], data].concat();
    let sum = crc32fast::hash(&checked).to_be_bytes();
    [&length[..], &checked, &sum].concat()
}

/// A PNG that says its size, and holds nothing.
fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = [&size[..], &[8, 6, 0, 0, 0]].concat();
    let chunks = [
        chunk(b"IHDR", &head),
        chunk(b"IDAT", &[0x78, 0x9c]),
        chunk(b"IEND", b""),
    ];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat()
}

/// A PNG of one pixel, whose profile is much larger than its file.
fn png_with_profile(bytes: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(vec![0; bytes]).unwrap();
    let written = encoder.write_image(&[1, 2, 3], 1, 1, ExtendedColorType::Rgb8);
    written.unwrap();
    file
}

/// A GIF with so many frames of one pixel's data, each of which says a size.
fn gif(screen: (u16, u16), frames: usize, frame: (u16, u16)) -> Vec<u8> {
    let size = |(width, height): (u16, u16)| [width.to_le_bytes(), height.to_le_bytes()].concat();
    let head = [&b"GIF89a"[..], &size(screen), &[0x80, 0, 0]].concat();
    let colors = [0, 0, 0, 255, 255, 255];
    let pixels = [2, 2, 0x44, 0x01, 0];
    let one = [&[0x2c, 0, 0, 0, 0][..], &size(frame), &[0], &pixels].concat();
    [&head[..], &colors, &one.repeat(frames), &[0x3b]].concat()
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14;
    let data = [&[0x2f][..], &bits.to_le_bytes(), &[0; 3]].concat();
    let head = [&b"WEBPVP8L"[..], &8u32.to_le_bytes(), &data].concat();
    let length = u32::try_from(head.len()).unwrap().to_le_bytes();
    [&b"RIFF"[..], &length, &head].concat()
}

fn bmp(width: i32, height: i32) -> Vec<u8> {
    let info = [
        &40u32.to_le_bytes()[..],
        &width.to_le_bytes(),
        &height.to_le_bytes(),
    ]
    .concat();
    let rest = [&[1, 0, 24, 0][..], &[0; 24]].concat();
    [
        &b"BM"[..],
        &54u32.to_le_bytes(),
        &[0; 4],
        &54u32.to_le_bytes(),
        &info,
        &rest,
    ]
    .concat()
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let quantization = [&[0xff, 0xdb, 0, 67, 0][..], &[1; 64]].concat();
    let frame = [&[0xff, 0xc0, 0, 11, 8][..], &size, &[1, 1, 0x11, 0]].concat();
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xff, 0xd9];
    [&[0xff, 0xd8][..], &quantization, &frame, &scan].concat()
}

fn svg(width: u32, height: u32, content: &str) -> Vec<u8> {
    let name = "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
    format!("<svg {name} width=\"{width}\" height=\"{height}\">{content}</svg>").into_bytes()
}

/// Ten times what is below, nine times over.
fn svg_of_uses() -> Vec<u8> {
    let mut content = "<defs><rect id=\"a0\" width=\"9\" height=\"9\"/>".to_owned();
    for level in 1..10 {
        let below = level - 1;
        let uses = format!("<use xlink:href=\"#a{below}\"/>").repeat(10);
        write!(content, "<g id=\"a{level}\">{uses}</g>").unwrap();
    }
    svg(
        10,
        10,
        &format!("{content}</defs><use xlink:href=\"#a9\"/>"),
    )
}

fn svg_of_entities() -> Vec<u8> {
    let mut entities = "<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..10 {
        let below = format!("&a{};", level - 1).repeat(10);
        write!(entities, "<!ENTITY a{level} \"{below}\">").unwrap();
    }
    let drawing = String::from_utf8(svg(10, 10, "<text>&a9;</text>")).unwrap();
    format!("<!DOCTYPE svg [{entities}]>{drawing}").into_bytes()
}

fn svg_of_layers(size: (u32, u32), depth: usize) -> Vec<u8> {
    let (begin, end) = ("<g opacity=\".9\">".repeat(depth), "</g>".repeat(depth));
    let whole = "<rect width=\"100%\" height=\"100%\"/><rect width=\"9\" height=\"9\"/>";
    svg(size.0, size.1, &format!("{begin}{whole}{end}"))
}

fn svg_of_filter(step: &str) -> Vec<u8> {
    let filter = format!("<filter id=\"f\">{step}</filter>");
    let whole = "<rect width=\"100%\" height=\"100%\" filter=\"url(#f)\"/>";
    svg(2000, 2000, &format!("{filter}{whole}"))
}

/// Each mask is used twice by the one above.
fn svg_of_masks() -> Vec<u8> {
    let mut masks = "<mask id=\"m0\"><rect width=\"99\" height=\"99\"/></mask>".to_owned();
    for level in 1..40 {
        let below = level - 1;
        let part = format!("<rect width=\"99\" height=\"99\" mask=\"url(#m{below})\"/>");
        write!(masks, "<mask id=\"m{level}\">{part}{part}</mask>").unwrap();
    }
    let whole = "<rect width=\"99\" height=\"99\" mask=\"url(#m39)\"/>";
    svg(100, 100, &format!("{masks}{whole}"))
}

fn svg_of_text(letters: usize) -> Vec<u8> {
    svg(30, 30, &format!("<text>{}</text>", "a".repeat(letters)))
}

fn svg_of_attributes(count: usize) -> Vec<u8> {
    let mut rect = "<rect".to_owned();
    for number in 0..count {
        write!(rect, " a{number}=\"\"").unwrap();
    }
    svg(30, 30, &format!("{rect}/>"))
}

/// So many rules, each of which is compared with as many elements.
fn svg_of_styles(count: usize) -> Vec<u8> {
    let mut rules = String::new();
    for number in 0..count {
        write!(rules, ".c{number}{{fill:red}}").unwrap();
    }
    svg(
        30,
        30,
        &format!("<style>{rules}</style>{}", "<rect/>".repeat(count)),
    )
}

fn get(server: &Served, target: &str) -> (u16, String) {
    let mut stream = server.connect();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let host = "demo.b0.upaiyun.com";
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    assert!(read.is_ok(), "{target}: {read:?}");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.get(9..12).unwrap_or_default();
    (status.parse().unwrap(), answer)
}

fn most_kib(server: &Served) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}

/// Processor time so far, in hundredths of a second.
fn ticks(server: &Served) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    fields[11..13]
        .iter()
        .map(|it| it.parse::<u64>().unwrap())
        .sum()
}

#[test]
#[cfg(target_os = "linux")]
fn bombs_do_not_go_off() {
    let octaves = "<feTurbulence baseFrequency=\".1\" numOctaves=\"2000000000\"/>";
    let radius = "<feMorphology operator=\"dilate\" radius=\"900\"/>";
    let bombs = [
        ("long.png", png(20_001, 1), TOO_LONG),
        ("many.png", png(20_000, 10_001), TOO_MANY),
        ("lying.png", png(20_000, 10_000), NO_IMAGE),
        ("frame.gif", gif((1, 1), 1, (65_535, 65_535)), NO_IMAGE),
        ("second.gif", gif((1, 1), 2, (20_000, 20_000)), NO_IMAGE),
        ("frames.gif", gif((1000, 1000), 20_000, (1, 1)), TOO_MANY),
        ("lying.gif", gif((65_535, 65_535), 1, (1, 1)), TOO_LONG),
        ("many.webp", webp(16_383, 16_383), TOO_MANY),
        ("lying.webp", webp(14_000, 14_000), NO_IMAGE),
        ("long.bmp", bmp(20_001, 1), TOO_LONG),
        ("lying.bmp", bmp(20_000, -10_000), NO_IMAGE),
        ("long.jpg", jpeg(65_500, 65_500), TOO_LONG),
        ("long.svg", svg(20_001, 1, ""), TOO_LONG),
        ("uses.svg", svg_of_uses(), NO_IMAGE),
        ("entities.svg", svg_of_entities(), NO_IMAGE),
        ("layers.svg", svg_of_layers((20_000, 10_000), 3), TOO_MANY),
        ("masks.svg", svg_of_masks(), NO_IMAGE),
        ("text.svg", svg_of_text(1_000_000), NO_IMAGE),
        ("attributes.svg", svg_of_attributes(100_000), NO_IMAGE),
        ("styles.svg", svg_of_styles(20_000), NO_IMAGE),
        ("octaves.svg", svg_of_filter(octaves), TOO_MANY),
        ("radius.svg", svg_of_filter(radius), TOO_MANY),
    ];
    let data = tempfile::tempdir().unwrap();
    let objects = data.path().join("demo");
    std::fs::create_dir(&objects).unwrap();
    for (name, content, _) in &bombs {
        std::fs::write(objects.join(name), content).unwrap();
    }
    std::fs::write(objects.join("deep.svg"), svg_of_layers((10, 10), 100_000)).unwrap();
    std::fs::write(objects.join("profile.png"), png_with_profile(200 << 20)).unwrap();
    // Enough for what the headers of the largest claim: it is their content that is refused.
    let settings = tempfile::tempdir().unwrap();
    let config = settings.path().join("mock.toml");
    std::fs::write(&config, "limits = { picture_memory_bytes = 2147483648 }").unwrap();
    let [data, config] = [data.path(), &config].map(|path| path.to_str().unwrap());
    let server = Served::start(&["--data", data, "--config", config]);
    for (name, _, (want, text)) in bombs {
        let start = ticks(&server);
        let (status, answer) = get(&server, &format!("/{name}!/fw/10"));
        assert_eq!(status, want, "{name}: {answer}");
        assert!(answer.contains(text), "{name}: {answer}");
        let took = ticks(&server) - start;
        assert!(took < MOST_TICKS, "{name}: {took} ticks");
        get(&server, &format!("/{name}!/meta/all"));
        let most = most_kib(&server);
        assert!(most < MOST_KIB, "{name}: {most} KiB");
    }
    // These may be drawn or not, but the server outlives them.
    for name in ["deep.svg", "profile.png"] {
        let (status, answer) = get(&server, &format!("/{name}!/fw/10"));
        assert!(status == 200 || status == 405, "{name}: {answer}");
        get(&server, &format!("/{name}!/meta/all"));
        let most = most_kib(&server);
        assert!(most < MOST_KIB, "{name}: {most} KiB");
    }
}

#[test]
fn the_size_of_a_drawing_is_told_without_its_content() {
    let server = Served::start(&[]);
    for (name, drawing) in [
        ("attributes", svg_of_attributes(100_000)),
        ("styles", svg_of_styles(20_000)),
    ] {
        let start = std::time::Instant::now();
        let drawing = String::from_utf8(drawing).unwrap();
        let answer = server.ask("PUT", &format!("/demo/{name}.svg"), &drawing);
        assert!(
            answer.to_lowercase().contains("x-upyun-width: 30"),
            "{answer}"
        );
        assert!(start.elapsed() < Duration::from_secs(10), "{name}");
    }
}

/// The processes that a server has started and not yet ended.
#[cfg(target_os = "linux")]
fn children(server: &Served) -> String {
    let pid = server.pid();
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let lists = threads.map(|thread| thread.unwrap().path().join("children"));
    // A thread may have ended meanwhile.
    lists
        .filter_map(|list| std::fs::read_to_string(list).ok())
        .collect()
}

/// A drawing that is no bomb, but slow: its filter has so many steps.
fn slow_svg(steps: usize) -> String {
    let steps = "<feGaussianBlur stdDeviation=\"50\"/>".repeat(steps);
    String::from_utf8(svg_of_filter(&steps)).unwrap()
}

/// Work that takes longer than the server may wait is ended.
#[test]
#[cfg(target_os = "linux")]
fn pictures_that_take_too_long_hold_up_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let settings = tempfile::tempdir().unwrap();
    let config = settings.path().join("mock.toml");
    std::fs::write(
        &config,
        "limits = { tasks_at_once = 1, picture_timeout_seconds = 1 }",
    )
    .unwrap();
    let mut command = crate::kit::program();
    command
        .args(["--listen", "127.0.0.1:0", "--config"])
        .arg(&config)
        .env("TMPDIR", temporary.path());
    let server = Served::spawn(&mut command);
    let small = String::from_utf8(svg(30, 30, "<rect/>")).unwrap();
    for (name, drawing) in [("slow", slow_svg(4)), ("small", small)] {
        let answer = server.ask("PUT", &format!("/demo/{name}.svg"), &drawing);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    // More often than there are places.
    for width in 100..103 {
        let start = std::time::Instant::now();
        let (status, answer) = get(&server, &format!("/slow.svg!/fw/{width}"));
        // What is refused by its estimate is another answer.
        assert_eq!(status, 413, "{answer}");
        assert!(start.elapsed() < Duration::from_secs(10));
        crate::kit::wait_for("the process that draws is gone", || {
            children(&server).is_empty()
        });
    }
    // A second may be short on a busy machine, but with no place it would never be drawn.
    crate::kit::wait_for("the small drawing", || {
        get(&server, "/small.svg!/fw/10").0 == 200
    });
    let start = std::time::Instant::now();
    server.signal("TERM");
    assert_eq!(server.end().0, Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
