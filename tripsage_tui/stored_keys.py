"""Which model may be used: what the environment says, else the key that the user stored and the server chosen for it.

A stored key goes with the server for which it was typed and is sent nowhere else. `key_forms` has what is stored.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.errors import DataError
from tripsage_tui.identity.keeping import CannotKeep, Keeping
from tripsage_tui.identity.secret_box import CannotOpen
from tripsage_tui.key_forms import InVault, KeyForm, Sealed
from tripsage_tui.memory.models_at_hand import OPENAI, EnvironmentKeys, ModelAccess
from tripsage_tui.model_choices import ChoicesFile, ModelChoices, origin

logger = logging.getLogger(__name__)

SERVICE = "openai"
SERVICES = {SERVICE: "the assistant: openai.com, or a server that speaks its language"}
KEYLESS = "none"
"""Sent to a server of one's own that wants no key."""
USED_AT_MOST_EVERY = 60.0
"""Seconds between two notes that a key was used."""


class Source(StrEnum):
    """Where the key in use comes from."""

    ENVIRONMENT = "environment"
    STORED = "stored"
    SESSION = "session"
    NONE = "none"


@dataclass(frozen=True)
class Entry:
    """A key at hand and the server it is for."""

    secret: SecretStr
    server: str
    source: Source


@dataclass(frozen=True)
class Removed:
    """What puts a key back."""

    stored: SecretStr | None
    entry: Entry | None


class StoredKeys:
    """Implements `Keys`. `current` answers from memory; `load` reads what is stored."""

    def __init__(
        self,
        repository: ApiKeyRepository,
        owner: UUID,
        keeping: Keeping,
        file: ChoicesFile,
        environ: Callable[[], Mapping[str, str]] = lambda: os.environ,
        *,
        wire: str = "auto",
        vault: str = "",
    ) -> None:
        """`wire` is what the configuration says, which comes before what F2 chose.

        `vault` names the project whose Vault takes keys as they are; without it they are sealed by `keeping`.
        """
        self._repository = repository
        self.keeping = keeping
        self.vault = vault
        self._form: KeyForm = InVault(vault) if vault else Sealed(keeping, owner)
        self._file = file
        self._environ = environ
        self.configured_wire = "" if wire == "auto" else wire
        self._environment = EnvironmentKeys(environ)
        self._entry: Entry | None = None
        self._loading: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._noted = -USED_AT_MOST_EVERY
        self.trouble = ""
        """Why a key that is stored cannot be used; empty when it can, or when there is none."""
        self.set_at: datetime | None = None
        self.last_used: datetime | None = None

    # ---- what may be used

    @property
    def choices(self) -> ModelChoices:
        return self._file.choices

    @property
    def base_url(self) -> str:
        """The server that is asked."""
        given = self._environment.current()
        return given.base_url if given is not None else self.choices.base_url or OPENAI

    @property
    def source(self) -> Source:
        if self._environment.current() is not None:
            return Source.ENVIRONMENT
        entry = self._fitting
        return entry.source if entry is not None else Source.NONE

    def current(self) -> ModelAccess | None:
        """What may be used now; never waits."""
        access = self._access()
        return access if access is None else replace(access, wire=self.configured_wire or access.wire)

    def _access(self) -> ModelAccess | None:
        chosen = self.choices
        given = self._environment.current()
        if given is not None:
            if origin(given.base_url) != origin(chosen.base_url or OPENAI):
                return given
            named = bool(self._environ().get("TRIPSAGE_MODEL", "").strip())
            model = given.chat_model if named else chosen.model or given.chat_model
            return replace(given, chat_model=model, window=chosen.window, wire=chosen.wire)
        entry, base_url = self._fitting, chosen.base_url or OPENAI
        if entry is None and origin(base_url) == origin(OPENAI):
            return None
        access = ModelAccess(
            entry.secret if entry else SecretStr(KEYLESS), base_url, window=chosen.window, wire=chosen.wire
        )
        environ = self._environ()
        model = environ.get("TRIPSAGE_MODEL", "").strip() or chosen.model or access.chat_model
        embedding = environ.get("TRIPSAGE_EMBEDDING_MODEL", "").strip() or access.embedding_model
        return replace(access, chat_model=model, embedding_model=embedding)

    @property
    def _fitting(self) -> Entry | None:
        entry = self._entry
        return entry if entry and entry.server == origin(self.choices.base_url or OPENAI) else None

    @property
    def other_server(self) -> str:
        """The server that the key at hand is for, where it is not the one that is asked; else empty."""
        return self._entry.server if self._entry is not None and self._fitting is None else ""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear when another model may be used; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    # ---- what is stored

    async def load(self) -> None:
        """Read what is stored, once; later calls wait for the first. Failures are in `trouble`."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        await asyncio.shield(self._loading)

    async def reload(self) -> None:
        """Read it again."""
        self._loading = None
        await self.load()

    async def _load(self) -> None:
        before = self.current()
        try:
            rows = {row.service: row for row in await self._repository.all()}
            row = rows.get(SERVICE)
            self.set_at = row.created_at if row else None
            self.last_used = row.last_used if row else None
            if self._entry is None or self._entry.source is Source.STORED:
                self._entry, self.trouble = (await self._open() if row else None), ""
        except DataError as error:
            # What is at hand stays at hand; the next to ask reads again.
            logger.warning("the stored keys could not be read: %s", error)
            self._loading, self.trouble = None, str(error)
        except (CannotKeep, CannotOpen) as error:
            logger.warning("the stored key cannot be used: %s", error)
            self._entry, self.trouble = None, str(error)
        if self.current() != before:
            self._changed()

    async def _open(self) -> Entry | None:
        stored = await self._repository.stored(SERVICE)
        if stored is None:
            return None
        secret, server = await self._form.read(stored, SERVICE)
        return Entry(secret, server, Source.STORED)

    @property
    def place(self) -> str:
        """Where keys are kept, in a word or two; empty before that was decided."""
        return self._form.place

    async def described(self) -> str:
        """Where keys are kept, in a sentence."""
        return await self._form.described()

    async def set(self, secret: SecretStr) -> Removed:
        """Store a key for the server that is chosen now; returns what `put_back` takes.

        Raises MustChoose where nobody has said where to keep it, CannotKeep, DataError.
        """
        server = origin(self.choices.base_url or OPENAI)
        text = await self._form.write(secret, server, SERVICE)
        before = Removed(await self._repository.stored(SERVICE), self._entry)
        if text is None:
            self._entry = Entry(secret, server, Source.SESSION)
        else:
            await self._repository.put(SERVICE, text)
            self._entry = Entry(secret, server, Source.STORED)
        await self._after_change()
        return before

    async def remove(self) -> Removed | None:
        """Forget the key, here and in the database; None when there was none."""
        stored = await self._repository.stored(SERVICE)
        if stored is None and self._entry is None:
            return None
        before = Removed(stored, self._entry)
        if stored is not None:
            await self._repository.delete(SERVICE)
        self._entry = None
        await self._after_change()
        return before

    async def put_back(self, before: Removed) -> None:
        """Undo `set` or `remove`."""
        if before.stored is None:
            await self._repository.delete(SERVICE)
        else:
            await self._repository.put(SERVICE, before.stored)
        self._entry = before.entry
        await self._after_change()

    async def _after_change(self) -> None:
        self.trouble = ""
        await self.reload()
        self._changed()

    def choose(self, choices: ModelChoices) -> None:
        """Take another server, model or window. Raises OSError where it cannot be remembered."""
        try:
            self._file.choose(choices)
        finally:
            self._changed()

    async def used(self) -> None:
        """Note that the stored key was used, at most once a minute."""
        now = time.monotonic()
        if self.source is Source.STORED and now - self._noted >= USED_AT_MOST_EVERY:
            self._noted = now
            await self._repository.touch(SERVICE)
