# SPDX-License-Identifier: Apache-2.0
"""Measures a load on a server: CPU time, rate and latencies; and what idle connections cost."""

import os
import re
import socket
import statistics
import struct
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from hpack import Encoder
from hyperframe.frame import DataFrame, HeadersFrame, SettingsFrame

from bench.contenders import WrongAnswer
from bench.shapes import SHAPES, Shape
from launch import Server
from raw_http2 import PREFACE

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
FINISHED = re.compile(r"finished in ([\d.]+)(us|ms|s),")
SUCCEEDED = re.compile(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")
DATA_BYTES = re.compile(r"headers \([^)]*\), [^ ]+ \((\d+)\) data")
UNIT = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Figures:
    """One measurement; CPU time and rate are for each message, latencies for each call."""

    cpu_us: float
    per_second: float
    p50_us: float
    p99_us: float
    calls: int

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def cpu_seconds(pid: int) -> tuple[float, float]:
    """User and system time of a process: the sum over its threads, and the kernel's own total.

    The first is exact, but forgets threads that have ended; the second is in steps of 10 ms.
    """
    exact_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            exact_ns += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return exact_ns / 1e9, (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def spent(before: tuple[float, float], after: tuple[float, float]) -> float:
    """CPU seconds between two readings; the kernel's total when threads have ended meanwhile."""
    exact, total = after[0] - before[0], after[1] - before[1]
    return total if total - exact > 0.03 + 0.05 * total else exact


def load(
    server: Server, shape: Shape, calls: int, core: int | None, scheme: str = "http"
) -> Figures:
    """Runs h2load for `calls` calls and reads what the server spent on them."""
    with tempfile.TemporaryDirectory(prefix="amaru-bench-") as folder:
        body, log = Path(folder) / "body", Path(folder) / "log"
        body.write_bytes(shape.request)
        pin = [] if core is None else ["taskset", "--cpu-list", str(core)]
        command = [*pin, "h2load", "-n", str(calls), "-c", str(shape.clients)]
        command += ["-m", str(shape.streams), "-t", "1", "-d", str(body), f"--log-file={log}"]
        for name, value in shape.fields:
            command += ["-H", f"{name}: {value}"]
        before = cpu_seconds(server.pid)
        ran = subprocess.run(
            [*command, f"{scheme}://{server.target}{shape.path}"], capture_output=True, text=True
        )
        after = cpu_seconds(server.pid)
        seconds = check(ran.stdout + ran.stderr, shape, calls)
        latencies = [int(line.split("\t")[2]) for line in log.read_text().splitlines()]
    cuts = statistics.quantiles(latencies, n=100, method="inclusive")
    messages = calls * shape.messages
    cpu_us = spent(before, after) * 1e6 / messages
    return Figures(cpu_us, messages / seconds, cuts[49], cuts[98], calls)


def check(report: str, shape: Shape, calls: int) -> float:
    """Sees from h2load's report that all calls were answered in full; returns the seconds."""
    counts, data = SUCCEEDED.search(report), DATA_BYTES.search(report)
    finished = FINISHED.search(report)
    if not (counts and data and finished):
        raise WrongAnswer(f"h2load said:\n{report}")
    if int(counts[1]) != calls or int(data[1]) != calls * len(shape.response):
        raise WrongAnswer(f"{counts[0]}, {data[1]} bytes of {calls * len(shape.response)}")
    return float(finished[1]) * UNIT[finished[2]]


def calls_for(server: Server, shape: Shape, core: int | None, seconds: float) -> int:
    """How many calls take about that long; measured, which also warms the server up."""
    calls = max(200, shape.clients * shape.streams * 2) // (4 if shape.messages > 1 else 1)
    while True:
        figures = load(server, shape, calls, core)
        rate = figures.per_second / shape.messages
        if calls / rate >= seconds / 5:
            return max(shape.clients * shape.streams, int(rate * seconds))
        calls = min(calls * 10, max(calls * 2, int(rate * seconds / 3)))


def resident_bytes(pid: int) -> tuple[int, int]:
    """RSS and PSS of a process."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value, *_ = line.split()
        found[key] = int(value) * 1024
    return found["Rss:"], found["Pss:"]


def connect_and_call(target: str) -> socket.socket:
    """A connection that has made one unary call and now does nothing."""
    host, _, port = target.rpartition(":")
    shape = SHAPES[0]
    headers = [(":method", "POST"), (":scheme", "http"), (":path", shape.path)]
    headers += [(":authority", target), ("te", "trailers"), ("content-type", "application/grpc")]
    block = Encoder().encode(headers)
    connection = socket.create_connection((host, int(port)), timeout=60)
    connection.sendall(
        PREFACE
        + SettingsFrame().serialize()
        + HeadersFrame(1, block, flags=["END_HEADERS"]).serialize()
        + DataFrame(1, shape.request, flags=["END_STREAM"]).serialize()
        + SettingsFrame(flags=["ACK"]).serialize()
    )
    received = b""
    while True:
        piece = connection.recv(65_536)
        if not piece:
            raise WrongAnswer("the server closed a connection of the memory measurement")
        received += piece
        while len(received) >= 9:
            length = int.from_bytes(received[:3], "big")
            if len(received) < 9 + length:
                break
            kind, flags, stream = struct.unpack(">BBI", received[3:9])
            received = received[9 + length :]
            if stream == 1 and kind in (0, 1) and flags & 1:
                return connection


def idle_bytes(server: Server, connections: int) -> tuple[float, float]:
    """RSS and PSS that one idle connection costs, each after one call."""
    # The first ones pay for pools and tables that later ones share.
    opened = [connect_and_call(server.target) for _ in range(20)]
    before = resident_bytes(server.pid)
    opened += [connect_and_call(server.target) for _ in range(connections)]
    after = resident_bytes(server.pid)
    for connection in opened:
        connection.close()
    return (after[0] - before[0]) / connections, (after[1] - before[1]) / connections
