"""Runs the code blocks of README.md against the built program, and compares what it prints.

Each block has a server and a folder of its own. What differs from run to run (dates, identifiers,
process numbers) is compared by its form.
"""

import base64
import contextlib
import email.utils
import hashlib
import hmac
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
README = pathlib.Path("README.md").read_text(encoding="utf-8")
HOME = pathlib.Path(sys.argv[2]).resolve()

# Blocks that are not run here, by what they begin with, and why.
ELSEWHERE = {
    "cargo run --release -p upyun-mock ": "what every other block does, and what .ci/run does",
    "false rejects": "made by upyun-conformance, which conformance/tests/ledger.rs and exec/run compare",
    "$ cargo run --release -p upyun-benches": "a release build takes minutes, its figures are of one machine",
    "# .github": "checked below: the command is run with true in place of the tests",
    "# .gitlab": "checked below: the command is run with true in place of the tests",
    "[dev-dependencies]": "compiled by readme/run",
    "[dependencies]": "compiled by readme/run",
    "use upyun_": "compiled by readme/run",
}

# What differs from run to run.
VARIABLE = [
    r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    r"\b[0-9a-f]{32}\b",
    r"\b1[78]\d{8}\b",
    r"process \d+",
    r"127\.0\.0\.1:\d+",
    r"dot\.png\tN\t\d+",
]


def shape(text):
    for number, pattern in enumerate(VARIABLE):
        text = re.sub(pattern, "<%d>" % number, text)
    return text.strip()


def same(block, printed, got):
    if shape(printed) != shape(got):
        sys.exit("README.md prints, in %r:\n%s\nThe program prints:\n%s" % (block[:60], printed, got))


def blocks():
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S):
        yield match[1], match[2]


@contextlib.contextmanager
def server(folder, arguments=()):
    """A server, its first lines and its log."""
    log = folder / "server.log"
    with open(log, "w", encoding="utf-8") as errors:
        command = [PROGRAM, "--listen", "127.0.0.1:0", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        greeting = ""
        while "# console" not in greeting:
            line = process.stdout.readline()
            if not line:
                sys.exit("the server did not start: " + log.read_text(encoding="utf-8"))
            greeting += line
        yield re.search(r"127\.0\.0\.1:\d+", greeting)[0], greeting, log
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


# Statuses that README.md means.
STATUS = {"sh -c 'curl -s https://example.com; exit 3'": 3, "--explore-faults": 1, "requests/events": 28}


def run_console(block, folder, address):
    settings = ""
    for command, printed in commands(block):
        if command.startswith("M="):
            settings = command.replace("127.0.0.1:8390", address) + "\n"
            continue
        text = command.replace("127.0.0.1:8390", address)
        # It never ends, and the others say by their status whether they were refused.
        options = "--max-time 1" if "requests/events" in command else "--fail-with-body"
        functions = 'curl() { command curl -sS %s "$@"; }\n' % options
        merged = subprocess.STDOUT if command.startswith("upyun-mock") else subprocess.PIPE
        done = subprocess.run(
            ["bash", "-c", functions + settings + text],
            cwd=folder, stdout=subprocess.PIPE, stderr=merged, timeout=120, check=False,
        )
        output = done.stdout.decode("utf-8", "replace")
        wanted = next((code for part, code in STATUS.items() if part in command), 0)
        if done.returncode != wanted:
            why = output + (done.stderr or b"").decode()
            sys.exit("%s ends with %d, not %d: %s" % (command, done.returncode, wanted, why))
        if printed:
            same(block, printed, output.replace("\r", ""))


def wrong_signature(address):
    """Signs with the plain password, as README.md describes, and returns the response."""
    date = email.utils.formatdate(usegmt=True)
    text = "GET&/demo/&" + date
    digest = hmac.new(b"password", text.encode(), hashlib.sha1).digest()
    headers = {"Date": date, "Authorization": "UPYUN operator:" + base64.b64encode(digest).decode()}
    try:
        urllib.request.urlopen(urllib.request.Request("http://%s/demo/" % address, headers=headers))
    except urllib.error.HTTPError as error:
        return error.read().decode()
    sys.exit("a wrong signature was accepted")


def prepare(folder):
    (folder / "hello.txt").write_text("hello, 又拍云\n", encoding="utf-8")
    (folder / "notes.txt").write_text("notes\n", encoding="utf-8")
    for name, size in ("dot.png", "91x47"), ("photo.jpg", "640x360"):
        source = "color=c=red:size=640x360:duration=1:rate=1,format=rgb24,crop=" + size.replace("x", ":")
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", "1", folder / name]
        subprocess.run(command, check=True)
    script = next(printed for kind, block in blocks() if kind == "console"
                  for command, printed in commands(block) if command == "cat backup.sh")
    (folder / "backup.sh").write_text(script, encoding="utf-8")
    (folder / "go.mod").write_text("module example\n\ngo 1.21\n")
    (folder / "example_test.go").write_text(
        'package example\n\nimport (\n\t"net/http"\n\t"testing"\n)\n\nfunc Test(t *testing.T) {\n'
        '\tanswer, err := http.Get("https://demo.b0.upaiyun.com/none")\n'
        "\tif err != nil || answer.StatusCode != 404 {\n\t\tt.Fatal(answer, err)\n\t}\n}\n"
    )


def main():
    folder = HOME / "folder"
    folder.mkdir(parents=True, exist_ok=True)
    prepare(folder)
    link = HOME / "bin" / "upyun-mock"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(PROGRAM)
    os.environ["PATH"] = "%s:%s" % (link.parent, os.environ["PATH"])
    os.environ["XDG_CACHE_HOME"] = str(HOME / "cache")
    for name in ("UPYUN_SERVICE", "UPYUN_USERNAME", "UPYUN_PASSWORD"):
        os.environ.pop(name, None)
    ran = 0
    for kind, block in blocks():
        title = block.splitlines()[0]
        if kind == "yaml":
            command = re.search(r"- (?:run: )?(upyun-mock exec -- )\S+", block)[1]
            subprocess.run(command + "true", shell=True, check=True)
        if any(block.startswith(start) for start in ELSEWHERE):
            continue
        if block.startswith("$ upyun-mock --fault"):
            (command, _), = commands(block)
            # A server, which goes on until it is stopped.
            words = subprocess.run(["bash", "-c", "printf '%s\\0' " + command], stdout=subprocess.PIPE, check=True)
            with server(folder, words.stdout.decode().split("\0")[1:-1]):
                pass
        else:
            with server(folder) as (address, greeting, log):
                if block.startswith("$ cargo run --release -p upyun-mock"):
                    (_, printed), = commands(block)
                    same(block, printed, greeting)
                elif kind == "json":
                    same(block, block, wrong_signature(address))
                elif kind == "text":
                    wrong_signature(address)
                    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if "WARN" in line]
                    printed, got = (re.sub(r'"[\w+/]{27}="', '"…"', text)
                                    for text in (" ".join(block.split()), " ".join(lines[-1].split())))
                    if shape(printed) not in shape(got):
                        same(block, printed, got)
                elif kind == "console":
                    run_console(block, folder, address)
                elif kind == "sh":
                    text = block.replace("upyun-mock env", "upyun-mock env --url http://" + address)
                    subprocess.run(["bash", "-ec", text + '[ -n "$http_proxy" ]'], check=True)
                else:
                    sys.exit("README.md has a block of a new kind, %s: %r" % (kind, title))
        print("-- README.md:", title, flush=True)
        ran += 1
    print("%d blocks of README.md hold" % ran)


main()
