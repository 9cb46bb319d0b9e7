"""Uploads from headless Chromium through the page of the SDK's example `browser_upload`."""

import json
import os
import subprocess
import tempfile
import unittest
import urllib.request

from playwright.sync_api import sync_playwright

# The smallest PNG.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
ENDPOINT = os.environ["UPYUN_ENDPOINT"]


def stored(text):
    """The key and the size in what the page says."""
    verb, key, size, unit = text.split()
    assert verb == "stored" and unit == "bytes)", text
    return key, int(size.lstrip("("))


class Uploads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = subprocess.Popen(
            [os.environ["PAGE_PROGRAM"]],
            env={**os.environ, "LISTEN": "127.0.0.1:0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.url = cls.program.stdout.readline().strip()
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(
            executable_path=os.environ["BROWSER_PATH"], args=["--no-sandbox"]
        )
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()
        cls.program.kill()
        cls.program.wait()
        cls.program.stdout.close()
        cls.folder.cleanup()

    def setUp(self):
        self.page = self.browser.new_page()
        self.mistakes = []
        self.page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        self.page.goto(self.url)

    def tearDown(self):
        self.page.close()
        self.assertEqual(self.mistakes, [])

    def file(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def journal(self):
        request = urllib.request.urlopen(f"{ENDPOINT}/_mock/requests")
        return json.load(request)["requests"]

    def by_form(self, path):
        self.page.set_input_files("#form input[type=file]", path)
        with self.page.expect_navigation(url="**/done?**"):
            self.page.click("#form button")
        return self.page.inner_text("body")

    def by_script(self, path):
        self.page.set_input_files("#file", path)
        self.page.click("#send")
        self.page.wait_for_function("document.querySelector('#result').textContent")
        return self.page.inner_text("#result")

    def test_a_form_comes_back_with_the_result(self):
        key, size = stored(self.by_form(self.file("猫 \"1\".png", PNG)))
        self.assertRegex(key, r"^/uploads/\d{8}/[0-9a-f]{32}\.png$")
        self.assertEqual(size, len(PNG))

    def test_a_form_comes_back_with_the_refusal(self):
        self.assertEqual(self.by_form(self.file("a.exe", b"MZ")), "refused: file type error")

    def test_a_script_reads_the_result_across_origins(self):
        key, size = stored(self.by_script(self.file("a.txt", b"x" * 5_000_000)))
        self.assertRegex(key, r"^/uploads/\d{8}/[0-9a-f]{32}\.txt$")
        self.assertEqual(size, 5_000_000)

    def test_a_script_reads_the_refusal_and_its_code(self):
        said = self.by_script(self.file("big.txt", b"x" * 10_000_001))
        self.assertEqual(said, "refused: file too large (40300009)")

    def test_a_script_may_put_and_get_with_headers_of_its_own(self):
        # A preflight comes first, for the method and for the headers.
        told = self.page.evaluate(
            """async ([endpoint, basic]) => {
                const headers = { authorization: basic, 'x-upyun-meta-author': 'Ann' }
                const url = `${endpoint}/demo/browser.txt`
                const put = await fetch(url, { method: 'PUT', headers, body: 'hello' })
                const get = await fetch(url, { headers: { authorization: basic } })
                return [put.status, get.status, await get.text(), get.headers.get('x-upyun-meta-author'),
                    get.headers.get('etag'), get.headers.get('x-request-id').length]
            }""",
            [ENDPOINT, "Basic b3BlcmF0b3I6cGFzc3dvcmQ="],
        )
        etag = '"5d41402abc4b2a76b9719d911017c592"'
        self.assertEqual(told, [200, 200, "hello", "Ann", etag, 32])
        self.assertIn("OPTIONS", [entry["method"] for entry in self.journal()])


if __name__ == "__main__":
    unittest.main()
