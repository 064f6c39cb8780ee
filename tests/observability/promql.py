"""As much of PromQL as is needed to name the series of an expression: selectors, without functions and grouping."""

import re

_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}
_AGGREGATIONS = {"sum", "min", "max", "avg", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values"}
_TOKEN = re.compile(r"""
    (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<grouping>\b(?:by|without|on|ignoring|group_left|group_right)\s*\((?P<labels>[^)]*)\))
  | \[[^\]]*\]
  | (?P<number>\b\d[\w.]*)
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?P<call>\()?(?P<matchers>\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?
""", re.VERBOSE)


def selectors_of(expression):
    """Each metric of an expression with its matchers, as it is written."""
    found = []
    for token in _TOKEN.finditer(expression):
        if token["name"] and not token["call"] and token["name"].lower() not in _WORDS | _AGGREGATIONS:
            found.append(token["name"] + (token["matchers"] or ""))
    return found


def values_of(selector):
    """The selectors of each single value that a selector names, also of those that it excludes: all of them should exist."""
    name, _, matchers = selector.partition("{")
    for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', matchers):
        values = [value]
        if operator.endswith("~"):
            values = value.split("|") if re.fullmatch(r"[\w|-]+", value) else []  # Other patterns are left alone.
        for one in values:
            yield f'{name}{{{label}="{one}"}}'


def metrics_of(expression):
    return {selector.split("{")[0] for selector in selectors_of(expression)}


def labels_of(expression):
    """Every label that an expression names, in matchers and in groupings."""
    labels = set()
    for token in _TOKEN.finditer(expression):
        if token["grouping"]:
            labels.update(token["labels"].replace(",", " ").split())
        labels.update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", token["matchers"] or ""))
    return labels
