"""From a thread of Mem0's to the worker's event loop and back."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Bridge:
    """Runs coroutines of the loop for threads that wait. Make it on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        """`timeout` in seconds is for what has no time limit of its own."""
        self._loop = loop
        self._timeout = timeout
        self._home = threading.get_ident()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result, or what it raised. Raises TimeoutError; RuntimeError when called on the loop."""
        if threading.get_ident() == self._home:
            work.close()
            raise RuntimeError("waiting for the loop on the loop would never end")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(self._timeout)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError("the worker did not answer in time") from None
