#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serves Greeter from the Swift binary, and knocks at every door with the commands of its README.

Exits 1 when one prints something else than the README says, or the server did not stop cleanly.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from launch import Server, ServerFailed, free_port

GREETER = Path(__file__).resolve().parent.parent / "Examples/greeter"
PATIENCE_SECONDS = 60


def commands() -> list[tuple[str, str]]:
    """The commands of the README's console blocks, each with what it says they print."""
    text = (GREETER / "README.md").read_text(encoding="utf-8")
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, printed = re.split(r"(?<!\\)\n", example, maxsplit=1)
            found.append((command, printed.strip()))
    return found


def knock(port: int, http_port: int) -> int:
    """Runs the commands, prints what passes, and returns how many printed something else."""
    wrong = 0
    for command, expected in commands():
        here = command.replace(":50051", f":{port}").replace(":8000", f":{http_port}")
        print(f"\n$ {here}", flush=True)
        words = ["bash", "-c", here]
        ran = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        print(ran.stdout.strip())
        if ran.stdout.strip() != expected:
            wrong += 1
            print(f"{ran.stderr}demo: WRONG; the README says:\n{expected}")
    return wrong


def demo(binary: Path, port: int, http_port: int) -> int:
    ports = ["--port", str(port), "--http-port", str(http_port)]
    with Server([binary, *ports]) as server:
        print(f"\ndemo: the Swift server (pid {server.pid}) listens on {server.target}")
        wrong = knock(port, http_port)
        print("\ndemo: the four kinds of RPC from Python", flush=True)
        program = GREETER / "python_client/four_kinds.py"
        code = subprocess.run([sys.executable, program, "--target", server.target]).returncode
        status = server.stop()
        print(f"demo: the server was sent SIGTERM and ended with {status}")
    if wrong or code or status:
        print("demo: FAILED; the server said:", *server.output, sep="\n  ", file=sys.stderr)
        return 1
    print("demo: all was as it should be")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True, help="the greeter-server binary")
    parser.add_argument(
        "--port", type=int, default=free_port(), help="of gRPC; default: a free one"
    )
    parser.add_argument("--http-port", type=int, default=free_port(), help="the same of HTTP")
    options = parser.parse_args()
    try:
        return demo(options.server, options.port, options.http_port)
    except (ServerFailed, OSError) as error:
        print(f"demo: {error}; `make build` builds the binaries", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
