"""What has to be tidied up once per start: abandoned uploads, the trash, bytes without a record, old copies, scans."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from tripsage_tui.attachments.cache import Cache
from tripsage_tui.attachments.copies import Copies
from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.attachments.stores import Store
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.errors import DataError

logger = logging.getLogger(__name__)
KEPT_IN_TRASH = 86_400.0
"""Seconds for which a deleted file can be brought back."""
_ABANDONED = "The upload was not finished, and what was noted of it is gone. Attach the file again."


class Upkeep:
    """Nothing here is urgent: what fails is left to the next start."""

    def __init__(self, records: AttachmentRepository, store: Store, cache: Cache, copies: Copies) -> None:
        self._records = records
        self._store = store
        self._cache = cache
        self._copies = copies

    async def run(self, known: Sequence[UUID]) -> None:
        """`known` are the uploads of this computer."""
        try:
            await self._records.abandon(known, _ABANDONED)
            await self._records.purge(KEPT_IN_TRASH)
            await self.remove_orphans()
            await self._cache.prune()
            await self._scan()
        except (AttachmentError, DataError, OSError) as error:
            logger.info("tidying up files is left to the next start: %s", error)

    async def remove_orphans(self) -> None:
        """Bytes first, then the note of them: a crash in between only repeats it."""
        while paths := await self._records.orphans():
            await self._store.remove(paths)
            await self._records.forget_orphans(paths)

    async def _scan(self) -> None:
        if self._copies.scanner_there:
            for attachment in await self._records.unscanned():
                await self._copies.rescan(attachment)
