# SPDX-License-Identifier: Apache-2.0
"""Endpoints and clients as processes: every kind of method, errors, time, signals, deaths."""

import asyncio
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import amaru
from amaru import ErrorInfo, FieldViolation, RemoteError, RpcClient, RpcEndpoint, RpcError
from amaru import StatusCode as Code
from amaru_process import Worker, free_name

PATIENCE = 60


@pytest.fixture(params=["plain", "asyncio"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """A worker whose loop is a plain one, and one that runs on asyncio."""
    with Worker(*["--asynchronous"] * (request.param == "asyncio")) as started:
        yield started


@pytest.fixture
def client(worker: Worker) -> Iterator[RpcClient]:
    with RpcClient(worker.name, timeout=PATIENCE) as opened:
        yield opened


@pytest.fixture
def asynchronous() -> Iterator[RpcClient]:
    """A client of a worker with coroutines."""
    with Worker("--asynchronous") as started, RpcClient(started.name, timeout=PATIENCE) as opened:
        yield opened


def caught(action: Callable[[], Any]) -> RpcError:
    with pytest.raises(RpcError) as raised:
        action()
    return raised.value


def eventually(condition: Callable[[], bool]) -> None:
    """Waits for what another process does."""
    pause = threading.Event()
    for _ in range(PATIENCE * 100):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come about")


def test_a_call_by_position_and_by_name(client: RpcClient) -> None:
    assert client.call("add", 1, 2) == 3
    assert client.call("add", a=1, b=2) == 3
    assert client.invoke("add", {"a": 1, "b": 2}, result_type=int) == 3
    assert client.call("greet", name="Ada", age=36) == "Ada is 36"
    assert client.call("process") == client.call("process")
    assert [client.call("counter.increase", by) for by in (1, 2)] == [1, 3]
    assert client.call("counter.increase") == 4


def test_generators_and_iterators_are_streams(client: RpcClient) -> None:
    assert list(client.stream("count", 5)) == [0, 1, 2, 3, 4]
    assert list(client.stream("count", number=2, start=7)) == [7, 8]
    assert sum(client.stream("count", 100_000)) == sum(range(100_000))
    assert list(client.stream("count", 0)) == []
    assert client.send("total_of", range(10_000)) == sum(range(10_000))
    assert client.send("total_of", []) == 0
    assert list(client.exchange("doubled", range(1000))) == [2 * each for each in range(1000)]


def test_a_chat_answers_each_item_before_the_next_is_sent(client: RpcClient) -> None:
    answered = threading.Semaphore(1)

    def items() -> Iterator[int]:
        for number in range(50):
            assert answered.acquire(timeout=PATIENCE)
            yield number

    seen = []
    for item in client.exchange("doubled", items()):
        seen.append(item)
        answered.release()
    assert seen == [2 * each for each in range(50)]


def test_a_stream_whose_reader_is_slow_waits_for_it(client: RpcClient) -> None:
    with client.stream("forever") as numbers:
        first = [next(numbers) for _ in range(10)]
        # The other calls of the same client are served meanwhile.
        assert client.call("add", 1, 1) == 2
        assert first == list(range(10))
        assert [next(numbers) for _ in range(50_000)][-1] == 50_009
    eventually(lambda: client.call("was_closed"))


def test_a_stream_that_is_forgotten_is_cancelled(client: RpcClient) -> None:
    assert next(client.stream("forever")) == 0
    gc.collect()
    eventually(lambda: client.call("was_closed"))


def test_a_handler_may_leave_the_callers_stream_unread(client: RpcClient) -> None:
    assert client.send("first_of", range(1_000_000)) == 0


def test_wrong_arguments_name_their_fields(client: RpcClient) -> None:
    error = caught(lambda: client.call("add", a="x", b=2))
    assert error.code is Code.INVALID_ARGUMENT
    assert error.violations == (FieldViolation("a", "Expected `int`, got `str`"),)
    error = caught(lambda: client.call("greet", name="", age=-1))
    assert [each.field for each in error.violations] == ["name", "age"]
    assert "at least 1 character" in error.violations[0].description
    error = caught(lambda: client.send("total_of", [1, "two"]))
    assert error.code is Code.INVALID_ARGUMENT
    error = caught(lambda: client.call("ad", 1, 2))
    assert (error.code, error.message) == (
        Code.UNIMPLEMENTED,
        "there is no method 'ad'; did you mean 'add'?",
    )
    with pytest.raises(TypeError, match="not both"):
        client.call("add", 1, b=2)


def test_exceptions_come_with_type_and_message(client: RpcClient) -> None:
    error = caught(lambda: client.call("fail", "no good"))
    assert isinstance(error, RemoteError)
    assert (error.code, error.type, error.message) == (Code.UNKNOWN, "ValueError", "no good")
    assert error.traceback is None
    error = caught(lambda: client.call("refuse"))
    assert (error.code, error.message) == (Code.NOT_FOUND, "no user 7")
    assert error.info == ErrorInfo("NO_USER", "shop", {"id": "7"})
    numbers = client.stream("count_and_fail", 3)
    assert [next(numbers) for _ in range(3)] == [0, 1, 2]
    error = caught(lambda: next(numbers))
    assert (error.type, error.message) == ("LookupError", "no more")


def test_the_traceback_comes_only_when_the_worker_allows_it() -> None:
    with Worker("--debug") as worker, RpcClient(worker.name) as client:
        error = caught(lambda: client.call("fail", "no good"))
        assert "raise ValueError(text)" in error.traceback
        assert "raise ValueError(text)" not in str(error)
        assert client.call("add", 1, 2) == 3


def test_a_result_of_another_type_than_asked_for_is_data_loss(client: RpcClient) -> None:
    error = caught(lambda: client.invoke("add", [1, 2], result_type=str))
    assert error.code is Code.DATA_LOSS


def test_a_deadline_ends_the_wait_and_not_the_client(client: RpcClient) -> None:
    error = caught(lambda: client.call("nap", 1, timeout=0.05))
    assert error.code is Code.DEADLINE_EXCEEDED
    error = caught(lambda: list(client.stream("forever", timeout=0.05)))
    assert error.code is Code.DEADLINE_EXCEEDED
    assert client.call("add", 1, 2, timeout=PATIENCE) == 3


def test_any_number_of_threads_share_a_client(client: RpcClient) -> None:
    def work(thread: int) -> list[int]:
        if thread % 4 == 0:
            return list(client.stream("count", 200))
        return [client.call("add", thread, number) for number in range(200)]

    with ThreadPoolExecutor(12) as threads:
        results = list(threads.map(work, range(24)))
    for thread, found in enumerate(results):
        assert found == [number + (thread if thread % 4 else 0) for number in range(200)]


def test_a_forked_child_has_a_channel_of_its_own(client: RpcClient) -> None:
    numbers = client.stream("count", 100_000)
    assert next(numbers) == 0
    if (child := os.fork()) == 0:
        try:
            passed = sum(client.stream("count", 1000)) == sum(range(1000))
        finally:
            os._exit(0 if passed else 1)
    assert client.call("add", 1, 2) == 3
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [*numbers][-1] == 99_999


def test_many_clients_share_a_worker(worker: Worker) -> None:
    clients = [RpcClient(worker.name, timeout=PATIENCE) for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        for number in range(20):
            found = threads.map(lambda each, n=number: each.call("add", n, 1), clients)
            assert list(found) == [number + 1] * 16
    for each in clients:
        each.close()


def test_a_message_over_the_limit_is_refused_and_the_next_is_taken(worker: Worker) -> None:
    with RpcClient(worker.name, max_message_bytes=1 << 20, timeout=PATIENCE) as client:
        fits = bytes((1 << 20) - 8)
        assert len(client.call("echo", fits)) == len(fits)
        error = caught(lambda: client.call("echo", bytes((1 << 20) + 1)))
        assert error.code is Code.RESOURCE_EXHAUSTED
        error = caught(lambda: client.call("echo", bytes((64 << 20) + 1)))
        assert error.code is Code.RESOURCE_EXHAUSTED
        assert len(client.call("echo", fits)) == len(fits)


def test_nobody_listens() -> None:
    with RpcClient(free_name()) as client:
        error = caught(lambda: client.call("add", 1, 2))
        assert error.code is Code.UNAVAILABLE
        assert error.message


@pytest.mark.parametrize("name", ["", "a b", "../x", ".x", "-x", "x" * 65])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    endpoint = RpcEndpoint(name)
    with pytest.raises((ValueError, OSError, RpcError)):
        endpoint.listen()


def test_a_name_that_is_taken_is_refused(worker: Worker) -> None:
    with pytest.raises(OSError, match=r"in use|taken"):
        RpcEndpoint(worker.name).listen(announce=False)


def test_a_killed_worker_ends_its_calls_and_a_new_one_is_found(worker: Worker) -> None:
    with RpcClient(worker.name, timeout=PATIENCE) as client, ThreadPoolExecutor(2) as threads:
        numbers = client.stream("forever")
        next(numbers)
        hanging = threads.submit(client.call, "nap", 30)
        eventually(lambda: hanging.running())
        worker.kill()
        assert caught(hanging.result).code is Code.UNAVAILABLE
        assert caught(lambda: [*numbers]).code is Code.UNAVAILABLE
        assert caught(lambda: client.call("add", 1, 2)).code is Code.UNAVAILABLE
        with Worker(name=worker.name):
            assert client.call("add", 1, 2) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_running_calls_end(worker: Worker, number: signal.Signals) -> None:
    with RpcClient(worker.name, timeout=PATIENCE) as client, ThreadPoolExecutor(2) as threads:
        chat = threading.Event()

        def items() -> Iterator[int]:
            yield 1
            assert chat.wait(PATIENCE)
            yield 2

        answers = client.exchange("doubled", items())
        assert next(answers) == 2
        worker.process.send_signal(number)
        other = RpcClient(worker.name)
        eventually(lambda: refuses(other))
        chat.set()
        assert list(answers) == [4]
        assert worker.wait(PATIENCE) == 0
        assert worker.output[-1] == "stopped"
        threads.shutdown()


def refuses(client: RpcClient) -> bool:
    try:
        return client.call("add", 1, 2) != 3
    except RpcError as error:
        return error.code is Code.UNAVAILABLE


def test_a_second_signal_does_not_wait(worker: Worker) -> None:
    with RpcClient(worker.name, timeout=PATIENCE) as client:
        numbers = client.exchange("doubled", iter(lambda: threading.Event().wait(60), None))
        worker.process.send_signal(signal.SIGTERM)
        other = RpcClient(worker.name)
        eventually(lambda: refuses(other))
        worker.process.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == -signal.SIGTERM
        del numbers


def test_calls_that_outlast_the_grace_are_given_up() -> None:
    with Worker("--grace", "0.1") as worker, RpcClient(worker.name, timeout=PATIENCE) as client:
        numbers = client.stream("forever")
        next(numbers)
        assert worker.stop(PATIENCE) == 0
        assert caught(lambda: [*numbers]).code is Code.UNAVAILABLE


def test_an_endpoint_in_a_thread_is_stopped_from_another() -> None:
    endpoint = RpcEndpoint(free_name())
    endpoint.register("add", lambda a, b: a + b)
    thread = threading.Thread(target=endpoint.listen, kwargs={"announce": False})
    thread.start()
    with RpcClient(endpoint.name, timeout=PATIENCE) as client:
        eventually(lambda: not refuses(client))
        assert client.call("add", 1, 2) == 3
        with pytest.raises(RuntimeError, match="before listen"):
            endpoint.register("late", lambda: 0)
        endpoint.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert refuses(client)
    with pytest.raises(RuntimeError, match="handler answers"):
        endpoint.allocate(10)


def test_coroutines_are_handlers(asynchronous: RpcClient) -> None:
    client = asynchronous
    assert client.call("fast_add", 1, 2) == 3
    assert client.call("slow_add", a=1, b=2) == 3
    assert list(client.stream("slow_count", 1000)) == list(range(1000))
    assert client.send("slow_total", range(1000)) == sum(range(1000))
    assert list(client.exchange("slow_doubled", range(100))) == [2 * n for n in range(100)]
    assert caught(lambda: client.call("slow_add", 1)).violations[0].field == "b"
    error = caught(lambda: client.call("fail_later", "no good"))
    assert (error.type, error.message) == ("ValueError", "no good")


def test_coroutines_wait_beside_each_other(asynchronous: RpcClient) -> None:
    with ThreadPoolExecutor(32) as threads:
        calls = [threads.submit(asynchronous.call, "slow_add", n, 1, 0.2) for n in range(32)]
        assert [call.result() for call in calls] == [n + 1 for n in range(32)]


def test_a_deadline_and_a_lost_caller_cancel_a_coroutine(asynchronous: RpcClient) -> None:
    error = caught(lambda: asynchronous.call("wait_forever", timeout=0.05))
    assert error.code is Code.DEADLINE_EXCEEDED
    eventually(lambda: asynchronous.call("count_cancellations") == 1)


async def do_everything(client: Any, worker: Worker) -> None:
    assert await client.call("add", 1, 2) == 3
    assert await client.call("add", a=1, b=2) == 3
    assert [each async for each in client.stream("count", 1000)] == list(range(1000))
    assert await client.send("total_of", range(1000)) == sum(range(1000))

    async def items() -> AsyncIterator[int]:
        for number in range(100):
            await asyncio.sleep(0)
            yield number

    assert await client.send("total_of", items()) == sum(range(100))
    assert [each async for each in client.exchange("doubled", items())] == [
        2 * n for n in range(100)
    ]
    found = await asyncio.gather(*[client.call("add", n, 1) for n in range(500)])
    assert found == [n + 1 for n in range(500)]
    with pytest.raises(RemoteError) as raised:
        await client.call("fail", "no good")
    assert raised.value.type == "ValueError"
    with pytest.raises(RpcError) as raised:
        await client.call("nap", 1, timeout=0.05)
    assert raised.value.code is Code.DEADLINE_EXCEEDED
    async with client.stream("forever") as numbers:
        assert [await anext(numbers) for _ in range(3)] == [0, 1, 2]
    waiting = asyncio.create_task(client.call("nap", 0.5))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    worker.kill()
    with pytest.raises(RpcError) as raised:
        await client.call("add", 1, 2)
    assert raised.value.code is Code.UNAVAILABLE


def test_the_client_of_asyncio_does_the_same(worker: Worker) -> None:
    async def main() -> None:
        async with amaru.aio.RpcClient(worker.name, timeout=PATIENCE) as client:
            await do_everything(client, worker)

    asyncio.run(main())


def test_an_endpoint_runs_on_a_loop_of_ones_own() -> None:
    async def main() -> None:
        endpoint = RpcEndpoint(free_name())
        endpoint.register("add", lambda a, b: a + b)
        serving = asyncio.create_task(endpoint.serve(announce=False))
        await asyncio.sleep(0)
        async with amaru.aio.RpcClient(endpoint.name, timeout=PATIENCE) as client:
            assert await client.call("add", 1, 2) == 3
        endpoint.stop()
        await asyncio.wait_for(serving, PATIENCE)

    asyncio.run(main())


def test_what_the_package_shows_is_listed() -> None:
    for module in (amaru, amaru.aio):
        for name in module.__all__:
            assert getattr(module, name).__doc__, name
