"""docs/*.schema.json are what the binaries print, each of their rules is of a field that there is, each field says what it is, and the
examples fit. What the catalogue's finds of slips, tests/documents shows."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

binary, admin, source = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
printed = subprocess.run([binary, "catalogue", "schema"], capture_output=True, text=True, check=True).stdout
committed = (source / "docs" / "catalogue.schema.json").read_text(encoding="utf-8")
if printed != committed:
    sys.exit("docs/catalogue.schema.json is not what `bellwether catalogue schema` prints: write it anew")
printed = subprocess.run([admin, "access", "schema"], capture_output=True, text=True, check=True).stdout
access = json.loads((source / "docs" / "access.schema.json").read_text(encoding="utf-8"))
if json.loads(printed) != access:
    sys.exit("docs/access.schema.json is not what `bellwether-admin access schema` prints: write it anew")
types = json.loads(committed)["$defs"] | {"Catalogue": json.loads(committed)} | access["$defs"] | {"Access": access}
fields = {f"{name}.{field}" for name, type in types.items() for field in type["properties"]}
rules = set(re.findall(r'^    {"(\w+\.\w+)",', (source / "libs/yaml/src/schema.cc").read_text(encoding="utf-8"), re.MULTILINE))
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
validator = jsonschema.Draft202012Validator(access)
example = yaml.safe_load((source / "examples" / "north-northamptonshire" / "access.yaml").read_text(encoding="utf-8"))
if errors := [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(example)]:
    sys.exit("\n".join(errors))
for slip in ({"grants": [{"role": "feed", "councils": ["E0600/0061"]}]}, {"roles": [{"name": "feed"}]}, {"roles": [{"name": "feed", "actions": ["reed"]}]},
             {"principals": [{"name": "a b", "certificate": "c"}]}, {"grants": [{"rôle": "feed"}]}):
    if validator.is_valid(example | slip):
        sys.exit(f"the schema does not find {slip}")
