# SPDX-License-Identifier: Apache-2.0
"""All doors. A new one is an instance here, and its column in docs/doors.md."""

from importlib.util import find_spec

from doors.by_hand import GRPCDoor, GRPCWebDoor
from doors.connect import ConnectDoor, ConnectGetDoor
from doors.door import Door
from doors.gateway import PlainDoor, gateway_path, rule_path
from doors.grpcio import GRPCIODoor
from doors.swift import SwiftDoor

VERSIONS = ("1.1", "2")
CODECS = ("proto", "json")

DOORS: list[Door] = [
    SwiftDoor("in memory", "swift-in-memory", lambda _: ["--in-memory"]),
    SwiftDoor("gRPC", "swift", lambda at: ["--target", at.plain]),
    SwiftDoor("gRPC", "swift-tls", lambda at: ["--target", at.secure, "--tls-ca", at.authority]),
    GRPCIODoor(),
    GRPCIODoor(is_secure=True),
    *(GRPCDoor(codec) for codec in CODECS),
]
for version in VERSIONS:
    for codec in CODECS:
        DOORS += [
            GRPCWebDoor(version, codec, "binary"),
            GRPCWebDoor(version, codec, "text"),
            ConnectDoor(version, codec),
            ConnectGetDoor(version, codec),
        ]
    DOORS += [
        PlainDoor("gateway", version, gateway_path),
        PlainDoor("gateway", version, gateway_path, takes_events=True),
        PlainDoor("HTTP rule", version, rule_path),
    ]

# It needs Python 3.11.
HAS_CONNECTRPC = find_spec("connectrpc") is not None
if HAS_CONNECTRPC:
    from connectrpc.protocol import ProtocolType

    from doors.connectrpc_client import ConnectClientDoor

    DOORS.append(ConnectClientDoor("2", "proto", ProtocolType.GRPC))
    for version in VERSIONS:
        for codec in CODECS:
            DOORS += [
                ConnectClientDoor(version, codec, ProtocolType.GRPC_WEB),
                ConnectClientDoor(version, codec),
                ConnectClientDoor(version, codec, uses_get=True),
            ]
