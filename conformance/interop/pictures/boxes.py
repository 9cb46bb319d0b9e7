"""Text watermarks: the box that the ink fills, against the same text in a font of the machine.

Which font the server takes depends on what is installed, so only size and place are compared.
"""

import base64
import pathlib

from magick import run

FOLDERS = (pathlib.Path("/usr/share/fonts"), pathlib.Path("/usr/local/share/fonts"))
# Fonts that have letters of about one shape, best first.
LATIN = ("LiberationSans-Regular.*", "DejaVuSans.ttf", "DroidSansFallback*", "wqy-microhei.*")
CHINESE = ("NotoSansCJK-Regular.*", "wqy-microhei.*", "wqy-zenhei.*", "DroidSansFallback*")
GROUND = (640, 427)
# A part of the ink's width and height: fonts differ.
TOLERANCE = 0.2


def font(names):
    for name in names:
        for folder in FOLDERS:
            found = sorted(folder.rglob(name))
            if found:
                return found[0]
    return None


def compare(bench):
    ground = bench.directory / "ground.png"
    bench.magick.convert("-size", "640x427", "xc:white", ground)
    bench.put("ground.png")
    for text, names, server_font, size in (
        ("Hamburg", LATIN, "arial", 64),
        ("Hamburg", LATIN, "helvetica", 24),
        ("你好世界", CHINESE, "simhei", 48),
        ("又拍云", CHINESE, "sc", 100),
    ):
        path = font(names)
        if path is None:
            bench.tell(f"text: {text}", [f"none of {names} is installed"], "no font")
            continue
        for align, gravity in (("northwest", "NorthWest"), ("southeast", "SouthEast"), ("center", "Center")):
            row(bench, (text, path, server_font, size), align, gravity)


def row(bench, lettering, align, gravity):
    text, path, server_font, size = lettering
    ours, theirs = bench.directory / "text-ours.png", bench.directory / "text-theirs.png"
    encoded = base64.b64encode(text.encode()).decode().replace("/", "|")
    margin = "/margin/0x0" if align == "center" else "/margin/20x30"
    place = "+0+0" if align == "center" else "+20+30"
    parameters = f"/watermark/text/{encoded}/font/{server_font}/size/{size}/align/{align}{margin}"
    ours.write_bytes(bench.shown("ground.png", parameters))
    label = ["(", "-background", "none", "-fill", "black", "-font", path, "-pointsize", size]
    label += [f"label:{text}", ")", "-gravity", gravity, "-geometry", place, "-composite"]
    bench.magick.convert(bench.directory / "ground.png", *label, theirs)
    (left, top, right, bottom), other = ink(bench, ours), ink(bench, theirs)
    facts = f"{right - left}x{bottom - top}+{left}+{top}"
    problems = []
    for what, mine, his, length in (
        ("width", right - left, other[2] - other[0], other[2] - other[0]),
        ("height", bottom - top, other[3] - other[1], other[3] - other[1]),
        # Where the ink lies in its line is the font's affair, within a part of the size.
        ("left edge", left, other[0], max(size, other[2] - other[0])),
        ("top edge", top, other[1], 2 * size),
    ):
        if abs(mine - his) > TOLERANCE * length + 2:
            problems.append(f"{what} {mine} should be near {his}")
    if align != "center":
        near = {"northwest": (left, top), "southeast": (GROUND[0] - right, GROUND[1] - bottom)}[align]
        if near[0] < 20 - 2 or near[1] < 30 - 2:
            problems.append("the ink is in the margin")
    bench.tell(f"text: {text} {server_font} {size} {align}", problems, facts, [ours, theirs])


def ink(bench, path):
    """Left, top, right and bottom of what is not white."""
    box = run([bench.magick.program, path, "-fuzz", "20%", "-format", "%@", "info:"])
    size, left, top = box.split("+")
    width, height = size.split("x")
    return int(left), int(top), int(left) + int(width), int(top) + int(height)
