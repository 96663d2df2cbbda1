"""Others who look at the same trip, in words."""

from __future__ import annotations

from dataclasses import dataclass

NAMED = 2
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Company:
    """`shared` says whether the trip has other members at all, `names` which of them look at it."""

    shared: bool
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """`Bob is looking`, `Bob, Cem are looking`, `Bob, Cem +1 are looking`; empty when one is alone."""
        if not self.names:
            return ""
        more = f" +{len(self.names) - NAMED}" if len(self.names) > NAMED else ""
        named = ", ".join(_short(name) for name in self.names[:NAMED])
        return f"{named}{more} {'is' if len(self.names) == 1 else 'are'} looking"


ALONE = Company(shared=False)


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
