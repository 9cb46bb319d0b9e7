"""The official Python SDK with its own hosts."""

import io
import sys
import time
import wave

import upyun

up = upyun.UpYun("demo", "operator", "password", timeout=20)
failed = []


def check(operation, condition=True):
    """Runs the decorated function; prints what came of it."""

    def run(function):
        try:
            function()
            print(operation, "works", sep="\t")
        except Exception as error:
            print(operation, "FAILS: %r" % error, sep="\t")
            failed.append(operation)

    return run


@check("put, get")
def _():
    up.put("/python/text.txt", "hello", checksum=True)
    assert up.get("/python/text.txt") == "hello"
    content = bytes(range(256)) * 1000
    up.put("/python/binary", io.BytesIO(content))
    got = io.BytesIO()
    up.get("/python/binary", got)
    assert got.getvalue() == content


@check("names")
def _():
    up.put("/python/中文 名+1.txt", "x")
    assert up.get("/python/中文 名+1.txt") == "x"


@check("info, usage")
def _():
    assert up.getinfo("/python/text.txt")["file-size"] == "5"
    assert int(up.usage()) > 0


@check("lists")
def _():
    for n in range(5):
        up.put("/python/list/%d" % n, "x")
    names = [entry["name"] for entry in up.iterlist("/python/list")]
    assert names == ["0", "1", "2", "3", "4"], names


@check("folders")
def _():
    up.mkdir("/python/folder")
    assert up.getinfo("/python/folder")["file-type"] == "folder"
    up.delete("/python/folder")


@check("copy, move")
def _():
    up.copy("/python/text.txt", "/python/copy.txt")
    up.move("/python/copy.txt", "/python/moved.txt")
    assert up.get("/python/moved.txt") == "hello"


@check("delete")
def _():
    up.delete("/python/moved.txt")


@check("parts in order")
def _():
    content = bytes(range(256)) * 12000
    with open("/tmp/upyun-interop-python", "w+b") as file:
        file.write(content)
        file.seek(0)
        # Python removed the name that the SDK asks for.
        import collections
        import collections.abc

        collections.Callable = collections.abc.Callable
        up.put("/python/parts", file, checksum=True, need_resume=True)
    got = io.BytesIO()
    up.get("/python/parts", got)
    assert got.getvalue() == content


@check("parts at once")
def _():
    uploader = up.init_multi_uploader("/python/parallel")
    uploader.upload(1, b"end")
    uploader.upload(0, b"x" * 1024 * 1024)
    uploader.complete()
    assert up.getinfo("/python/parallel")["file-size"] == str(1024 * 1024 + 3)


@check("form")
def _():
    with open(__file__, "rb") as file:
        told = up.put("/python/{filename}{.suffix}", file, form=True, expiration=600)
    assert told["url"] == "/python/session.py", told


def ended(ids):
    """Waits for the end of tasks; every one must end well."""
    for _ in range(600):
        status = up.status(ids)
        assert -1 not in status.values(), status
        if all(percent == 100 for percent in status.values()):
            return
        time.sleep(0.05)
    raise AssertionError("the tasks do not end")


@check("tasks")
def _():
    tasks = [{"sources": ["/python/text.txt"], "save_as": "/python/t.zip"}]
    ids = up.put_tasks(tasks, "", "compress")
    ended(ids)
    assert up.getinfo("/python/t.zip")["file-type"] == "file"


@check("media")
def _():
    # A second of silence.
    wav = io.BytesIO()
    with wave.open(wav, "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", None))
        sound.writeframes(bytes(16000))
    up.put("/python/a.wav", wav.getvalue())
    ids = up.pretreat([{"type": "audio", "save_as": "/python/a.mp3"}], "/python/a.wav")
    ended(ids)
    assert int(up.getinfo("/python/a.mp3")["file-size"]) > 0


@check("purge")
def _():
    assert up.purge(["/python/text.txt", "中文 名.txt"]) == []
    assert up.purge("/a", "invalid.upyun.com") == ["/a"]


@check("404 and 401")
def _():
    for client, status in [
        (up, 404),
        (upyun.UpYun("demo", "operator", "wrong", timeout=20), 401),
    ]:
        try:
            client.get("/python/none")
            raise AssertionError("no error")
        except upyun.UpYunServiceException as error:
            assert error.status == status, error


sys.exit(1 if failed else 0)
