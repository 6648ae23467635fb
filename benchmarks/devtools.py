"""A browser to test the HTML report in: Chromium, told what to do by the DevTools protocol over a
pipe. No package is needed for that, only the browser."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)

LAUNCH = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
for number, pipe in enumerate(pipes, 3):
    os.dup2(pipe, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""A browser reads what it is told from file 3, and answers into file 4."""


def executable() -> str | None:
    """The browser on this machine; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browsing(folder: Path) -> Iterator[Tab]:
    """A tab of a browser of its own, which keeps its files in the folder."""
    told, tell = os.pipe()
    hear, heard = os.pipe()
    command = [executable() or NAMES[0], *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    redirect = [sys.executable, "-c", LAUNCH, str(told), str(heard), *command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    browser = subprocess.Popen(redirect, pass_fds=(told, heard), **quiet)
    os.close(told)
    os.close(heard)
    with os.fdopen(tell, "wb", 0) as output, os.fdopen(hear, "rb", 0) as source:
        try:
            yield Tab(output, source)
        finally:
            browser.terminate()
            browser.wait(20)


class Tab:
    """A page that is driven from here. `said` are the errors and warnings of its console, `asked`
    the addresses that it requested."""

    def __init__(self, output: Any, source: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self._output, self._source, self._rest, self._number = output, source, b"", 0
        self._session = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to a command. Raises `RuntimeError` if it refuses."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._output.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return dict(answer["result"])
            self._notice(answer)

    def open(self, page: Path, width: int = 1440, height: int = 900, dark: bool = False) -> None:
        """Load a file into a window of a size, and wait until it has settled."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.resize(width, height)
        self.send("Page.navigate", url=page.as_uri())
        self.run("new Promise(done => document.readyState === 'complete' ? done() : onload = done)")
        self.run("document.fonts.ready.then(() => 0)")

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        mobile = width < 500
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.send("Emulation.setDeviceMetricsOverride", **size)

    def run(self, script: str) -> Any:
        """The value of an expression of JavaScript (of a promise: what it gives in the end)."""
        found = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def press(self, *names: str) -> None:
        """Press keys, one after the other, in the element that has the focus."""
        for name in names:
            text = {"Enter": "\r", "Escape": ""}.get(name, name)
            key = {"key": name, "code": name, "windowsVirtualKeyCode": CODES.get(name, 0)}
            down = {"type": "keyDown", **({"text": text} if text else {}), **key}
            self.send("Input.dispatchKeyEvent", **down)
            self.send("Input.dispatchKeyEvent", type="keyUp", **key)

    def type(self, text: str) -> None:
        """Type into the element that has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, file: Path, whole: bool = False) -> None:
        """Write what is to be seen (or the `whole` page) as PNG."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        file.write_bytes(base64.b64decode(data))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._source.fileno(), 1 << 16)
            if not more:
                raise RuntimeError("the browser has gone away")
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def _notice(self, event: dict[str, Any]) -> None:
        match event.get("method"), event.get("params", {}):
            case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                self.said.append(str(details))
            case "Runtime.consoleAPICalled", {"type": "error" | "warning" | "assert", "args": args}:
                self.said.append(str(args))
            case "Log.entryAdded", {"entry": {"level": "error" | "warning", "text": text}}:
                self.said.append(text)
            case "Network.requestWillBeSent", {"request": {"url": url}}:
                self.asked.append(url)


CODES = {"Enter": 13, "Escape": 27}
