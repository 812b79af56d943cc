#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three servers that share a data file, and one Swift client that balances its calls over them
while one of them is killed (SIGKILL, no farewell) and started again.

Prints every second how many calls went well, and at which server. Exits 1 when a call failed for
good, or when the server that came back got no calls.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))

from launch import Server, ServerFailed, free_port

BUILT = HERE.parent / ".build/release"
SECONDS_AWAY = 2


class Cluster:
    """Three servers over one data file, each on a port of its own."""

    def __init__(self, binary: Path, data: Path) -> None:
        self._binary = binary
        self._data = data
        self.ports = [free_port() for _ in range(3)]
        self.servers = [self._start(port) for port in self.ports]

    def _start(self, port: int) -> Server:
        server = Server([self._binary, "--port", str(port), "--data", self._data])
        say(f"a server listens on {server.target} (pid {server.pid})")
        return server

    @property
    def target(self) -> str:
        return "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def kill(self, index: int) -> None:
        say(f"kill -9 {self.servers[index].pid}: 127.0.0.1:{self.ports[index]} is gone")
        self.servers[index].kill()

    def restart(self, index: int) -> None:
        self.servers[index] = self._start(self.ports[index])

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


def say(text: str) -> None:
    print(f"-- {text}", flush=True)


def watch(client: "subprocess.Popen[str]", cluster: Cluster, kill_at: int) -> bool:
    """Prints what the client says, and kills and restarts a server meanwhile. Whether the server
    that came back was called again."""
    assert client.stdout is not None
    has_restarted = is_called_again = False
    victim = 1
    for line in client.stdout:
        print(line, end="", flush=True)
        second = line.partition(" s: ")[0]
        if not second.isdigit():
            continue
        if has_restarted and f":{cluster.ports[victim]} " in line:
            is_called_again = True
        if int(second) == kill_at:
            cluster.kill(victim)
        elif int(second) == kill_at + SECONDS_AWAY:
            cluster.restart(victim)
            has_restarted = True
    return is_called_again


def run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="amaru-users-") as folder:
        cluster = Cluster(options.server, Path(folder) / "users.db")
        try:
            flags = ["--target", cluster.target, "--balancer", "round_robin", "--retries"]
            load = ["load", "--rate", str(options.rate), "--seconds", str(options.seconds)]
            say(f"users-client {' '.join([*flags, *load])}")
            command = [options.client, *flags, *load]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
                try:
                    is_called_again = watch(client, cluster, options.seconds // 3)
                except BaseException:
                    client.kill()
                    raise
            if client.returncode:
                say("FAILED: a call failed for good, or could not be made")
                return 1
            if not is_called_again:
                say("FAILED: the server that came back got no calls")
                return 1
            say("no call failed, and the server that came back is called again")
            return 0
        finally:
            cluster.stop()


def program(text: str) -> Path:
    """A program that is named by its place, and not looked for in PATH."""
    return Path(text).resolve()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("server", "client"):
        named = os.environ.get(f"AMARU_USERS_{name.upper()}")
        default = Path(named) if named else BUILT / f"users-{name}"
        parser.add_argument(f"--{name}", type=program, default=default, help="default: %(default)s")
    parser.add_argument("--rate", type=int, default=200, help="calls a second (default: 200)")
    parser.add_argument("--seconds", type=int, default=15, help="at least 9 (default: 15)")
    options = parser.parse_args()
    if options.rate < 1:
        parser.error("--rate: 1 call a second at least")
    if options.seconds < 9:
        parser.error("--seconds: 9 are needed to kill a server and to see it come back")
    try:
        return run(options)
    except (ServerFailed, OSError) as error:
        print(f"{error}\nis it built? `make build` does that", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
