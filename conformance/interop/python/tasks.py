"""Tasks and cache refresh with the official SDK; callbacks are verified by the SDK itself.

Their hosts cannot be set in the SDK, so this runs inside `upyun-mock exec`.
"""

import http.server
import io
import json
import threading
import time
import unittest
import wave
import zipfile

import upyun


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body.decode()))
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *arguments):
        pass


def silence():
    """A second of it."""
    wav = io.BytesIO()
    with wave.open(wav, "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", None))
        sound.writeframes(bytes(16000))
    return wav.getvalue()


class Tasks(unittest.TestCase):
    def setUp(self):
        self.up = upyun.UpYun("demo", "operator", "password", timeout=10)
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        self.server.received = []
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def ended(self, ids):
        """Waits for the end of tasks; gives what the SDK says of them."""
        for _ in range(600):
            status = self.up.status(ids)
            if all(percent in (100, -1) for percent in status.values()):
                return status
            time.sleep(0.05)
        self.fail("the tasks do not end: %s" % status)

    def told(self, count):
        """Waits for callbacks; verifies each, and gives their bodies by task."""
        for _ in range(600):
            if len(self.server.received) == count:
                break
            time.sleep(0.05)
        bodies = {}
        for path, headers, body in self.server.received:
            headers = {name.title().replace("Md5", "MD5"): it for name, it in headers.items()}
            authorization = headers["Authorization"]
            self.assertTrue(self.up.verify_signature(authorization, path, headers))
            self.assertFalse(self.up.verify_signature(authorization, path + "x", headers))
            self.assertEqual(headers["Content-Type"], "application/json")
            body = json.loads(body)
            bodies[body["task_id"]] = body
        self.assertEqual(len(bodies), count)
        return bodies

    def test_pretreat(self):
        self.up.put("/tasks/a.wav", silence())
        tasks = [{"type": "probe"}, {"type": "audio", "format": "mp3"}, {"type": "thumbnail"}]
        ids = self.up.pretreat(tasks, "/tasks/a.wav", self.url + "/ended?from=upyun")
        status = self.ended(ids)
        self.assertEqual([status[it] for it in ids], [100, 100, -1])
        told = self.told(3)
        self.assertEqual(told[ids[0]]["info"]["streams"][0]["audio_samplerate"], 8000)
        self.assertEqual(told[ids[1]]["path"], ["/tasks/%s.mp3" % ids[1]])
        self.assertEqual(told[ids[2]]["status_code"], 400)
        self.assertTrue(int(self.up.getinfo(told[ids[1]]["path"][0])["file-size"]) > 0)

    def test_archives(self):
        for name in ("1.jpg", "2.jpg"):
            self.up.put("/a/b/c/source/" + name, name)
        sources = ["a/b/c/source/1.jpg", "a/b/c/source/2.jpg"]
        tasks = [{"sources": sources, "save_as": "/result/t.zip", "home_dir": "a/b/c"}]
        ids = self.up.put_tasks(tasks, self.url + "/ended", "compress")
        self.assertEqual(self.ended(ids), {ids[0]: 100})
        self.assertEqual(self.told(1)[ids[0]]["path"], "/result/t.zip")
        archive = io.BytesIO()
        self.up.get("/result/t.zip", archive)
        with zipfile.ZipFile(archive) as archive:
            self.assertEqual(archive.namelist(), ["source/1.jpg", "source/2.jpg"])
            self.assertIsNone(archive.testzip())
        tasks = [{"sources": "/result/t.zip", "save_as": "/result/t/"}]
        ids = self.up.put_tasks(tasks, "", "depress")
        self.assertEqual(self.ended(ids), {ids[0]: 100})
        self.assertEqual(self.up.get("/result/t/source/2.jpg"), "2.jpg")
        self.assertIn("/result/t/source/1.jpg", self.up.get("/result/t/" + ids[0]))
        # The helpers of the SDK, which check before they send.
        ids = self.up.depress(tasks, "")
        self.assertEqual(self.ended(ids), {ids[0]: 100})
        with self.assertRaises(upyun.UpYunClientException):
            self.up.compress([{"sources": []}], "")

    def test_spiderman(self):
        tasks = [
            {
                "url": self.url + "/index.html",
                "random": False,
                "overwrite": True,
                "save_as": "/site/index.html",
            }
        ]
        ids = self.up.put_tasks(tasks, self.url + "/ended", "spiderman")
        self.assertEqual(self.ended(ids), {ids[0]: 100})
        self.assertEqual(self.up.get("/site/index.html"), "<html>")
        self.assertEqual(self.told(1)[ids[0]]["service"], "demo")

    def test_purge(self):
        keys = ["/a.png", "b c.png", "图.png"]
        self.assertEqual(self.up.purge(keys), [])
        self.assertEqual(self.up.purge(["/unix.png", "xinu.png"], "invalid.upyun.com"), ["/unix.png", "/xinu.png"])

    def test_refusals(self):
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.put_tasks([{}], "", "magic")
        self.assertEqual(caught.exception.status, 400)
        self.assertIn("40011091", caught.exception.err)
        with self.assertRaises(upyun.UpYunServiceException) as caught:
            self.up.put_tasks([], "", "compress")
        self.assertIn("40010003", caught.exception.err)
        self.assertEqual(self.up.status(["0" * 32]), {"0" * 32: None})


if __name__ == "__main__":
    unittest.main()
