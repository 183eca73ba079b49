"""Headless Chromium, spoken to through its own DevTools over a pipe: no driver, no package.

A missing browser fails the tests that ask for it; `make test` installs Chromium or says how to.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE
from tests.support.system_programs import BROWSERS, find_browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
)
ARRANGE_PIPE = """
import fcntl, os, sys  # Chromium reads from its descriptor 3 and writes to its 4
away = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, wanted in zip(away, (3, 4)):
    os.dup2(end, wanted)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """Chromium, spoken to in the DevTools protocol: JSON messages that end in a zero byte."""

    def __init__(self, profile: Path) -> None:
        program = find_browser()
        assert program, f"none of {', '.join(BROWSERS)} is installed"
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        pipe = (str(to_browser), str(from_browser))
        command = [program, *FLAGS, f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", ARRANGE_PIPE, *pipe, *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        os.set_blocking(self._read, False)
        self._buffer = b""
        self._last = 0
        self._session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the browser's answer to one call; what happens meanwhile goes to `events`."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params, **self._session}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            got = self._message()
            if got.get("id") == self._last:
                assert "error" not in got, got
                result: dict[str, Any] = got["result"]
                return result
            self.events.append(got)

    def _message(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            assert time.monotonic() < until, "Chromium does not answer"
            assert self._process.poll() is None, "Chromium ended"
            try:
                self._buffer += os.read(self._read, 1 << 20)
            except BlockingIOError:
                time.sleep(0.005)
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message

    def open(self, page: Path) -> None:
        """Load a file and wait until it and all that belongs to it are there."""
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression on the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression on the page is true."""
        until = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < until, condition
            time.sleep(0.01)

    def press(self, key: str, code: int) -> None:
        """Press a key where the focus is."""
        text = {"text": "\r"} if key == "Enter" else {}
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def click(self, selector: str) -> None:
        """Click with the mouse into the middle of the first element that `selector` finds."""
        x, y = self.run(
            f"(() => {{ const node = document.querySelector({selector!r});"
            "node.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const box = node.getBoundingClientRect();"
            "return [box.x + Math.min(box.width, 200) / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def mouse(self, kind: str, at: tuple[float, float], buttons: int = 0) -> None:
        """Tell the page of a "Pressed", "Moved" or "Released" mouse at a place of the window."""
        button = {"button": "left" if buttons or kind != "Moved" else "none", "buttons": buttons}
        count = {"clickCount": 0 if kind == "Moved" else 1}
        self.call(
            "Input.dispatchMouseEvent", type=f"mouse{kind}", x=at[0], y=at[1], **button, **count
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at `start`, move it to `end` and release it."""
        between = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.mouse("Pressed", start, 1)
        for at in (between, end):
            self.mouse("Moved", at, 1)
        self.mouse("Released", end)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn what was asked of it."""
        frame = "await new Promise(requestAnimationFrame)"
        frames = f"(async () => {{ for (let i = 0; i < 4; i++) {frame}; }})()"
        self.call("Runtime.evaluate", expression=frames, awaitPromise=True)

    def type_filter(self, text: str) -> None:
        """Write `text` into the filter, in the place of what is there."""
        self.run(
            "(() => { const box = document.getElementById('filter');box.focus(); box.select(); })()"
        )
        if text:
            self.call("Input.insertText", text=text)
        else:
            self.press("Delete", 46)

    def column(self, title: str) -> list[str]:
        """Return the texts of a column of the table, as they are shown."""
        place = self.run(
            "[...document.querySelectorAll('#table thead th')]"
            f".findIndex((cell) => cell.textContent === {title!r})"
        )
        found: list[str] = self.run(
            "[...document.querySelectorAll('#table tr.trial')]"
            f".map((row) => row.cells[{place}].textContent)"
        )
        return found

    def complaints(self) -> list[Any]:
        """Return errors and warnings of the console, and what the page asked a network for."""
        wrong = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                wrong.append(params["exceptionDetails"])
            elif method == "Runtime.consoleAPICalled" or method == "Log.entryAdded":
                wrong.append(params)
            elif method == "Network.requestWillBeSent":
                address = params["request"]["url"]
                if not address.startswith(("file:", "data:")):
                    wrong.append(address)
        return wrong

    def close(self) -> None:
        """End the browser."""
        self._session = {}
        self.call("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._read)
        os.close(self._write)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A short path: Chromium puts a socket into its profile.
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        opened = Browser(Path(profile))
        yield opened
        opened.close()
