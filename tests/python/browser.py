"""A headless Chromium, spoken to by the DevTools protocol over two pipes: no package needed."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SOFTWARE_WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")


class Browser:
    """One page. ``requests`` and ``problems`` list what it asked for and complained about."""

    def __init__(self, *flags: str, width: int = 1200, height: int = 800) -> None:
        assert CHROMIUM is not None
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        arguments = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--remote-debugging-pipe", "--hide-scrollbars",
            f"--user-data-dir={self._profile.name}", *flags, "about:blank",
        ]  # fmt: skip
        # Chromium reads from descriptor 3 and writes to 4, whatever their numbers are here.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "-",
             *arguments],
            pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self._buffer, self._number, self._session = b"", 0, None
        self.requests: list[str] = []
        self.problems: list[str] = []
        target = next(
            info for info in self.call("Target.getTargets")["targetInfos"] if info["type"] == "page"
        )
        self._session = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        # What moves by itself is there at once: nothing has to be waited for.
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
        )
        self.resize(width, height)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        # Its own group, by its id: nothing else is stopped.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 90
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                raise TimeoutError("Chromium does not answer")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("Chromium ended")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(line)
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.problems.append(
                    details.get("exception", {}).get("description") or details["text"]
                )
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.problems.append(parameters["entry"]["text"])
            case "Page.javascriptDialogOpening":
                self.problems.append(f"dialog: {parameters['message']}")

    def resize(self, width: int, height: int, **settings: Any) -> None:
        """The size of the window, in CSS pixels."""
        values = {"deviceScaleFactor": 1, "mobile": False, **settings}
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, **values)

    def js(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def open(self, path: Path) -> None:
        """A page of the disk, until its map is whole."""
        self.call("Page.navigate", url=path.absolute().as_uri())
        self.until("performance.getEntriesByName('map:ready').length")

    def until(self, expression: str, seconds: float = 60) -> None:
        """Wait until an expression holds."""
        held = self.js(
            f"""new Promise((tell) => {{
              const until = performance.now() + {seconds * 1000};
              const look = () => {{
                if ({expression}) tell(true);
                else if (performance.now() > until) tell(false);
                else setTimeout(look, 20);
              }};
              look();
            }})"""
        )
        assert held, f"never: {expression}; {self.problems}; {self.js('document.body.innerText')}"

    def frame(self) -> None:
        """Wait until what was asked for is drawn."""
        self.js("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")

    def mouse(self, kind: str, x: float, y: float, **settings: Any) -> None:
        """mouseMoved, mousePressed, mouseReleased or mouseWheel at a place."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **settings)

    def click(self, x: float, y: float) -> None:
        """A click of the left button."""
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def drag(self, *places: tuple[float, float], modifiers: int = 0) -> None:
        """The left button held along places. ``modifiers``: 8 is Shift."""
        self.mouse("mousePressed", *places[0], button="left", clickCount=1, modifiers=modifiers)
        for place in places[1:]:
            self.mouse("mouseMoved", *place, button="left", buttons=1, modifiers=modifiers)
        self.mouse("mouseReleased", *places[-1], button="left", clickCount=1, modifiers=modifiers)

    def key(self, key: str, modifiers: int = 0) -> None:
        """A key pressed and let go."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, modifiers=modifiers)

    def picture(self) -> bytes:
        """A PNG of the window."""
        self.frame()
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
