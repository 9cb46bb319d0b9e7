"""The official Python SDK with the setting that the guide prints."""

import os

import upyun

address = os.environ["SETTINGS_ADDRESS"]
up = upyun.UpYun("demo", "operator", "password", endpoint=address)
up.put("/a.txt", "hello")
assert up.get("/a.txt") == "hello"
up.init_multi_uploader("/parts").upload(0, b"x")
with open(__file__, "rb") as file:
    up.put("/{filename}{.suffix}", file, form=True, expiration=600)
tasks = [{"sources": ["/a.txt"], "save_as": "/a.zip"}]
up.status(up.put_tasks(tasks, "", "compress"))
up.purge(["/a.txt"])
