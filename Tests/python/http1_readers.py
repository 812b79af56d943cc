# SPDX-License-Identifier: Apache-2.0
"""Three readers of HTTP/1.1 with one answer: ours (`door-tool read`), h11 and httptools."""

import re
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import h11
import httptools
from doors_pb2 import Reading

from doors.swift import read, write

# Fields that our reader takes note of and does not pass on: they are about the connection.
OWN = {b"host", b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
ABSOLUTE = re.compile(rb"(?i)https?://([^/?]*)(.*)", re.DOTALL)


@dataclass
class Request:
    """A request as far as it was read."""

    method: bytes = b""
    path: bytes = b""
    authority: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    is_whole: bool = False


@dataclass
class Read:
    """What a reader made of bytes: requests, and whether it refused what came behind them."""

    requests: list[Request] = field(default_factory=list)
    refusal: str = ""


def request(method: bytes, target: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Request:
    """A request whose target and fields are told as our reader tells them."""
    fields = [(name.lower(), value.strip(b" \t")) for name, value in fields]
    authority = b"".join(value for name, value in fields if name == b"host")
    if match := ABSOLUTE.fullmatch(target):
        authority, rest = match.groups()
        empty = b"*" if method == b"OPTIONS" else b"/"
        target = rest if rest.startswith(b"/") else b"/" + rest if rest else empty
    kept = [(name, value) for name, value in fields if name not in OWN]
    return Request(method, target, authority, kept)


def ours(tool: Path, inputs: Iterable[bytes]) -> Iterator[Reading]:
    """What our reader makes of each input, in their order."""
    command = [str(tool), "read"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sink = process.stdin

        def feed() -> None:
            for data in inputs:
                write(sink, data)
            sink.close()

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        while (data := read(process.stdout)) is not None:
            yield Reading.FromString(data)
        feeder.join()
    assert process.returncode == 0, "door-tool read has ended"


def as_read(reading: Reading) -> Read:
    requests = [
        Request(
            one.method,
            one.target,
            one.authority,
            [(entry.name, entry.value) for entry in one.fields],
            one.body,
            one.is_whole,
        )
        for one in reading.requests
    ]
    return Read(requests, str(reading.status or ""))


def by_h11(data: bytes) -> Read:
    found = Read()
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                found.requests.append(request(event.method, event.target, event.headers))
            elif isinstance(event, h11.Data):
                found.requests[-1].body += event.data
            elif isinstance(event, h11.EndOfMessage):
                found.requests[-1].is_whole = True
                answer = h11.Response(status_code=200, headers=[("content-length", "0")])
                connection.send(answer)
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    found.refusal = "the connection is over"
                    return found
                connection.start_next_cycle()
            else:
                return found
    except h11.RemoteProtocolError as error:
        found.refusal = str(error)
        return found


class _Callbacks:
    """What httptools calls. A head counts when it is whole."""

    def __init__(self) -> None:
        self.found = Read()
        self.parser: httptools.HttpRequestParser
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []

    def on_message_begin(self) -> None:
        self.target, self.fields = b"", []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers come here too, and are dropped by our reader.
        self.fields.append((name, value or b""))

    def on_headers_complete(self) -> None:
        head = request(self.parser.get_method(), self.target, self.fields)
        self.found.requests.append(head)

    def on_body(self, body: bytes) -> None:
        self.found.requests[-1].body += body

    def on_message_complete(self) -> None:
        self.found.requests[-1].is_whole = True


def by_httptools(data: bytes) -> Read:
    callbacks = _Callbacks()
    callbacks.parser = httptools.HttpRequestParser(callbacks)
    try:
        callbacks.parser.feed_data(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
        callbacks.found.refusal = f"{type(error).__name__}: {error}"
    return callbacks.found
