# SPDX-License-Identifier: Apache-2.0
"""Our own client, which `door-tool call` drives: over sockets, and inside its process."""

import itertools
import queue
import struct
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import doors_pb2 as pb
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from doors.door import CODES, PATIENCE_SECONDS, Door, Outcome, Place, Plan, Running, Value


def write(pipe: IO[bytes], message: Message | bytes) -> None:
    data = message if isinstance(message, bytes) else message.SerializeToString()
    pipe.write(struct.pack(">I", len(data)) + data)
    pipe.flush()


def read(pipe: IO[bytes]) -> bytes | None:
    """The next message's bytes; None at the end."""
    prefix = pipe.read(4)
    if len(prefix) < 4:
        return None
    return pipe.read(struct.unpack(">I", prefix)[0])


class SwiftDoor(Door):
    """`flags` tell the tool where the calls go."""

    def __init__(
        self, family: str, name: str, flags: Callable[[Place], Sequence[str | Path]]
    ) -> None:
        self.family, self.name, self.flags = family, name, flags

    def open(self, place: Place) -> None:
        command = [str(word) for word in (place.tool, "call", *self.flags(place))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.Queue[pb.Outcome]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while (data := read(self._process.stdout)) is not None:
            outcome = pb.Outcome.FromString(data)
            self._waiting[outcome.id].put(outcome)

    def _write(self, plan: pb.Plan) -> None:
        assert self._process.stdin is not None
        with self._lock:
            write(self._process.stdin, plan)

    def start(self, plan: Plan) -> Running:
        number = next(self._numbers)
        self._waiting[number] = queue.Queue()
        told = pb.Plan(
            id=number,
            method=plan.method,
            letters=plan.letters,
            metadata=[entry(name, value) for name, value in plan.metadata],
            timeout_ms=round((plan.timeout or 0) * 1000),
            compresses=plan.compresses,
            is_in_turn=plan.in_turn,
        )
        self._write(told)
        return Running(
            lambda outcome: self._collect(number, outcome),
            lambda: self._write(pb.Plan(id=number)),
        )

    def _collect(self, number: int, outcome: Outcome) -> None:
        found = self._waiting[number].get(timeout=PATIENCE_SECONDS)
        outcome.letters = list(found.letters)
        outcome.code, outcome.message = CODES[found.code], found.message
        outcome.details = list(Status.FromString(found.status).details)
        outcome.initial = [pair(one) for one in found.initial if one.name.startswith("x-")]
        outcome.trailing = [pair(one) for one in found.trailing if one.name.startswith("x-")]
        outcome.was_compressed = found.was_compressed

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()


def entry(name: str, value: Value) -> pb.Entry:
    if isinstance(value, bytes):
        return pb.Entry(name=name, data=value)
    return pb.Entry(name=name, text=value)


def pair(one: pb.Entry) -> tuple[str, Value]:
    return one.name, one.data if one.WhichOneof("value") == "data" else one.text
