"""A form's draft: what was typed, kept on disk until it is saved or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from tripsage_tui.drafts import Draft, DraftStore

_KEY = "_key"
"""Beside the fields: the idempotency key, so that a save whose answer was lost is not made twice."""


@dataclass(frozen=True)
class Keeper:
    """The place of one form's draft."""

    store: DraftStore
    key: str
    title: str

    def load(self) -> Draft | None:
        """What was kept earlier, if anything."""
        return self.store.load(self.key)

    def keep(self, typed: Mapping[str, str], key: UUID) -> None:
        self.store.save(self.key, self.title, {**typed, _KEY: str(key)})

    def discard(self) -> None:
        self.store.discard(self.key)

    @staticmethod
    def key_in(values: Mapping[str, str]) -> UUID | None:
        """The idempotency key of a draft, None where it has none that can be read."""
        try:
            return UUID(values.get(_KEY, ""))
        except ValueError:
            return None
