# SPDX-License-Identifier: Apache-2.0
"""What tools see of the server: reflection under both names, and typed error details."""

import grpc
import inventory_pb2
import inventory_pb2_grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

ALPHA = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
CURRENT = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


def ask(
    channel: grpc.Channel, path: str, **request: object
) -> reflection_pb2.ServerReflectionResponse:
    method = channel.stream_stream(
        path,
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    (answer,) = method(iter([reflection_pb2.ServerReflectionRequest(**request)]), timeout=10)
    return answer


def test_reflection_describes_every_service(channel: grpc.Channel) -> None:
    database = ProtoReflectionDescriptorDatabase(channel)
    services = database.get_services()
    assert sorted(services) == sorted(
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            inventory_pb2.DESCRIPTOR.services_by_name["Inventory"].full_name,
        ]
    )
    pool = DescriptorPool(database)
    for name in services:
        described = pool.FindServiceByName(name)
        assert described.full_name == name
        assert described.methods


def test_a_described_service_equals_the_proto(channel: grpc.Channel) -> None:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    own = inventory_pb2.DESCRIPTOR.services_by_name["Inventory"]
    described = pool.FindServiceByName(own.full_name)
    assert [method.name for method in described.methods] == [m.name for m in own.methods]
    for mine, theirs in zip(own.methods, described.methods, strict=True):
        assert [f.name for f in mine.input_type.fields] == [
            f.name for f in theirs.input_type.fields
        ]


@pytest.mark.parametrize("path", [ALPHA, CURRENT])
def test_both_names_answer_alike(channel: grpc.Channel, path: str) -> None:
    answer = ask(channel, path, list_services="")
    assert len(answer.list_services_response.service) == 4
    answer = ask(channel, path, file_by_filename="no/such.proto", host="here")
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert "no/such.proto" in answer.error_response.error_message
    assert answer.valid_host == "here"
    assert answer.original_request.file_by_filename == "no/such.proto"
    answer = ask(channel, path)
    assert answer.error_response.error_code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


@pytest.mark.parametrize(
    "question",
    [
        {"file_containing_symbol": "no.Such"},
        {"all_extension_numbers_of_type": "no.Such"},
        {
            "file_containing_extension": reflection_pb2.ExtensionRequest(
                containing_type="no.Such", extension_number=1
            )
        },
    ],
)
def test_what_is_not_there_is_not_found(channel: grpc.Channel, question: dict) -> None:
    assert ask(channel, CURRENT, **question).error_response.error_code == 5


def test_a_symbol_inside_of_another_is_found(channel: grpc.Channel) -> None:
    own = inventory_pb2.DESCRIPTOR.services_by_name["Inventory"]
    for symbol in (own.full_name, own.methods[0].full_name, own.methods[0].input_type.full_name):
        answer = ask(channel, CURRENT, file_containing_symbol=symbol)
        assert answer.file_descriptor_response.file_descriptor_proto


def test_details_name_the_field_that_is_wrong(channel: grpc.Channel) -> None:
    stub = inventory_pb2_grpc.InventoryStub(channel)
    item = inventory_pb2.Item(name="bolt", quantity=-1, price=1)
    with pytest.raises(grpc.RpcError) as raised:
        stub.AddItem(inventory_pb2.AddItemRequest(item=item), timeout=10)
    status = rpc_status.from_call(raised.value)
    (detail,) = status.details
    request = error_details_pb2.BadRequest()
    assert detail.Unpack(request)
    (violation,) = request.field_violations
    assert violation.field == "item.quantity"
    assert "-1" in violation.description
