# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 client that sends only what it is told to: frames and flow control by hand.

A real gRPC library reads ahead and returns window credit by itself. To show how a server treats a
slow reader, the test has to decide about every byte of credit.
"""

import socket
import struct
from dataclasses import dataclass, field

from google.protobuf.message import Message
from hpack import Decoder, Encoder
from hyperframe.frame import (
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PATIENCE_SECONDS = 60
DEFAULT_WINDOW_BYTES = 65_535
MOST_FRAME_BYTES = 16_384


@dataclass
class Call:
    """What the server has sent on one stream so far."""

    data: bytearray = field(default_factory=bytearray)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int | None:
        """The gRPC status, when it has come."""
        found = [int(block["grpc-status"]) for block in self.headers if "grpc-status" in block]
        return found[-1] if found else None

    def header(self, name: str) -> str | None:
        """The value of a header or trailer, the last one if it came twice."""
        found = [block[name] for block in self.headers if name in block]
        return found[-1] if found else None

    def envelopes(self) -> list[tuple[int, bytes]]:
        """The messages that are here whole, as they came, each with its flag."""
        found: list[tuple[int, bytes]] = []
        at = 0
        while at + 5 <= len(self.data):
            flag, length = struct.unpack_from(">BI", self.data, at)
            if at + 5 + length > len(self.data):
                break
            found.append((flag, bytes(self.data[at + 5 : at + 5 + length])))
            at += 5 + length
        return found

    def messages(self) -> list[bytes]:
        """The messages that are here whole; none may be compressed."""
        envelopes = self.envelopes()
        assert not any(flag for flag, _ in envelopes), "the server compressed, unasked"
        return [body for _, body in envelopes]


class RawConnection:
    """One connection; `window` is the credit that each stream begins with."""

    def __init__(self, target: str, window: int = 0) -> None:
        host, _, port = target.rpartition(":")
        self._authority = target
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
        self._encoder = Encoder()
        self._decoder = Decoder()
        self._received = b""
        self._next_stream = 1
        # What the server lets us send: on the connection (0) and on each stream.
        self._first_credit = DEFAULT_WINDOW_BYTES
        self._credit = {0: DEFAULT_WINDOW_BYTES}
        self.calls: dict[int, Call] = {}
        self.goaway: GoAwayFrame | None = None
        self.pongs: list[bytes] = []
        settings = {SettingsFrame.INITIAL_WINDOW_SIZE: window, SettingsFrame.ENABLE_PUSH: 0}
        self._socket.sendall(PREFACE + SettingsFrame(settings=settings).serialize())

    def call(self, path: str, request: Message, *, metadata: dict[str, str] | None = None) -> int:
        """Sends a whole request and returns the number of its stream."""
        stream = self.open(path, metadata=metadata)
        self.message(stream, request.SerializeToString(), end=True)
        return stream

    def open(self, path: str, *, metadata: dict[str, str] | None = None) -> int:
        """Sends the headers of a call and returns the number of its stream."""
        stream = self._next_stream
        self._next_stream += 2
        self.calls[stream] = Call()
        self._credit[stream] = self._first_credit
        headers = {
            ":method": "POST",
            ":scheme": "http",
            ":path": path,
            ":authority": self._authority,
            "te": "trailers",
            "content-type": "application/grpc",
            **(metadata or {}),
        }
        block = self._encoder.encode(list(headers.items()))
        self.send(HeadersFrame(stream, block, flags=["END_HEADERS"]))
        return stream

    def message(self, stream: int, body: bytes, *, flag: int = 0, end: bool = False) -> None:
        """Sends one message, as credit allows; `end` closes our side after it."""
        self.message_bytes(stream, struct.pack(">BI", flag, len(body)) + body, end=end)

    def message_bytes(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Sends bytes that are envelopes already."""
        while data:
            room = min(self._credit[0], self._credit[stream], MOST_FRAME_BYTES)
            if room <= 0:
                if self.calls[stream].ended:
                    return  # the server has answered and wants no more
                self.read()
                continue
            piece, data = data[:room], data[room:]
            last = end and not data
            self._credit[0] -= len(piece)
            self._credit[stream] -= len(piece)
            self.send(DataFrame(stream, piece, flags=["END_STREAM"] if last else []))

    def send(self, frame: Frame) -> None:
        self._socket.sendall(frame.serialize())

    def credit(self, stream: int, size: int) -> None:
        """Lets the server send `size` bytes more on a stream; 0 is the connection."""
        self.send(WindowUpdateFrame(stream, window_increment=size))

    def ping(self) -> None:
        """A round trip: what the server had to say before it, it has said afterwards."""
        payload = struct.pack(">Q", len(self.pongs))
        self.send(PingFrame(0, payload))
        while payload not in self.pongs:
            self.read()

    def read(self) -> Frame:
        """Waits for the next frame and takes note of it."""
        header = self._exactly(9)
        frame, length = Frame.parse_frame_header(memoryview(header))
        frame.parse_body(memoryview(self._exactly(length)))
        self._note(frame)
        return frame

    def until_end(self, stream: int) -> Call:
        """Reads until the server has ended the stream, one way or the other."""
        call = self.calls[stream]
        while not call.ended:
            self.read()
        return call

    def _note(self, frame: Frame) -> None:
        call = self.calls.get(frame.stream_id)
        if isinstance(frame, WindowUpdateFrame) and frame.stream_id in self._credit:
            self._credit[frame.stream_id] += frame.window_increment
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            first = frame.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE, self._first_credit)
            for stream in self.calls:
                self._credit[stream] += first - self._first_credit
            self._first_credit = first
            self.send(SettingsFrame(flags=["ACK"]))
        elif isinstance(frame, PingFrame):
            if "ACK" in frame.flags:
                self.pongs.append(frame.opaque_data)
            else:
                self.send(PingFrame(0, frame.opaque_data, flags=["ACK"]))
        elif isinstance(frame, GoAwayFrame):
            self.goaway = frame
        elif isinstance(frame, HeadersFrame):
            pairs = self._decoder.decode(frame.data)
            if call:
                call.headers.append({str(name): str(value) for name, value in pairs})
        elif isinstance(frame, DataFrame) and call:
            call.data += frame.data
        elif isinstance(frame, RstStreamFrame) and call:
            call.reset = frame.error_code
            call.ended = True
        if call and "END_STREAM" in frame.flags:
            call.ended = True

    def _exactly(self, size: int) -> bytes:
        while len(self._received) < size:
            piece = self._socket.recv(65_536)
            if not piece:
                raise ConnectionError("the server closed the connection")
            self._received += piece
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> "RawConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
