# SPDX-License-Identifier: Apache-2.0
"""Interop cases that gRPC's Python client lacks, written from doc/interop-test-descriptions.md.

grpcio does not show whether a message was compressed, nor lets a stream mix compressed messages
with plain ones. Those cases send and read the envelopes themselves.
"""

import base64
import gzip
import itertools
import queue
import time
from collections.abc import Callable

import grpc
from grpc.testing import empty_pb2, messages_pb2, test_pb2_grpc  # type: ignore[import-not-found]
from xds.data.orca.v3 import orca_load_report_pb2  # type: ignore[import-not-found]
from xds.service.orca.v3 import orca_pb2, orca_pb2_grpc  # type: ignore[import-not-found]

from raw_http2 import Call, RawConnection

TIMEOUT = 60
SERVICE = "/grpc.testing.TestService"
GZIP = {"grpc-encoding": "gzip", "grpc-accept-encoding": "gzip"}
MUCH = 1 << 30
REQUEST_BYTES, RESPONSE_BYTES = 271_828, 314_159
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED.value[0]
INTERNAL = grpc.StatusCode.INTERNAL.value[0]


class CaseFailed(Exception):
    """The server answered otherwise than the description says."""


def expect(actual: object, expected: object, what: str) -> None:
    if actual != expected:
        raise CaseFailed(f"{what}: {short(expected)} was expected, it is {short(actual)}")


def short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:100]} ... ({len(text)} characters)"


def payload(size: int) -> messages_pb2.Payload:
    return messages_pb2.Payload(body=bytes(size))


def boolean(value: bool) -> messages_pb2.BoolValue:
    return messages_pb2.BoolValue(value=value)


def raw_call(
    target: str, method: str, messages: list[tuple[int, bytes]], metadata: dict[str, str]
) -> Call:
    """Makes one call with envelopes of our own, flag and body each."""
    with RawConnection(target, window=MUCH) as connection:
        connection.credit(0, MUCH)
        stream = connection.open(f"{SERVICE}/{method}", metadata=metadata)
        for index, (flag, body) in enumerate(messages):
            connection.message(stream, body, flag=flag, end=index + 1 == len(messages))
        return connection.until_end(stream)


def squeeze(body: bytes) -> tuple[int, bytes]:
    return 1, gzip.compress(body)


def plain(body: bytes) -> tuple[int, bytes]:
    return 0, body


def unpacked(call: Call) -> list[tuple[int, bytes]]:
    """The responses with their flags, decompressed where the flag says so."""
    if any(flag for flag, _ in call.envelopes()):
        expect(call.header("grpc-encoding"), "gzip", "grpc-encoding of the response")
    return [(flag, gzip.decompress(body) if flag else body) for flag, body in call.envelopes()]


def expect_large(call: Call, flag: int | None = None) -> None:
    expect(call.status, 0, "the status")
    ((was, body),) = unpacked(call)
    response = messages_pb2.SimpleResponse.FromString(body)
    expect(response.payload.body, bytes(RESPONSE_BYTES), "the payload")
    if flag is not None:
        expect(was, flag, "the compressed flag")


def client_compressed_unary(target: str) -> None:
    def request(compressed: bool) -> bytes:
        return messages_pb2.SimpleRequest(
            expect_compressed=boolean(compressed),
            response_size=RESPONSE_BYTES,
            payload=payload(REQUEST_BYTES),
        ).SerializeToString()

    probe = raw_call(target, "UnaryCall", [plain(request(True))], GZIP)
    expect(probe.status, INVALID_ARGUMENT, "the status of the probe")
    expect_large(raw_call(target, "UnaryCall", [squeeze(request(True))], GZIP))
    expect_large(raw_call(target, "UnaryCall", [plain(request(False))], GZIP))


def server_compressed_unary(target: str) -> None:
    for compressed in (True, False):
        request = messages_pb2.SimpleRequest(
            response_compressed=boolean(compressed),
            response_size=RESPONSE_BYTES,
            payload=payload(REQUEST_BYTES),
        )
        call = raw_call(target, "UnaryCall", [plain(request.SerializeToString())], GZIP)
        expect_large(call, flag=int(compressed))


def client_compressed_streaming(target: str) -> None:
    def request(compressed: bool, size: int) -> bytes:
        return messages_pb2.StreamingInputCallRequest(
            expect_compressed=boolean(compressed), payload=payload(size)
        ).SerializeToString()

    probe = raw_call(target, "StreamingInputCall", [plain(request(True, 27_182))], GZIP)
    expect(probe.status, INVALID_ARGUMENT, "the status of the probe")
    mixed = [squeeze(request(True, 27_182)), plain(request(False, 45_904))]
    call = raw_call(target, "StreamingInputCall", mixed, GZIP)
    expect(call.status, 0, "the status")
    ((_, body),) = unpacked(call)
    response = messages_pb2.StreamingInputCallResponse.FromString(body)
    expect(response.aggregated_payload_size, 73_086, "the aggregated size")


def server_compressed_streaming(target: str) -> None:
    sizes = {31_415: True, 92_653: False}
    request = messages_pb2.StreamingOutputCallRequest(
        response_parameters=[
            messages_pb2.ResponseParameters(size=size, compressed=boolean(compressed))
            for size, compressed in sizes.items()
        ]
    )
    call = raw_call(target, "StreamingOutputCall", [plain(request.SerializeToString())], GZIP)
    expect(call.status, 0, "the status")
    responses = [
        (len(messages_pb2.StreamingOutputCallResponse.FromString(body).payload.body), flag)
        for flag, body in unpacked(call)
    ]
    wanted = [(size, int(compressed)) for size, compressed in sizes.items()]
    expect(responses, wanted, "the sizes and flags of the responses")


def unsupported_compression(target: str) -> None:
    body = messages_pb2.SimpleRequest(response_size=1).SerializeToString()
    call = raw_call(target, "UnaryCall", [(1, body)], {"grpc-encoding": "no-such-coding"})
    expect(call.status, UNIMPLEMENTED, "the status")
    accepted = call.header("grpc-accept-encoding") or ""
    expect("gzip" in accepted, True, f"gzip in grpc-accept-encoding ({accepted!r})")


def compressed_flag_without_encoding(target: str) -> None:
    body = messages_pb2.SimpleRequest(response_size=1).SerializeToString()
    call = raw_call(target, "UnaryCall", [squeeze(body)], {})
    expect(call.status, INTERNAL, "the status")


def grpcio_gzip(target: str) -> None:
    with grpc.insecure_channel(target, compression=grpc.Compression.Gzip) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        request = messages_pb2.SimpleRequest(
            expect_compressed=boolean(True),
            response_compressed=boolean(True),
            response_size=RESPONSE_BYTES,
            payload=payload(REQUEST_BYTES),
        )
        response = stub.UnaryCall(request, timeout=TIMEOUT)
        expect(response.payload.body, bytes(RESPONSE_BYTES), "the payload")


def half_duplex(target: str) -> None:
    sizes = [31_415, 9, 2_653, 58_979]
    with grpc.insecure_channel(target) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        requests = [
            messages_pb2.StreamingOutputCallRequest(
                response_parameters=[messages_pb2.ResponseParameters(size=size)]
            )
            for size in sizes
        ]
        responses = stub.HalfDuplexCall(iter(requests), timeout=TIMEOUT)
        expect([len(one.payload.body) for one in responses], sizes, "the sizes")


def response_intervals(target: str) -> None:
    pause_us = 50_000
    parameters = [messages_pb2.ResponseParameters(size=1, interval_us=pause_us)] * 4
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    with grpc.insecure_channel(target) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        stub.EmptyCall(empty_pb2.Empty(), timeout=TIMEOUT)
        started = time.monotonic_ns()
        count = sum(1 for _ in stub.StreamingOutputCall(request, timeout=TIMEOUT))
        elapsed_us = (time.monotonic_ns() - started) // 1_000
        expect(count, len(parameters), "the number of responses")
        least_us = pause_us * len(parameters)
        expect(elapsed_us >= least_us, True, f"{elapsed_us} us being at least {least_us}")


def large_unary(stub: test_pb2_grpc.TestServiceStub) -> grpc.Future:
    request = messages_pb2.SimpleRequest(
        response_size=RESPONSE_BYTES, payload=payload(REQUEST_BYTES)
    )
    return stub.UnaryCall.future(request, timeout=TIMEOUT)


def concurrent_large_unary(target: str) -> None:
    with grpc.insecure_channel(target) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        calls = [large_unary(stub) for _ in range(150)]
        for call in calls:
            expect(len(call.result().payload.body), RESPONSE_BYTES, "the size")


def rpc_soak(target: str) -> None:
    with grpc.insecure_channel(target) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        for _ in range(100):
            expect(len(large_unary(stub).result().payload.body), RESPONSE_BYTES, "the size")


def channel_soak(target: str) -> None:
    for _ in range(50):
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(target, options=options) as channel:
            stub = test_pb2_grpc.TestServiceStub(channel)
            expect(len(large_unary(stub).result().payload.body), RESPONSE_BYTES, "the size")


def load_report(wanted: messages_pb2.TestOrcaReport) -> orca_load_report_pb2.OrcaLoadReport:
    return orca_load_report_pb2.OrcaLoadReport(
        cpu_utilization=wanted.cpu_utilization,
        mem_utilization=wanted.memory_utilization,
        request_cost=wanted.request_cost,
        utilization=wanted.utilization,
    )


def orca_per_rpc(target: str) -> None:
    wanted = messages_pb2.TestOrcaReport(
        cpu_utilization=0.8210,
        memory_utilization=0.5847,
        request_cost={"cost": 3456.32},
        utilization={"util": 0.30499},
    )
    request = messages_pb2.SimpleRequest(orca_per_query_report=wanted)
    # By hand: grpcio keeps this entry of the trailers to itself.
    call = raw_call(target, "UnaryCall", [plain(request.SerializeToString())], {})
    expect(call.status, 0, "the status")
    encoded = call.header("endpoint-load-metrics-bin") or ""
    report = orca_load_report_pb2.OrcaLoadReport.FromString(base64.b64decode(encoded + "=="))
    expect(report, load_report(wanted), "the report")


def orca_oob(target: str) -> None:
    wanted = [
        messages_pb2.TestOrcaReport(
            cpu_utilization=cpu, memory_utilization=memory, utilization={"util": utilization}
        )
        for cpu, memory, utilization in [(0.8210, 0.5847, 0.30499), (0.29309, 0.2, 100.2039)]
    ]
    with grpc.insecure_channel(target) as channel:
        stub = test_pb2_grpc.TestServiceStub(channel)
        request = orca_pb2.OrcaLoadReportRequest()
        request.report_interval.FromSeconds(1)
        reports = orca_pb2_grpc.OpenRcaServiceStub(channel).StreamCoreMetrics(request)
        requests: queue.SimpleQueue[messages_pb2.StreamingOutputCallRequest | None]
        requests = queue.SimpleQueue()
        answered = stub.FullDuplexCall(iter(requests.get, None), timeout=TIMEOUT)
        for one in wanted:
            parameters = [messages_pb2.ResponseParameters(size=1)]
            requests.put(
                messages_pb2.StreamingOutputCallRequest(
                    orca_oob_report=one, response_parameters=parameters
                )
            )
            next(answered)
            # At one each second, what comes within the five seconds of the description.
            heard = itertools.islice(reports, 6)
            expect(load_report(one) in heard, True, "that the report comes")
        requests.put(None)
        expect(list(answered), [], "what follows")
        reports.cancel()


CASES: dict[str, Callable[[str], None]] = {
    case.__name__: case
    for case in (
        client_compressed_unary,
        server_compressed_unary,
        client_compressed_streaming,
        server_compressed_streaming,
        unsupported_compression,
        compressed_flag_without_encoding,
        grpcio_gzip,
        half_duplex,
        response_intervals,
        concurrent_large_unary,
        rpc_soak,
        channel_soak,
        orca_per_rpc,
        orca_oob,
    )
}
