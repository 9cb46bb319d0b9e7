"""Runs the code blocks of README.md, and compares what they print.

`blocks.py PROGRAM HOME` checks that README.zh-CN.md has the same blocks, comments apart, and runs the console blocks.
Each starts a server of its own; all share one folder. What differs from run to run (dates, identifiers, process
numbers) is compared by its form.

`blocks.py write HOME` writes the blocks in other languages as the tests that they are, each into the project
`HOME/LANGUAGE`, which `run` has set up.
"""

import contextlib
import itertools
import os
import pathlib
import re
import subprocess
import sys

README = pathlib.Path("README.md")
CHINESE = pathlib.Path("README.zh-CN.md")
HOME = pathlib.Path(sys.argv[2]).resolve()

# What begins a comment, by the language of the block.
COMMENT = {"sh": "#", "console": "#", "python": "#", "toml": "#", "js": "//", "go": "//", "java": "//", "rust": "//"}

# What differs from run to run.
VARIABLE = [
    r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    r"\b[0-9a-f]{32}\b",
    r'"[\w+/]{27}="',
    r"process \d+",
    r"127\.0\.0\.1:\d+",
]

# Commands that do not end with 0.
STATUS = {"curl -s https://example.com; exit 3": 3, "--explore-faults": 1, "operator:$SIGNATURE": 22}

# Where a block in another language goes, and what README.md leaves out around it.
FILES = {
    "python": ("python/test_store.py", "%s"),
    "js": ("node/store.test.js", "%s"),
    "go": (
        "go/store_test.go",
        'package store\n\nimport (\n\t"strings"\n\t"testing"\n\n\t"github.com/upyun/go-sdk/v3/upyun"\n)\n\n%s',
    ),
    "java": (
        "java/src/test/java/StoreTest.java",
        "import static org.junit.jupiter.api.Assertions.assertEquals;\n\n"
        "import com.upyun.RestManager;\nimport org.junit.jupiter.api.Test;\n\nclass StoreTest {\n%s}\n",
    ),
    "rust": ("rust/tests/printed.rs", "%s"),
}


def blocks(path=README):
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def same_blocks():
    """Both languages have the same blocks; only comments are translated."""

    def bare(found):
        kind, block = found
        # `text` is output, which has no comments.
        mark = COMMENT.get(kind)
        return kind, re.sub(r"(^|\s)%s.*" % mark, "", block) if mark else block

    for ours, theirs in itertools.zip_longest(blocks(), blocks(CHINESE)):
        if not ours or not theirs or bare(ours) != bare(theirs):
            sys.exit("%s has %r\nwhere %s has %r" % (CHINESE, theirs and theirs[1], README, ours and ours[1]))


def shape(text):
    for number, pattern in enumerate(VARIABLE):
        text = re.sub(pattern, "<%d>" % number, text)
    return " ".join(text.split()) if text.startswith("WARN") else text.strip()


def same(block, printed, got):
    if shape(printed) != shape(got):
        sys.exit("README.md prints, in %r:\n%s\nThe program prints:\n%s" % (block[:60], printed, got))


@contextlib.contextmanager
def server(folder):
    """A server: its address and its first lines. Its log stays in the folder."""
    log = folder / "server.log"
    with open(log, "w", encoding="utf-8") as errors:
        command = ["upyun-mock", "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        greeting = ""
        while "# console" not in greeting:
            line = process.stdout.readline()
            if not line:
                sys.exit("the server did not start: " + log.read_text(encoding="utf-8"))
            greeting += line
        yield re.search(r"127\.0\.0\.1:\d+", greeting)[0], greeting
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def commands(block):
    """Pairs of a command and what it prints."""
    parts = re.split(r"^\$ ", block, flags=re.M)
    assert not parts[0], "a block of a console begins with a command: " + block
    for part in parts[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", part)[0]
        yield command.strip(), part[len(command) :]


def run_console(block, folder, address):
    # A command's status says whether curl was refused.
    settings = 'curl() { command curl -sS --fail-with-body "$@"; }\n'
    for command, printed in commands(block):
        if re.match(r"[A-Z]+=", command):
            settings += command + "\n"
            continue
        text = command.replace("127.0.0.1:8390", address)
        merged = subprocess.STDOUT if command.startswith("upyun-mock") else subprocess.PIPE
        done = subprocess.run(
            ["bash", "-c", settings + text],
            cwd=folder, stdout=subprocess.PIPE, stderr=merged, timeout=120, check=False,
        )
        output = done.stdout.decode("utf-8", "replace")
        wanted = next((code for part, code in STATUS.items() if part in command), 0)
        if done.returncode != wanted:
            why = output + (done.stderr or b"").decode()
            sys.exit("%s ends with %d, not %d: %s" % (command, done.returncode, wanted, why))
        if printed:
            same(block, printed, output.replace("\r", ""))


def last_warning(folder):
    """The last warning in the log of the previous block's server, without its time and its fields."""
    lines = (folder / "server.log").read_text(encoding="utf-8").splitlines()
    last = [line for line in lines if "WARN" in line][-1]
    return re.search(r"WARN.*?(?= id=)", last)[0]


def run_blocks(program):
    folder = HOME / "folder"
    folder.mkdir(parents=True, exist_ok=True)
    link = HOME / "bin" / "upyun-mock"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(program)
    os.environ["PATH"] = "%s:%s" % (link.parent, os.environ["PATH"])
    os.environ["XDG_CACHE_HOME"] = str(HOME / "cache")
    for name in ("UPYUN_SERVICE", "UPYUN_USERNAME", "UPYUN_PASSWORD"):
        os.environ.pop(name, None)
    ran = 0
    for kind, block in blocks():
        title = block.splitlines()[0]
        if kind in FILES or kind == "toml":
            continue  # `run` runs them as tests.
        if block.startswith("cargo run --release -p upyun-mock "):
            continue  # The next block does the same, and .ci/run the other command.
        if kind == "text":
            same(block, block, last_warning(folder))
        elif kind == "console":
            with server(folder) as (address, greeting):
                if block.startswith("$ cargo run --release -p upyun-mock"):
                    ((_, printed),) = commands(block)
                    same(block, printed, greeting)
                else:
                    run_console(block, folder, address)
        else:
            sys.exit("README.md has a block of a new kind, %s: %r" % (kind, title))
        print("-- README.md:", title, flush=True)
        ran += 1
    print("%d blocks of README.md hold" % ran)


def write(name, text):
    path = HOME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file that is not touched is not built again.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_tests():
    for kind, block in blocks():
        if kind in FILES:
            name, around = FILES[kind]
            write(name, around % block)
    (dependencies,) = (block for kind, block in blocks() if kind == "toml")
    dependencies = dependencies.replace('"…/', '"%s/' % pathlib.Path.cwd())
    # With the profile of the workspace, cargo uses the dependencies that the workspace has built.
    profile = pathlib.Path("Cargo.toml").read_text(encoding="utf-8").partition("[profile.dev]")
    manifest = '[package]\nname = "readme"\nedition = "2024"\n\n[workspace]\n\n' + dependencies + "\n"
    write("rust/src/lib.rs", "")
    write("rust/Cargo.toml", manifest + "".join(profile[1:]))


if sys.argv[1] == "write":
    write_tests()
else:
    same_blocks()
    run_blocks(pathlib.Path(sys.argv[1]).resolve())
