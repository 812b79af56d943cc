#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps a server and a client busy with calls of all kinds, and sees whether memory stays as it is.

A quarter of the calls is repeated on failure, a quarter is given up in its midst, and once a minute
the server is killed and started anew. Ends with 1 when a call went wrong or memory grew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from launch import Server, free_port

MEGABYTE = 1 << 20
# What pools, tables and the allocator may add after the first quarter of the time.
SLACK = 8 * MEGABYTE


def resident(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096


class Watch:
    """The resident memory of one side, sampled."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.samples: list[int] = []

    def verdict(self) -> bool:
        quarter = self.samples[len(self.samples) // 4 : len(self.samples) // 2]
        first, last = max(quarter), self.samples[-1]
        flat = last <= first + SLACK
        words = "flat" if flat else "GREW"
        first_mb, last_mb = first / MEGABYTE, last / MEGABYTE
        sizes = f"{first_mb:.1f} MB in the second quarter, {last_mb:.1f} MB at the end"
        print(f"soak: {self.name}: {sizes}: {words}")
        return flat


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", type=Path, required=True, help="the binary fault-tool")
    parser.add_argument("--seconds", type=int, default=600, help="default: %(default)s")
    parser.add_argument(
        "--rate", type=int, default=500, help="calls a second (default: %(default)s)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="amaru-soak-") as folder:
        config = Path(folder) / "config.json"
        retries = {"maxAttempts": 5, "initialBackoff": "0.05s", "maxBackoff": "1s"}
        retries |= {"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}
        name = [{"service": "fault.v1.Fault", "method": "Again"}]
        method = {"name": name, "retryPolicy": retries, "waitForReady": True}
        config.write_text(json.dumps({"methodConfig": [method]}))
        serve = [options.tool, "serve", "--port", str(free_port()), "--log", "/dev/null"]
        server = Server(serve)
        load = [options.tool, "load", "--target", server.target, "--rate", str(options.rate)]
        load += [
            "--seconds",
            str(options.seconds),
            "--timeout",
            "20000",
            "--config",
            config,
            "--mixed",
        ]
        client = subprocess.Popen(
            [str(word) for word in load], stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert client.stdout is not None
        watches = [Watch("client"), Watch("server")]
        outcome = {}
        for line in client.stdout:
            if line.startswith("{"):
                outcome = json.loads(line)
                break
            second = int(line.split()[1])
            if second % 60 == 30:
                server.kill()
                server = Server(serve)
            elif second % 5 == 0 and second % 60 not in (30, 35):
                for watch, pid in zip(watches, (client.pid, server.pid), strict=True):
                    watch.samples.append(resident(pid))
                if second % 30 == 0:
                    sizes = ", ".join(
                        f"{w.name} {w.samples[-1] / MEGABYTE:.1f} MB" for w in watches
                    )
                    print(f"soak: {second} s: {sizes}", flush=True)
        client.wait()
        server.kill()
    outcome.pop("failed", None)
    print(f"soak: {json.dumps(outcome)}")
    codes = {code for value in outcome.values() if isinstance(value, dict) for code in value}
    right = client.returncode == 0 and "WRONG" not in codes
    right = right and set(outcome.get("Again", {})) == {"OK"}
    return 0 if all([right, *[watch.verdict() for watch in watches]]) else 1


if __name__ == "__main__":
    started = time.monotonic()
    status = main()
    print(f"soak: {time.monotonic() - started:.0f} s, {'passed' if status == 0 else 'FAILED'}")
    sys.exit(status)
