#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serves Inventory from the Swift binary, calls it from Python and shows what passes between.

Exits 1 when an answer was wrong, or when the server did not stop cleanly.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from launch import Server, ServerFailed, free_port

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "Examples/inventory/python_client"


def demo(command: list[str], verbose: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="amaru-demo-") as folder:
        stubs = Path(folder) / "stubs"
        generate = [sys.executable, CLIENT / "generate_stubs.py", "--out", stubs]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
        port = str(free_port())
        data = str(Path(folder) / "inventory.db")
        with Server([*command, "--host", "127.0.0.1", "--port", port, "--data", data]) as server:
            print(f"demo: the Swift server (pid {server.pid}) listens on {server.target}")
            print("demo: -> is what the Python client sends, <- what the server answers\n")
            environment = {**os.environ, "PYTHONPATH": str(stubs), "PYTHONUNBUFFERED": "1"}
            client = [sys.executable, CLIENT / "src/client.py", "--target", server.target]
            ran = subprocess.run([*client, *(["--verbose"] if verbose else [])], env=environment)
            print(f"\ndemo: the client ended with {ran.returncode}")
            status = server.stop()
            print(f"demo: the server was sent SIGTERM and ended with {status}")
        if ran.returncode or status:
            print("demo: FAILED; the server said:", *server.output, sep="\n  ", file=sys.stderr)
            return 1
    print("demo: all was as it should be")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, help="the inventory-server binary")
    parser.add_argument("--quiet", action="store_true", help="do not print the wire")
    options = parser.parse_args()
    if not Path(options.server).exists():
        print(f"demo: {options.server} is not built: run `make build`", file=sys.stderr)
        return 1
    try:
        return demo([options.server], verbose=not options.quiet)
    except ServerFailed as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
