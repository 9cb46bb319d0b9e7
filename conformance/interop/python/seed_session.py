"""What a program does with the official SDK, on real files, against the mock."""

import hashlib
import io
import json
import os
import struct
import tempfile
import time
import unittest
import zlib

import upyun

ADDRESS = os.environ["UPYUN_ADDRESS"]
LOG = os.environ["UPYUN_MOCK_LOG"]


def client(password="password"):
    return upyun.UpYun("demo", "operator", password, timeout=10, endpoint=ADDRESS)


def png(width, height):
    """A picture, so that the repository holds no binary."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(
        b"\0" + bytes(n % 256 for n in range(3 * width * y, 3 * width * (y + 1)))
        for y in range(height)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class SeedSession(unittest.TestCase):
    def setUp(self):
        self.up = client()
        self.root = "/session-%s" % self.id().rsplit(".", 1)[-1]
        self.up.mkdir(self.root)

    def key(self, name):
        return "%s/%s" % (self.root, name)

    def test_text(self):
        self.assertEqual(self.up.put(self.key("ascii.txt"), "abcdefghijklmnopqrstuvwxyz\n"), {})
        self.assertEqual(self.up.get(self.key("ascii.txt")), "abcdefghijklmnopqrstuvwxyz\n")
        text = "你好，又拍云\n"
        self.up.put(self.key("中文 名.txt"), text.encode(), checksum=True)
        self.assertEqual(self.up.get(self.key("中文 名.txt")), text)

    def test_picture_as_a_stream(self):
        content = png(91, 47)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            told = self.up.put(self.key("a.png"), file, checksum=True, headers={"x-upyun-meta-a": "1"})
        self.assertEqual(told, {"width": "91", "height": "47", "file-type": "PNG", "frames": "1"})
        with tempfile.TemporaryFile() as file:
            self.up.get(self.key("a.png"), file)
            file.seek(0)
            self.assertEqual(file.read(), content)
        info = self.up.getinfo(self.key("a.png"))
        self.assertEqual(info["file-type"], "file")
        self.assertEqual(info["file-size"], str(len(content)))
        self.assertEqual(info["content-md5"], hashlib.md5(content).hexdigest())
        self.assertEqual(info["meta-a"], "1")
        self.assertLess(abs(int(info["file-date"]) - time.time()), 60)

    def test_progress(self):
        seen = []

        class Progress:
            def __init__(self, total, params):
                seen.append(("total", total))

            def update(self, so_far):
                pass

            def finish(self):
                seen.append("finished")

        content = b"x" * 100_000
        self.up.put(self.key("big"), io.BytesIO(content), handler=Progress)
        with tempfile.TemporaryFile() as file:
            self.up.get(self.key("big"), file, handler=Progress)
        self.assertEqual(seen, [("total", 100_000), "finished"] * 2)

    def test_lists(self):
        names = ["a", "b", "c", "d", "e"]
        for name in names:
            self.up.put(self.key(name), name)
        self.up.mkdir(self.key("folder"))
        listed = self.up.getlist(self.root)
        self.assertEqual([entry["name"] for entry in listed], names + ["folder"])
        self.assertEqual([entry["type"] for entry in listed], ["N"] * 5 + ["F"])
        self.assertEqual(self.up.getlist(self.key("folder")), [])
        for order, want in [("asc", names + ["folder"]), ("desc", ["folder"] + names[::-1])]:
            got, begin = [], None
            while begin != "g2gCZAAEbmV4dGQAA2VvZg":
                page = self.up.get_list_with_iter(self.root, limit=4, order=order, begin=begin)
                got += [entry["name"] for entry in page["files"]]
                begin = page["iter"]
            self.assertEqual(got, want)
        lines = self.up.iterlist(self.root, limit=3)
        self.assertEqual([entry["name"] for entry in lines], names[:3])

    def test_move_copy_delete(self):
        self.up.put(self.key("a"), "content")
        stored = {"content-length": "7", "etag": '"9a0364b9e99bb480dd25e1f0284c8555"'}
        self.assertEqual(self.up.copy(self.key("a"), self.key("b")), stored)
        self.assertEqual(self.up.move(self.key("b"), self.key("c")), stored)
        self.assertEqual(self.up.get(self.key("c")), "content")
        self.assertEqual(self.up.usage(self.root), str(2 * len("content")))
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.getinfo(self.key("b"))
        self.assertEqual(caught.exception.status, 404)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.delete(self.root)
        self.assertEqual((caught.exception.status, caught.exception.msg), (403, "Forbidden"))
        self.assertEqual(json.loads(caught.exception.err)["code"], 40300005)
        for name in ["a", "c"]:
            self.up.delete(self.key(name))
        self.up.delete(self.root)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.getlist(self.root)
        self.assertEqual(caught.exception.status, 404)

    def test_a_wrong_password_is_explained(self):
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            client("wrong").getinfo("/")
        self.assertEqual(caught.exception.status, 401)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            client("wrong").put(self.key("a"), "x")
        self.assertEqual(caught.exception.status, 401)
        self.assertEqual(json.loads(caught.exception.err)["code"], 40100005)
        with open(LOG) as log:
            paragraphs = [line for line in log if "signature error" in line]
        self.assertIn("most likely the password is another one", paragraphs[-1])
        self.assertIn("the server signed", paragraphs[-1])


if __name__ == "__main__":
    unittest.main()
