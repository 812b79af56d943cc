# SPDX-License-Identifier: Apache-2.0
"""What the benchmark's figures rest on: the bytes of the load, the reports it reads, the sums."""

import os
from pathlib import Path

import pytest
from grpc_tools import protoc

from bench import doors, measure, report, shapes
from bench.contenders import CONTRACT, WrongAnswer
from bench.measure import Figures

REPORT = """\
finished in 3.89ms, 51440.33 req/s, 5.70MB/s
requests: 200 total, 200 started, 200 done, 200 succeeded, 0 failed, 0 errored, 0 timeout
traffic: 22.69KB (23230) total, 3.01KB (3080) headers (space savings 91.05%), 13.87KB (14200) data
"""


def test_the_messages_of_the_load_are_what_protobuf_encodes(tmp_path: Path) -> None:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    described = tmp_path / "echo.binpb"
    assert protoc.main(["", f"-I{CONTRACT}", f"-o{described}", f"{CONTRACT}/echo.proto"]) == 0
    files = descriptor_pb2.FileDescriptorSet.FromString(described.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(files.file[0])
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName("echo.Msg"))
    for text in (shapes.TEXT, "é" * 100, "x" * 20_000):
        encoded = message(text=text).SerializeToString()
        assert shapes.message(text) == b"\0" + len(encoded).to_bytes(4, "big") + encoded
    assert len(shapes.ONE) == 71


def test_a_report_of_complete_answers_gives_the_time() -> None:
    shape = shapes.SHAPES[0]
    assert measure.check(REPORT, shape, 200) == pytest.approx(0.00389)


@pytest.mark.parametrize(
    "spoilt",
    [
        REPORT.replace("200 succeeded, 0 failed", "199 succeeded, 1 failed"),
        REPORT.replace("(14200) data", "(14129) data"),
        "h2load: command not found",
    ],
)
def test_a_report_of_anything_less_is_refused(spoilt: str) -> None:
    with pytest.raises(WrongAnswer):
        measure.check(spoilt, shapes.SHAPES[0], 200)


WRK = """\
Running 1s test @ http://127.0.0.1:20000/text
  1 threads and 64 connections
  52417 requests in 1.10s, 15.10MB read
Requests/sec:  47651.81
"""


def test_the_requests_that_wrk_counts_were_all_answered_well() -> None:
    assert doors.requests_in(WRK) == 52417
    for trouble in (
        "  Socket errors: connect 0, read 1, write 0, timeout 0\n",
        "  Non-2xx or 3xx responses: 1\n",
    ):
        with pytest.raises(WrongAnswer):
            doors.requests_in(WRK + trouble)
    with pytest.raises(WrongAnswer):
        doors.requests_in("unable to connect to 127.0.0.1:20000 Connection refused\n")


def test_the_events_of_the_load_are_as_many_as_are_counted() -> None:
    assert doors.EVENTS.response.count(b'data: {"text"') == doors.EVENTS.messages


def test_cpu_time_of_threads_that_ended_is_not_lost() -> None:
    assert measure.spent((1.0, 1.0), (3.0, 3.0)) == 2.0
    assert measure.spent((1.0, 1.0), (3.0, 3.01)) == 2.0
    # A thread with 1 s on its account has gone: the kernel's total still has it.
    assert measure.spent((2.0, 2.0), (2.0, 3.0)) == 1.0


def test_cpu_time_of_a_process_grows_with_its_work() -> None:
    before = measure.cpu_seconds(os.getpid())
    while measure.cpu_seconds(os.getpid())[0] < before[0] + 0.05:
        pass
    after = measure.cpu_seconds(os.getpid())
    assert measure.spent(before, after) >= 0.05


def test_ratios_are_taken_within_a_round() -> None:
    def figures(cpu_us: float) -> Figures:
        return Figures(cpu_us, 1, 1, 1, 1)

    # The machine was twice as slow in the second round, for both.
    rounds = {"10x10": {"nghttpd": [figures(2), figures(4)], "amaru": [figures(1), figures(2)]}}
    summary = report.summarise(rounds)["10x10"]
    assert summary["amaru"]["ratio"] == 0.5
    assert summary["nghttpd"]["ratio"] == 1
    assert summary["amaru"]["cpu_us"] == 1.5
