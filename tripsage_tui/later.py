"""A service that is imported and made when it is first asked for something: most starts need few of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class _Later(Generic[T]):
    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = self._make()
        return getattr(self._made, name)


def later(make: Callable[[], T]) -> T:
    """What stands for the service that `make` imports and builds; it is made once."""
    return cast("T", _Later(make))


def made(service: T) -> T | None:
    """The service behind what `later` returned, if anything was asked of it yet; anything else is itself."""
    return cast("T | None", vars(service)["_made"]) if isinstance(service, _Later) else service
