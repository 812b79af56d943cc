# SPDX-License-Identifier: Apache-2.0
"""Doors over HTTP whose requests are made here, byte for byte: gRPC and gRPC-Web."""

import base64
import binascii
from urllib.parse import unquote

from doors_pb2 import Letter
from google.rpc.status_pb2 import Status

from doors import codec
from doors.door import CODES, Door, Outcome, Place, Plan, Running, fields_of, metadata_of
from doors.http import Exchange, Fields, exchange

TRAILERS = 0x80


class HTTPDoor(Door):
    """A door over one version of HTTP, with one codec."""

    def __init__(self, name: str, version: str, codec_name: str) -> None:
        self.name, self.version, self.codec = name, version, codec_name
        self._exchanges: list[Exchange] = []

    def open(self, place: Place) -> None:
        self.target = place.plain

    def encode(self, letter: Letter) -> bytes:
        return codec.encode(letter, self.codec)

    def start(self, plan: Plan) -> Running:
        made = exchange(self.version, self.target)
        self._exchanges.append(made)
        return Running(lambda outcome: self.run(made, plan, outcome), made.cancel)

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        raise NotImplementedError

    def close(self) -> None:
        for made in self._exchanges:
            made.close()


class EnvelopeDoor(HTTPDoor):
    """Messages in envelopes, as many as the kind of call has."""

    def head(self, plan: Plan) -> Fields:
        raise NotImplementedError

    def sent(self, piece: bytes) -> bytes:
        """An envelope as it is sent."""
        return piece

    def received(self, piece: bytes) -> bytes:
        """A piece of the response as it is read."""
        return piece

    def took_last(self, flag: int, data: bytes, outcome: Outcome) -> bool:
        """Takes an envelope that is no message, and says whether it was one."""
        raise NotImplementedError

    def ended(self, made: Exchange, outcome: Outcome) -> None:
        """The body of the response has ended."""

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        made.begin("POST", plan.path, [*self.head(plan), *fields_of(plan.metadata)], None)
        envelopes = codec.Envelopes()
        outcome.was_compressed = False
        has_ended = False
        for letter in plan.letters:
            data = codec.envelope(self.encode(letter), compresses=plan.compresses)
            made.send(self.sent(data))
            if plan.in_turn:
                made.wait()
                count = len(outcome.letters)
                while len(outcome.letters) == count and not has_ended:
                    has_ended = self._read(made, envelopes, outcome)
        made.end()
        made.wait()
        while not has_ended:
            has_ended = self._read(made, envelopes, outcome)
        assert envelopes.is_empty
        outcome.initial = metadata_of(made.fields)
        self.ended(made, outcome)

    def _read(self, made: Exchange, envelopes: codec.Envelopes, outcome: Outcome) -> bool:
        piece = made.read()
        if piece is None:
            return True
        for flag, data in envelopes.add(self.received(piece)):
            if self.took_last(flag, data, outcome):
                continue
            outcome.was_compressed = bool(flag & codec.COMPRESSED)
            outcome.letters.append(codec.decode(data, self.codec))
        return False


class GRPCDoor(EnvelopeDoor):
    """gRPC, whose codec may also be JSON."""

    family = "gRPC"
    type = "application/grpc"

    def __init__(self, codec_name: str) -> None:
        super().__init__(f"grpc-{codec_name}", "2", codec_name)

    def head(self, plan: Plan) -> Fields:
        fields = [("content-type", f"{self.type}+{self.codec}"), ("te", "trailers")]
        fields.append(("grpc-accept-encoding", "gzip"))
        if plan.compresses:
            fields.append(("grpc-encoding", "gzip"))
        if plan.timeout is not None:
            fields.append(("grpc-timeout", f"{round(plan.timeout * 1000)}m"))
        return fields

    def took_last(self, flag: int, data: bytes, outcome: Outcome) -> bool:  # noqa: ARG002
        return False

    def ended(self, made: Exchange, outcome: Outcome) -> None:
        assert made.status == 200
        assert dict(made.fields)["content-type"] == f"{self.type}+{self.codec}"
        if not made.trailers:
            # "Trailers-Only": the head is the trailers too.
            outcome.initial = []
        self.status(made.trailers or made.fields, outcome)

    def status(self, fields: Fields, outcome: Outcome) -> None:
        found = dict(fields)
        outcome.code = CODES[int(found["grpc-status"])]
        outcome.message = unquote(found.get("grpc-message", ""))
        outcome.trailing = metadata_of(fields)
        if details := found.get("grpc-status-details-bin"):
            data = base64.b64decode(details + "=" * (-len(details) % 4))
            outcome.details = list(Status.FromString(data).details)


class GRPCWebDoor(GRPCDoor):
    """gRPC-Web: the trailers are the last frame of the body."""

    family = "gRPC-Web"

    def __init__(self, version: str, codec_name: str, form: str) -> None:
        name = f"web-{form}-{codec_name}-http{version}"
        EnvelopeDoor.__init__(self, name, version, codec_name)
        self.is_text = form == "text"
        self.type = "application/grpc-web-text" if self.is_text else "application/grpc-web"
        self._trailers: list[tuple[str, str]] = []
        self._text = b""

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        self._trailers, self._text = [], b""
        super().run(made, plan, outcome)

    def sent(self, piece: bytes) -> bytes:
        return base64.b64encode(piece) if self.is_text else piece

    def received(self, piece: bytes) -> bytes:
        if not self.is_text:
            return piece
        text = self._text + piece
        whole = len(text) - len(text) % 4
        self._text = text[whole:]
        # Each group of four may have its own padding.
        return b"".join(binascii.a2b_base64(text[at : at + 4]) for at in range(0, whole, 4))

    def took_last(self, flag: int, data: bytes, outcome: Outcome) -> bool:  # noqa: ARG002
        if not flag & TRAILERS:
            return False
        lines = data.decode().removesuffix("\r\n").split("\r\n")
        self._trailers = [(name, value) for name, value in (line.split(": ", 1) for line in lines)]
        return True

    def ended(self, made: Exchange, outcome: Outcome) -> None:
        made.trailers = self._trailers
        super().ended(made, outcome)
