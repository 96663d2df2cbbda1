"""A service that is made when it is first asked for something."""

from __future__ import annotations

from tripsage_tui.later import later


def test_it_is_made_once_and_not_before_it_is_needed() -> None:
    made: list[list[int]] = []

    def make() -> list[int]:
        made.append([1, 2])
        return made[-1]

    service = later(make)
    assert made == []
    service.append(3)
    assert service.count(3) == 1
    assert made == [[1, 2, 3]]
