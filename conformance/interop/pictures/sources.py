"""Real photographs out of packages, and drawings and variants of both by ImageMagick."""

import struct
import zipfile

PHOTOGRAPHS = {
    "hopper.jpg": ("matplotlib-*.whl", "matplotlib/mpl-data/sample_data/grace_hopper.jpg"),
    "china.jpg": ("scikit_learn-*.whl", "sklearn/datasets/images/china.jpg"),
    "flower.jpg": ("scikit_learn-*.whl", "sklearn/datasets/images/flower.jpg"),
}

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="120" height="90">
<rect width="120" height="90" fill="#eeddcc"/><rect x="10" y="20" width="50" height="40" fill="#ff0000"/>
<rect x="40" y="40" width="70" height="45" fill="#0000ff"/></svg>"""

MOVING = [
    ("wizard:", "-resize", "160x120!"),
    ("logo:", "-resize", "160x120!"),
    ("rose:", "-resize", "160x120!"),
]


def make(magick, wheels, directory):
    """Writes all sources into a directory, and names them."""

    def made(name, *words):
        magick.convert(*words, "-strip", str(directory / name))

    for name, (wheel, member) in PHOTOGRAPHS.items():
        archive = next(iter(sorted(wheels.glob(wheel))))
        (directory / name).write_bytes(zipfile.ZipFile(archive).read(member))
    tall, wide = directory / "hopper.jpg", directory / "china.jpg"
    # Without loss, so that geometry can be compared exactly.
    made("tall.png", tall, "-define", "png:color-type=2")
    made("wide.png", wide, "-define", "png:color-type=2")
    made("wizard.png", "wizard:")
    made("logo.png", "logo:")
    made("rose.png", "rose:")
    made("mark.png", "logo:", "-resize", "100x75!", "-fuzz", "2%", "-transparent", "white")
    made(
        "alpha.png",
        *("(", "wizard:", "-resize", "300x200!", ")"),
        *("(", "-size", "300x200", "gradient:white-black", ")"),
        *("-alpha", "off", "-compose", "CopyOpacity", "-composite"),
        *("-define", "png:color-type=6"),
    )
    made("deep.png", "rose:", "-resize", "140x92!", "-depth", "16", "-define", "png:color-type=2")
    made("grey.png", wide, "-colorspace", "Gray", "-define", "png:color-type=0")
    made("grey.jpg", wide, "-colorspace", "Gray")
    made("palette.png", "wizard:", "-colors", "200", "-define", "png:color-type=3")
    made("progressive.jpg", wide, "-interlace", "JPEG")
    made("cmyk.jpg", wide, "-colorspace", "CMYK", "-quality", "92")
    made("whole.bmp", wide, "-type", "TrueColor")
    made("whole.webp", wide, "-quality", "90")
    frames = [word for frame in MOVING for word in ("(", *frame, ")")]
    made("moving.gif", "-delay", "10", *frames, "-loop", "0")
    (directory / "drawing.svg").write_text(DRAWING)
    made("told.jpg", wide, "-quality", "92")
    told = with_exif((directory / "told.jpg").read_bytes(), orientation=6)
    (directory / "told.jpg").write_bytes(with_profile(told))


def with_exif(jpeg, orientation):
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)
    return inserted(jpeg, 0xE1, b"Exif\0\0" + tiff)


def with_profile(jpeg):
    """With an ICC profile of nothing but a head, which is enough to be kept or dropped."""
    head = struct.pack(">I4sI4s4s4s", 132, b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(88)
    return inserted(jpeg, 0xE2, b"ICC_PROFILE\0\1\1" + head + bytes(4))


def inserted(jpeg, marker, content):
    segment = struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
    return jpeg[:2] + segment + jpeg[2:]


def segments(jpeg):
    """The markers in front of the pixels of a JPEG, with what they hold."""
    at, found = 2, []
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        length = struct.unpack_from(">H", jpeg, at + 2)[0]
        found.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return found
