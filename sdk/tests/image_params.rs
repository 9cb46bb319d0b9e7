//! Whatever the builder of image parameters builds, the emulator's grammar reads.
//!
//! The grammar is the emulator's own affair, so it is asked over a socket: parameters are read before
//! the object is looked at, and of an object that is no picture everything else is refused with 405.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use upyun_client::{
    ImageParams,
    protocol::image::{
        Flip, Font, Gradient, GradientDirection, Gravity, ImageFormat, ImageParamsBuilder,
        PictureWatermark, Region, Rgb, Rgba, TextWatermark,
    },
};
use upyun_mock::MockServer;

/// The smallest GIF.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
/// Where it is: the emulator looks for watermarks first of all.
const MARKS: [&str; 4] = ["/a.gif", "/????>>.gif", "/水印/ü.gif", "/~.gif"];

struct Setter(Box<dyn FnOnce(ImageParamsBuilder) -> ImageParamsBuilder>);

/// What it sets shows in the parameters.
impl std::fmt::Debug for Setter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setter")
    }
}

fn boxed(setter: impl FnOnce(ImageParamsBuilder) -> ImageParamsBuilder + 'static) -> Setter {
    Setter(Box::new(setter))
}

/// Any of these, however often.
fn one_of<T: Clone + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn gravity() -> impl Strategy<Value = Gravity> {
    one_of(&[
        Gravity::NorthWest,
        Gravity::North,
        Gravity::NorthEast,
        Gravity::West,
        Gravity::Center,
        Gravity::East,
        Gravity::SouthWest,
        Gravity::South,
        Gravity::SouthEast,
    ])
}

fn color() -> impl Strategy<Value = Rgba> {
    any::<(u8, u8, u8, u8)>().prop_map(|(r, g, b, alpha)| Rgb::new(r, g, b).with_alpha(alpha))
}

fn region() -> impl Strategy<Value = Region> {
    let gravity = proptest::option::of(gravity());
    (0..=20_000_u32, 0..=20_000_u32, any::<(i16, i16)>(), gravity).prop_map(
        |(width, height, (x, y), gravity)| {
            let region = Region::new(width, height).offset(x.into(), y.into());
            match gravity {
                Some(gravity) => region.gravity(gravity),
                None => region,
            }
        },
    )
}

fn picture() -> impl Strategy<Value = PictureWatermark> {
    let key = one_of(&MARKS);
    (
        key,
        gravity(),
        (0..500_u32, 0..500_u32),
        0..=100_u32,
        any::<bool>(),
    )
        .prop_map(|(key, gravity, (x, y), number, flag)| {
            let picture = PictureWatermark::new(key).align(gravity).margin(x, y);
            let picture = picture.opacity(number).percent(number);
            if flag {
                picture.repeat().animate()
            } else {
                picture
            }
        })
}

fn text() -> impl Strategy<Value = TextWatermark> {
    let font = one_of(&[
        Font::SimSun,
        Font::SimHei,
        Font::SimKai,
        Font::SimLi,
        Font::SimYou,
        Font::SimFang,
        Font::Sc,
        Font::Tc,
        Font::Arial,
        Font::Georgia,
        Font::Helvetica,
        Font::Roman,
    ]);
    (
        "\\PC{1,20}",
        gravity(),
        font,
        color(),
        1..=2000_u32,
        any::<bool>(),
    )
        .prop_map(|(text, gravity, font, color, size, flag)| {
            let text = TextWatermark::new(text).font(font).size(size);
            let text = text.color(color.rgb).outline(color);
            if flag {
                text.align(gravity).animate()
            } else {
                text
            }
        })
}

fn gradient() -> impl Strategy<Value = Gradient> {
    let direction = one_of(&[
        GradientDirection::TopDown,
        GradientDirection::BottomUp,
        GradientDirection::LeftRight,
        GradientDirection::RightLeft,
    ]);
    (direction, 0..999_u32, 1..999_u32, color(), color()).prop_map(
        |(direction, start, length, from, to)| Gradient {
            direction,
            band: start..start + length,
            from,
            to,
        },
    )
}

fn scaling() -> impl Strategy<Value = Setter> {
    (0..15, 1..=20_000_u32, 1..=20_000_u32).prop_map(|(which, a, b)| {
        boxed(move |it| match which {
            0 => it.width(a),
            1 => it.height(a),
            2 => it.longer_side(a),
            3 => it.shorter_side(a),
            4 => it.inside(a, b),
            5 => it.covering(a, b),
            6 => it.exactly(a, b),
            7 => it.square(a),
            8 => it.scale(1 + a % 1000),
            9 => it.scale_width(1 + a % 1000),
            10 => it.scale_height(1 + a % 1000),
            11 => it.sides_inside(a, b),
            12 => it.sides_covering(a, b),
            13 => it.pixels(a * 1000),
            _ => it.enlarge(),
        })
    })
}

fn switch() -> impl Strategy<Value = Setter> {
    (0..17).prop_map(|which| {
        boxed(move |it| match which {
            0 => it.upright(),
            1 => it.flip(Flip::LeftRight),
            2 => it.flip(Flip::TopDown),
            3 => it.sharpen(),
            4 => it.format(ImageFormat::Jpeg),
            5 => it.format(ImageFormat::Png),
            6 => it.format(ImageFormat::WebP),
            7 => it.lossless(),
            8 => it.compress(),
            9 => it.no_coalesce(),
            10 => it.progressive(),
            11 => it.no_icc(),
            12 => it.strip(),
            13 => it.keep_exif(),
            14 => it.first_frame(),
            15 => it.param("unsharp", false),
            _ => it.version("small"),
        })
    })
}

fn number() -> impl Strategy<Value = Setter> {
    (0..7, 1..=99_u32, any::<(i16, i16)>(), 0.01..=360_f64).prop_map(
        |(which, number, (x, y), degrees)| {
            boxed(move |it| match which {
                0 => it.rotate(degrees),
                1 => it.blur(number / 2, number),
                2 => it.border(number, number - 1),
                3 => it.canvas(number, number),
                4 => it.canvas_at(number, number, x.into(), y.into()),
                5 => it.quality(number),
                _ => it.round_corners(number),
            })
        },
    )
}

fn setter() -> impl Strategy<Value = Setter> {
    prop_oneof![
        scaling(),
        switch(),
        number(),
        region().prop_map(|region| boxed(move |it| it.crop(region))),
        region().prop_map(|region| boxed(move |it| it.clip(region))),
        color().prop_map(|color| boxed(move |it| it.border_color(color))),
        color().prop_map(|color| boxed(move |it| it.canvas_color(color))),
        gradient().prop_map(|gradient| boxed(move |it| it.gradient(gradient))),
        picture().prop_map(|picture| boxed(move |it| it.watermark(picture))),
        text().prop_map(|text| boxed(move |it| it.watermark(text))),
    ]
}

fn params() -> impl Strategy<Value = ImageParams> {
    let setters = proptest::collection::vec(setter(), 1..12);
    setters.prop_map(|setters| {
        let builder = setters
            .into_iter()
            .fold(ImageParams::builder(), |builder, Setter(set)| set(builder));
        builder.build().unwrap()
    })
}

#[test]
fn what_is_built_is_read() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async {
        MockServer::builder()
            .service_with(upyun_mock::accounts::Service {
                versions: [("small".to_owned(), "/fw/10".to_owned())].into(),
                ..upyun_mock::accounts::Service::new("demo".parse().unwrap())
            })
            .start()
            .await
            .unwrap()
    });
    server.put_object("/a.txt", "no picture").unwrap();
    for mark in MARKS {
        server.put_object(mark, GIF).unwrap();
    }
    let client = upyun_client::Client::builder("demo", "operator", "password")
        .endpoint(upyun_client::Endpoint::url(server.url()))
        .retry(upyun_client::RetryPolicy::none())
        .build()
        .unwrap();
    let domain = client.access_domain("demo.b0.upaiyun.com");
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(params in params())| {
        let shown = runtime.block_on(domain.get("/a.txt").image(&params).send());
        let error = shown.expect_err("a text is no picture");
        // What the emulator cannot draw it says with a code of its own, once it has read all.
        let is_read = error.status() == Some(405)
            || error.code() == Some(upyun_client::protocol::ErrorCode::UNKNOWN_ERROR);
        prop_assert!(is_read, "{params}: {error}");
    });
    // The grammar is there: what it cannot read it refuses.
    let wrong = ImageParams::builder().param("fw", "wide").build().unwrap();
    let refused = runtime.block_on(domain.get("/a.txt").image(&wrong).send());
    assert_eq!(refused.err().unwrap().status(), Some(400));
}
