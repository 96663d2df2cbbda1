"""What is left to do from earlier runs, once a program that starts has settled."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)


async def resume(planner: Planner) -> None:
    """Store answers that could not be stored, go on with uploads, let the memory go on. Failures are for the log."""
    await planner.stored_keys.load()
    try:
        if planner.journals.any:
            from tripsage_tui.assistant.recovery import recover

            await recover(planner)
        await planner.memory.resume(planner.clock(), planner.trips.plan)
    except Exception as error:
        logger.warning("what earlier runs left could not be resumed", exc_info=error)
    try:
        await planner.attachments.resume()
    except Exception as error:
        logger.warning("uploads of earlier runs could not be resumed", exc_info=error)
