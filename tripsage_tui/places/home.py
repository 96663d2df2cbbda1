"""The time zone where the user is, by its IANA name."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tripsage_tui.models.zones import InvalidZone, parse_zone

LOCALTIME = Path("/etc/localtime")


def home_zone(now: datetime) -> str | None:
    """The zone of a clock that knows it, else of this machine (`TZ`, /etc/localtime); None where neither tells."""
    if isinstance(now.tzinfo, ZoneInfo):
        return now.tzinfo.key
    for name in (os.environ.get("TZ", "").lstrip(":"), str(LOCALTIME.resolve()).partition("zoneinfo/")[2]):
        if "/" in name or name == "UTC":
            try:
                return parse_zone(name)
            except InvalidZone:
                continue
    return None
