# SPDX-License-Identifier: Apache-2.0
"""Connect, by hand: unary calls, GET and streams, in JSON and binary."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from google.protobuf import any_pb2

from doors import codec
from doors.by_hand import EnvelopeDoor, HTTPDoor
from doors.door import STREAMS, Behaviour, Outcome, Plan, fields_of, metadata_of
from doors.http import Exchange, Fields

END = 2
GET_CANNOT = {
    **dict.fromkeys(STREAMS, "GET is for unary calls"),
    Behaviour.LIMIT: "the query is held to the limit of a header list, which is lower",
}
NAMES = {"canceled": "CANCELLED"}


def set_error(error: Mapping[str, Any], outcome: Outcome) -> None:
    """Takes over an error in JSON ("Error Codes", "Error" of the Connect protocol)."""
    outcome.code = NAMES.get(error["code"], error["code"].upper())
    outcome.message = error.get("message", "")
    for detail in error.get("details", []):
        value = detail["value"]
        data = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        url = f"type.googleapis.com/{detail['type']}"
        outcome.details.append(any_pb2.Any(type_url=url, value=data))


class ConnectDoor(EnvelopeDoor):
    """Connect: a unary call is a body, the others are envelopes."""

    family = "Connect"

    def __init__(self, version: str, codec_name: str) -> None:
        super().__init__(f"connect-{codec_name}-http{version}", version, codec_name)

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        if plan.is_client_stream or plan.is_server_stream:
            return super().run(made, plan, outcome)
        body = self.encode(plan.letters[0])
        fields = [("content-type", f"application/{self.codec}"), *self.common(plan)]
        fields.append(("accept-encoding", "gzip"))
        if plan.compresses:
            body = gzip.compress(body)
            fields.append(("content-encoding", "gzip"))
        made.begin("POST", plan.path, [*fields, *fields_of(plan.metadata)], len(body))
        if body:
            made.send(body)
            made.end()
        read_unary(made, self.codec, outcome)
        return None

    def common(self, plan: Plan) -> Fields:
        fields = [("connect-protocol-version", "1")]
        if plan.timeout is not None:
            fields.append(("connect-timeout-ms", str(round(plan.timeout * 1000))))
        return fields

    def head(self, plan: Plan) -> Fields:
        fields = [("content-type", f"application/connect+{self.codec}"), *self.common(plan)]
        fields.append(("connect-accept-encoding", "gzip"))
        if plan.compresses:
            fields.append(("connect-content-encoding", "gzip"))
        return fields

    def took_last(self, flag: int, data: bytes, outcome: Outcome) -> bool:
        if not flag & END:
            return False
        end = json.loads(data)
        pairs = [
            (name, value) for name, list_ in end.get("metadata", {}).items() for value in list_
        ]
        outcome.trailing = metadata_of(pairs)
        if "error" in end:
            set_error(end["error"], outcome)
        return True

    def ended(self, made: Exchange, outcome: Outcome) -> None:  # noqa: ARG002
        assert made.status == 200
        assert dict(made.fields)["content-type"] == f"application/connect+{self.codec}"


class ConnectGetDoor(HTTPDoor):
    """Connect's GET: the message is in the query."""

    family = "Connect GET"

    cannot = GET_CANNOT

    def __init__(self, version: str, codec_name: str) -> None:
        super().__init__(f"get-{codec_name}-http{version}", version, codec_name)

    def run(self, made: Exchange, plan: Plan, outcome: Outcome) -> None:
        message = self.encode(plan.letters[0])
        query = {"connect": "v1", "encoding": self.codec}
        if plan.compresses:
            message = gzip.compress(message)
            query["compression"] = "gzip"
        if self.codec == "json" and not plan.compresses:
            query["message"] = message.decode()
        else:
            query["base64"] = "1"
            query["message"] = base64.urlsafe_b64encode(message).decode().rstrip("=")
        fields = [("accept-encoding", "gzip")]
        if plan.timeout is not None:
            fields.append(("connect-timeout-ms", str(round(plan.timeout * 1000))))
        path = f"{plan.path}?{urlencode(query)}"
        made.begin("GET", path, [*fields, *fields_of(plan.metadata)], 0)
        read_unary(made, self.codec, outcome)


def read_unary(made: Exchange, codec_name: str, outcome: Outcome) -> None:
    """Reads the response to a unary call ("Unary-Response")."""
    body = made.read_all()
    found = dict(made.fields)
    outcome.was_compressed = found.get("content-encoding") == "gzip"
    if outcome.was_compressed:
        body = gzip.decompress(body)
    trailers = [
        (name.removeprefix("trailer-"), value)
        for name, value in made.fields
        if name.startswith("trailer-")
    ]
    outcome.initial, outcome.trailing = metadata_of(made.fields), metadata_of(trailers)
    if made.status == 200:
        assert found["content-type"] == f"application/{codec_name}"
        outcome.letters.append(codec.decode(body, codec_name))
    else:
        assert found["content-type"] == "application/json"
        set_error(json.loads(body), outcome)
