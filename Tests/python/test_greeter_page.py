# SPDX-License-Identifier: Apache-2.0
"""A page of another origin calls the Greeter example, in a headless Chromium."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from conftest import GREETER
from greeter_page import shown, static_server
from launch import Server, free_port

pytestmark = pytest.mark.skipif(not which("chromium"), reason="there is no chromium")

REFUSED = ["TypeError: Failed to fetch"]


@pytest.fixture
def page() -> Iterator[int]:
    with static_server(GREETER / "web") as port:
        yield port


def lines(binary: Path, page: int, profile: Path, *flags: str) -> list[str]:
    """What the page shows, which calls a server with these flags."""
    port = free_port()
    with Server([binary, "--port", "0", "--http-port", str(port), *flags]):
        return shown(f"http://127.0.0.1:{page}/?server=http://127.0.0.1:{port}", profile)


def test_a_page_calls_a_server_that_allows_its_origin(
    greeter_server: Path, page: int, tmp_path: Path
) -> None:
    assert lines(greeter_server, page, tmp_path, "--cors", f"http://127.0.0.1:{page}") == [
        "Hello, Connect!",
        "Hello, gateway!",
        *(f"Hello, stream! {number}" for number in (1, 2, 3)),
        'Error: 400 {"detail":"Invalid request","code":"invalid_argument"}',
    ]


def test_every_origin_may_call_when_all_are_allowed(
    greeter_server: Path, page: int, tmp_path: Path
) -> None:
    assert "Hello, Connect!" in lines(greeter_server, page, tmp_path, "--cors", "*")


@pytest.mark.parametrize("flags", [[], ["--cors", "http://localhost:1"]])
def test_a_page_of_an_origin_that_is_not_allowed_gets_nothing(
    greeter_server: Path, page: int, tmp_path: Path, flags: list[str]
) -> None:
    assert lines(greeter_server, page, tmp_path, *flags) == REFUSED
