"""docs/catalogue.schema.json is what the binary prints, and the example fits it."""

import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml

binary, source = sys.argv[1], pathlib.Path(sys.argv[2])
printed = subprocess.run([binary, "catalogue", "schema"], capture_output=True, text=True, check=True).stdout
committed = (source / "docs" / "catalogue.schema.json").read_text(encoding="utf-8")
if printed != committed:
    sys.exit("docs/catalogue.schema.json is not what `bellwether catalogue schema` prints: write it anew")
validator = jsonschema.Draft202012Validator(json.loads(committed))
catalogue = yaml.safe_load((source / "examples" / "north-northamptonshire" / "catalogue.yaml").read_text(encoding="utf-8"))
if errors := [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(catalogue)]:
    sys.exit("\n".join(errors))
catalogue["indicators"][0]["polarity"] = "sideways"
if validator.is_valid(catalogue):
    sys.exit("the schema takes a polarity that there is not")
