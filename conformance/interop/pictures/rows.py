"""What is asked of the server, and the same asked of ImageMagick."""

import base64
import math
from dataclasses import dataclass, field
from fractions import Fraction

# Least peak signal to noise, in decibels, and why it is no more.
EXACT = math.inf  # Pixels are moved, not computed.
BLENDED = 50  # One step of rounding, up or down.
SCALED = 48  # The same filter in other arithmetic: eight bits between the passes, or sixteen.
BLURRED = 40  # Boxes one after the other, which are quick, for a bell.
DECODED = 38  # Two JPEG decoders smooth colours differently where they are stored at half size.


@dataclass
class Row:
    name: str
    source: str
    parameters: str
    size: tuple
    # Words for ImageMagick behind the source.
    words: list = field(default_factory=list)
    least: float = EXACT
    # What is asked of the server beyond that, so that nothing is lost on the way back.
    lossless: bool = True
    # The lines that `identify` gives: a format and the lines.
    told: tuple = ()
    # The quality with which ImageMagick writes the same: its loss is the measure then.
    quality: int = 0
    # Whether ImageMagick begins with nothing, because it cannot read the source.
    is_drawn: bool = False


WIDE, TALL = (640, 427), (512, 600)
PHOTOGRAPHS = (("wide.png", WIDE), ("tall.png", TALL))


def side(length):
    """Rounded half up, at least 1."""
    return max(1, math.floor(length + Fraction(1, 2)))


def in_proportion(size, factor, force=False):
    if factor > 1 and not force:
        return size
    return side(size[0] * factor), side(size[1] * factor)


def factor_of(key, numbers, size):
    wide, high = size
    longer, shorter = max(size), min(size)
    a, b = numbers[0], numbers[-1]
    return {
        "fw": Fraction(a, wide),
        "fh": Fraction(a, high),
        "max": Fraction(a, longer),
        "min": Fraction(a, shorter),
        "fwfh": min(Fraction(a, wide), Fraction(b, high)),
        "fwfh2": max(Fraction(a, wide), Fraction(b, high)),
        "fxfn": min(Fraction(a, longer), Fraction(b, shorter)),
        "fxfn2": max(Fraction(a, longer), Fraction(b, shorter)),
    }[key]


def resized(size):
    return ["-filter", "Lanczos", "-resize", f"{size[0]}x{size[1]}!"]


def cut(width, height, x, y):
    return ["-crop", f"{width}x{height}+{x}+{y}", "+repage"]


def scaling():
    in_proportion_keys = [
        ("fw", "300", "900"),
        ("fh", "201", "900"),
        ("max", "200", "1000"),
        ("min", "200", "700"),
        ("fwfh", "300x200", "900x700"),
        ("fwfh2", "300x200", "900x700"),
        ("fxfn", "301x150", "1000x900"),
        ("fxfn2", "300x200", "800x700"),
    ]
    for source, size in PHOTOGRAPHS:
        for key, less, more in in_proportion_keys:
            for value, force in ((less, False), (more, False), (more, True)):
                numbers = [int(number) for number in value.split("x")]
                want = in_proportion(size, factor_of(key, numbers, size), force)
                text = f"/{key}/{value}" + ("/force/true" if force else "")
                least = EXACT if want == size else SCALED
                yield Row("scale", source, text, want, resized(want), least)
        for text, want in (
            ("/scale/20", (side(Fraction(size[0], 5)), side(Fraction(size[1], 5)))),
            ("/scale/150", (side(Fraction(3 * size[0], 2)), side(Fraction(3 * size[1], 2)))),
            ("/wscale/50", (size[0] // 2, size[1])),
            ("/wscale/200", (2 * size[0], size[1])),
            ("/hscale/200", (size[0], 2 * size[1])),
        ):
            yield Row("scale", source, text, want, resized(want), SCALED)
        pixels = 50_000
        factor = math.sqrt(pixels / (size[0] * size[1]))
        want = math.floor(size[0] * factor), math.floor(size[1] * factor)
        yield Row("scale", source, f"/fp/{pixels}", want, resized(want), SCALED)
        yield Row("scale", source, "/fp/25000000", size)
        yield from covering(source, size)


def covering(source, size):
    """Those that cut the middle out first."""
    wide, high = size
    for text, to, stretched in (
        ("/both/300x200", (300, 200), False),
        ("/both/150x280", (150, 280), False),
        ("/both/900x700", (900, 700), False),
        ("/both/900x700/force/true", (900, 700), True),
        ("/both/300x200/force/true", (300, 200), False),
        ("/sq/300", (300, 300), False),
        ("/sq/700", (700, 700), False),
    ):
        aspect = Fraction(*to)
        middle = size
        if not stretched:
            is_wider = Fraction(wide, high) > aspect
            middle = (side(high * aspect), high) if is_wider else (wide, side(wide / aspect))
        at = (wide - middle[0]) // 2, (high - middle[1]) // 2
        yield Row("scale", source, text, to, [*cut(*middle, *at), *resized(to)], SCALED)


def cropping():
    for gravity, (x, y) in {
        "northwest": (0, 0),
        "north": (170, 0),
        "northeast": (340, 0),
        "west": (0, 113),
        "center": (170, 113),
        "east": (340, 113),
        "southwest": (0, 227),
        "south": (170, 227),
        "southeast": (340, 227),
    }.items():
        text = f"/crop/300x200a0a0/gravity/{gravity}"
        yield Row("crop", "wide.png", text, (300, 200), cut(300, 200, x, y))
    for text, part in (
        ("/crop/300x200", (300, 200, 0, 0)),
        ("/crop/300x200a80a60", (300, 200, 80, 60)),
        ("/crop/300x200s20s10/gravity/southeast", (300, 200, 320, 217)),
        ("/crop/0x0a80a60", (560, 367, 80, 60)),
        ("/crop/600x400a80a60", (560, 367, 80, 60)),
        ("/crop/300x200s50a10", (250, 200, 0, 10)),
        ("/crop/300x200a1200a0", (300, 200, 0, 0)),
    ):
        yield Row("crop", "wide.png", text, part[:2], cut(*part))
    yield Row(
        *("crop", "wide.png", "/crop/300x200a80a60/fw/150", (150, 100)),
        *([*cut(300, 200, 80, 60), *resized((150, 100))], SCALED),
    )
    small = resized((320, 214))
    for text, part in (
        ("/fw/320/clip/200x100a80a60", (200, 100, 80, 60)),
        ("/fw/320/clip/600x400a80a60", (240, 154, 80, 60)),
        ("/fw/320/clip/100x100a5s5/gravity/center", (100, 100, 115, 52)),
    ):
        yield Row("clip", "wide.png", text, part[:2], [*small, *cut(*part)], SCALED)
    for source, text, (width, height), radius, first in (
        ("wide.png", "/roundrect/60", WIDE, 60, []),
        ("wide.png", "/sq/300/roundrect/20", (300, 300), 20, [*cut(427, 427, 106, 0)]),
    ):
        mask = [*("(", "-size", f"{width}x{height}", "xc:black", "-fill", "white", "-draw")]
        mask += [f"roundrectangle 0,0 {width - 1},{height - 1} {radius},{radius}", ")"]
        words = [*first, *(resized((width, height)) if first else [])]
        words += [*mask, "-alpha", "off", "-compose", "CopyOpacity", "-composite"]
        # The edge is smoothed by another rule; the corners are a small part of the whole.
        yield Row("roundrect", source, text, (width, height), words, 38)


def turning():
    # JPEG, decoded by two decoders.
    upright = ["-auto-orient"]
    yield Row("rotate", "told.jpg", "/rotate/auto", (427, 640), upright, DECODED)
    yield Row("rotate", "told.jpg", "/fw/640", WIDE, [], DECODED)
    for source, (wide, high) in PHOTOGRAPHS:
        yield Row("rotate", source, "/rotate/90", (high, wide), ["-rotate", "90"])
        yield Row("rotate", source, "/rotate/180", (wide, high), ["-rotate", "180"])
        yield Row("rotate", source, "/rotate/270", (high, wide), ["-rotate", "270"])
        yield Row("rotate", source, "/rotate/360", (wide, high))
        for degrees in (45, 12.5, 200):
            turn = math.radians(degrees)
            sine, cosine = abs(math.sin(turn)), abs(math.cos(turn))
            width = math.ceil(wide * cosine + high * sine - 1e-6)
            height = math.ceil(wide * sine + high * cosine - 1e-6)
            words = ["-alpha", "set", "-virtual-pixel", "transparent", "-background", "none"]
            # Between four pixels, as the server does it; ImageMagick would look at more.
            words += ["-filter", "point", "-interpolate", "bilinear"]
            words += ["-set", "option:distort:viewport", f"{width}x{height}+0+0", "-distort", "SRT"]
            words += [f"{wide / 2},{high / 2} 1 {degrees} {width / 2},{height / 2}", "+repage"]
            yield Row("rotate", source, f"/rotate/{degrees}", (width, height), words, 36)
        yield Row("flip", source, "/flip/left,right", (wide, high), ["-flop"])
        yield Row("flip", source, "/flip/top,down", (wide, high), ["-flip"])
        # How much a service sharpens is nowhere written; this is ImageMagick's usual way.
        sharp = ["-unsharp", "0x1+1+0.008"]
        yield Row("unsharp", source, "/unsharp/true", (wide, high), sharp, 34)
        yield Row("unsharp", source, "/unsharp/false", (wide, high))
    for blur in ("5x2", "0x3", "1x10", "3x9", "20x4", "50x40"):
        yield Row(
            *("gaussblur", "wide.png", f"/gaussblur/{blur}", WIDE),
            *(["-gaussian-blur", blur], BLURRED),
        )


def frames():
    for source, (wide, high) in PHOTOGRAPHS:
        for color, theirs in (("", "white"), ("/brdcolor/336699CC", "#33669933")):
            size = (wide + 6, high + 4)
            words = ["-bordercolor", theirs, "-border", "3x2"]
            yield Row("border", source, "/border/3x2" + color, size, words, BLENDED)
    base = resized((500, 334))
    ground = ["-background", "white", "-compose", "Over"]
    on = [*base, *ground, "-extent"]
    for text, size, at in (
        ("/canvas/600x400a50a20", (600, 400), "-50-20"),
        ("/canvas/600x400", (600, 400), "-50-33"),
        ("/canvas/300x200a50a20", (300, 200), "-50-20"),
        ("/canvas/300x200", (300, 200), "+100+67"),
        ("/canvas/600x400s30s40", (600, 400), "+30+40"),
    ):
        words = [*on, f"{size[0]}x{size[1]}{at}"]
        yield Row("canvas", "wide.png", "/fw/500" + text, size, words, SCALED)
    words = [*base, "-alpha", "set", "-background", "#11223380", "-extent", "600x400-50-33"]
    text = "/fw/500/canvas/600x400/cvscolor/1122337F"
    yield Row("canvas", "wide.png", text, (600, 400), words, SCALED)
    for direction, turn, place in (
        ("top,down", "0", "+0+20"),
        ("bottom,up", "180", "+0+286"),
        ("left,right", "-90", "+20+0"),
        ("right,left", "90", "+499+0"),
    ):
        is_down = turn in ("0", "180")
        across = WIDE[0] if is_down else WIDE[1]
        # ImageMagick's gradients go by colours that are weighted by their opacity: one for each.
        words = ["(", "-size", f"{across}x121", "gradient:#FF0000-#0000FF", "gradient:#FFFFFF-#333333"]
        words += ["-alpha", "off", "-compose", "CopyOpacity", "-composite", "-rotate", turn, ")"]
        words += ["-geometry", place, "-compose", "Over", "-composite"]
        text = f"/gdori/{direction}/gdpos/20,140/gdstartcolor/FF000000/gdstopcolor/0000FFCC"
        yield Row("gradient", "wide.png", text, WIDE, words, BLENDED)
    opaque = "/gdori/top,down/gdpos/20,140/gdstartcolor/FF000000/gdstopcolor/00FF0000"
    words = ["(", "-size", f"{WIDE[0]}x121", "gradient:#FF0000-#00FF00", ")"]
    words += ["-geometry", "+0+20", "-composite"]
    yield Row("gradient", "wide.png", opaque, WIDE, words, BLENDED)


def marked():
    name = base64.b64encode(b"/mark.png").decode().replace("/", "|")
    mark = f"/watermark/url/{name}"

    def over(place, changes=()):
        return ["(", "mark.png", *changes, ")", "-geometry", place, "-composite"]

    for gravity, place in {
        "northwest": "+20+20",
        "north": "+290+20",
        "northeast": "+520+20",
        "west": "+20+196",
        "center": "+290+196",
        "east": "+520+196",
        "southwest": "+20+332",
        "south": "+290+332",
        "southeast": "+520+332",
    }.items():
        text = f"{mark}/align/{gravity}"
        yield Row("watermark", "wide.png", text, WIDE, over(place), BLENDED)
    tiles = ["(", "-size", "640x427", "xc:none", "-tile", "mpr:mark", "-draw", "color 0,0 reset", ")"]
    tiles += ["-compose", "Over", "-composite"]
    for text, words in (
        ("", over("+20+20")),
        ("/align/southeast/margin/5x7", over("+535+345")),
        ("/align/center/margin/0x0", over("+270+176")),
        ("/margin/600x400", over("+600+400")),
        ("/opacity/40", over("+20+20", ["-channel", "A", "-evaluate", "multiply", "0.4", "+channel"])),
        ("/opacity/0", []),
        ("/repeat/true", ["(", "mark.png", "-write", "mpr:mark", "+delete", ")", *tiles]),
    ):
        yield Row("watermark", "wide.png", mark + text, WIDE, words, BLENDED)
    words = over("+20+20", resized((214, 160)))
    # The mark has hard edges, along which the filter's waves are cut off at other places.
    yield Row("watermark", "wide.png", mark + "/percent/50", WIDE, words, 34)
    for text, size in (("/fw/150", (150, 100)), ("/fw/450/force/true", (450, 300))):
        yield Row("scale", "alpha.png", text, size, resized(size), SCALED)
    two = over("+20+20") + over("+520+332")
    yield Row("watermark", "wide.png", f"{mark}{mark}/align/southeast", WIDE, two, BLENDED)
    words = [*resized((320, 214)), *over("+20+20")]
    yield Row("watermark", "wide.png", f"/fw/320{mark}", (320, 214), words, SCALED)


def reading():
    """Every format that comes in, unchanged but for its format."""
    for source, least in (
        ("china.jpg", DECODED),
        ("flower.jpg", DECODED),
        ("progressive.jpg", DECODED),
        ("grey.jpg", DECODED),
        # There is no one way from CMYK to RGB without profiles.
        ("cmyk.jpg", 30),
        ("whole.bmp", EXACT),
        # Colours stored at half size again.
        ("whole.webp", DECODED),
    ):
        yield Row("read", source, "/fw/640", WIDE, [], least)
    yield Row("read", "hopper.jpg", "/fw/512", TALL, [], DECODED)
    yield Row("read", "grey.png", "/fw/640", WIDE)
    yield Row("read", "palette.png", "/fw/480", (480, 640))
    yield Row("read", "wizard.png", "/fw/480", (480, 640))
    yield Row("read", "logo.png", "/fw/640", (640, 480))
    yield Row("read", "rose.png", "/fw/70", (70, 46))
    yield Row("read", "alpha.png", "/fw/300", (300, 200))
    # Sixteen bits to eight, rounded or cut.
    yield Row("read", "deep.png", "/fw/140", (140, 92), [], 45)
    drawn = ["-fill", "#ff0000", "-draw", "rectangle 10,20 59,59"]
    drawn += ["-fill", "#0000ff", "-draw", "rectangle 40,40 109,84"]
    ground = "xc:#eeddcc"
    yield Row(
        *("read", "drawing.svg", "/fw/120", (120, 90), ["-size", "120x90", ground, *drawn]),
        is_drawn=True,
    )


def writing():
    def row(name, source, text, size, words, least, *told, quality=0):
        return Row(name, source, text, size, words, least, False, told, quality)

    def lossy(name, source, text, size, words, quality, *told):
        # Within two decibels of what ImageMagick's encoder keeps: they round differently.
        return row(name, source, text, size, words, -2, *told, quality=quality)

    for quality in (10, 50, 75, 95):
        text = f"/format/jpg/quality/{quality}"
        told = ("%m %Q", [f"JPEG {quality}"])
        yield lossy("quality", "wide.png", text, WIDE, [], quality, *told)
    small = resized((320, 214))
    yield lossy("quality", "wide.png", "/format/jpg", WIDE, [], 75, "%m %Q", ["JPEG 75"])
    yield lossy("format", "china.jpg", "/fw/320", (320, 214), small, 75, "%m", ["JPEG"])
    yield lossy("format", "whole.bmp", "/fw/640", WIDE, [], 75, "%m", ["JPEG"])
    white = ["-background", "white", "-flatten"]
    text = "/format/jpg/quality/99"
    yield lossy("format", "alpha.png", text, (300, 200), white, 99, "%m", ["JPEG"])
    told = "%m %[interlace]"
    text = "/format/jpg/progressive/true"
    yield lossy("progressive", "wide.png", text, WIDE, [], 75, told, ["JPEG JPEG"])
    yield lossy("progressive", "wide.png", "/format/jpg", WIDE, [], 75, told, ["JPEG None"])
    yield lossy("compress", "china.jpg", "/compress/true", WIDE, [], 75, "%m", ["JPEG"])
    yield row("format", "wide.png", "/format/png", WIDE, [], EXACT, "%m", ["PNG"])
    yield row("format", "wide.png", "/format/webp", WIDE, [], 30, "%m", ["WEBP"])
    lossless = "/format/webp/lossless/true"
    yield row("format", "wide.png", lossless, WIDE, [], EXACT, "%m", ["WEBP"])
    yield row("format", "alpha.png", lossless, (300, 200), [], EXACT, "%m", ["WEBP"])
    # 256 colours; and a palette of few colours is exact.
    yield row("compress", "wide.png", "/compress/true", WIDE, [], 30, "%m", ["PNG"])
    yield row("compress", "palette.png", "/compress/true", (480, 640), [], EXACT, "%m", ["PNG"])


def rows():
    for group in (scaling, cropping, turning, frames, marked, reading, writing):
        yield from group()
