"""Answers that a program could not store before it ended, put where they belong."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tripsage_tui.assistant.pen import Pen
from tripsage_tui.data.errors import DataError, Forbidden, InvalidValue, NotFound
from tripsage_tui.models.chats import CONTENT_LIMIT, MessageStatus

if TYPE_CHECKING:
    from tripsage_tui.answer_journals import Left
    from tripsage_tui.data.chats import ChatRepository
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

GONE = (NotFound, Forbidden, InvalidValue)
"""What the database says of a conversation that was deleted for good."""


async def recover(planner: Planner) -> int:
    """Store what earlier runs left in journals; how many answers that were. Doing it twice does no harm.

    A database that is away leaves them for another time.
    """
    stored = 0
    for left in planner.journals.left():
        try:
            await _store(planner.chats, left)
        except GONE as error:
            logger.warning("an answer of a conversation that is gone was dropped: %s", error)
        except DataError as error:
            left.release()
            logger.warning("an answer could not be stored yet: %s", error)
            return stored
        except BaseException:
            left.release()
            raise
        else:
            stored += 1
        left.done()
    return stored


async def _store(chats: ChatRepository, left: Left) -> None:
    begun = left.begun
    pen = Pen(chats, begun.session_id, begun.parent_id, begun.about, key=begun.key)
    await pen.begin()
    pen.take(left.text)
    try:
        status = MessageStatus(left.status or "")
    except ValueError:
        status = MessageStatus.INTERRUPTED
    thinking = {"thinking": left.thinking.replace("\0", "")[:CONTENT_LIMIT]} if left.thinking else {}
    await pen.store(status, {**thinking, **left.about})
