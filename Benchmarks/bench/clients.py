# SPDX-License-Identifier: Apache-2.0
"""Compares clients, each with the server of its own library; and what TLS costs our server."""

import json
import statistics
import subprocess
from dataclasses import dataclass
from typing import Any

from bench import contenders, measure
from bench.contenders import BENCHMARKS, CACHE, CONTENDERS, OURS, Contender, WrongAnswer
from bench.shapes import SHAPES
from launch import Server

OUR_CLIENT = BENCHMARKS / ".build/release/amaru-bench-client"
CPP_CLIENT = CACHE / "grpc_cpp/client"


@dataclass(frozen=True)
class Load:
    name: str
    concurrency: int
    one_core: bool


LOADS = [Load("1x100", 100, False), Load("1x1-one-core", 1, True)]
PAIRS = ["amaru", "grpc-c++"]


def prepare() -> None:
    contenders.build_ours()
    build = ["swift", "build", "-c", "release", "--product", OUR_CLIENT.name]
    subprocess.run([*build, "--package-path", str(BENCHMARKS)], check=True)
    contenders.build_cpp()


def command(name: str, target: str, concurrency: int, seconds: float) -> list[str]:
    if name != "amaru":
        return [str(CPP_CLIENT), target, str(concurrency), str(seconds)]
    flags = ["--target", target, "--concurrency", str(concurrency), "--seconds", str(seconds)]
    return [str(OUR_CLIENT), *flags]


def call(name: str, server: Server, load: Load, core: int, seconds: float) -> dict[str, float]:
    """Runs one client; its own figures, and the CPU time of the server for each call."""
    pin = ["taskset", "--cpu-list", str(core)]
    before = measure.cpu_seconds(server.pid)
    ran = subprocess.run(
        [*pin, *command(name, server.target, load.concurrency, seconds)],
        capture_output=True,
        text=True,
    )
    after = measure.cpu_seconds(server.pid)
    if ran.returncode != 0:
        raise WrongAnswer(f"the client of {name} said: {ran.stdout}{ran.stderr}")
    figures: dict[str, float] = json.loads(ran.stdout)
    # The client warms up for a fifth of the time before it counts.
    figures["server_cpu_us"] = measure.spent(before, after) * 1e6 / (figures["calls"] * 1.2)
    return figures


def compare(rounds: int, seconds: float) -> dict[str, Any]:
    """The medians for each load and pair, over rounds that go through the pairs in turn."""
    by_name = {one.name: one for one in CONTENDERS}
    cores = contenders.cores()
    found: dict[str, Any] = {}
    for load in LOADS:
        load_core = cores[0] if load.one_core else cores[-1]
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in PAIRS}
        running: dict[str, Server] = {}
        try:
            for name in PAIRS:
                running[name] = contenders.start(by_name[name], cores[0])
            for _ in range(rounds):
                for name in PAIRS:
                    measured[name].append(call(name, running[name], load, load_core, seconds))
        finally:
            for server in running.values():
                server.kill()
        found[load.name] = {
            name: {key: statistics.median(one[key] for one in all_) for key in all_[0]}
            for name, all_ in measured.items()
        }
    return found


def tls(rounds: int, seconds: float) -> dict[str, Any]:
    """CPU time of our server for each call under h2load, in plaintext and with TLS."""
    shape = next(one for one in SHAPES if one.name == "10x10")
    folder = CACHE / "tls"
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "server.pem", folder / "server.key"
    made = ["-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "30"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(
        ["openssl", "req", "-x509", *new_key, *made, *subject], check=True, capture_output=True
    )
    flags = ["--tls-cert", str(certificate), "--tls-key", str(key)]
    kinds = {"plaintext": [], "tls": flags}
    cores = contenders.cores()
    running: dict[str, Server] = {}
    measured: dict[str, list[float]] = {kind: [] for kind in kinds}
    try:
        for kind, more in kinds.items():
            contender = Contender(
                kind, lambda: None, lambda port, more=more: server_command(port, more), lambda: ""
            )
            running[kind] = contenders.start(contender, cores[0])
        calls = measure.calls_for(running["plaintext"], shape, cores[-1], seconds)
        for _ in range(rounds):
            for kind, server in running.items():
                scheme = "https" if kind == "tls" else "http"
                figures = measure.load(server, shape, calls, cores[-1], scheme)
                measured[kind].append(figures.cpu_us)
    finally:
        for server in running.values():
            server.kill()
    found = {kind: statistics.median(all_) for kind, all_ in measured.items()}
    pairs = zip(measured["tls"], measured["plaintext"], strict=True)
    return found | {"ratio": statistics.median(one / other for one, other in pairs)}


def server_command(port: int, more: list[str]) -> list[str]:
    return [str(OURS), "--port", str(port), "--loops", "1", *more]


def print_tables(found: dict[str, Any]) -> None:
    for load, pairs in found["clients"].items():
        print(f"\nclients, {load}: a client and the server of its own library, one connection")
        header = f"  {'pair':<10} {'client CPU us':>14} {'server CPU us':>14} {'ratio':>6}"
        print(f"{header} {'per second':>11} {'p50 us':>8} {'p99 us':>8}")
        for name, one in pairs.items():
            ratio = one["cpu_us"] / one["server_cpu_us"]
            figures = f"{one['cpu_us']:14.2f} {one['server_cpu_us']:14.2f} {ratio:6.2f}"
            rest = f"{one['per_second']:11.0f} {one['p50_us']:8.1f} {one['p99_us']:8.1f}"
            print(f"  {name:<10} {figures} {rest}")
    one = found["tls"]
    print("\nTLS, 10x10: CPU us of our server for each call")
    print(f"  plaintext {one['plaintext']:.2f}   TLS {one['tls']:.2f}   ratio {one['ratio']:.2f}")


def run(rounds: int, seconds: float) -> dict[str, Any]:
    prepare()
    return {"clients": compare(rounds, seconds), "tls": tls(rounds, seconds)}
