"""Which row over there a row is: by what was noted when it was written, also by way of a third place."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tripsage_tui.data.transfer_reading import Link

ORIGIN = "origin"
"""The state of a row that had come from the target in the first place."""
ALLOTTED, WRITTEN, MATCHED = "allotted", "written", "matched"

Key = tuple[str, str]
"""A row of the source: its table and its id."""


class Resolution:
    """`links` are the target's notes, `elders` the source's: where its rows had come from before."""

    def __init__(self, source_user: UUID, target_user: UUID, links: Iterable[Link], elders: Iterable[Link]) -> None:
        self._source_user = source_user
        self._target_user = target_user
        self._links = {(link.source_user, link.kind, link.source_id): link for link in links}
        self._elders: dict[Key, list[tuple[UUID, str]]] = {}
        for elder in elders:
            self._elders.setdefault((elder.kind, elder.target_id), []).append((elder.source_user, elder.source_id))
        self.known: set[Key] = set()
        """Rows that the source has."""
        self.gone: set[Key] = set()
        """Rows that were there and were deleted there: nothing new may refer to them."""

    def learn(self, links: Iterable[Link]) -> None:
        """Notes that were made meanwhile take the place of older ones."""
        self._links.update({(link.source_user, link.kind, link.source_id): link for link in links})

    def direct(self, key: Key) -> Link | None:
        """What the target noted about this very row."""
        return self._links.get((self._source_user, *key))

    def link(self, key: Key) -> Link | None:
        """What the target knows of this row or of the row that it was before."""
        if (found := self.direct(key)) is not None:
            return found
        if self._source_user == self._target_user and key in self.known:
            return Link(self._source_user, *key, key[1], ORIGIN)
        for user, earlier in self._elders.get(key, ()):
            if user == self._target_user:
                return Link(user, key[0], earlier, earlier, ORIGIN)
            if (found := self._links.get((user, key[0], earlier))) is not None:
                return found
        return None

    def earlier(self, key: Key) -> list[tuple[UUID, str]]:
        """Where else this row had been, by user and id."""
        return [each for each in self._elders.get(key, ()) if each[0] != self._target_user]

    def find(self, kind: str, id_: str) -> str | None:
        """The id over there, None for what is not there any more."""
        if (kind, id_) in self.gone:
            return None
        return self.soft(kind, id_)

    def soft(self, kind: str, id_: str) -> str | None:
        """The id over there, also of what is not there any more."""
        link = self.link((kind, id_))
        return None if link is None else link.target_id
