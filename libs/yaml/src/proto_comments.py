"""Writes what the contract's files say of each message and field, for schema.cc: proto_comments.py DESCRIPTOR_SET OUTPUT"""

import json
import sys

from google.protobuf import descriptor_pb2


def comments(messages, package, file, path):
    """Full name and comment of each message and each of its fields."""
    said = {tuple(location.path): " ".join(location.leading_comments.split()) for location in file.source_code_info.location}
    for i, message in enumerate(messages):
        name = f"{package}.{message.name}"
        yield name, said.get((*path, i), "")
        for j, field in enumerate(message.field):
            yield f"{name}.{field.name}", said.get((*path, i, 2, j), "")


found = {}
with open(sys.argv[1], "rb") as read:
    for file in descriptor_pb2.FileDescriptorSet.FromString(read.read()).file:
        found.update(comments(file.message_type, file.package, file, (4,)))
with open(sys.argv[2], "w", encoding="utf-8") as write:
    for name, comment in sorted(found.items()):
        write.write(f"{{{json.dumps(name)}, {json.dumps(comment, ensure_ascii=False)}}},\n")
