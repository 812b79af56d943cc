#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serves Users from the Swift binary, and runs the demo of its Swift and of its Python client.

Exits 1 when an answer was wrong, or when the server did not stop cleanly.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from launch import Server, ServerFailed, free_port

PYTHON_CLIENT = Path(__file__).resolve().parent.parent / "Examples/users/python"


def demo(binary: Path, client: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="amaru-demo-") as folder:
        stubs = Path(folder) / "stubs"
        generate = [sys.executable, PYTHON_CLIENT / "generate_stubs.py", "--out", stubs]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
        command = [binary, "--port", str(free_port()), "--data", Path(folder) / "users.db"]
        with Server(command) as server:
            print(f"\ndemo: the Swift server (pid {server.pid}) listens on {server.target}")
            environment = {**os.environ, "PYTHONPATH": str(stubs), "PYTHONUNBUFFERED": "1"}
            codes = []
            clients = {"Swift": [client], "Python": [sys.executable, PYTHON_CLIENT / "client.py"]}
            for language, words in clients.items():
                print(f"\ndemo: the {language} client", flush=True)
                flags = ["--target", server.target, "demo"]
                codes.append(subprocess.run([*words, *flags], env=environment).returncode)
                print(f"\ndemo: the {language} client ended with {codes[-1]}")
            status = server.stop()
            print(f"demo: the server was sent SIGTERM and ended with {status}")
        if any(codes) or status:
            print("demo: FAILED; the server said:", *server.output, sep="\n  ", file=sys.stderr)
            return 1
    print("demo: all was as it should be")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True, help="the users-server binary")
    parser.add_argument("--client", type=Path, required=True, help="the users-client binary")
    options = parser.parse_args()
    try:
        return demo(options.server, options.client)
    except (ServerFailed, OSError) as error:
        print(f"demo: {error}; `make build` builds the binaries", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
