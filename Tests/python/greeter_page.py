# SPDX-License-Identifier: Apache-2.0
"""The page of the Greeter example in a headless Chromium, and the server that it comes from."""

import functools
import http.server
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 120
# Time runs as fast as it can while the page waits for nothing, and stands still while it does.
VIRTUAL_MS = 60_000


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


def shown(url: str, profile: Path) -> list[str]:
    """The lines of the list in the page, when all its scripts have run."""
    ran = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-proxy-server",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={VIRTUAL_MS}",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert "<title>done</title>" in ran.stdout, ran.stdout + ran.stderr[-2000:]
    return re.findall(r"<li>(.*?)</li>", ran.stdout)
