# SPDX-License-Identifier: GPL-2.0-or-later
"""A Chromium without a window, spoken to over a pipe (its DevTools protocol):
what a page does in a real browser.  Its profile is a directory that goes.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
import zlib

PROGRAM = "chromium"
DEADLINE_S = 90


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="ofl-chromium-")
        self.buffer, self.number, self.session = b"", 0, None
        self.events = []
        to_read, self.write_fd = os.pipe()
        self.read_fd, to_write = os.pipe()
        try:
            self.process = self.start(to_read, to_write)
        finally:
            os.close(to_read)
            os.close(to_write)

    def start(self, commands, answers):
        argv = [PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--no-first-run",
                "--disable-extensions", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
                "--disable-crash-reporter", "--disable-breakpad",
                "--hide-scrollbars", "--mute-audio",
                "--remote-debugging-pipe", "--user-data-dir=" + self.profile,
                "about:blank"]
        keep = {commands: 3, answers: 4}

        def wire():
            # The pipes are the descriptors 3 and 4 of the browser.
            spare = [os.dup(fd) for fd in keep]
            for fd, number in zip(spare, keep.values()):
                os.dup2(fd, number)

        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, close_fds=False,
            preexec_fn=wire, env={**os.environ, "HOME": self.profile,
                                  "TMPDIR": self.profile,
                                  "XDG_CONFIG_HOME": self.profile,
                                  "XDG_CACHE_HOME": self.profile})

    # --- messages ---
    def receive(self, timeout):
        end = time.monotonic() + timeout
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                return None
            part = os.read(self.read_fd, 1 << 20)
            if not part:
                raise BrowserError("the browser has ended")
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_fd, data):]
        while True:
            answer = self.receive(DEADLINE_S)
            if answer is None:
                raise BrowserError(f"no answer to {method}")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait_event(self, method):
        end = time.monotonic() + DEADLINE_S
        seen = 0
        while True:
            for event in self.events[seen:]:
                if event.get("method") == method:
                    return event["params"]
            seen = len(self.events)
            answer = self.receive(max(end - time.monotonic(), 0))
            if answer is None:
                raise BrowserError(f"{method} does not happen")
            self.events.append(answer)

    # --- a page ---
    def open(self, path, width=1280, height=900, dark=False, script=True):
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=target["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.events = []
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait_event("Page.loadEventFired")

    def complaints(self):
        """Whatever a console would show, and whatever was fetched besides."""
        self.call("Page.getLayoutMetrics")  # what is on its way has come
        out, fetched = [], []
        for event in self.events:
            method, p = event.get("method"), event.get("params", {})
            if method in ("Runtime.exceptionThrown", "Log.entryAdded",
                          "Runtime.consoleAPICalled"):
                out.append(json.dumps(p)[:500])
            if method == "Network.requestWillBeSent" and \
                    not p["request"]["url"].startswith("data:"):
                fetched.append(p["request"]["url"])
        if len(fetched) != 1:
            out.append(f"fetched: {fetched}")
        return out

    def ask(self, expression):
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise BrowserError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode={"ArrowRight": 39, "ArrowLeft": 37,
                                             "End": 35, "Tab": 9,
                                             "Escape": 27}[key])

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def screenshot(self, whole=False):
        return base64.b64decode(self.call(
            "Page.captureScreenshot", format="png",
            captureBeyondViewport=whole,
            **({"clip": {"x": 0, "y": 0, "scale": 1, **self.size()}}
               if whole else {}))["data"])

    def size(self):
        s = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"width": s["width"], "height": s["height"]}

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF",
                                          printBackground=False)["data"])

    def names(self):
        """[(role, name)] as a screen reader is told."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", ""))
                for n in nodes if not n.get("ignored")]

    def close(self):
        """Its whole group, by the id of what was started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                continue
        os.close(self.write_fd)
        os.close(self.read_fd)
        for _ in range(50):
            shutil.rmtree(self.profile, ignore_errors=True)
            if not os.path.exists(self.profile):
                return
            time.sleep(0.1)


def unfilter(kind, line, before, size):
    """A line of a PNG; size: bytes a pixel."""
    out = bytearray(line)
    for i, value in enumerate(out):
        a = out[i - size] if i >= size else 0
        b = before[i]
        c = before[i - size] if i >= size else 0
        if kind == 1:
            value += a
        elif kind == 2:
            value += b
        elif kind == 3:
            value += (a + b) // 2
        elif kind == 4:
            p = a + b - c
            value += min((abs(p - a), 0, a), (abs(p - b), 1, b),
                         (abs(p - c), 2, c))[2]
        out[i] = value & 255
    return out


def colors(png, every=4):
    """{color: pixels} of a picture of a browser (8 bits, RGB or RGBA), of
    some of its columns."""
    at, data, width, size = 8, b"", 0, 3
    while at < len(png):
        length = int.from_bytes(png[at:at + 4], "big")
        kind, body = png[at + 4:at + 8], png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width = int.from_bytes(body[:4], "big")
            size = {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    data = zlib.decompress(data)
    stride, before, found = width * size, bytearray(width * size), {}
    for y in range(0, len(data), stride + 1):
        before = unfilter(data[y], data[y + 1:y + 1 + stride], before, size)
        for x in range(0, stride, size * every):
            color = bytes(before[x:x + 3])
            found[color] = found.get(color, 0) + 1
    return found
