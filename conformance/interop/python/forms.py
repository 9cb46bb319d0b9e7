"""Form uploads with the official SDK, and the callback that follows."""

import http.server
import tempfile
import threading
import unittest
from urllib.parse import parse_qs

from seed_session import client


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body.decode()))
        self.send_response(200)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *arguments):
        pass


class Forms(unittest.TestCase):
    def setUp(self):
        self.up = client()
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        self.server.received = []
        self.server.arrived = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_placeholders_and_a_verified_callback(self):
        notify_url = "http://127.0.0.1:%d/notify" % self.server.server_port
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write(b"hello")
            file.flush()
            file.seek(0)
            told = self.up.put(
                "/forms/{year}/{filemd5}{.suffix}",
                file,
                form=True,
                expiration=60,
                **{"notify-url": notify_url, "ext-param": "from python"}
            )
        self.assertEqual((told["code"], told["message"], told["file_size"]), (200, "ok", 5))
        self.assertTrue(told["url"].endswith("/5d41402abc4b2a76b9719d911017c592.txt"), told)
        self.assertEqual(self.up.get(told["url"]), "hello")
        self.assertTrue(self.server.arrived.wait(10))
        path, headers, body = self.server.received[0]
        self.assertEqual(parse_qs(body)["url"], [told["url"]])
        self.assertEqual(parse_qs(body)["ext-param"], ["from python"])
        headers = {name.title().replace("Md5", "MD5"): value for name, value in headers.items()}
        self.assertTrue(self.up.verify_signature(headers["Authorization"], path, headers))
        headers["Date"] = "Tue, 24 Nov 2015 00:00:00 GMT"
        self.assertFalse(self.up.verify_signature(headers["Authorization"], path, headers))

    def test_a_refusal_is_told(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"hello")
            file.flush()
            file.seek(0)
            with self.assertRaises(Exception) as caught:
                self.up.put("/forms/a", file, form=True, **{"content-length-range": "9,10"})
        self.assertEqual(caught.exception.status, 403)


if __name__ == "__main__":
    unittest.main()
