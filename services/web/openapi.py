"""Writes the OpenAPI description of what bellwether-web answers to programs, for openapi.cc: openapi.py DESCRIPTOR_SET OUTPUT

The calls and every type come from the contract's files, with their words; the addresses that are read stand below."""

import json
import sys

from google.protobuf import descriptor_pb2

SERVICE = "QueryService"
Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    Field.TYPE_BOOL: {"type": "boolean"}, Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_INT32: {"type": "integer", "format": "int32"}, Field.TYPE_UINT32: {"type": "integer", "minimum": 0},
    # As proto3 has them in JSON: a number there has 53 bits.
    Field.TYPE_INT64: {"type": "string", "pattern": "^-?[0-9]+$"}, Field.TYPE_UINT64: {"type": "string", "pattern": "^[0-9]+$"},
    Field.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
WELL_KNOWN = {".google.protobuf.Timestamp": {"type": "string", "format": "date-time"}}
# Names in JSON: as proto3 has them, and, in the file of a report, as the contract has them.
JSON_NAMES, CONTRACTS_NAMES = "", "file."


class Contract:
    def __init__(self, files):
        self.types, self.comments, self.service = {}, {}, None
        for file in files:
            said = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
            self._take(file.message_type, f".{file.package}", (4,), said)
            for i, enum in enumerate(file.enum_type):
                self._enum(enum, f".{file.package}.{enum.name}", (5, i), said)
            for i, service in enumerate(file.service):
                if service.name == SERVICE:
                    self.service = f"{file.package}.{service.name}"
                    self.methods = [(method, " ".join(said.get((6, i, 2, j), "").split())) for j, method in enumerate(service.method)]

    def _take(self, messages, scope, path, said):
        for i, message in enumerate(messages):
            name, place = f"{scope}.{message.name}", (*path, i)
            self.types[name], self.comments[name] = message, " ".join(said.get(place, "").split())
            for j, field in enumerate(message.field):
                self.comments[f"{name}.{field.name}"] = " ".join(said.get((*place, 2, j), "").split())
            for j, enum in enumerate(message.enum_type):
                self._enum(enum, f"{name}.{enum.name}", (*place, 4, j), said)
            self._take(message.nested_type, name, (*place, 3), said)

    def _enum(self, enum, name, path, said):
        self.types[name] = enum
        values = [f"{value.name}: {' '.join(said.get((*path, 2, i), '').split())}" for i, value in enumerate(enum.value)]
        self.comments[name] = " ".join([" ".join(said.get(path, "").split()), *values]).strip()


class Schemas:
    """The types that are referred to, each once for each way to name its fields."""

    def __init__(self, contract):
        self.contract, self.made = contract, {}

    def refer(self, name, naming=JSON_NAMES):
        if name in WELL_KNOWN:
            return WELL_KNOWN[name]
        kind = self.contract.types[name]
        is_enum = isinstance(kind, descriptor_pb2.EnumDescriptorProto)
        key = ("" if is_enum else naming) + name.removeprefix(".bellwether.v1.")
        if key not in self.made:
            self.made[key] = {}  # It may hold itself.
            self.made[key] = {"description": self.contract.comments[name], **(self._enum(kind) if is_enum else self._message(kind, name, naming))}
        return {"$ref": f"#/components/schemas/{key}"}

    def _enum(self, kind):
        return {"type": "string", "enum": [value.name for value in kind.value]}

    def _message(self, kind, name, naming):
        properties = {}
        for field in kind.field:
            words = self.contract.comments[f"{name}.{field.name}"]
            key = field.json_name if naming == JSON_NAMES else field.name
            entry = self._map_value(field, naming)
            if entry is not None:
                properties[key] = {"type": "object", "additionalProperties": entry, "description": words}
            elif field.label == Field.LABEL_REPEATED:
                properties[key] = {"type": "array", "items": self._one(field, naming), "description": words}
            else:
                properties[key] = {**self._one(field, naming), "description": words}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _map_value(self, field, naming):
        kind = self.contract.types.get(field.type_name)
        if not isinstance(kind, descriptor_pb2.DescriptorProto) or not kind.options.map_entry:
            return None
        return self._one(kind.field[1], naming)

    def _one(self, field, naming):
        return self.refer(field.type_name, naming) if field.type_name else SCALARS[field.type]


def query(name, words, **schema):
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string", **schema}}


COUNCIL = {"name": "council", "in": "path", "required": True, "description": "ONS nine-character code of the council.", "schema": {"type": "string", "pattern": "^[EWSN][0-9]{8}$"}, "example": "E06000061"}
PERIOD = {"name": "period", "in": "path", "required": True, "description": "The report's month; of a longer period its last month.", "schema": {"type": "string"}, "example": "2022-02"}
OTHER = {**PERIOD, "name": "other", "description": "The month of the report to compare with.", "example": "2022-01"}
WITH = {**OTHER, "name": "with", "in": "query"}
REF = {"name": "ref", "in": "path", "required": True, "description": "Ref or alternate ref of the indicator.", "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,32}$"}, "example": "T11"}
ROWS = [query("directorate", "Rows of this directorate alone."), query("service", "Rows of this service alone."), query("status", "Rows whose month has this status alone."),
        query("year", "Rows whose year to date has this status alone."), query("direction", "Rows with this direction of travel alone.")]
CHART = [query("size", "A small chart, as beside a row of the report.", enum=["small"]), query("period", "The month that the chart ends with.")]
HTML, CSV, JSON = "text/html; charset=utf-8", "text/csv; charset=utf-8; header=present", "application/json"
# Address, its parameters, the answer's type, what it is. None: it leads elsewhere.
ADDRESSES = (
    ("/", (), HTML, "The councils, as a page."),
    ("/{council}", (COUNCIL,), None, "Leads to the council's newest report."),
    ("/{council}/reports/{period}", (COUNCIL, PERIOD, *ROWS), HTML, "A report, as a page."),
    ("/{council}/reports/{period}.csv", (COUNCIL, PERIOD), CSV, "A report as a table: a row for each indicator and its period, with a header row."),
    ("/{council}/reports/{period}.csv-metadata.json", (COUNCIL, PERIOD), "application/csvm+json", "What the columns of that table mean (CSV on the Web)."),
    ("/{council}/reports/{period}.sdmx.csv", (COUNCIL, PERIOD), "application/vnd.sdmx.data+csv; version=1.0.0; charset=utf-8", "A report as SDMX-CSV: a row for each observation."),
    ("/{council}/reports/{period}.xlsx", (COUNCIL, PERIOD), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "A report as a workbook."),
    ("/{council}/reports/{period}.json", (COUNCIL, PERIOD), JSON, "A report with all that is known of its rows. Fields are named as in the contract."),
    ("/{council}/reports/{period}.html", (COUNCIL, PERIOD), HTML, "A report as one page that stands alone, with its charts."),
    ("/{council}/reports/{period}/exceptions", (COUNCIL, PERIOD, *ROWS), HTML, "What is off target, worsens or is missing in a report, as a page."),
    ("/{council}/reports/{period}/compare", (COUNCIL, PERIOD, WITH), None, "Leads to the two reports beside one another."),
    ("/{council}/reports/{period}/compare/{other}", (COUNCIL, PERIOD, OTHER, query("rows", "Rows that differ alone.", enum=["differing"])), HTML, "Two reports beside one another, as a page."),
    ("/{council}/reports/{period}/findings", (COUNCIL, PERIOD), HTML, "What does not add up in a report, as a page."),
    ("/{council}/reports/{period}/keys", (COUNCIL, PERIOD), HTML, "What the statuses and arrows of a report mean, as a page."),
    ("/{council}/reports/{period}/changes", (COUNCIL, PERIOD), "text/event-stream",
     'What changes in a report from now on, as server-sent events: "at" with the position that the report stands at, then "row" with the ref of each row that changes, comes or goes.'),
    ("/{council}/indicators/{ref}", (COUNCIL, REF, CHART[1]), HTML, "An indicator with its history, as a page."),
    ("/{council}/indicators/{ref}.csv", (COUNCIL, REF), CSV, "An indicator's history as a table: a row for each period, with a header row."),
    ("/{council}/indicators/{ref}.svg", (COUNCIL, REF, *CHART), "image/svg+xml", "An indicator's chart."),
    ("/accessibility", (), HTML, "The accessibility statement, as a page."),
    ("/openapi.json", (), JSON, "This description."),
)
PROBLEM = {"description": "A page that says what is the matter and what to do.", "content": {HTML: {"schema": {"type": "string"}}}}
CODES = ("canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
         "aborted", "out_of_range", "unimplemented", "internal", "unavailable", "data_loss", "unauthenticated")
ERROR = {
    "description": "Why a call failed, by the Connect protocol.", "type": "object", "required": ["code", "message"], "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "enum": CODES}, "message": {"type": "string", "description": "For people."},
        "details": {"type": "array", "description": "What programs go by: google.rpc.ErrorInfo has the reason (docs/error-reasons.md), BadRequest the fields.", "items": {
            "type": "object", "required": ["type", "value"], "additionalProperties": False, "properties": {
                "type": {"type": "string", "description": 'Such as "google.rpc.ErrorInfo".'},
                "value": {"type": "string", "contentEncoding": "base64", "description": "The message, without padding."},
                "debug": {"type": "object", "description": "The same for people: the reason, or each field and what is wrong with it.", "additionalProperties": {"type": "string"}}}}}}}


def call(schemas, method, words):
    content = lambda name: {JSON: {"schema": schemas.refer(name)}}  # noqa: E731
    return {"post": {
        "operationId": method.name, "tags": ["calls"], "summary": words.split(". ")[0].split(": ")[0].rstrip("."), "description": words,
        "requestBody": {"required": True, "content": content(method.input_type)},
        "responses": {"200": {"description": "The answer. A field that is not there has its default: an empty text or list, 0, false.", "content": content(method.output_type)},
                      "default": {"description": "What is wrong.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/ConnectError"}}}}}}}


def read(schemas, address, parameters, kind, words):
    if kind is None:
        return {"get": {"tags": ["addresses"], "summary": words, "parameters": parameters, "responses": {
            "302": {"description": "Where it is.", "headers": {"Location": {"schema": {"type": "string"}}}}, "default": PROBLEM}}}
    schema = {"type": "string"}
    if address == "/openapi.json":
        schema = {"type": "object"}
    elif kind == JSON:
        schema = schemas.refer(".bellwether.v1.GetReportResponse", CONTRACTS_NAMES)
    responses = {"200": {"description": words, "content": {kind: {"schema": schema}}}}
    if parameters and kind != "text/event-stream":
        responses["200"]["headers"] = {"ETag": {"description": "Of what it was made from.", "schema": {"type": "string"}}}
        responses["304"] = {"description": "It stands as the caller has it (If-None-Match)."}
    return {"get": {"tags": ["addresses"], "summary": words, "parameters": parameters, "responses": {**responses, "default": PROBLEM}}}


def describe(contract):
    schemas = Schemas(contract)
    paths = {f"/{contract.service}/{method.name}": call(schemas, method, words) for method, words in contract.methods if not method.server_streaming}
    paths |= {address: read(schemas, address, parameters, kind, words) for address, parameters, kind, words in ADDRESSES}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bellwether", "version": contract.service.split(".")[1], "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
                 "description": "A council's performance report for programs: every unary read of QueryService as JSON (the Connect protocol), and addresses that stay."},
        "tags": [{"name": "calls", "description": "The reads of QueryService. The body is the request as JSON, {} where nothing is asked for in particular."},
                 {"name": "addresses", "description": "What a GET reads."}],
        "paths": paths,
        "components": {"schemas": {"ConnectError": ERROR, **dict(sorted(schemas.made.items()))}},
    }


def main():
    with open(sys.argv[1], "rb") as file:
        contract = Contract(descriptor_pb2.FileDescriptorSet.FromString(file.read()).file)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        for line in json.dumps(describe(contract), ensure_ascii=False, indent=1).splitlines():
            file.write(json.dumps(line.strip() + "\n", ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
