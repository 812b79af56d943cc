# SPDX-License-Identifier: Apache-2.0
"""The page of the Greeter example in a headless Chromium, and the server that it comes from."""

import functools
import http.server
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server"]

# The lines of the list in the page, once its script has come to its end.
SHOWN = """
new Promise((done) => {
  const look = () => document.title === "done"
    ? done([...document.querySelectorAll("li")].map((item) => item.textContent))
    : setTimeout(look, 20);
  look();
})
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def static_server(folder: Path) -> Iterator[int]:
    """Serves the files of a folder on a port of 127.0.0.1."""
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class Browser:
    """A Chromium that takes commands of the DevTools protocol: JSON and a zero byte, on pipes."""

    def __init__(self, profile: Path) -> None:
        in_read, in_write = os.pipe()
        out_read, out_write = os.pipe()
        # It reads from 3 and writes to 4.
        words = ["bash", "-c", f'exec "$@" 3<&{in_read} 4>&{out_write}', "bash", "chromium"]
        words += [*FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        self._log = (profile / "log").open("w+b")
        self._process = subprocess.Popen(
            words,
            pass_fds=(in_read, out_write),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        os.close(in_read)
        os.close(out_write)
        self._commands = os.fdopen(in_write, "wb", buffering=0)
        self._messages = os.fdopen(out_read, "rb")
        self._last = 0

    def read(self) -> dict[str, Any]:
        """The next message: an answer or an event."""
        message = bytearray()
        while (byte := self._messages.read(1)) != b"\0":
            if not byte:
                self._log.seek(0)
                raise AssertionError(f"Chromium ended: {self._log.read().decode()[-4000:]}")
            message += byte
        return json.loads(message)

    def send(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """Sends a command and returns its result."""
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        self._commands.write(json.dumps(command).encode() + b"\0")
        while (message := self.read()).get("id") != self._last:
            pass
        assert "error" not in message, message
        return message["result"]

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._commands.close()
        self._messages.close()
        self._log.close()


def shown(url: str, profile: Path) -> list[str]:
    """What the page at `url` shows in its list when its script has ended."""
    browser = Browser(profile)
    try:
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        session = attached["sessionId"]
        browser.send("Page.navigate", session, url=url)
        answer = browser.send(
            "Runtime.evaluate", session, expression=SHOWN, awaitPromise=True, returnByValue=True
        )
        return answer["result"]["value"]
    finally:
        browser.close()
