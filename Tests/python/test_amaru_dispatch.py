# SPDX-License-Identifier: Apache-2.0
"""How messages become arguments, and results messages; no process is started."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import numpy
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from amaru import FieldViolation, RpcEndpoint, RpcError, StatusCode, rpc_method

encode, decode = msgspec.msgpack.encode, msgspec.msgpack.decode


class AddArgs(BaseModel):
    a: int
    b: int = Field(default=1, ge=0)


class Item(BaseModel):
    name: str
    price: float


class Order(BaseModel):
    items: list[Item]


@dataclasses.dataclass
class Point:
    x: float
    y: float


@pytest.fixture
def endpoint() -> RpcEndpoint:
    return RpcEndpoint("calculator")


def call(endpoint: RpcEndpoint, method: str, *values: Any) -> Any:
    """The decoded result; without a value the message is empty."""
    return decode(endpoint.dispatch(method, encode(values[0]) if values else b""))


def refused(endpoint: RpcEndpoint, method: str, *values: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        call(endpoint, method, *values)
    return caught.value


def add(a: int, b: int = 5) -> int:
    return a + b


def everything(*values: Any, **named: Any) -> list[Any]:
    return [values, named]


def by_name(a: int, *, b: int) -> list[int]:
    return [a, b]


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ({"a": 1, "b": 2}, 3),
        ({"b": 2, "a": 1}, 3),
        ({"a": 1}, 6),
        ([1, 2], 3),
        ([1], 6),
        (7, 12),
        ([300000, 1], 300001),
    ],
)
def test_a_map_names_an_array_orders_and_one_value_is_the_first_argument(
    endpoint: RpcEndpoint, message: Any, result: int
) -> None:
    endpoint.register("add", add)
    assert call(endpoint, "add", message) == result


def test_a_long_map_and_a_long_array_are_read_too(endpoint: RpcEndpoint) -> None:
    names = [f"a{index}" for index in range(70000)]
    endpoint.register("everything", everything)
    assert call(endpoint, "everything", names) == [names, {}]
    assert call(endpoint, "everything", dict.fromkeys(names, 1)) == [[], dict.fromkeys(names, 1)]
    assert call(endpoint, "everything", names[:20])[0] == names[:20]


@pytest.mark.parametrize("message", [b"", b"\xc0", b"\x80", b"\x90"])
def test_nothing_nil_and_empty_collections_are_no_arguments(
    endpoint: RpcEndpoint, message: bytes
) -> None:
    endpoint.register("ping", lambda: "pong")
    endpoint.register("add", add)
    assert decode(endpoint.dispatch("ping", message)) == "pong"
    with pytest.raises(RpcError, match="a: a required argument is missing"):
        endpoint.dispatch("add", message)


@pytest.mark.parametrize(
    ("message", "field", "description"),
    [
        ({"a": "x"}, "a", "Expected `int`, got `str`"),
        ({"a": 1, "b": None}, "b", "Expected `int`, got `None`"),
        ([1, 1.5], "b", "Expected `int`, got `float`"),
        ("x", "a", "Expected `int`, got `str`"),
        ({}, "a", "a required argument is missing"),
        ({"a": 1, "c": 3}, "c", "no such argument"),
        ([1, 2, 3], "", "3 positional arguments; at most 2 are taken"),
    ],
)
def test_arguments_that_do_not_fit_are_named(
    endpoint: RpcEndpoint, message: Any, field: str, description: str
) -> None:
    endpoint.register("add", add)
    error = refused(endpoint, "add", message)
    assert error.code is StatusCode.INVALID_ARGUMENT
    assert error.violations == (FieldViolation(field, description),)
    assert error.message == (f"{field}: {description}" if field else description)


def test_a_place_inside_of_an_argument_is_a_dotted_path(endpoint: RpcEndpoint) -> None:
    @endpoint.register()
    def total(points: list[Point]) -> float:
        return sum(point.x + point.y for point in points)

    assert call(endpoint, "total", {"points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}) == 10
    by_position = refused(endpoint, "total", [[{"x": 1, "y": 2}, {"x": 3, "y": "4"}]])
    assert by_position.violations[0].field == "points.1.y"
    missing = refused(endpoint, "total", {"points": [{"x": 1}]})
    assert missing.violations[0].field == "points.0.y"
    assert "missing" in missing.violations[0].description


def test_one_argument_with_names_of_its_own_takes_the_map(endpoint: RpcEndpoint) -> None:
    @endpoint.register()
    def norm(point: Point) -> float:
        return point.x**2 + point.y**2

    assert call(endpoint, "norm", {"x": 3, "y": 4}) == 25
    assert call(endpoint, "norm", [{"x": 3, "y": 4}]) == 25
    assert refused(endpoint, "norm", {"x": 3}).violations[0].field.endswith("y")


def test_arguments_by_name_only_and_without_bounds(endpoint: RpcEndpoint) -> None:
    endpoint.register("by_name", by_name)
    endpoint.register("everything", everything)
    assert call(endpoint, "by_name", {"a": 1, "b": 2}) == [1, 2]
    assert "b: must be given by name" in refused(endpoint, "by_name", [1, 2]).message
    assert call(endpoint, "everything", {"x": 1}) == [[], {"x": 1}]
    assert call(endpoint, "everything", [1, 2]) == [[1, 2], {}]


def test_a_default_is_the_very_object_of_the_function(endpoint: RpcEndpoint) -> None:
    seen: list[int] = []

    @endpoint.register()
    def note(number: int, into: list[int] = seen) -> int:
        into.append(number)
        return len(into)

    assert [call(endpoint, "note", [1]), call(endpoint, "note", [2])] == [1, 2]
    assert seen == [1, 2]


def test_bounds_of_a_type_hint_are_checked(endpoint: RpcEndpoint) -> None:
    @endpoint.register()
    def root(number: Annotated[float, msgspec.Meta(ge=0)]) -> float:
        return number**0.5

    assert call(endpoint, "root", [4]) == 2
    assert refused(endpoint, "root", [-1]).violations[0].field == "number"


@pytest.mark.parametrize("message", [b"\xc1", b"\x92\x01", b"\x81\xa1a", b"\xd9", b"\x91\xa1\xff"])
def test_what_is_no_messagepack_is_refused(endpoint: RpcEndpoint, message: bytes) -> None:
    endpoint.register("add", add)
    with pytest.raises(RpcError) as caught:
        endpoint.dispatch("add", message)
    assert caught.value.code is StatusCode.INVALID_ARGUMENT


def test_a_message_that_is_nested_too_deeply_is_refused(endpoint: RpcEndpoint) -> None:
    endpoint.register("everything", everything)
    with pytest.raises(RpcError, match="nested too deeply") as caught:
        endpoint.dispatch("everything", b"\x91" * 100_000 + b"\xc0")
    assert caught.value.code is StatusCode.INVALID_ARGUMENT


def test_a_model_checks_and_its_fields_are_the_arguments(endpoint: RpcEndpoint) -> None:
    @endpoint.register(request_model=AddArgs)
    def add_checked(a: int, b: int) -> int:
        return a + b

    assert call(endpoint, "add_checked", {"a": 10, "b": 20}) == 30
    assert call(endpoint, "add_checked", [10]) == 11
    error = refused(endpoint, "add_checked", {"a": "ten", "b": -1})
    assert error.code is StatusCode.INVALID_ARGUMENT
    assert {each.field for each in error.violations} == {"a", "b"}
    assert "greater than or equal to 0" in error.message
    assert error.info.reason == "ValidationError"
    assert refused(endpoint, "add_checked").violations == (FieldViolation("a", "Field required"),)
    assert "at most 2" in refused(endpoint, "add_checked", [1, 2, 3]).message


def test_a_model_can_be_the_argument_itself(endpoint: RpcEndpoint) -> None:
    @endpoint.register(request_model=Order)
    def total(order: Order) -> float:
        return sum(item.price for item in order.items)

    @endpoint.register()
    def first(order: Order) -> Item:
        return order.items[0]

    items = [{"name": "tea", "price": 2}, {"name": "cup", "price": 3}]
    assert call(endpoint, "total", {"items": items}) == 5
    assert call(endpoint, "first", {"items": items}) == items[0]
    assert call(endpoint, "first", [{"items": items}]) == items[0]
    for method in ("total", "first"):
        error = refused(endpoint, method, {"items": [items[0], {"name": "cup", "price": "dear"}]})
        assert error.violations[0].field == "items.1.price"


def test_a_model_and_a_function_that_do_not_fit_are_refused_at_once(endpoint: RpcEndpoint) -> None:
    with pytest.raises(TypeError, match="takes no `b`"):
        endpoint.register(request_model=AddArgs)(lambda a: a)
    with pytest.raises(TypeError, match="needs `c`"):
        endpoint.register(request_model=AddArgs)(lambda a, b, c: a + b + c)
    with pytest.raises(TypeError, match=r"pydantic\.BaseModel"):
        endpoint.register(request_model=dict)(lambda: None)
    assert endpoint.methods == {}


def test_every_way_to_register(endpoint: RpcEndpoint) -> None:
    class Math:
        def __init__(self, start: int = 100) -> None:
            self.start = start

        @rpc_method
        def plus(self, n: int) -> int:
            return self.start + n

        @rpc_method("minus", request_model=AddArgs)
        def subtract(self, a: int, b: int) -> int:
            return a - b

        @rpc_method()
        @staticmethod
        def zero() -> int:
            return 0

        def hidden(self) -> None: ...

    class Better(Math):
        @rpc_method
        def plus(self, n: int) -> int:
            return super().plus(n) + 1

    @endpoint.register
    def bare() -> int:
        return 1

    @endpoint.register("named")
    def whatever() -> int:
        return 2

    endpoint.register("given", lambda: 3)
    endpoint.register_class(Math(10), prefix="math.")
    endpoint.register_class(Better)
    assert [call(endpoint, name) for name in ("bare", "named", "given", "zero")] == [1, 2, 3, 0]
    assert call(endpoint, "math.plus", [5]) == 15
    assert call(endpoint, "plus", [5]) == 106
    assert call(endpoint, "minus", {"a": 5, "b": 3}) == 2
    assert "hidden" not in endpoint.methods
    assert bare() == 1, "the decorator gives the function back"
    with pytest.raises(ValueError, match="'plus' already"):
        endpoint.register("plus", lambda: 0)
    with pytest.raises(ValueError, match="no method with @rpc_method"):
        endpoint.register_class(object())


def test_a_method_that_nobody_registered_is_unimplemented(endpoint: RpcEndpoint) -> None:
    endpoint.register("subtract", add)
    error = refused(endpoint, "substract", [1])
    assert error.code is StatusCode.UNIMPLEMENTED
    assert error.message == "there is no method 'substract'; did you mean 'subtract'?"
    assert refused(endpoint, "zzz").message == "there is no method 'zzz'"


def test_an_exception_of_the_handler_is_its_own(endpoint: RpcEndpoint) -> None:
    @endpoint.register()
    def fail(kind: str) -> None:
        raise {"type": TypeError, "value": ValueError}[kind]("no good")

    with pytest.raises(TypeError, match="no good"):
        endpoint.dispatch("fail", encode(["type"]))
    with pytest.raises(ValueError, match="no good"):
        endpoint.dispatch("fail", encode(["value"]))


def test_a_result_that_cannot_be_sent_is_an_error_of_the_server(endpoint: RpcEndpoint) -> None:
    endpoint.register("thing", lambda: {"is": object()})
    endpoint.register("huge", lambda: 1 << 70)
    endpoint.register("dates", lambda: numpy.array(["2026-01-01"], "M8[D]"))
    for method in ("thing", "huge", "dates"):
        error = refused(endpoint, method)
        assert error.code is StatusCode.INTERNAL
        assert method in error.message


def test_results_of_optional_packages_are_sent(endpoint: RpcEndpoint) -> None:
    endpoint.register("model", lambda: Item(name="tea", price=2))
    endpoint.register("number", lambda: [numpy.float32(0.5), numpy.int64(7), numpy.bool_(True)])
    endpoint.register("point", lambda: Point(1, 2))
    assert call(endpoint, "model") == {"name": "tea", "price": 2}
    assert call(endpoint, "number") == [0.5, 7, True]
    assert call(endpoint, "point") == {"x": 1, "y": 2}


def test_hints_that_cannot_be_used_are_refused_at_registration(endpoint: RpcEndpoint) -> None:
    def unknown(value: "NoSuchType") -> None: ...  # noqa: F821

    def crowded(items: Iterator[int], factor: int) -> None: ...

    with pytest.raises(TypeError, match="'NoSuchType'"):
        endpoint.register("unknown", unknown)
    with pytest.raises(TypeError, match="no argument `factor`"):
        endpoint.register("crowded", crowded)


def test_an_array_of_another_element_type_is_named(endpoint: RpcEndpoint) -> None:
    @endpoint.register()
    def total(values: NDArray[numpy.float64]) -> float:
        return float(values.sum())

    from amaru._encoding import encode_message

    def message(array: Any) -> bytes:
        return bytes(encode_message({"values": array}))

    assert decode(endpoint.dispatch("total", message(numpy.arange(4.0)))) == 6
    with pytest.raises(RpcError, match="values: Expected an array of float64, got int32"):
        endpoint.dispatch("total", message(numpy.arange(4, dtype="i4")))
    assert refused(endpoint, "total", [[1.0]]).violations[0].field == "values"


def test_without_pydantic_and_numpy_all_else_works_and_the_cure_is_named() -> None:
    program = """
import sys
sys.modules["pydantic"] = sys.modules["numpy"] = sys.modules["grpc"] = None
import amaru
endpoint = amaru.RpcEndpoint("calculator")
endpoint.register("add", lambda a, b: a + b)
assert endpoint.dispatch("add", b"\\x92\\x01\\x02") == b"\\x03"
for action in (
    lambda: endpoint.register(request_model=dict)(lambda: None),
    lambda: endpoint.allocate_array(3),
    lambda: amaru.server(),
    lambda: amaru.aio.shared_memory_channel("x"),
):
    try:
        action()
    except ImportError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    cures = ["amaru[pydantic]", "amaru[numpy]", "amaru[grpc]", "amaru[grpc]"]
    lines = done.stdout.splitlines()
    assert [cure in line for cure, line in zip(cures, lines, strict=True)] == [True] * 4
