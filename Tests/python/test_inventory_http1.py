# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 on the ports of gRPC: Python's http.client, curl and bare sockets are the clients."""

import contextlib
import http.client
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import grpc
import inventory_pb2 as pb
import pytest
from inventory_pb2_grpc import InventoryStub

from certificates import Authority
from conftest import Serve
from launch import Server

TIMEOUT = 30
UNSUPPORTED = 415
GRPC = {"Content-Type": "application/grpc"}
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@contextlib.contextmanager
def open_connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(server.target, timeout=TIMEOUT)
    try:
        yield connection
    finally:
        connection.close()


def connect(server: Server) -> socket.socket:
    host, _, port = server.target.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT)


def read_to_end(client: socket.socket) -> bytes:
    received = b""
    while piece := client.recv(1 << 16):
        received += piece
    return received


def send(server: Server, data: bytes) -> bytes:
    """What the server answers to `data` until it closes the connection."""
    with connect(server) as client:
        client.sendall(data)
        return read_to_end(client)


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def test_one_connection_carries_many_requests(server: Server) -> None:
    with open_connection(server) as connection:
        connection.connect()
        first = connection.sock
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            body = b"x" * 100_000 if method in ("POST", "PUT") else None
            connection.request(method, "/anything", body)
            response = connection.getresponse()
            text = response.read()
            assert response.status == UNSUPPORTED
            assert response.version == 11
            assert not response.will_close
            assert parsedate_to_datetime(response.headers["date"]).tzname() == "UTC"
            if method == "HEAD":
                assert text == b""
            else:
                assert text.startswith(b"Send gRPC, gRPC-Web or Connect: ")
        assert connection.sock is first


def test_chunks_that_nobody_wants_are_dropped(server: Server) -> None:
    with open_connection(server) as connection:
        for _ in range(3):
            pieces = iter([b"a" * size for size in (1, 10, 5000)])
            connection.request("POST", "/", pieces, encode_chunked=True)
            response = connection.getresponse()
            response.read()
            assert response.status == UNSUPPORTED
            assert not response.will_close


def test_grpc_is_told_that_it_needs_http2(server: Server) -> None:
    with open_connection(server) as connection:
        connection.request("POST", "/inventory.v1.Inventory/GetItem", b"\0\0\0\0\0", GRPC)
        response = connection.getresponse()
        assert response.status == 505
        assert response.will_close
        assert b"gRPC needs HTTP/2" in response.read()


def test_requests_sent_at_once_are_answered_in_order(server: Server) -> None:
    head = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answers = send(server, (GET + head) * 100 + last)
    assert statuses(answers) == [UNSUPPORTED] * 201
    assert answers.count(b"\r\n\r\nSend gRPC") == 101
    assert answers.count(b"connection: close\r\n") == 1


def test_an_old_client_gets_an_answer_and_the_close(server: Server) -> None:
    assert statuses(send(server, b"GET / HTTP/1.0\r\n\r\n" + GET)) == [UNSUPPORTED]
    kept = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    answers = send(server, kept + b"GET / HTTP/1.0\r\n\r\n")
    assert statuses(answers) == [UNSUPPORTED] * 2
    assert answers.count(b"connection: keep-alive\r\n") == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100 + b"\r\n", 431),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01", 400),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    server: Server, data: bytes, status: int
) -> None:
    answers = send(server, GET + data + GET) if data[:3] != b"PRI" else send(server, data)
    assert statuses(answers)[-1] == status
    assert statuses(answers)[:-1] in ([], [UNSUPPORTED])


def test_a_body_that_is_no_chunks_ends_the_connection(server: Server) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert statuses(send(server, head + b"0x1\r\nz\r\n0\r\n\r\n" + GET)) in ([400], [UNSUPPORTED])


def test_grpc_goes_on_beside_it(server: Server, channel: grpc.Channel) -> None:
    with connect(server) as slow:
        slow.sendall(b"GET / HT")
        item = pb.Item(name="a", quantity=1, price=1)
        InventoryStub(channel).AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)
        slow.sendall(b"TP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert statuses(read_to_end(slow)) == [UNSUPPORTED]


def test_an_open_connection_does_not_hold_up_the_end(server: Server) -> None:
    with open_connection(server) as connection:
        connection.request("GET", "/")
        connection.getresponse().read()
        assert server.stop() == 0


def test_it_passes_over_tls(serve: Serve, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    server = serve(":memory:", *authority.issue("server").flags)
    for protocols in ([], ["http/1.1"]):
        context = ssl.create_default_context(cafile=str(authority.pem))
        if protocols:
            context.set_alpn_protocols(protocols)
        with context.wrap_socket(connect(server), server_hostname="localhost") as client:
            assert client.selected_alpn_protocol() == (protocols[0] if protocols else None)
            client.sendall(GET * 50 + GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert statuses(read_to_end(client)) == [UNSUPPORTED] * 51


def curl(*flags: str | Path) -> list[str]:
    """Runs curl; gives the status and the version of each answer."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    common = ["--no-progress-meter", "--noproxy", "*", "--output", "/dev/null"]
    ran = subprocess.run(
        ["curl", *common, "--write-out", "%{http_code} %{http_version}\n", *flags],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    return ran.stdout.splitlines()


# `--http2` offers an upgrade, which is not taken: the answer is one of HTTP/1.1.
@pytest.mark.parametrize(
    ("version", "field"),
    [
        (version, field)
        for version in ("--http1.0", "--http1.1", "--http2")
        for field in ("Expect: 100-continue", "Expect:", "Transfer-Encoding: chunked")
        # HTTP/1.0 has no chunks.
        if version != "--http1.0" or "chunked" not in field
    ],
)
def test_curl(server: Server, tmp_path: Path, version: str, field: str) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 200_000)
    url = f"http://{server.target}/"
    assert curl(version, "--data-binary", f"@{body}", "--header", field, url) == ["415 1.1"]


def test_curl_by_http2(server: Server) -> None:
    assert curl("--http2-prior-knowledge", f"http://{server.target}/") == ["415 2"]
