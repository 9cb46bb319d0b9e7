"""Resumable and parallel uploads with the official SDK."""

import collections
import collections.abc
import hashlib
import os
import tempfile
import unittest

import upyun

from seed_session import client

# The SDK is older than Python 3.10, which took this name away.
if not hasattr(collections, "Callable"):
    collections.Callable = collections.abc.Callable

MIB = 1024 * 1024


class Dies(Exception):
    pass


class Resumable(unittest.TestCase):
    def setUp(self):
        self.up = client()
        self.content = os.urandom(3 * MIB + 17)
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(self.content)
        self.file.flush()
        self.stores = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.file.close()
        self.stores.cleanup()

    def put(self, key, reporter=None, **options):
        with open(self.file.name, "rb") as file:
            return self.up.put(
                key,
                file,
                need_resume=True,
                store=upyun.FileStore(directory=self.stores.name),
                reporter=reporter,
                **options,
            )

    def content_of(self, key):
        with tempfile.TemporaryFile() as file:
            self.up.get(key, file)
            file.seek(0)
            return file.read()

    def test_whole(self):
        seen = []
        self.put("/resumable/whole", lambda done, total, is_done: seen.append((done, total)), checksum=True)
        self.assertEqual(self.content_of("/resumable/whole"), self.content)
        # The SDK reports where the last part begins.
        self.assertEqual(seen[-1], (3 * MIB, len(self.content)))
        self.assertEqual(os.listdir(self.stores.name), [])

    def test_resumes_where_it_stopped(self):
        def dies(done, total, is_done):
            if done >= 2 * MIB:
                raise Dies

        with self.assertRaises(Dies):
            self.put("/resumable/stopped", dies)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.getinfo("/resumable/stopped")
        self.assertEqual(caught.exception.status, 404)
        seen = []
        self.put("/resumable/stopped", lambda done, total, is_done: seen.append(done), checksum=False)
        self.assertGreater(seen[0], MIB)
        self.assertEqual(self.content_of("/resumable/stopped"), self.content)

    def test_small_and_empty(self):
        for size in [0, 5, MIB, MIB + 1, 2 * MIB]:
            with tempfile.NamedTemporaryFile() as file:
                file.write(self.content[:size])
                file.flush()
                file.seek(0)
                self.up.put("/resumable/size-%d" % size, file, need_resume=True, checksum=True)
            self.assertEqual(self.content_of("/resumable/size-%d" % size), self.content[:size])

    def test_larger_parts_and_overwriting(self):
        self.put("/resumable/again", part_size=2 * MIB)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.put("/resumable/again", "plain")
        self.assertEqual(caught.exception.status, 400)
        self.put("/resumable/again")
        self.assertEqual(self.content_of("/resumable/again"), self.content)

    def test_parts_in_any_order(self):
        uploader = self.up.init_multi_uploader("/parallel/a", part_size=MIB, file_size=len(self.content))
        for part in [3, 0, 2, 1]:
            uploader.upload(part, self.content[part * MIB : (part + 1) * MIB])
        told = uploader.complete(hashlib.md5(self.content).hexdigest())
        self.assertEqual(told["multi-length"], str(len(self.content)))
        self.assertEqual(self.content_of("/parallel/a"), self.content)

    def test_cancel(self):
        uploader = self.up.init_multi_uploader("/parallel/b")
        uploader.upload(0, b"x")
        uploader.cancel()
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            uploader.complete()
        self.assertEqual(caught.exception.status, 400)


if __name__ == "__main__":
    unittest.main()
