"""docs/catalogue.schema.json is what the binary prints, each of its rules is of a field that there is, each field says what it is, and the
example fits it. What it finds of slips, tests/documents shows."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

binary, source = sys.argv[1], pathlib.Path(sys.argv[2])
printed = subprocess.run([binary, "catalogue", "schema"], capture_output=True, text=True, check=True).stdout
committed = (source / "docs" / "catalogue.schema.json").read_text(encoding="utf-8")
if printed != committed:
    sys.exit("docs/catalogue.schema.json is not what `bellwether catalogue schema` prints: write it anew")
types = json.loads(committed)["$defs"] | {"Catalogue": json.loads(committed)}
fields = {f"{name}.{field}" for name, type in types.items() for field in type["properties"]}
rules = set(re.findall(r'^    {"(\w+\.\w+)",', (source / "services/cli/json_schema.cc").read_text(encoding="utf-8"), re.MULTILINE))
if len(rules) < 40 or not rules <= fields:
    sys.exit(f"rules of no field: {rules - fields}")
if silent := [f"{name}.{field}" for name, type in types.items() for field, value in type["properties"].items() if "description" not in value]:
    sys.exit(f"an editor can say nothing of {silent}: the contract's files do not")
validator = jsonschema.Draft202012Validator(json.loads(committed))
catalogue = yaml.safe_load((source / "examples" / "north-northamptonshire" / "catalogue.yaml").read_text(encoding="utf-8"))
if errors := [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(catalogue)]:
    sys.exit("\n".join(errors))
catalogue["indicators"][0]["polarity"] = "sideways"
if validator.is_valid(catalogue):
    sys.exit("the schema takes a polarity that there is not")
