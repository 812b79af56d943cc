#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares Amaru with other servers under the same load, in one run.

Every server has one thread's worth of work to do on one core of its own, and h2load has another.
The rounds go through all servers in turn, so that what else the machine does hits them alike; the
ratios to nghttpd are taken within each round. Results go to Benchmarks/results.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scripts")]

from bench import clients, contenders, doors, measure, report
from bench.contenders import CONTENDERS, Contender, WrongAnswer
from bench.measure import Figures
from bench.shapes import IDLE, SHAPES, Shape
from launch import Server, ServerFailed

CLIENTS = "clients"
DOORS = "doors"
CODEC = HERE / "codec.sh"


def progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    names = ", ".join(
        [one.name for one in CONTENDERS]
        + [one.name for one in SHAPES]
        + [IDLE, CLIENTS, DOORS, "codec"]
    )
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    seconds_help = "how long each measurement takes (default: %(default)s)"
    parser.add_argument("--seconds", type=float, default=1.0, help=seconds_help)
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.3 s, 500 connections")
    connections_help = "idle connections to measure memory with (default: %(default)s)"
    parser.add_argument("--connections", type=int, default=2_000, help=connections_help)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help=f"of: {names}")
    name_help = "of the files in Benchmarks/results (default: the date and time)"
    parser.add_argument("--name", help=name_help)
    options = parser.parse_args()
    if unknown := set(options.only) - set(names.split(", ")):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {names}")
    if options.quick:
        options.rounds, options.seconds, options.connections = 2, 0.3, 500
    return options


def chosen(options: argparse.Namespace) -> tuple[list[Contender], list[Shape], bool]:
    """The servers, the loads, and whether memory is measured."""
    only = set(options.only)
    servers = [one for one in CONTENDERS if one.name in only] or CONTENDERS
    shapes = [one for one in SHAPES if one.name in only]
    loads_named = bool(shapes) or bool({IDLE, CLIENTS, DOORS, "codec"} & only)
    return servers, shapes if loads_named else SHAPES, IDLE in only or not loads_named


def compare(
    servers: list[Contender], shapes: list[Shape], options: argparse.Namespace
) -> dict[str, dict[str, list[Figures]]]:
    rounds: dict[str, dict[str, list[Figures]]] = {}
    # One core serves, another loads; where there is only one, they share it.
    cores = contenders.cores()
    server_core, load_core = cores[0], cores[-1]
    running: dict[str, Server] = {}
    try:
        for contender in servers:
            running[contender.name] = contenders.start(contender, server_core)
            for shape in shapes:
                contenders.verify(running[contender.name].target, shape)
            progress(f"{contender.name} answers right on {running[contender.name].target}")
        for shape in shapes:
            core = server_core if shape.one_core else load_core
            calls = {
                name: measure.calls_for(server, shape, core, options.seconds)
                for name, server in running.items()
            }
            order = list(running)
            for number in range(options.rounds):
                progress(f"{shape.name}: round {number + 1} of {options.rounds}")
                for name in order:
                    figures = measure.load(running[name], shape, calls[name], core)
                    rounds.setdefault(shape.name, {}).setdefault(name, []).append(figures)
                order.append(order.pop(0))
        for contender in servers:
            for shape in shapes:
                contenders.verify(running[contender.name].target, shape)
    finally:
        for server in running.values():
            server.kill()
    return rounds


def idle_memory(servers: list[Contender], connections: int) -> dict[str, Any]:
    limit = contenders.raise_file_limit(connections + 200)
    if limit < connections + 200:
        connections = max(100, limit - 200)
        progress(f"only {limit} files may be open: {connections} connections")
    entries = {}
    for contender in servers:
        progress(f"{IDLE}: {contender.name}")
        with contenders.start(contender, None) as server:
            rss, pss = measure.idle_bytes(server, connections)
        entries[contender.name] = {"rss": rss, "pss": pss}
    return {"connections": connections, "servers": entries}


def codec() -> Any:
    """The figures of the protobuf runtime, which have a program of their own."""
    if not CODEC.is_file():
        return None
    progress("protobuf codec")
    with tempfile.TemporaryDirectory(prefix="amaru-bench-") as folder:
        out = Path(folder) / "codec.json"
        if subprocess.run(["sh", str(CODEC), str(out)], cwd=HERE.parent).returncode != 0:
            progress("the codec's benchmark failed; the rest is kept")
            return None
        return json.loads(out.read_text(encoding="utf-8"))


def main() -> int:
    options = arguments()
    servers, shapes, with_memory = chosen(options)
    result: dict[str, Any] = {"date": report.now(), "machine": report.machine()}
    try:
        for contender in servers if shapes or with_memory else []:
            progress(f"preparing {contender.name}")
            contender.prepare()
        result["versions"] = report.versions(servers)
        result["rounds"] = options.rounds
        result["seconds"] = options.seconds
        result["loads"] = report.summarise(compare(servers, shapes, options) if shapes else {})
        if with_memory:
            result["idle_memory"] = idle_memory(servers, options.connections)
        if not options.only or CLIENTS in options.only:
            progress("clients, and TLS")
            result |= clients.run(options.rounds, options.seconds)
        if not options.only or DOORS in options.only:
            progress("other doors, nginx and FastAPI")
            result["doors"] = doors.run(options.rounds, options.seconds)
        if (not options.only or "codec" in options.only) and (figures := codec()):
            result["codec"] = figures
    except (ServerFailed, WrongAnswer) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"bench: `{' '.join(map(str, error.cmd))}` failed", file=sys.stderr)
        return 1
    report.print_tables(result)
    if "clients" in result:
        clients.print_tables(result)
    if "doors" in result:
        doors.print_tables(result["doors"])
    name = options.name or result["date"].replace(":", "").replace("+0000", "")
    path = report.save(result, HERE / "results", name)
    print(f"\nwrote {path.relative_to(HERE.parent)}")
    if result["loads"]:
        report.plot(result, path.with_suffix(".png"))
        print(f"wrote {path.with_suffix('.png').relative_to(HERE.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
