"""Two people changed the same record: what differs, and what a merge of both versions is.

Three versions are compared field by field: `base`, as the editor found it; `mine`, as the editor wants it; `theirs`,
as it stands now. A field that only one side touched has a natural winner; a field that both touched needs a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Side = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Difference:
    """A field that `mine` and `theirs` see differently."""

    field: str
    base: object
    mine: object
    theirs: object

    @property
    def both_changed(self) -> bool:
        """Whether neither side left the field as it was."""
        return self.base not in (self.mine, self.theirs)

    @property
    def natural(self) -> Side:
        """The side that touched the field; mine where both did, for that is what was just typed."""
        return "theirs" if self.mine == self.base else "mine"


def differences(
    base: Mapping[str, object], mine: Mapping[str, object], theirs: Mapping[str, object]
) -> tuple[Difference, ...]:
    """The fields of `mine` whose value differs from `theirs`, in the order of `mine`."""
    return tuple(
        Difference(field, base.get(field), value, theirs.get(field))
        for field, value in mine.items()
        if value != theirs.get(field)
    )


def merge(found: Sequence[Difference], sides: Mapping[str, Side]) -> dict[str, object]:
    """What has to be written over `theirs`: the fields decided for mine. Undecided ones go to their natural side."""
    return {
        difference.field: difference.mine
        for difference in found
        if sides.get(difference.field, difference.natural) == "mine"
    }
