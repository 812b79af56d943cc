#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs gRPC's interop cases between its Python client and server and ours.

Started by scripts/interop.sh, which fetches the client into .cache first.
"""

import argparse
import itertools
import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts")]

from launch import Server, ServerFailed, free_port

# They need an account of a cloud.
CLOUD = {"compute_engine_creds", "oauth2_auth_token", "jwt_token_creds", "per_rpc_creds"}
# Ours run as a module whose `grpc.testing` is the stubs' package beside grpcio's own.
OURS = """
import sys, grpc
sys.path.append(sys.argv[1])
grpc.__path__.append(sys.argv[1] + "/grpc")
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


# gRPC's Python server does not look at compression flags, and lacks the methods of the others.
NOT_UPSTREAM = {
    "cacheable_unary",
    "client_compressed_streaming",
    "client_compressed_unary",
    "orca_oob",
    "orca_per_rpc",
    "server_compressed_streaming",
    "server_compressed_unary",
}


# More calls than the description's ten, on a machine that may be busy.
SOAK = ["--soak-iterations=100", "--soak-per-iteration-max-acceptable-latency-ms=60000"]

# The name in the test certificate of gRPC's source package, which its clients trust.
TEST_NAME = "foo.test.google.fr"


@dataclass(frozen=True)
class Case:
    """A test case and the two sides that meet in it, in plaintext or over TLS."""

    name: str
    client: str
    server: str
    tls: bool = False

    @property
    def wire(self) -> str:
        return "tls" if self.tls else "h2c"


def credentials(tree: Path) -> Path:
    """Where gRPC's test certificates were unpacked."""
    return tree / "tests/interop/credentials"


def server_flags(tree: Path) -> list[str]:
    chain, key = credentials(tree) / "server1.pem", credentials(tree) / "server1.key"
    return ["--use-tls", "--tls-cert", str(chain), "--tls-key", str(key)]


def command(case: Case, tree: Path, client: str, target: str) -> tuple[list[str], str]:
    """What runs a case, and the PYTHONPATH it needs."""
    host, _, port = target.rpartition(":")
    if case.client == "amaru":
        arguments = [client, "--host", host, "--port", port, "--test-case", case.name, *SOAK]
        if case.tls:
            arguments += ["--use-tls", "--ca-file", str(credentials(tree) / "ca.pem")]
            arguments += ["--server-host-override", TEST_NAME]
        return arguments, ""
    if case.client == "grpc":
        arguments = [sys.executable, "-m", "tests.interop.client", f"--server_host={host}"]
        if case.tls:
            arguments += ["--use_tls=true", "--use_test_ca=true"]
            arguments += [f"--server_host_override={TEST_NAME}"]
        return [*arguments, f"--server_port={port}", f"--test_case={case.name}"], str(tree)
    path = os.pathsep.join([str(Path(__file__).parent), str(ROOT / "scripts")])
    return [sys.executable, "-c", OURS, str(tree / "ours"), case.name, target], path


def run_case(case: Case, tree: Path, client: str, target: str) -> tuple[bool, str]:
    arguments, path = command(case, tree, client, target)
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


def client_cases(client: str) -> list[str]:
    """The names that our client lists."""
    return subprocess.check_output([client, "--list"], text=True).split()


def run_cases(cases: list[Case], server: Server, options: argparse.Namespace) -> tuple[int, bool]:
    """Runs the cases against a server that is up; gives how many failed, and if it stayed up."""
    failed = 0
    with server:
        for case in cases:
            started = time.monotonic()
            passed, words = run_case(case, options.tree, options.client or "", server.target)
            seconds = time.monotonic() - started
            result = "passed" if passed else "FAILED"
            sides = f"{case.client:<7} {case.server:<7} {case.wire}"
            print(f"{case.name:<34} {sides} {result}  {seconds:5.1f} s", flush=True)
            if not passed:
                failed += 1
                print(f"      {words}", flush=True)
        stayed = server.process.poll() is None
        if not stayed:
            print("      the server ended; it said:", *server.output[-20:], sep="\n      ")
    return failed, stayed


def all_cases(options: argparse.Namespace) -> list[Case]:
    """Every case, those of one server together."""
    names: list[str] = []
    if options.client and Path(options.client).exists():
        names = client_cases(options.client)
    cases: list[Case] = []
    for tls in (False, True):
        cases += [Case(name, "grpc", "amaru", tls) for name in upstream_cases(options.tree)]
        if not tls:
            # They write HTTP/2 by hand, and not TLS.
            cases += [Case(name, "grpcio", "amaru") for name in our_cases()]
        cases += [Case(name, "amaru", "amaru", tls) for name in names]
        known = [name for name in names if name not in NOT_UPSTREAM]
        cases += [Case(name, "amaru", "grpc", tls) for name in known]
    return cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", type=Path, required=True, help="where the client was unpacked")
    parser.add_argument("--server", help="our server's command; --port N is put after it")
    parser.add_argument("--client", help="our client; without it only our server is tested")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the cases and stop")
    options = parser.parse_args()

    cases = all_cases(options)
    if options.list:
        for case in cases:
            print(f"{case.name:<34} {case.client:<7} {case.server:<7} {case.wire}")
        return 0
    if options.case:
        if unknown := set(options.case) - {case.name for case in cases}:
            parser.error(f"no case {', '.join(sorted(unknown))}; --list prints them")
        cases = [case for case in cases if case.name in options.case]
    if not options.server:
        parser.error("--server is needed")
    if options.client and not Path(options.client).exists():
        parser.error(f"no client {options.client}")

    print(f"{'case':<34} {'client':<7} {'server':<7} wire result")
    theirs = [sys.executable, str(Path(__file__).parent / "upstream_server.py"), str(options.tree)]
    servers = {"amaru": shlex.split(options.server), "grpc": theirs}
    failed, ended = 0, 0
    for (name, tls), some in itertools.groupby(cases, lambda case: (case.server, case.tls)):
        flags = server_flags(options.tree) if tls else []
        try:
            running = Server([*servers[name], "--port", str(free_port()), *flags])
        except ServerFailed as error:
            print(f"interop: {error}", file=sys.stderr)
            return 1
        wrong, stayed = run_cases(list(some), running, options)
        failed += wrong
        ended += not stayed
    servers_ended = f", and {ended} of the servers ended on the way" if ended else ""
    print(f"interop: {len(cases) - failed} passed, {failed} failed{servers_ended}")
    return 1 if failed or ended else 0


if __name__ == "__main__":
    sys.exit(main())
