#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs gRPC's interop cases against a server: those of its Python client, then our own.

Started by scripts/interop.sh, which fetches the client into .cache first.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts")]

from launch import Server, ServerFailed, free_port

# They need an account of a cloud.
CLOUD = {"compute_engine_creds", "oauth2_auth_token", "jwt_token_creds", "per_rpc_creds"}
# Ours run as a module whose `grpc.testing` is the stubs' package beside grpcio's own.
OURS = """
import sys, grpc
grpc.__path__.append(sys.argv[1])
import cases
cases.CASES[sys.argv[2]](sys.argv[3])
"""


def upstream_cases(tree: Path) -> list[str]:
    """The names in the client's own list, whichever version of it the distribution has."""
    source = (tree / "tests/interop/methods.py").read_text(encoding="utf-8")
    body = source.split("class TestCase(enum.Enum):", 1)[1].split("\n    def ", 1)[0]
    found = re.findall(r"^    [A-Z0-9_]+ = ['\"](\w+)['\"]", body, re.MULTILINE)
    return [name for name in found if name not in CLOUD]


def our_cases() -> list[str]:
    source = (Path(__file__).parent / "cases.py").read_text(encoding="utf-8")
    listed = source.split("for case in (", 1)[1].split(")", 1)[0]
    return re.findall(r"\w+", listed)


def command(case: str, origin: str, tree: Path, target: str) -> tuple[list[str], str]:
    """What runs a case, and the PYTHONPATH it needs."""
    if origin == "grpc":
        host, _, port = target.rpartition(":")
        client = [sys.executable, "-m", "tests.interop.client", f"--server_host={host}"]
        return [*client, f"--server_port={port}", f"--test_case={case}"], str(tree)
    path = os.pathsep.join([str(Path(__file__).parent), str(ROOT / "scripts")])
    return [sys.executable, "-c", OURS, str(tree / "ours/grpc"), case, target], path


def run_case(case: str, origin: str, tree: Path, target: str) -> tuple[bool, str]:
    arguments, path = command(case, origin, tree, target)
    environment = {**os.environ, "PYTHONPATH": path, "GRPC_VERBOSITY": "ERROR"}
    environment |= {"no_proxy": "*", "PYTHONWARNINGS": "ignore"}
    try:
        ran = subprocess.run(
            arguments, env=environment, capture_output=True, text=True, timeout=180
        )
    except subprocess.TimeoutExpired:
        return False, "no end after 180 s"
    lines = (ran.stderr or ran.stdout).strip().splitlines()
    return ran.returncode == 0, "" if ran.returncode == 0 else "\n      ".join(lines[-12:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", type=Path, required=True, help="where the client was unpacked")
    parser.add_argument("--server", help="the server's command; --port N is put after it")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the cases and stop")
    options = parser.parse_args()

    cases = dict.fromkeys(our_cases(), "amaru")
    cases = dict.fromkeys(upstream_cases(options.tree), "grpc") | cases
    if options.list:
        for name, origin in cases.items():
            print(f"{name:<34} {origin}")
        return 0
    if unknown := set(options.case or []) - cases.keys():
        parser.error(f"no case {', '.join(sorted(unknown))}; --list prints them")
    if not options.server:
        parser.error("--server is needed")

    try:
        server = Server([*shlex.split(options.server), "--port", str(free_port())])
    except ServerFailed as error:
        print(f"interop: {error}", file=sys.stderr)
        return 1
    failed: list[str] = []
    with server:
        print(f"{'case':<34} {'from':<6} result")
        for name, origin in cases.items():
            if options.case and name not in options.case:
                continue
            started = time.monotonic()
            passed, words = run_case(name, origin, options.tree, server.target)
            seconds = time.monotonic() - started
            result = "passed" if passed else "FAILED"
            print(f"{name:<34} {origin:<6} {result}  {seconds:5.1f} s", flush=True)
            if not passed:
                failed.append(name)
                print(f"      {words}", flush=True)
        if server.process.poll() is not None:
            failed.append("the server, which ended on the way")
            print("      the server said:", *server.output[-20:], sep="\n      ")
    ran = len(options.case or cases)
    print(f"interop: {ran - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
