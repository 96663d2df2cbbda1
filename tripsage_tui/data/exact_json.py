"""JSON out of what `rows.decode` reads, digit by digit: json.dumps would turn an exact number into a rounded one."""

from __future__ import annotations

from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def dumps(value: Any) -> str:
    """Compact JSON with sorted names, so that equal values give equal texts."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(name)}:{dumps(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    raise TypeError(f"JSON has no {type(value).__name__}")
