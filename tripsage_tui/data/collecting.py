"""Keeping the garbage collector out while many objects are made that all stay.

It would look at all objects of the program again and again, because so many new ones survive: half of the time of a
list of 10,000 trips, in pauses of 50 ms.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_holds = 0


@contextmanager
def collection_paused(*, keep: bool = False) -> Iterator[None]:
    """No cyclic garbage collection inside the block; blocks may overlap. Reference counting goes on.

    `keep`: what is there afterwards, modules above all, stays to the end of the program and is never looked at.
    """
    global _holds  # noqa: PLW0603  (the collector is global, too)
    if _holds == 0 and not gc.isenabled():
        yield  # someone else keeps it off
        return
    _holds += 1
    gc.disable()
    try:
        yield
    finally:
        if keep:
            gc.freeze()
        _holds -= 1
        if _holds == 0:
            gc.enable()
