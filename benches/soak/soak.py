#!/usr/bin/env python3
"""A soak of the emulator: mixed requests at a fixed rate, and whether its memory stays flat.

    python3 benches/soak/soak.py target/release/upyun-mock --minutes 10 --rate 575

Uploads with and without an expiry, downloads, lists, changes of metadata, deletions now and later,
resumable uploads that are completed and abandoned, pictures and refused requests, over 2,000 keys.
Prints the resident memory and the size of the private files every 10 s, and at the end the slope of
the memory in the second half, in KiB a minute. Needs Python 3.8 alone.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import os
import random
import signal
import struct
import subprocess
import tempfile
import threading
import time
import zlib
from email.utils import formatdate

KEY = hashlib.md5(b"password").hexdigest().encode()
KEYS = 2000


def png(width=40, height=30):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([y, 100, 200] * width) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Client:
    """One connection and its requests."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.random = random.Random()

    def send(self, method, path, body=b"", headers=None, expect=(200, 201, 204, 404)):
        date = formatdate(usegmt=True)
        text = "&".join([method, path, date]).encode()
        signature = base64.b64encode(hmac.new(KEY, text, hashlib.sha1).digest()).decode()
        sent = {"Date": date, "Authorization": f"UPYUN operator:{signature}", **(headers or {})}
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        response.read()
        if response.status not in expect:
            raise RuntimeError(f"{method} {path}: {response.status}")
        return response

    def step(self):
        key = f"/demo/d{self.random.randrange(20)}/{self.random.randrange(KEYS // 20)}"
        kind = self.random.random()
        if kind < 0.25:
            headers = {"x-upyun-meta-ttl": "1"} if kind < 0.12 else {}
            self.send("PUT", key, os.urandom(self.random.choice([10, 4096, 40_000])), headers, (200, 403))
        elif kind < 0.55:
            self.send("GET", key)
        elif kind < 0.65:
            self.send("PATCH", key + "?metadata=merge", b"", {"x-upyun-meta-n": str(kind)})
        elif kind < 0.72:
            self.send("GET", key.rsplit("/", 1)[0] + "/")
        elif kind < 0.78:
            self.send("DELETE", key)
        elif kind < 0.82:
            self.send("DELETE", key, b"", {"x-upyun-async": "true"})
        elif kind < 0.86:
            self.send("GET", key, b"", {"Authorization": "UPYUN operator:wrong"}, (401,))
        elif kind < 0.90:
            picture = {"Host": "demo.b0.upaiyun.com"}
            self.connection.request("GET", f"/dot.png!/fw/{self.random.randrange(1, 40)}", b"", picture)
            self.connection.getresponse().read()
        else:
            self.upload_in_parts(key + ".parts", completes=kind < 0.98)

    def upload_in_parts(self, key, completes):
        begin = {"X-Upyun-Multi-Stage": "initiate", "X-Upyun-Multi-Length": "5000"}
        uuid = self.send("PUT", key, b"", begin).getheader("X-Upyun-Multi-Uuid")
        stage = lambda name: {"X-Upyun-Multi-Stage": name, "X-Upyun-Multi-Uuid": uuid}
        self.send("PUT", key, bytes(5000), {**stage("upload"), "X-Upyun-Part-Id": "0"})
        if completes:
            self.send("PUT", key, b"", stage("complete"))
        else:
            self.send("DELETE", key, b"", {"X-Upyun-Multi-Uuid": uuid})


def work(port, rate, stop, counts, errors):
    client = Client(port)
    next_at = time.monotonic()
    while not stop.is_set():
        next_at += 1 / rate
        time.sleep(max(0, next_at - time.monotonic()))
        try:
            client.step()
            counts.append(1)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            errors.append(str(error))
            client = Client(port)


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def private_bytes(data):
    total = 0
    for folder, _, files in os.walk(os.path.join(data, ".upyun-mock")):
        if os.path.basename(folder) == "meta" or "/meta/" in folder:
            continue
        for name in files:
            try:
                total += os.path.getsize(os.path.join(folder, name))
            except OSError:
                pass
    return total


def slope(points):
    """KiB a minute, by least squares."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return above / below * 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=575, help="requests a second")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--directory", help="where to keep the objects, as on a tmpfs")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.directory) as data:
        server = subprocess.Popen(
            [args.program, "--listen", "127.0.0.1:0", "--data", data],
            stdout=subprocess.PIPE, env={**os.environ, "RUST_LOG": "off"}, text=True)
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        Client(port).send("PUT", "/demo/dot.png", png())
        stop, counts, errors, points = threading.Event(), [], [], []
        threads = [
            threading.Thread(target=work, args=(port, args.rate / args.threads, stop, counts, errors))
            for _ in range(args.threads)]
        for thread in threads:
            thread.start()
        start = time.monotonic()
        while time.monotonic() - start < args.minutes * 60:
            time.sleep(10)
            at = time.monotonic() - start
            points.append((at, resident_kib(server.pid)))
            print(f"{at:5.0f} s  {len(counts) / at:6.0f} steps/s  RSS {points[-1][1]} KiB  "
                  f"private {private_bytes(data)} B  errors {len(errors)}", flush=True)
        stop.set()
        for thread in threads:
            thread.join()
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        if errors:
            print("first error:", errors[0])
        if len(points) > 3:
            print(f"slope of the second half: {slope(points[len(points) // 2:]):.0f} KiB/min")


if __name__ == "__main__":
    main()
