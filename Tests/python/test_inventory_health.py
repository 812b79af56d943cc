# SPDX-License-Identifier: Apache-2.0
"""grpc.health.v1 as the standard client library sees it."""

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from launch import Server

TIMEOUT = 30
SERVICE = "inventory.Inventory"


@pytest.fixture
def health(channel: grpc.Channel) -> HealthStub:
    return HealthStub(channel)


@pytest.mark.parametrize("service", ["", SERVICE], ids=["the whole server", "the service"])
def test_check_says_serving(health: HealthStub, service: str) -> None:
    answer = health.Check(HealthCheckRequest(service=service), timeout=TIMEOUT)
    assert answer.status == HealthCheckResponse.SERVING


def test_check_does_not_know_other_services(health: HealthStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(HealthCheckRequest(service="inventory.Other"), timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_watch_says_service_unknown_and_goes_on(health: HealthStub) -> None:
    watch = health.Watch(HealthCheckRequest(service="inventory.Other"), timeout=TIMEOUT)
    assert next(watch).status == HealthCheckResponse.SERVICE_UNKNOWN
    health.Check(HealthCheckRequest(), timeout=TIMEOUT)
    assert watch.is_active()
    watch.cancel()
    assert watch.code() is grpc.StatusCode.CANCELLED


def test_watch_sees_the_server_stop(server: Server, health: HealthStub) -> None:
    watch = health.Watch(HealthCheckRequest(service=SERVICE), timeout=TIMEOUT)
    assert next(watch).status == HealthCheckResponse.SERVING
    server.terminate()
    assert next(watch).status == HealthCheckResponse.NOT_SERVING
    watch.cancel()
    assert server.wait() == 0


def test_a_watch_ends_at_its_deadline(health: HealthStub) -> None:
    watch = health.Watch(HealthCheckRequest(service=SERVICE), timeout=0.5)
    assert next(watch).status == HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        next(watch)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
