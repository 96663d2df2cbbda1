"""What is read and written at once: whole trips, whole conversations, memories with what they replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tripsage_tui.data.transfer_reading import Root

MOST_ROWS = 600
"""Rows of a batch, unless one trip or conversation alone has more."""


def batches_of(roots: Sequence[Root], most: int = MOST_ROWS) -> list[list[Root]]:
    """Roots in order, in groups of at most `most` rows; what hangs together stays together."""
    found: list[list[Root]] = []
    size = 0
    for group in together(roots):
        rows = sum(root.rows for root in group)
        if not found or size + rows > most:
            found.append([])
            size = 0
        found[-1] += group
        size += rows
    return found


def together(roots: Sequence[Root]) -> Iterator[list[Root]]:
    """Memories with those that replaced them, whatever way these point."""
    by_id = {root.id: root for root in roots}
    heads = {root.id: root.id for root in roots}

    def head(of: str) -> str:
        while heads[of] != of:
            heads[of] = heads[heads[of]]
            of = heads[of]
        return of

    for root in roots:
        if root.below in by_id and root.below is not None:
            heads[head(root.below)] = head(root.id)
    groups: dict[str, list[Root]] = {}
    for root in roots:
        groups.setdefault(head(root.id), []).append(root)
    yield from groups.values()
