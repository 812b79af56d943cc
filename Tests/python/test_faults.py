# SPDX-License-Identifier: Apache-2.0
"""Faults with real processes: servers that are killed, silent, slow, or show bad certificates.

`Once` may not be repeated, `Again` may; the load calls both in turn.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certificates import Authority
from faults import RETRIES, Backend, Load, begun_twice, config, target

SECOND = 1000
# What may be on a server when it is killed: many more than its share of the load.
ON_ONE_SERVER = 100
# How late a call may end: nothing is measured here, it is to tell lateness from hanging.
PATIENCE_MS = 5000

Start = Callable[..., Backend]


@pytest.fixture
def start(fault_tool: Path, tmp_path: Path) -> Iterator[Start]:
    backends: list[Backend] = []

    def one(*flags: str | Path) -> Backend:
        backends.append(Backend(fault_tool, tmp_path, *flags))
        return backends[-1]

    yield one
    for backend in backends:
        backend.server.kill()


def test_a_backend_killed_under_load_fails_only_the_calls_on_it(
    fault_tool: Path, tmp_path: Path, start: Start
) -> None:
    backends = [start("--delay", "10") for _ in range(3)]
    retries = config(tmp_path, {"retryPolicy": RETRIES})
    command = [fault_tool, "load", "--target", target(backends), "--rate", str(SECOND)]
    load = Load([*command, "--seconds", "3", "--config", retries, "--balancer", "round_robin"])
    load.wait_for_second(1)
    backends[1].server.kill()
    outcome = load.outcome()

    assert outcome["Again"] == {"OK": 3 * SECOND // 2}
    once = dict(outcome["Once"])
    assert once.pop("OK") + once.get("UNAVAILABLE", 0) == 3 * SECOND // 2
    assert once.pop("UNAVAILABLE", 0) <= ON_ONE_SERVER
    assert not once
    elsewhere = set(backends[0].begun) | set(backends[2].begun)
    assert not elsewhere & set(outcome["failed"]), "a call failed that was not on the killed one"
    assert begun_twice(backends) == []
    assert outcome["overrun_ms"] < PATIENCE_MS


def test_all_backends_gone_and_back(fault_tool: Path, tmp_path: Path, start: Start) -> None:
    backends = [start("--delay", "5") for _ in range(2)]
    waiting = config(tmp_path, {"retryPolicy": RETRIES}, {"waitForReady": True})
    command = [fault_tool, "load", "--target", target(backends), "--rate", str(SECOND)]
    command += ["--seconds", "4", "--timeout", "30000", "--config", waiting]
    load = Load([*command, "--balancer", "round_robin"])
    load.wait_for_second(1)
    for backend in backends:
        backend.server.kill()
    load.wait_for_second(2)
    for backend in backends:
        backend.start()
    outcome = load.outcome()

    assert outcome["Again"] == {"OK": 4 * SECOND // 2}
    assert set(outcome["Once"]) <= {"OK", "UNAVAILABLE"}
    assert outcome["Once"].get("UNAVAILABLE", 0) <= 2 * ON_ONE_SERVER
    assert begun_twice(backends) == []


SILENCE = """
import subprocess, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from faults import Backend, Load, target
tool, folder = Path(sys.argv[1]), Path(sys.argv[2])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
backend = Backend(tool, folder)
command = [tool, "load", "--target", target([backend]), "--rate", "200", "--seconds", "4"]
load = Load([*command, "--timeout", "2000", "--keepalive", "200"])
load.wait_for_second(1)
subprocess.run("tc qdisc add dev lo root pfifo limit 0".split(), check=True)
load.wait_for_second(2)
subprocess.run("tc qdisc del dev lo root".split(), check=True)
print(load.process.stdout.read().splitlines()[-1])
backend.server.kill()
"""


def test_a_network_that_drops_everything_is_noticed_by_keepalive(
    fault_tool: Path, tmp_path: Path
) -> None:
    """In a network namespace of its own, whose loopback drops every packet for a second."""
    namespace = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        pytest.skip("network namespaces cannot be made here")
    here = Path(__file__).parent
    paths = [str(here), str(here.parents[1] / "scripts")]
    ran = subprocess.run(
        [*namespace, sys.executable, "-c", SILENCE, str(fault_tool), str(tmp_path), *paths],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    outcome = json.loads(ran.stdout.splitlines()[-1])
    codes = {code for method in ("Once", "Again") for code in outcome[method]}
    assert codes <= {"OK", "UNAVAILABLE", "DEADLINE_EXCEEDED"}
    assert any("keepalive" in message for message in outcome["messages"])
    assert outcome["Once"]["OK"] > 100
    assert outcome["overrun_ms"] < PATIENCE_MS


def test_a_slow_backend_is_got_over_by_hedging(
    fault_tool: Path, tmp_path: Path, start: Start
) -> None:
    backends = [start(), start("--delay", "60000")]
    hedging = {"hedgingPolicy": {"maxAttempts": 4, "hedgingDelay": "0.05s"}}
    hedged = config(tmp_path, hedging)
    command = [fault_tool, "load", "--target", target(backends), "--rate", "50", "--seconds", "2"]
    command += ["--timeout", "20000", "--balancer", "round_robin", "--config", hedged]
    outcome = Load(command).outcome()
    assert outcome["Again"] == {"OK": 50}
    # The slow one was asked, too.
    assert backends[1].begun


def test_a_slow_backend_is_left_out_by_the_breaker(fault_tool: Path, start: Start) -> None:
    backends = [start(), start("--delay", "60000")]
    command = [fault_tool, "load", "--target", target(backends), "--rate", "200", "--seconds", "4"]
    command += ["--timeout", "500", "--balancer", "round_robin", "--breaker"]
    outcome = Load(command).outcome()
    failed = outcome["failed"]
    # Without the breaker half of all calls would fail, to the end of the load.
    assert 0 < len(failed) < 200
    assert max(failed) < 600


def test_an_expired_certificate_is_named_and_a_new_one_is_taken_up(
    fault_tool: Path, tmp_path: Path, start: Start
) -> None:
    authority = Authority(tmp_path / "ca")
    shown = authority.issue("server", days=-1)
    backend = start("--tls-cert", shown.pem, "--tls-key", shown.key)
    command = [fault_tool, "load", "--target", target([backend]), "--tls-ca", authority.pem]
    command += ["--rate", "10", "--timeout", "20000"]
    refused = Load([*command, "--seconds", "1"]).outcome()
    assert "OK" not in refused["Once"]
    assert any("expired" in message for message in refused["messages"])

    authority.issue("new").copy_to(shown)
    waiting = config(tmp_path, {}, {"waitForReady": True})
    taken = Load([*command, "--seconds", "2", "--config", waiting]).outcome()
    assert taken["Once"] == {"OK": 10}
    assert taken["Again"] == {"OK": 10}
