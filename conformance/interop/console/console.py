"""Every page of the console in headless Chromium, against a server of its own."""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

from playwright.sync_api import expect, sync_playwright

MARKUP = "<img src=x onerror=\"document.title='owned'\">"
BASIC = "Basic " + base64.b64encode(b"operator:password").decode()


def now():
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())


class Server:
    """An emulator in a process of its own."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [os.environ["UPYUN_MOCK"], "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None):
        """Status and body of an answer."""
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def signed(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(method, path, body, {"Authorization": BASIC, **headers})

    def control(self, method, path, body=None):
        kind = {"Content-Type": "application/json"}
        status, text = self.ask(method, "/_mock/" + path, json.dumps(body or {}), kind)
        assert status < 300, (path, status, text)
        return json.loads(text) if text else None

    def sdk(self, *arguments):
        """The SDK's own program."""
        env = {
            **os.environ,
            "UPYUN_SERVICE": "demo",
            "UPYUN_USERNAME": "operator",
            "UPYUN_PASSWORD": "password",
            "UPYUN_ENDPOINT": self.url,
        }
        return subprocess.run(
            [os.environ["SDK_PROGRAM"], *arguments], env=env, check=True, capture_output=True, text=True
        ).stdout


class InBrowser(unittest.TestCase):
    """A server and a page that watches for mistakes."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(
            executable_path=os.environ["BROWSER_PATH"],
            args=["--no-sandbox", "--disable-background-networking"],
        )

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()

    def setUp(self):
        self.server = Server(*self.options)
        self.context = self.browser.new_context(
            viewport={"width": 1280, "height": 760}, locale="en", color_scheme="light"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.mistakes = []
        self.page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        self.page.on("console", self.hear)
        self.open("requests")

    def hear(self, message):
        # A refusal of the control plane is what some tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.mistakes.append(message.text)

    def tearDown(self):
        title = self.page.title()
        self.context.close()
        self.server.stop()
        self.assertNotIn("owned", title)
        self.assertEqual(self.mistakes, [])

    def open(self, page):
        self.page.goto(f"{self.server.url}/_mock/#/{page}")
        self.page.locator("main").wait_for()

    def shoot(self, name):
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=os.path.join(os.environ["SCREENSHOTS"], f"{name}.png"))

    def row(self, text):
        return self.page.locator(".vrow", has_text=text)


class Console(InBrowser):
    # Requests

    def test_an_upload_by_the_sdk_appears_and_is_opened(self):
        expect(self.page.get_by_text("No request yet")).to_be_visible()
        expect(self.page.locator(".connection.live")).to_be_visible()
        with open(__file__, "rb") as own:
            size = len(own.read())
        self.server.sdk("put", __file__, "/notes/console.py")
        self.row("/demo/notes/console.py").click()
        self.shoot("requests")
        detail = self.page.locator(".detail")
        expect(detail.locator(".request")).to_contain_text("authorization")
        expect(detail.locator(".request .bodyview")).to_contain_text("Every page of the console")
        expect(detail.locator(".facts")).to_contain_text("operator")
        info = self.server.control("GET", "objects/demo/notes/console.py?info=1")
        self.assertEqual(info["bytes"], size)

    def test_a_wrong_signature_is_explained_step_by_step(self):
        self.server.ask(
            "GET", "/demo/a.txt",
            headers={"Authorization": "UPYUN operator:bm90IGEgc2lnbmF0dXJlLCBzbw==",
                     "Date": now()},
        )
        for number in range(8):
            self.server.signed("PUT", f"/demo/photos/{number}.jpg", "x" * 900)
        self.server.signed("GET", "/demo/none")
        self.row("/demo/a.txt").click()
        detail = self.page.locator(".detail")
        expect(detail.locator(".whycard h3")).to_contain_text("401")
        expect(detail.locator(".step.failed")).to_contain_text("The signature fits")
        expect(detail.locator(".step.passed")).to_have_count(3)
        server = detail.locator(".facts.wide code").first
        expect(server).to_contain_text("GET&/demo/a.txt&")
        detail.locator("#pasted").fill("GET&/demo/b.txt&" + server.inner_text().split("&")[2])
        expect(detail.locator("tr.differs")).to_contain_text("URI")
        expect(detail.locator("tr.differs del")).to_have_text("b")
        self.page.set_viewport_size({"width": 1280, "height": 1060})
        detail.evaluate("it => it.scrollTo(0, 0)")
        self.shoot("signature")
        detail.locator("#password").fill("password")
        detail.get_by_text("Compute").click()
        expect(detail.locator("form.password")).to_contain_text("would be")

    def test_requests_are_searched_filtered_and_paused(self):
        for name in ("one", "two"):
            self.server.signed("PUT", f"/demo/{name}", "x")
        self.server.signed("GET", "/demo/none")
        self.row("/demo/none").wait_for()
        self.page.locator("#search").fill("status:404")
        expect(self.page.locator(".vrow")).to_have_count(1)
        self.page.locator("#search").fill("")
        self.page.get_by_label("Method").select_option("PUT")
        expect(self.page.locator(".vrow")).to_have_count(2)
        self.page.locator("#pause").click()
        self.server.signed("PUT", "/demo/three", "x")
        expect(self.page.locator("#pause")).to_contain_text("1")
        expect(self.page.locator(".vrow")).to_have_count(2)
        self.page.locator("#pause").click()
        expect(self.page.locator(".vrow")).to_have_count(3)
        self.page.locator("#clear").click()
        expect(self.page.locator(".vrow")).to_have_count(0)

    def test_a_long_history_scrolls(self):
        for number in range(300):
            self.server.signed("HEAD", f"/demo/{number}")
        expect(self.page.locator(".count")).to_have_text(re.compile("300"))
        self.assertLess(self.page.locator(".vrow").count(), 80)
        self.page.locator(".vlist").focus()
        self.page.keyboard.press("End")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".detailbar")).to_contain_text("/demo/0")
        self.page.keyboard.press("Escape")
        expect(self.page.locator(".detail")).to_be_hidden()

    # Objects

    def test_objects_are_browsed_shown_put_and_deleted(self):
        picture = os.path.join("mock-server", "contact-sheet.png")
        with open(picture, "rb") as file:
            self.server.signed("PUT", "/demo/photos/sheet.png", file.read(), Content_Type="image/png")
        self.server.signed("PUT", "/demo/notes/a.json", '{"a": [1, "x"]}', Content_Type="application/json",
                           x_upyun_meta_author="me")
        self.server.signed("PUT", "/demo/readme.txt", "hello", Content_Type="text/plain")
        self.open("objects/demo/")
        self.page.get_by_text("notes/").click()
        self.page.get_by_text("a.json").click()
        expect(self.page.locator(".detail .code")).to_contain_text('"a"')
        expect(self.page.locator(".detail")).to_contain_text("author")
        self.open("objects/demo/photos/sheet.png")
        expect(self.page.locator(".detail img.picture")).to_be_visible()
        self.page.wait_for_function("document.querySelector('.detail img.picture').naturalWidth > 0")
        self.shoot("objects")
        self.open("objects/demo/")
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("#upload").click()
        chooser.value.set_files({"name": "dropped.txt", "mimeType": "text/plain", "buffer": b"dropped"})
        expect(self.page.locator("tr", has_text="dropped.txt")).to_be_visible()
        self.assertEqual(self.server.signed("GET", "/demo/dropped.txt"), (200, b"dropped"))
        self.page.get_by_label("Delete dropped.txt").click()
        self.page.locator("dialog .danger").click()
        expect(self.page.locator("tr", has_text="dropped.txt")).to_have_count(0)
        self.assertEqual(self.server.signed("GET", "/demo/dropped.txt")[0], 404)

    # Uploads, tasks, callbacks, purges

    def test_an_upload_in_progress_is_shown_with_its_parts(self):
        self.server.signed("PUT", "/demo/film.mp4", "", x_upyun_multi_stage="initiate",
                           x_upyun_multi_length="3145728", x_upyun_multi_disorder="true")
        uploads = self.server.control("GET", "uploads")["uploads"]
        self.server.signed("PUT", "/demo/film.mp4", "x" * 1048576, x_upyun_multi_stage="upload",
                           x_upyun_multi_uuid=uploads[0]["uuid"], x_upyun_part_id="1")
        self.open("uploads")
        expect(self.page.locator("article")).to_contain_text("/demo/film.mp4")
        expect(self.page.locator("article .part")).to_have_count(1)
        self.page.locator("article .rowhead").click()
        expect(self.page.locator("article table")).to_contain_text("1.0 MiB")
        self.shoot("uploads")

    def test_a_task_and_its_callback_are_shown(self):
        self.server.signed("PUT", "/demo/a.txt", "hello")
        tasks = base64.b64encode(json.dumps([{"sources": ["/a.txt"], "save_as": "/a.zip"}]).encode())
        body = urllib.parse.urlencode({
            "service": "demo", "app_name": "compress", "notify_url": "http://127.0.0.1:9/told",
            "tasks": tasks.decode(),
        })
        status, answer = self.server.signed("POST", "/pretreatment/", body, Host="p0.api.upyun.com",
                                            Content_Type="application/x-www-form-urlencoded")
        self.assertEqual(status, 200, answer)
        self.open("tasks")
        expect(self.page.locator("article .state")).to_have_text("done")
        self.page.locator("article .rowhead").click()
        expect(self.page.locator("article")).to_contain_text("/a.zip")
        self.shoot("tasks")
        self.open("callbacks")
        expect(self.page.locator("article")).to_contain_text("127.0.0.1:9/told")
        self.page.locator("article [role=button]").click()
        expect(self.page.locator("article .attempt")).to_have_count(1)
        self.shoot("callbacks")
        self.page.get_by_role("button", name="Redeliver").click()
        expect(self.page.locator("article .attempt")).to_have_count(2)

    def test_purged_urls_are_listed(self):
        url, date = "http://demo.b0.upaiyun.com/a.png", now()
        key = hashlib.md5(b"password").hexdigest()
        signature = hashlib.md5(f"{url}&demo&{date}&{key}".encode()).hexdigest()
        status, answer = self.server.ask("POST", "/purge/", urllib.parse.urlencode({"purge": url}), {
            "Host": "purge.upyun.com",
            "Date": date,
            "Authorization": f"UpYun demo:operator:{signature}",
            "Content-Type": "application/x-www-form-urlencoded",
        })
        self.assertEqual(status, 200, answer)
        self.open("purges")
        expect(self.page.locator("table.rows tbody tr")).to_contain_text(url)
        self.shoot("purges")

    # Controls

    def test_a_fault_is_set_acts_and_is_taken_away(self):
        self.server.signed("PUT", "/demo/a.txt", "hello")
        self.open("faults")
        self.page.get_by_role("button", name="503 once").click()
        self.page.locator("#add-fault").click()
        expect(self.page.locator("article.fault")).to_contain_text("applied 0 times")
        self.assertEqual(self.server.signed("GET", "/demo/a.txt")[0], 503)
        self.assertEqual(self.server.signed("GET", "/demo/a.txt")[0], 200)
        expect(self.page.locator("article.fault")).to_contain_text("applied once")
        self.page.get_by_role("button", name="Connection lost in part 3").click()
        self.page.locator("#add-fault").click()
        expect(self.page.locator("article.fault")).to_have_count(2)
        expect(self.page.locator(".toast")).to_have_count(0)
        self.page.locator("#main").evaluate("main => main.scrollTo(0, 0)")
        self.shoot("faults")
        self.open("requests?is=faulted")
        self.row("/demo/a.txt").click()
        expect(self.page.locator(".faultcard")).to_contain_text("answered with status 503")
        self.open("faults")
        self.page.get_by_role("button", name="Remove all").click()
        self.page.locator("dialog .danger").click()
        expect(self.page.locator("article.fault")).to_have_count(0)

    def test_every_recipe_is_a_rule_that_the_server_takes(self):
        self.open("faults")
        recipes = self.page.locator(".recipes button")
        for index in range(recipes.count()):
            recipes.nth(index).click()
            self.page.locator("#add-fault").click()
            expect(self.page.locator("article.fault")).to_have_count(index + 1)

    def test_the_clock_is_advanced_and_a_ttl_expires(self):
        self.server.signed("PUT", "/demo/offer.txt", "today only", x_upyun_meta_ttl="1")
        self.open("clock")
        self.page.locator("#freeze").click()
        expect(self.page.locator(".face")).to_have_class(re.compile("frozen"))
        self.page.get_by_role("button", name="1 d").click()
        expect(self.page.locator(".timeline")).to_contain_text("offer.txt")
        self.shoot("clock")
        self.page.locator("#clock-reset").click()
        expect(self.page.locator(".face")).not_to_have_class(re.compile("frozen"))
        expect(self.page.locator(".clockcard")).to_contain_text("like the system’s clock")
        self.open("objects/demo/")
        expect(self.page.get_by_text("This folder is empty")).to_be_visible()

    def test_state_is_kept_restored_forked_and_reset(self):
        self.server.signed("PUT", "/demo/a.txt", "one")
        self.open("state")
        self.page.locator("#snapshot").click()
        expect(self.page.locator("table.rows tbody tr")).to_have_count(1)
        self.server.signed("PUT", "/demo/a.txt", "two")
        self.shoot("state")
        self.page.get_by_role("button", name="Restore").click()
        self.page.locator("dialog .danger").click()
        expect(self.page.locator(".toast", has_text="Restored")).to_be_visible()
        self.assertEqual(self.server.signed("GET", "/demo/a.txt")[1], b"one")
        self.page.get_by_label("Service", exact=True).fill("demo")
        self.page.get_by_label("New name").fill("demo-2")
        self.page.get_by_role("button", name="Fork").click()
        expect(self.page.locator(".toast", has_text="demo-2")).to_be_visible()
        self.assertEqual(self.server.signed("GET", "/demo-2/a.txt")[1], b"one")
        self.page.locator("#reset").click()
        self.page.locator("dialog .danger").click()
        expect(self.page.locator(".toast", has_text="as at the start")).to_be_visible()
        self.assertEqual(self.server.signed("GET", "/demo/a.txt")[0], 404)

    def test_services_and_operators_are_added_and_blocked(self):
        self.open("accounts")
        self.page.locator("#service-name").fill("second")
        self.page.locator("#service-operator").check()
        self.page.locator("#add-service").click()
        self.page.locator("dialog").wait_for()
        self.page.locator("dialog button").click()
        expect(self.page.locator("article", has_text="on second rwd")).to_be_visible()
        expect(self.page.locator("article", has_text="on every service rwd")).to_be_visible()
        expect(self.page.locator(".toast")).to_have_count(0)
        self.shoot("accounts")
        self.page.get_by_label("State second").select_option("read-only")
        expect(self.page.locator(".toast", has_text="Changed second")).to_be_visible()
        self.assertEqual(self.server.signed("PUT", "/second/a", "x")[0], 401)
        self.page.get_by_label("Block operator", exact=True).click()
        expect(self.page.get_by_label("Unblock operator")).to_be_visible()
        self.assertEqual(self.server.signed("GET", "/demo/a")[0], 401)

    def test_the_report_tells_what_never_happened(self):
        self.server.signed("PUT", "/demo/a.txt", "hello")
        self.server.signed("GET", "/demo/none")
        self.open("report")
        expect(self.page.locator("main")).to_contain_text("Uploads without Content-MD5")
        expect(self.page.locator("main")).to_contain_text("Begin a resumable upload")
        self.shoot("report")

    def test_a_program_is_told_how_to_connect(self):
        self.page.get_by_role("link", name="How to connect a program").click()
        main = self.page.locator("main")
        expect(main).to_contain_text(f'endpoint="{self.server.url.removeprefix("http://")}"')
        for title in ("curl", "Python (upyun)", "Node (upyun)", "Go (", "Java (", "Rust (upyun-client)"):
            expect(main.locator("h3", has_text=title)).to_have_count(1)
        expect(main).to_contain_text("lets nothing out")
        self.shoot("connect")

    def test_the_navigation_counts(self):
        self.server.signed("PUT", "/demo/a.txt", "x")
        self.server.control("POST", "faults", {"action": {"delay_ms": 0}})
        self.server.signed("PUT", "/demo/film.mp4", "", x_upyun_multi_stage="initiate",
                           x_upyun_multi_length="3145728", x_upyun_multi_disorder="true")
        for name, count in (("requests", "2"), ("uploads", "1"), ("faults", "1")):
            expect(self.page.locator(f"nav a[href='#/{name}'] .badge")).to_have_text(count)
        expect(self.page.locator("nav a[href='#/tasks'] .badge")).to_be_hidden()

    def test_a_failed_task_has_a_name_a_reason_and_an_address(self):
        tasks = base64.b64encode(json.dumps([{"type": "probe"}, {"type": "hls"}]).encode()).decode()
        body = urllib.parse.urlencode({"service": "demo", "source": "/none.mp4", "tasks": tasks,
                                       "notify_url": "http://127.0.0.1:9/told"})
        status, answer = self.server.signed("POST", "/pretreatment/", body, Host="p0.api.upyun.com",
                                            Content_Type="application/x-www-form-urlencoded")
        self.assertEqual(status, 200, answer)
        first = json.loads(answer)[0]
        self.open("tasks")
        expect(self.page.locator("article b")).to_have_text(["hls", "probe"])
        expect(self.page.locator("article .bad.wrap").first).to_contain_text("no object is at /none.mp4")
        self.page.locator("article .rowhead", has_text="probe").click()
        self.assertTrue(self.page.url.endswith(f"#/tasks/{first}"), self.page.url)
        self.open("requests")
        self.open(f"tasks/{first}")
        expect(self.page.locator("article .columns")).to_have_count(1)
        self.open("tasks/none")
        expect(self.page.locator("main")).to_contain_text("No task none is remembered")
        callback = self.server.control("GET", "callbacks")["callbacks"][0]
        self.open(f"callbacks/{callback['id']}")
        expect(self.page.locator("article .attempt")).to_have_count(len(callback["attempts"]))

    # Everywhere

    def test_markup_is_text_everywhere(self):
        name = urllib.parse.quote(MARKUP)
        self.server.signed("PUT", f"/demo/{name}", MARKUP, Content_Type="text/html",
                           x_upyun_meta_x=MARKUP, User_Agent=MARKUP)
        self.server.control("POST", "faults", {"label": MARKUP, "action": {"delay_ms": 0}})
        self.server.signed("GET", "/demo/none?" + name, Referer=MARKUP)
        for page in ("requests", "requests/1", "requests/2", "objects/demo/", f"objects/demo/{name}", "uploads",
                     "tasks", "callbacks", "purges", "faults", "state", "accounts", "report"):
            self.open(page)
            self.page.wait_for_timeout(150)
            self.assertEqual(self.page.locator("img[src=x]").count(), 0, page)
            self.assertNotIn("owned", self.page.title(), page)
        self.page.goto(f"{self.server.url}/_mock/objects/demo/?limit=5")
        self.assertNotIn("owned", self.page.title())

    def test_the_keyboard_is_enough(self):
        self.server.signed("PUT", "/demo/a.txt", "x")
        self.row("/demo/a.txt").wait_for()
        self.page.keyboard.press("j")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".detail")).to_be_visible()
        self.page.keyboard.press("Escape")
        expect(self.page.locator(".detail")).to_be_hidden()
        for key, page in (("o", "Objects"), ("f", "Faults"), ("l", "Clock"), ("r", "Requests")):
            self.page.keyboard.press("g")
            self.page.keyboard.press(key)
            expect(self.page.locator("nav a[aria-current] .grow")).to_have_text(page)
        self.page.keyboard.press("/")
        self.assertEqual(self.page.evaluate("document.activeElement.id"), "search")
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("?")
        expect(self.page.locator("dialog")).to_be_visible()

    def test_dark_and_chinese(self):
        self.server.signed("PUT", "/demo/" + urllib.parse.quote("照片.jpg"), "x")
        self.server.signed("GET", "/demo/none")
        self.page.locator("#language").click()
        expect(self.page.locator("nav a[aria-current] .grow")).to_have_text("请求")
        ground = "getComputedStyle(document.body).backgroundColor"
        light = self.page.evaluate(ground)
        self.page.locator("#theme").click()
        self.page.locator("#theme").click()
        self.assertNotEqual(self.page.evaluate(ground), light)
        self.row("/demo/none").click()
        self.page.locator(".whycard").wait_for()
        self.shoot("dark-chinese")
        self.page.reload()
        expect(self.page.locator("nav a[aria-current] .grow")).to_have_text("请求")

    def test_refusals_are_explained_in_chinese(self):
        self.page.locator("#language").click()
        self.server.ask("GET", "/demo/a.txt", headers={"Date": now(), "Authorization": "UPYUN nobody:x"})
        self.server.ask("GET", "/demo/a.txt", headers={"Date": "Tue, 24 Nov 2020 00:00:00 GMT",
                                                       "Authorization": "UPYUN operator:x"})
        key = hashlib.md5(b"password\n").hexdigest().encode()
        date = now()
        mac = hmac.new(key, f"GET\n/demo/a.txt\n{date}".encode(), hashlib.sha1).digest()
        signature = base64.b64encode(mac).decode()
        self.server.ask("GET", "/demo/a.txt", headers={"Date": date, "Authorization": f"UPYUN operator:{signature}"})
        for number, cause, remedy in (
            (1, "没有名为 \"nobody\" 的操作员", "启动时加上"),
            (2, "比服务端的", "请校准客户端时钟"),
            (3, "使用的密码后面有换行。各组成部分用换行而不是 `&` 连接。", "另外：请用单个 `&` 连接"),
        ):
            self.open(f"requests/{number}")
            expect(self.page.locator(".whycard .cause")).to_contain_text(cause)
            expect(self.page.locator(".whycard .remedy")).to_contain_text(remedy)
        # What the table does not know stays as it is.
        unknown = self.page.evaluate(
            "import('/_mock/assets/causes.js').then(causes => causes.inChinese('A new sentence. The date was not signed.'))")
        self.assertEqual(unknown, "A new sentence. 日期未参与签名。")
        for sentence, wanted in (("/demo/a expired", "/demo/a 已过期"), ("no object is at /a.mp4", "/a.mp4 处没有对象")):
            self.assertEqual(self.page.evaluate(
                "text => import('/_mock/assets/causes.js').then(causes => causes.inChinese(text))", sentence), wanted)
        self.open("report")
        expect(self.page.locator("main")).to_contain_text("开始分片上传")

    def test_every_page_fits_a_small_screen(self):
        self.page.set_viewport_size({"width": 390, "height": 800})
        self.server.signed("PUT", "/demo/a.txt", "x")
        for page in ("connect", "requests", "requests/1", "objects/demo/", "uploads", "tasks", "callbacks", "purges",
                     "faults", "clock", "state", "accounts", "report"):
            self.open(page)
            self.page.wait_for_timeout(100)
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(wide, 390, page)
        self.open("clock")
        lines = "face => face.getClientRects().length && face.offsetHeight / parseFloat(getComputedStyle(face).lineHeight)"
        self.assertLess(self.page.locator(".face").evaluate(lines), 1.5)

    def test_long_urls_are_whole_on_a_small_screen(self):
        self.page.set_viewport_size({"width": 400, "height": 800})
        url, date = "http://demo.b0.upaiyun.com/photos/summer/a-long-name.png", now()
        key = hashlib.md5(b"password").hexdigest()
        signature = hashlib.md5(f"{url}&demo&{date}&{key}".encode()).hexdigest()
        self.server.ask("POST", "/purge/", urllib.parse.urlencode({"purge": url}), {
            "Host": "purge.upyun.com", "Date": date, "Authorization": f"UpYun demo:operator:{signature}",
            "Content-Type": "application/x-www-form-urlencoded",
        })
        self.server.signed("PUT", "/demo/a.txt", "hello")
        tasks = base64.b64encode(json.dumps([{"sources": ["/a.txt"], "save_as": "/a.zip"}]).encode()).decode()
        self.server.signed("POST", "/pretreatment/", urllib.parse.urlencode({
            "service": "demo", "app_name": "compress", "tasks": tasks,
            "notify_url": "http://127.0.0.1:9/told/of/the/end/of/all/tasks"}),
            Host="p0.api.upyun.com", Content_Type="application/x-www-form-urlencoded")
        width = "it => it.getBoundingClientRect().width"
        self.open("purges")
        self.assertGreater(self.page.locator("td.path").evaluate(width), 250)
        self.open("callbacks")
        self.assertGreater(self.page.locator("article b.path").evaluate(width), 200)
        self.open("tasks")
        id, percent = (self.page.locator(part).bounding_box() for part in ("article .muted", "article .numbers"))
        self.assertLessEqual(id["x"] + id["width"], percent["x"])


class Guarded(InBrowser):
    options = ("--control-token", "s3cret")

    def test_the_token_is_asked_for_once(self):
        self.page.locator("#token").fill("wrong")
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.locator("dialog .bad")).not_to_be_empty()
        self.page.locator("#token").fill("s3cret")
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.locator(".connection.live")).to_be_visible()
        self.server.signed("GET", "/demo/none")
        self.row("/demo/none").wait_for()
        self.page.reload()
        self.row("/demo/none").wait_for()


if __name__ == "__main__":
    unittest.main()
