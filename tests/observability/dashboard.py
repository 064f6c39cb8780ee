"""The dashboard's panels and what they ask."""

import json
import re

from stack import SOURCE

GRAFANA = SOURCE / "deploy" / "grafana"
DASHBOARD = GRAFANA / "dashboards" / "bellwether.json"


def load():
    return json.loads(DASHBOARD.read_text())


def panels():
    """Those that ask something."""
    return [panel for panel in load()["panels"] if panel["type"] != "row"]


def queries():
    """Title of the panel, and what is asked, with Grafana's own variables replaced."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel, target, target["expr"].replace("$__rate_interval", "10s")


def labels_shown(panel, target):
    """The labels that a panel's legend or table shows."""
    shown = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
    for transformation in panel.get("transformations", []):
        shown.update(transformation["options"]["indexByName"])
    return shown - {"Value"}
