"""What the server makes of real pictures, compared with what ImageMagick makes of them.

Sizes are exact; pixels agree within the decibels that each row states (`rows.py`).
"""

import argparse
import base64
import http.client
import pathlib
import shutil
import sys
import urllib.parse

import boxes
from magick import Magick
from rows import rows
from sources import MOVING, make, segments

SUFFIXES = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp", b"GI": "gif"}


class Bench:
    """The server and the judge at work on one directory, and the tally."""

    def __init__(self, magick, address, service, directory):
        self.magick = magick
        self.address = address
        self.service = service
        self.directory = directory
        self.passed = 0
        self.failed = 0

    def put(self, name):
        """A file that is dropped into a service's directory is an object."""
        shutil.copyfile(self.directory / name, self.service / name)

    def shown(self, source, parameters):
        """The bytes that an access domain answers."""
        path = urllib.parse.quote(f"/{source}!{parameters}", safe="/!,=|+")
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request("GET", path, headers={"Host": "demo.b0.upaiyun.com"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return content

    def kept(self, number, content):
        suffix = SUFFIXES.get(content[:2], "bin")
        path = self.directory / f"{number:03}-ours.{suffix}"
        path.write_bytes(content)
        return path

    def tell(self, name, problems, facts, files=()):
        if problems:
            self.failed += 1
            print(f"FAILED  {name:58} {facts}: {'; '.join(problems)}")
            for file in files:
                print(f"        {file}")
        else:
            self.passed += 1
            print(f"ok      {name:58} {facts}")
            for file in files:
                pathlib.Path(file).unlink(missing_ok=True)

    def compare(self, number, row):
        name = f"{row.name}: {row.source}!{row.parameters}"
        theirs = self.directory / f"{number:03}-theirs.png"
        text = row.parameters + ("/format/png" if row.lossless else "")
        try:
            ours = self.kept(number, self.shown(row.source, text))
        except RuntimeError as error:
            return self.tell(name, [str(error)], "no picture")
        begin = [] if row.is_drawn else [self.directory / row.source]
        words = [word.replace("mark.png", str(self.directory / "mark.png")) for word in row.words]
        try:
            self.magick.convert(*begin, *words, theirs)
        except RuntimeError as error:
            return self.tell(name, [str(error)], "no picture to compare")
        size = self.magick.size(ours)
        problems = []
        if size != row.size:
            problems.append(f"size should be {row.size}")
        if self.magick.size(theirs) != row.size:
            problems.append(f"ImageMagick's is {self.magick.size(theirs)}")
        if row.told:
            told = self.magick.identify(ours, row.told[0])
            if told != row.told[1]:
                problems.append(f"{told} should be {row.told[1]}")
        decibels = float("nan")
        if not problems:
            decibels = self.magick.decibels(ours, theirs)
            least = row.least
            if row.quality:
                rival = self.directory / f"{number:03}-rival.jpg"
                self.magick.convert(theirs, "-quality", row.quality, rival)
                least += self.magick.decibels(rival, theirs)
                rival.unlink()
            if decibels < least:
                problems.append(f"should be {least:.1f} dB at least")
        self.tell(name, problems, f"{size[0]}x{size[1]} {decibels:.1f} dB", [ours, theirs])


def animations(bench):
    """Frames by number, and each against the same frame of ImageMagick's."""
    mark = base64.b64encode(b"/mark.png").decode().replace("/", "|")
    mark = f"/watermark/url/{mark}/margin/0x0"
    over = [bench.directory / "mark.png", "-composite"]
    small = ["-filter", "Lanczos", "-resize", "80x60!"]
    lossless = "/format/webp/lossless/true"
    for parameters, kind, size, words in (
        ("/fw/80", "GIF", (80, 60), small),
        ("/fw/80/coalesce/false", "GIF", (80, 60), small),
        ("/rotate/90", "GIF", (120, 160), ["-rotate", "90"]),
        ("/crop/100x70a9a8", "GIF", (100, 70), ["-crop", "100x70+9+8", "+repage"]),
        (f"/fw/80{lossless}", "WEBP", (80, 60), small),
        (mark, "GIF", (160, 120), []),
        (f"{mark}/animate/true", "GIF", (160, 120), over),
    ):
        moving(bench, parameters, kind, size, words)
    for parameters, kind in (("/gifto/true", "GIF"), ("/format/png", "PNG"), ("/format/jpg", "JPEG")):
        still(bench, parameters, kind)


def moving(bench, parameters, kind, size, words):
    ours = bench.kept(900, bench.shown("moving.gif", parameters))
    frames = bench.directory / "900-frame-%d.png"
    told = bench.magick.identify(ours, "%m %W %H")
    want = [f"{kind} {size[0]} {size[1]}"] * len(MOVING)
    worst = float("inf")
    problems = []
    if told != want:
        problems.append(f"{told} should be {want}")
    else:
        bench.magick.convert(ours, "-coalesce", frames)
        theirs = bench.directory / "900-theirs.png"
        for frame in range(len(MOVING)):
            source = f"{bench.directory / 'moving.gif'}[{frame}]"
            bench.magick.convert(source, *words, theirs)
            mine = str(frames) % frame
            worst = min(worst, bench.magick.decibels(mine, theirs))
        # 256 colours each frame, chosen by another rule.
        if worst < 28:
            problems.append("should be 28 dB at least")
    bench.tell(f"animation: moving.gif!{parameters}", problems, f"{told} {worst:.1f} dB", [ours])


def still(bench, parameters, kind):
    ours = bench.kept(900, bench.shown("moving.gif", parameters))
    told = bench.magick.identify(ours, "%m %W %H")
    want = [f"{kind} 160 120"]
    problems = [] if told == want else [f"should be {want}"]
    decibels = bench.magick.decibels(ours, f"{bench.directory / 'moving.gif'}[0]")
    if decibels < 28:
        problems.append("should be 28 dB at least")
    bench.tell(f"animation: moving.gif!{parameters}", problems, f"{told} {decibels:.1f} dB", [ours])


def beside_pixels(bench):
    """EXIF (APP1) and the colour profile (APP2): kept or dropped as asked."""
    for parameters, want in (
        ("/fw/100", {0xE2}),
        ("/fw/100/noicc/true", set()),
        ("/fw/100/exifswitch/true", {0xE1, 0xE2}),
        ("/fw/100/exifswitch/true/noicc/true", {0xE1}),
        ("/fw/100/exifswitch/true/strip/true", set()),
        ("/fw/100/strip/true", set()),
    ):
        found = segments(bench.shown("told.jpg", parameters))
        kept = {marker for marker, _ in found} & {0xE1, 0xE2}
        facts = " ".join(f"APP{marker - 0xE0}" for marker in sorted(kept)) or "nothing"
        problems = [] if kept == want else [f"should be {sorted(want)}"]
        bench.tell(f"metadata: told.jpg!{parameters}", problems, facts)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--magick", "--address", "--home"):
        parser.add_argument(option, required=True)
    parser.add_argument("only", nargs="?", default="", help="a part of the names of rows")
    given = parser.parse_args()
    home = pathlib.Path(given.home)
    directory = home / "pictures"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    magick = Magick(given.magick)
    make(magick, home / "wheels", directory)
    service = home / "data" / "demo"
    service.mkdir(parents=True, exist_ok=True)
    bench = Bench(magick, given.address, service, directory)
    for path in sorted(directory.iterdir()):
        bench.put(path.name)
    for number, row in enumerate(rows()):
        if given.only in row.name:
            bench.compare(number, row)
    animations(bench)
    beside_pixels(bench)
    boxes.compare(bench)
    print(f"{bench.passed} passed, {bench.failed} failed")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
