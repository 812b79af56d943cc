# SPDX-License-Identifier: Apache-2.0
"""One request over HTTP/1.1 (h11) or HTTP/2 (h2), on a connection of its own, in pieces."""

import socket
import threading
from collections.abc import Sequence
from typing import Any

import h2.config
import h2.connection
import h2.events
import h11

from doors.door import PATIENCE_SECONDS

Fields = Sequence[tuple[str, str]]


class Exchange:
    """A request and its response. Another thread may cancel it."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self.target = target
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        self.status = 0
        self.fields: list[tuple[str, str]] = []
        self.trailers: list[tuple[str, str]] = []

    def begin(self, method: str, path: str, fields: Fields, length: int | None) -> None:
        """Sends the head; `length` is that of the body, if it is known. With 0 the request ends."""
        raise NotImplementedError

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError

    def wait(self) -> None:
        """Waits for the head of the response."""
        while not self.status:
            self._next()

    def read(self) -> bytes | None:
        """The next piece of the response's body; None at its end."""
        raise NotImplementedError

    def read_all(self) -> bytes:
        self.wait()
        pieces = []
        while (piece := self.read()) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    def _next(self) -> None:
        raise NotImplementedError

    def cancel(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.socket.close()


class Exchange1(Exchange):
    """HTTP/1.1. A request is cancelled by the end of its connection."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._connection = h11.Connection(h11.CLIENT)
        self._pieces: list[bytes | None] = []

    def begin(self, method: str, path: str, fields: Fields, length: int | None) -> None:
        framing = ("transfer-encoding", "chunked") if length is None else None
        if length:
            framing = ("content-length", str(length))
        head = [("host", self.target), *fields, *([framing] if framing else [])]
        self._send(h11.Request(method=method, target=path, headers=head))
        if length == 0:
            self.end()

    def send(self, data: bytes) -> None:
        self._send(h11.Data(data=data))

    def end(self) -> None:
        self._send(h11.EndOfMessage())

    def _send(self, event: Any) -> None:
        data = self._connection.send(event)
        if data:
            self.socket.sendall(data)

    def read(self) -> bytes | None:
        while not self._pieces:
            self._next()
        return self._pieces.pop(0)

    def _next(self) -> None:
        event = self._connection.next_event()
        if event is h11.NEED_DATA:
            self._connection.receive_data(self.socket.recv(1 << 16))
        elif isinstance(event, h11.Response):
            self.status = event.status_code
            self.fields = [(name.decode(), value.decode()) for name, value in event.headers]
        elif isinstance(event, h11.Data):
            self._pieces.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            self.trailers = [(name.decode(), value.decode()) for name, value in event.headers]
            self._pieces.append(None)
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionError("the server closed the connection")

    def cancel(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)


class Exchange2(Exchange):
    """HTTP/2. A request is cancelled by RST_STREAM; its connection stays open."""

    STREAM = 1

    def __init__(self, target: str) -> None:
        super().__init__(target)
        # What is sent from one thread must not come between the frames of another.
        self._lock = threading.Lock()
        configuration = h2.config.H2Configuration(client_side=True, header_encoding="utf-8")
        self._connection = h2.connection.H2Connection(configuration)
        self._connection.initiate_connection()
        self._pieces: list[bytes | None] = []
        self._is_over = False

    def begin(self, method: str, path: str, fields: Fields, length: int | None) -> None:
        head = [(":method", method), (":scheme", "http"), (":path", path)]
        head += [(":authority", self.target), *fields]
        with self._lock:
            self._connection.send_headers(self.STREAM, head, end_stream=length == 0)
            self._flush()

    def send(self, data: bytes) -> None:
        while data:
            with self._lock:
                if self._is_over:
                    return  # the server has answered, and wants no more
                window = self._connection.local_flow_control_window(self.STREAM)
                room = min(window, self._connection.max_outbound_frame_size, len(data))
                if room > 0:
                    self._connection.send_data(self.STREAM, data[:room])
                    self._flush()
                    data = data[room:]
            if room <= 0:
                self._next()

    def end(self) -> None:
        with self._lock:
            if not self._is_over:
                self._connection.end_stream(self.STREAM)
                self._flush()

    def _flush(self) -> None:
        self.socket.sendall(self._connection.data_to_send())

    def read(self) -> bytes | None:
        while not self._pieces:
            self._next()
        return self._pieces.pop(0)

    def _next(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        with self._lock:
            events = self._connection.receive_data(data)
            for event in events:
                if isinstance(event, h2.events.DataReceived):
                    size = event.flow_controlled_length
                    self._connection.acknowledge_received_data(size, self.STREAM)
            self._flush()
        for event in events:
            self._note(event)

    def _note(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived):
            fields = [(str(name), str(value)) for name, value in event.headers]
            self.status = int(dict(fields)[":status"])
            self.fields = [field for field in fields if not field[0].startswith(":")]
        elif isinstance(event, h2.events.DataReceived):
            self._pieces.append(event.data)
        elif isinstance(event, h2.events.TrailersReceived):
            self.trailers = [(str(name), str(value)) for name, value in event.headers]
        elif isinstance(event, h2.events.StreamEnded):
            self._is_over = True
            self._pieces.append(None)
        elif isinstance(event, h2.events.StreamReset):
            self._is_over = True
            if event.error_code != 0:
                raise ConnectionError(f"the server reset the stream with {event.error_code}")
        elif isinstance(event, h2.events.ConnectionTerminated):
            raise ConnectionError(f"the server said GOAWAY with {event.error_code}")

    def cancel(self) -> None:
        with self._lock:
            self._connection.reset_stream(self.STREAM, 8)  # CANCEL
            self._flush()
        # Wakes the thread that reads, and tells the server nothing.
        self.socket.shutdown(socket.SHUT_RD)


def exchange(version: str, target: str) -> Exchange:
    return Exchange2(target) if version == "2" else Exchange1(target)
