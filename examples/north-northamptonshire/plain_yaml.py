"""Reads the part of YAML in which catalogue.yaml is written, so that check.py needs nothing but Python.

Block mappings and sequences, flow mappings and sequences on one line, plain and double-quoted scalars, comments. Every
scalar is a string, so decimals keep their precision. Anything else is an error with its line.
"""

import re

_KEY = re.compile(r"([a-z_]+):(?: +(.*))?$")
_PLAIN_END = re.compile(r"[,\]}]|: ")


class YamlError(Exception):
    """Not in the part of YAML that this reads."""


def load(text):
    """The document as dicts, lists and strings."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if content and not content.startswith("#"):
            lines.append((number, len(line) - len(line.lstrip(" ")), content))
    value, rest = _block(lines, lines[0][1])
    if rest:
        raise YamlError(f"line {rest[0][0]}: indented less than the document")
    return value


def _block(lines, indent):
    return (_sequence if lines[0][2].startswith("- ") else _mapping)(lines, indent)


def _sequence(lines, indent):
    items = []
    while lines and lines[0][1] == indent and lines[0][2].startswith("- "):
        number, _, content = lines[0]
        inner = content[2:].lstrip()
        inner_indent = indent + len(content) - len(inner)
        if _KEY.match(inner):
            value, lines = _mapping([(number, inner_indent, inner)] + lines[1:], inner_indent)
        else:
            value, lines = _scalar(inner, number), lines[1:]
        items.append(value)
    return items, _outdented(lines, indent)


def _mapping(lines, indent):
    values = {}
    while lines and lines[0][1] == indent and not lines[0][2].startswith("- "):
        number, _, content = lines[0]
        match = _KEY.match(content)
        if not match or match[1] in values:
            raise YamlError(f"line {number}: expected a new 'key: value', found {content!r}")
        lines = lines[1:]
        if match[2]:
            values[match[1]] = _scalar(match[2], number)
        elif lines and lines[0][1] > indent:
            values[match[1]], lines = _block(lines, lines[0][1])
        else:
            raise YamlError(f"line {number}: {match[1]} has no value")
    return values, _outdented(lines, indent)


def _outdented(lines, indent):
    if lines and lines[0][1] > indent:
        raise YamlError(f"line {lines[0][0]}: indented more than what is above it")
    return lines


def _scalar(text, number):
    if text[0] not in '"[{':
        if re.search(r" #|: |:$|^[&*!|>%@`'-]", text):
            raise YamlError(f"line {number}: quote {text!r}")
        return text
    value, rest = _flow(text, number)
    if rest:
        raise YamlError(f"line {number}: {rest!r} follows a value")
    return value


def _flow(text, number):
    """One flow value and what follows it."""
    text = text.lstrip()
    if text.startswith('"'):
        end = text.find('"', 1)
        if end < 0 or "\\" in text[:end]:
            raise YamlError(f"line {number}: unclosed quotes, or an escape, which this does not read")
        return text[1:end], text[end + 1:].lstrip()
    if text.startswith("["):
        items, text = [], text[1:].lstrip()
        while not text.startswith("]"):
            item, text = _flow(text, number)
            items.append(item)
            text = _next(text, "]", number)
        return items, text[1:].lstrip()
    if text.startswith("{"):
        values, text = {}, text[1:].lstrip()
        while not text.startswith("}"):
            key, _, text = text.partition(":")
            values[key.strip()], text = _flow(text, number)
            text = _next(text, "}", number)
        return values, text[1:].lstrip()
    match = _PLAIN_END.search(text)
    if not match or match[0] == ": ":
        raise YamlError(f"line {number}: unclosed bracket, or a value to be quoted: {text!r}")
    return text[:match.start()].rstrip(), text[match.start():]


def _next(text, closing, number):
    if text.startswith(closing):
        return text
    if not text.startswith(","):
        raise YamlError(f"line {number}: expected ',' or '{closing}' before {text!r}")
    return text[1:].lstrip()
