# SPDX-License-Identifier: Apache-2.0
"""Details of errors in protobuf, beside google.rpc's own classes."""

import random

import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from amaru import (
    AnyDetail,
    BadRequest,
    DebugInfo,
    ErrorInfo,
    FieldViolation,
    RemoteError,
    RpcError,
    StatusCode,
)
from amaru._dispatch import status_of
from amaru._status import MAX_DETAILS_BYTES, clip, decode_status, encode_status, error_of

DETAILS = [
    ErrorInfo("ValueError", "python", {"key": "value", "ключ": "ü"}),
    BadRequest((FieldViolation("user.name", "must not be empty"), FieldViolation("", "ü" * 200))),
    DebugInfo(("one\n", "two\n"), "detail"),
    AnyDetail("type.googleapis.com/other.Type", b"\x00\xff"),
]


def test_protobuf_reads_what_we_write() -> None:
    status = status_pb2.Status.FromString(encode_status(3, "wrong", DETAILS))
    assert (status.code, status.message, len(status.details)) == (3, "wrong", 4)
    info, request, debug = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.DebugInfo(),
    )
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(request)
    assert status.details[2].Unpack(debug)
    assert (info.reason, info.domain, info.metadata["ключ"]) == ("ValueError", "python", "ü")
    assert [each.field for each in request.field_violations] == ["user.name", ""]
    assert list(debug.stack_entries) == ["one\n", "two\n"]
    assert status.details[3].value == b"\x00\xff"


def test_we_read_what_protobuf_writes() -> None:
    status = status_pb2.Status(code=5, message="x" * 300)
    for message in (
        error_details_pb2.ErrorInfo(reason="R", domain="d", metadata={"a": "b"}),
        error_details_pb2.BadRequest(
            field_violations=[{"field": "f", "description": "d", "reason": "passed over"}]
        ),
        error_details_pb2.DebugInfo(stack_entries=["a", "b"]),
    ):
        packed = any_pb2.Any()
        packed.Pack(message)
        status.details.append(packed)
    assert decode_status(status.SerializeToString()) == (
        ErrorInfo("R", "d", {"a": "b"}),
        BadRequest((FieldViolation("f", "d"),)),
        DebugInfo(("a", "b")),
    )


def test_any_protobuf_message_can_be_a_detail() -> None:
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.seconds = 3
    error = RpcError(StatusCode.UNAVAILABLE, "later", details=[retry])
    _, _, details = status_of(error)
    status = status_pb2.Status.FromString(details)
    found = error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(found)
    assert found.retry_delay.seconds == 3
    with pytest.raises(TypeError, match="is no detail"):
        encode_status(3, "", [object()])


def test_what_is_cut_or_changed_raises_nothing() -> None:
    whole = encode_status(3, "wrong", DETAILS)
    for end in range(len(whole)):
        assert isinstance(decode_status(whole[:end]), tuple)
    chance = random.Random(7)
    for _ in range(20_000):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        assert isinstance(decode_status(bytes(changed)), tuple)
    assert decode_status(b"\xff" * 20) == ()


def test_details_never_outgrow_their_frame() -> None:
    long = [FieldViolation(f"field{index}", "x" * 500) for index in range(1000)]
    details = encode_status(
        3, "m" * 100_000, [ErrorInfo("E"), BadRequest(tuple(long)), DebugInfo(("s" * 3000,) * 100)]
    )
    assert len(details) <= MAX_DETAILS_BYTES
    info, request, debug = decode_status(details)
    assert info == ErrorInfo("E")
    assert request.violations == tuple(long[: len(request.violations)])
    assert len(request.violations) > 10
    assert debug.stack_entries


def test_of_a_long_traceback_the_innermost_frames_stay() -> None:
    stack = [f"frame {index} " + "x" * 900 for index in range(100)]
    (debug,) = decode_status(encode_status(2, "", [DebugInfo(tuple(stack))]))
    assert debug.stack_entries[-1] == stack[-1]
    assert debug.stack_entries == tuple(stack[-len(debug.stack_entries) :])


@pytest.mark.parametrize("length", [16383, 16384, 16385, 100_000])
def test_a_long_message_is_cut_at_a_character(length: int) -> None:
    cut = clip("ü" * (length // 2) + "x" * (length % 2))
    assert len(cut) <= 16384
    assert cut.decode("utf-8")
    assert cut.endswith(b"...") == (length > 16384)


def test_an_exception_becomes_a_remote_error_with_its_type() -> None:
    try:
        raise KeyError("missing")
    except KeyError as error:
        plain, debug = status_of(error), status_of(error, debug=True)
    seen = error_of(*plain, ())
    assert isinstance(seen, RemoteError)
    assert (seen.code, seen.type, seen.message) == (StatusCode.UNKNOWN, "KeyError", "'missing'")
    assert seen.traceback is None
    detailed = error_of(*debug, ())
    assert 'raise KeyError("missing")' in detailed.traceback
    assert any("KeyError" in note for note in detailed.__notes__)


def test_an_error_of_the_handlers_choice_keeps_code_and_details() -> None:
    raised = RpcError(
        StatusCode.NOT_FOUND, "no user 7", details=[ErrorInfo("NO_USER", "shop", {"id": "7"})]
    )
    seen = error_of(*status_of(raised, debug=True), (("x", "y"),))
    assert type(seen) is RpcError
    assert (seen.code, seen.message) == (StatusCode.NOT_FOUND, "no user 7")
    assert seen.info == ErrorInfo("NO_USER", "shop", {"id": "7"})
    assert seen.metadata == (("x", "y"),)
    assert str(seen) == "NOT_FOUND: no user 7"


def test_a_code_that_does_not_exist_is_unknown() -> None:
    assert error_of(99, "?", b"", ()).code is StatusCode.UNKNOWN
