# SPDX-License-Identifier: Apache-2.0
"""Plain HTTP and JSON, by hand: the gateway's routes, and those of `google.api.http` rules."""

import gzip
import json
import re
from collections.abc import Callable, Iterator

from doors import codec
from doors.by_hand import HTTPDoor
from doors.connect import set_error
from doors.door import Behaviour, Outcome, Plan, fields_of, metadata_of
from doors.http import Exchange

EVENT = re.compile(rb"(?:event: (\w+)\n)?data: (.*)\n\n")


# The path of a call, and the field of a letter that is in it.
Route = Callable[[Plan], tuple[str, str]]


def gateway_path(plan: Plan) -> tuple[str, str]:
    return f"/grpc/doorservice/{plan.method.lower()}", ""


def rule_path(plan: Plan) -> tuple[str, str]:
    """The count of a single request is in the path (Tests/DoorTool/doors.proto)."""
    if plan.is_client_stream:
        return f"/v1/letters/all:{plan.method.lower()}", ""
    return f"/v1/letters/{plan.letters[0].count}:{plan.method.lower()}", "count"


CANNOT = {Behaviour.UNKNOWN_METHOD: "a path without a route is answered with 404"}


class PlainDoor(HTTPDoor):
    """A unary call is a JSON body, streams are lines of JSON or, when received, events."""

    cannot = CANNOT

    def __init__(
        self,
        family: str,
        version: str,
        route: Route,
        *,
        takes_events: bool = False,
    ) -> None:
        kind = family.replace(" ", "-") + ("-events" if takes_events else "")
        super().__init__(f"{kind}-http{version}", version, "json")
        self.family, self._route, self.takes_events = family, route, takes_events

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        path, elsewhere = self._route(plan)
        kind = "application/x-ndjson" if plan.is_client_stream else "application/json"
        fields = [("content-type", kind), ("accept-encoding", "gzip"), ("te", "trailers")]
        if self.takes_events:
            fields.append(("accept", "text/event-stream"))
        if plan.timeout is not None:
            fields.append(("grpc-timeout", f"{round(plan.timeout * 1000)}m"))
        if plan.compresses:
            fields.append(("content-encoding", "gzip"))
        made.begin("POST", path, [*fields, *fields_of(plan.metadata)], None)
        lines = self._lines(made, outcome)
        for letter in plan.letters:
            sent = json.loads(self.encode(letter))
            data = json.dumps({k: v for k, v in sent.items() if k != elsewhere}).encode()
            made.send(gzip.compress(data) if plan.compresses else data)
            if plan.is_client_stream:
                made.send(b"\n")
            if plan.in_turn:
                made.wait()
                outcome.letters.append(codec.decode(next(lines), "json"))
        made.end()
        made.wait()
        self._finish(made, plan, lines, outcome)

    def _finish(self, made: Exchange, plan: Plan, lines: Iterator[bytes], outcome: Outcome) -> None:
        found = dict(made.fields)
        outcome.initial = metadata_of(made.fields)
        named = [
            (name.removeprefix("trailer-"), value)
            for name, value in made.fields
            if name.startswith("trailer-")
        ]
        outcome.trailing = metadata_of(named)
        if made.status != 200:
            body = json.loads(made.read_all())
            set_error({**body, "message": body["detail"]}, outcome)
        elif plan.is_server_stream:
            outcome.was_compressed = False
            outcome.letters += [codec.decode(line, "json") for line in lines]
            outcome.trailing = metadata_of(made.trailers)
        else:
            body = made.read_all()
            outcome.was_compressed = found.get("content-encoding") == "gzip"
            if outcome.was_compressed:
                body = gzip.decompress(body)
            outcome.letters = [codec.decode(body, "json")]

    def _lines(self, made: Exchange, outcome: Outcome) -> Iterator[bytes]:
        """The messages of a stream; an error at its end goes into the outcome."""
        text, has_ended = b"", not self.takes_events
        while (piece := made.read()) is not None:
            text += piece
            if self.takes_events:
                while match := EVENT.match(text):
                    event, data = match.groups()
                    text = text[match.end() :]
                    has_ended = event is not None
                    if event == b"error":
                        error = json.loads(data)
                        set_error({**error, "message": error["detail"]}, outcome)
                    elif event is None:
                        yield data
            else:
                *whole, text = text.split(b"\n")
                for line in whole:
                    error = json.loads(line).get("error")
                    if error is None:
                        yield line
                    else:
                        set_error({**error, "message": error["detail"]}, outcome)
        assert text == b""
        assert has_ended
