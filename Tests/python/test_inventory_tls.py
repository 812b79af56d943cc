# SPDX-License-Identifier: Apache-2.0
"""TLS, with grpcio and Python's ssl as the clients."""

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import inventory_pb2 as pb
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from inventory_pb2_grpc import InventoryStub

from certificates import Authority, Certificate
from conftest import Serve
from launch import Server

TIMEOUT = 30
CANNOT_SERVE = 1
OPTIONS = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "stranger", "Stranger")


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    return authority.issue("server")


@pytest.fixture
def secure() -> Iterator[Callable[..., grpc.Channel]]:
    with contextlib.ExitStack() as channels:

        def connect(
            server: Server, trusted: Authority, own: Certificate | None = None
        ) -> grpc.Channel:
            credentials = grpc.ssl_channel_credentials(
                trusted.pem.read_bytes(),
                own.key.read_bytes() if own else None,
                own.pem.read_bytes() if own else None,
            )
            channel = grpc.secure_channel(server.target, credentials, options=OPTIONS)
            return channels.enter_context(channel)

        yield connect


Secure = Callable[..., grpc.Channel]


def add(channel: grpc.Channel, name: str) -> None:
    item = pb.Item(name=name, quantity=1, price=1)
    InventoryStub(channel).AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)


def refusal(channel: grpc.Channel) -> str:
    """What grpcio says of a call that cannot be made."""
    with pytest.raises(grpc.RpcError) as caught:
        add(channel, "never")
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    return caught.value.details()


def says(server: Server, text: str) -> bool:
    """Whether the server says `text` before long."""
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until:
        if any(text in line for line in server.output):
            return True
        time.sleep(0.02)
    return False


def shake_hands(server: Server, context: ssl.SSLContext, **more: object) -> ssl.SSLSocket:
    host, _, port = server.target.rpartition(":")
    raw = socket.create_connection((host, int(port)), timeout=TIMEOUT)
    return context.wrap_socket(raw, server_hostname="localhost", **more)


def test_calls_pass_over_tls(
    serve: Serve, authority: Authority, certificate: Certificate, secure: Secure
) -> None:
    channel = secure(serve(":memory:", *certificate.flags), authority)
    names = [f"item {number:04}" for number in range(2000)]
    for name in names:
        add(channel, name)
    items = InventoryStub(channel).ListItems(pb.ListItemsRequest(), timeout=TIMEOUT)
    assert [item.name for item in items] == names


def test_a_client_in_plaintext_is_told_off(serve: Serve, certificate: Certificate) -> None:
    server = serve(":memory:", *certificate.flags)
    with grpc.insecure_channel(server.target, options=OPTIONS) as channel:
        refusal(channel)
    assert says(server, "is not TLS")


def test_a_client_trusts_none_but_its_authority(
    serve: Serve, certificate: Certificate, stranger: Authority, secure: Secure
) -> None:
    server = serve(":memory:", *certificate.flags)
    assert "CERTIFICATE_VERIFY_FAILED" in refusal(secure(server, stranger)).upper()


def test_an_expired_certificate_is_refused_and_the_server_has_warned(
    serve: Serve, authority: Authority, secure: Secure
) -> None:
    server = serve(":memory:", *authority.issue("old", days=-1).flags)
    assert says(server, "warning: CN=old in the certificate ")
    assert "CERTIFICATE_VERIFY_FAILED" in refusal(secure(server, authority)).upper()


def test_mutual_tls(
    serve: Serve,
    authority: Authority,
    certificate: Certificate,
    stranger: Authority,
    secure: Secure,
) -> None:
    server = serve(":memory:", *certificate.flags, "--tls-client-ca", authority.pem)
    add(secure(server, authority, authority.issue("alice")), "hers")
    refusal(secure(server, authority))
    assert says(server, "the client sent no certificate, and one is required")
    refusal(secure(server, authority, stranger.issue("mallory")))
    assert says(server, "(CN=mallory) is signed by an unknown authority (CN=Stranger)")
    refusal(secure(server, authority, authority.issue("late", days=-1)))
    assert says(server, "the client's certificate (CN=late) expired on ")


def test_a_certificate_changes_while_a_call_is_open(
    serve: Serve,
    authority: Authority,
    certificate: Certificate,
    stranger: Authority,
    secure: Secure,
) -> None:
    server = serve(":memory:", *certificate.flags)
    first = secure(server, authority)
    watch = health_pb2_grpc.HealthStub(first).Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    stranger.issue("server").copy_to(certificate)
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until:
        with contextlib.suppress(grpc.RpcError):
            add(secure(server, stranger), "by the new certificate")
            break
        time.sleep(0.1)
    assert says(server, "info: TLS: read again: ")
    # The old connection lives on, with its call.
    add(first, "by the old connection")
    assert watch.is_active()
    refusal(secure(server, authority))
    watch.cancel()


def test_a_broken_file_leaves_the_old_certificate_in_use(
    serve: Serve, authority: Authority, certificate: Certificate, secure: Secure
) -> None:
    server = serve(":memory:", *certificate.flags)
    certificate.pem.write_text("not a certificate\n")
    for number in range(100):
        add(secure(server, authority), f"item {number}")
        if any("the certificates in use stay so" in line for line in server.output):
            break
        time.sleep(0.1)
    assert says(server, f"{certificate.pem}: no start line")
    add(secure(server, authority), "after all")


@pytest.mark.parametrize("wrong", ["missing", "other key"])
def test_a_server_without_a_usable_certificate_does_not_start(
    inventory_server: Path, authority: Authority, certificate: Certificate, wrong: str
) -> None:
    other = authority.issue("other")
    pem = certificate.pem if wrong == "other key" else authority.folder / "nowhere.pem"
    flags = ["--data", ":memory:", "--tls-cert", pem, "--tls-key", other.key]
    ran = subprocess.run(
        [inventory_server, "--port", "0", *flags],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert ran.returncode == CANNOT_SERVE
    assert str(pem) in ran.stderr
    assert ("does not match" if wrong == "other key" else "No such file") in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_what_is_agreed_upon(serve: Serve, authority: Authority, certificate: Certificate) -> None:
    server = serve(":memory:", *certificate.flags)
    context = ssl.create_default_context(cafile=str(authority.pem))
    with shake_hands(server, context) as client:
        assert client.selected_alpn_protocol() is None
    context.set_alpn_protocols(["http/1.1", "h2"])
    with shake_hands(server, context) as client:
        assert client.selected_alpn_protocol() == "h2"
        assert client.version() == "TLSv1.3"
        assert client.compression() is None
    context.set_alpn_protocols(["http/1.1"])
    with shake_hands(server, context) as client:
        assert client.selected_alpn_protocol() == "http/1.1"
    context.set_alpn_protocols(["http/1.0"])
    with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
        shake_hands(server, context)


def test_sessions_are_resumed_by_tickets(
    serve: Serve, authority: Authority, certificate: Certificate
) -> None:
    server = serve(":memory:", *certificate.flags)
    context = ssl.create_default_context(cafile=str(authority.pem))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with shake_hands(server, context) as client:
        assert client.version() == "TLSv1.2"
        session = client.session
        assert session.has_ticket
    with shake_hands(server, context, session=session) as client:
        assert client.session_reused


def test_tls_1_1_is_refused(serve: Serve, certificate: Certificate) -> None:
    server = serve(":memory:", *certificate.flags)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        shake_hands(server, context)
    assert says(server, "TLS with ipv4:127.0.0.1:")
