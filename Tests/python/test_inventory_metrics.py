# SPDX-License-Identifier: Apache-2.0
"""Metrics and the access log of the real server, read by the parser of Prometheus's own client."""

import json
import re
import socket
import subprocess
import urllib.request
from datetime import datetime

import grpc
import inventory_pb2 as pb
import pytest
from inventory_pb2_grpc import InventoryStub
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from conftest import Connect, Serve
from launch import Server

TIMEOUT = 30
ADD = "inventory.Inventory/AddItem"
GET = "inventory.Inventory/GetItem"


def endpoint(server: Server) -> str:
    """The URL that the server says its metrics are at."""
    lines = [line for line in server.output if line.startswith("metrics on ")]
    assert len(lines) == 1
    return lines[0].removeprefix("metrics on ")


def scrape(url: str) -> list[Sample]:
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        assert response.headers["content-type"] == (
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
        text = response.read().decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return [sample for family in families for sample in family.samples]


def value(samples: list[Sample], name: str, **labels: str) -> float:
    found = [
        sample.value
        for sample in samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found)


def use(channel: grpc.Channel, name: str = "item") -> None:
    """Three calls that succeed, two that fail, one of a method that is not there."""
    stub = InventoryStub(channel)
    for number in range(3):
        item = pb.Item(name=f"{name} {number}", quantity=1, price=1)
        stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)
    for _ in range(2):
        with pytest.raises(grpc.RpcError):
            stub.GetItem(pb.GetItemRequest(name="no such"), timeout=TIMEOUT)
    with pytest.raises(grpc.RpcError):
        channel.unary_unary("/inventory.Inventory/Bogus")(b"", timeout=TIMEOUT)


@pytest.mark.parametrize("loops", ["1", "3"])
def test_prometheus_reads_what_was_called(serve: Serve, connect: Connect, loops: str) -> None:
    server = serve(":memory:", "--metrics", "127.0.0.1:0", "--loops", loops)
    for name in ["first", "second"]:
        use(connect(server), name)
    samples = scrape(endpoint(server))
    started = "grpc_server_call_started_total"
    ended = "grpc_server_call_duration_seconds_count"
    assert value(samples, started, grpc_method=ADD) == 6
    assert value(samples, started, grpc_method="unknown") == 2
    assert value(samples, ended, grpc_method=ADD) == 6
    assert value(samples, ended, grpc_method=GET, grpc_status="NOT_FOUND") == 4
    assert value(samples, ended, grpc_method="unknown", grpc_status="UNIMPLEMENTED") == 2
    assert value(samples, "grpc_server_calls_in_flight") == 0
    assert value(samples, "grpc_server_connections") == 2
    assert value(samples, "grpc_server_call_received_message_bytes_total", grpc_method=ADD) > 0
    assert value(samples, "grpc_server_call_duration_seconds_sum", grpc_method=ADD) > 0
    assert value(samples, "process_resident_memory_bytes") > 1_000_000
    assert value(samples, "process_cpu_seconds_total") > 0


def test_curl_gets_the_metrics_and_nothing_else(serve: Serve) -> None:
    url = endpoint(serve(":memory:", "--metrics", "127.0.0.1:0"))
    command = ["curl", "-sS", "--noproxy", "*", "--max-time", str(TIMEOUT)]
    ran = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("# EOF\n")
    head = subprocess.run([*command, "--head", url], capture_output=True, text=True, check=True)
    assert head.stdout.startswith("HTTP/1.1 200 OK\n")
    status = ["-o", "/dev/null", "-w", "%{http_code}"]
    for arguments, wanted in [
        ([url + "x"], "404"),
        ([url.removesuffix("metrics")], "404"),
        (["-X", "POST", "-d", "x", url], "405"),
        (["-H", "X: " + "x" * 9000, url], "431"),
    ]:
        ran = subprocess.run([*command, *status, *arguments], capture_output=True, text=True)
        assert ran.stdout == wanted


def test_a_client_that_stays_silent_does_not_keep_others_from_the_metrics(serve: Serve) -> None:
    url = endpoint(serve(":memory:", "--metrics", "127.0.0.1:0"))
    port = int(url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT):
        assert value(scrape(url), "process_cpu_seconds_total") > 0


def test_without_the_flag_there_is_no_endpoint(server: Server) -> None:
    assert not [line for line in server.output if line.startswith("metrics on ")]


LINE = re.compile(
    r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) info (call(?: refused)?)((?: \S+=.*)*)$"
)


def test_the_access_log_has_a_line_for_each_call(serve: Serve, connect: Connect) -> None:
    server = serve(":memory:", "--access-log", "json")
    use(connect(server))
    assert server.stop() == 0
    # The server's own lines have the same form; those before and after are for who started it.
    own, *lines, end = [json.loads(line) for line in server.output if line.startswith("{")]
    assert own["message"] == "the data file is :memory:"
    assert end["message"].startswith("signal ")
    assert [line["code"] for line in lines] == ["OK"] * 3 + ["NOT_FOUND"] * 2 + ["UNIMPLEMENTED"]
    assert [line["message"] for line in lines] == ["call"] * 5 + ["call refused"]
    first = lines[0]
    assert datetime.fromisoformat(first["time"]).year > 2000
    assert first["method"] == ADD
    assert first["peer"].startswith("ipv4:127.0.0.1:")
    assert first["user_agent"].startswith("grpc-python/")
    assert first["received_messages"] == first["sent_messages"] == 1
    assert first["received_bytes"] > 0
    assert first["duration_ms"] >= 0
    ids = [line["call_id"] for line in lines[:5]]
    assert len(set(ids)) == 5
    assert len({name.split("-")[0] for name in ids}) == 1


def test_the_access_log_can_be_text(serve: Serve, connect: Connect) -> None:
    server = serve(":memory:", "--access-log", "text")
    use(connect(server))
    assert server.stop() == 0
    lines = [match for line in server.output if (match := LINE.match(line))]
    assert len(lines) == 6
    assert f" method={ADD} " in lines[0][3]
    assert 'error="' in lines[3][3]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--metrics", "9100"),
        ("--metrics", ":9100"),
        ("--metrics", "127.0.0.1:x"),
        ("--access-log", "xml"),
    ],
)
def test_a_wrong_value_is_named(inventory_server: object, arguments: tuple[str, str]) -> None:
    ran = subprocess.run(
        [str(inventory_server), *arguments], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert ran.returncode == 2
    assert arguments[0] in ran.stderr.splitlines()[0]
