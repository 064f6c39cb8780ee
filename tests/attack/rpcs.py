"""Every RPC of a service, asked of the service itself by reflection: one that is new is attacked without a word here."""

import dataclasses

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from http2 import Connection, message, request

_REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


@dataclasses.dataclass(frozen=True)
class Rpc:
    path: str
    client_streams: bool
    server_streams: bool
    asks: type  # The message class of a request.

    @property
    def streams(self):
        return self.client_streams or self.server_streams


def wire_fields(data):
    """Number and value of each field of a message in wire format."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:
            size = {1: 8, 5: 4}.get(tag & 7) or varint()
            yield tag >> 3, data[at:at + size]
            at += size


def _reflect(port, number, text):
    """The answer to one question of reflection, without its envelope."""
    with Connection(port) as connection:
        question = bytes([number << 3 | 2, len(text)]) + text.encode()
        answer = connection.call(request(_REFLECTION), message(question))
    assert answer.status == 0, answer
    (payload,) = answer.messages()
    return {number: value for number, value in wire_fields(payload) if number in (4, 6)}


def rpcs_of(port):
    """Every RPC that the server at that port has, health and reflection included."""
    listed = _reflect(port, 7, "*")[6]
    pool, files, found = descriptor_pool.DescriptorPool(), {}, []
    services = [dict(wire_fields(entry))[1].decode() for number, entry in wire_fields(listed) if number == 1]
    for service in services:
        for number, content in wire_fields(_reflect(port, 4, service)[4]):
            file = descriptor_pb2.FileDescriptorProto.FromString(content)
            if number == 1:
                files[file.name] = file
    added = set()

    def add(file):
        if file.name not in added:
            added.add(file.name)
            for name in file.dependency:
                add(files[name])
            pool.Add(file)

    for file in files.values():
        add(file)
    factory = message_factory.MessageFactory(pool)
    for service in services:
        for method in pool.FindServiceByName(service).methods:
            proto = descriptor_pb2.MethodDescriptorProto()
            method.CopyToProto(proto)
            found.append(Rpc(f"/{service}/{method.name}", proto.client_streaming, proto.server_streaming, factory.GetPrototype(method.input_type)))
    return found
