# SPDX-License-Identifier: Apache-2.0
"""A request made by hand, and the whole response to it."""

import json
import struct

from doors.http import Exchange, exchange
from launch import Server


class Answer:
    """A whole response."""

    def __init__(self, made: Exchange) -> None:
        self.body = made.read_all()
        self.status, self.fields = made.status, dict(made.fields)

    @property
    def error(self) -> tuple[str, str]:
        """The code and message of an error of Connect."""
        error = json.loads(self.body)
        return error["code"], error["message"]

    @property
    def end(self) -> tuple[str, str]:
        """The same from the last envelope of a stream."""
        body, last = self.body, b""
        while body:
            flag, length = struct.unpack_from(">BI", body)
            last, body = body[5 : 5 + length], body[5 + length :]
        assert flag == 2
        error = json.loads(last)["error"]
        return error["code"], error["message"]


def answer(
    server: Server,
    version: str,
    method: str,
    path: str,
    fields: list[tuple[str, str]],
    body: bytes = b"",
) -> Answer:
    made = exchange(version, server.target)
    try:
        made.begin(method, path, fields, len(body))
        if body:
            made.send(body)
            made.end()
        return Answer(made)
    finally:
        made.close()
