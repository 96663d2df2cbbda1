"""Who has signed in to one project on this machine, and their sessions, sealed under the key of `identity/keeping`.

Where that key lies (keyring, file, nowhere) is the user's choice, made once for everything that is kept. With "this
session only" nothing is written. The list of accounts holds no secret: addresses and names, in a file of the user's.
"""

from __future__ import annotations

import contextlib
import json
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.identity.hosted.kept import Kept
from tripsage_tui.identity.hosted.lock import locked
from tripsage_tui.identity.hosted.outcomes import Account
from tripsage_tui.identity.keeping import CannotKeep, Keeping, Place
from tripsage_tui.identity.secret_box import CannotOpen


class ProjectAddress(Protocol):
    """What signing in needs to know of a project."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def publishable_key(self) -> str: ...


class Accounts:
    """One project's accounts. No network. `folder` is the one that `keeping` was made for."""

    def __init__(self, project: ProjectAddress, keeping: Keeping, folder: Path) -> None:
        self.keeping = keeping
        self._project = project
        self._folder = folder / "accounts" / project.name
        self._list = self._folder / "accounts.json"
        self._unkept: dict[UUID, Kept] = {}
        self._current: UUID | None = None

    async def list(self) -> list[Account]:
        """Everybody who signed in here and was not forgotten, in the order of their first sign-in."""
        known = {account.user_id: account for account in _accounts(self._note())}
        return list((known | {kept.account.user_id: kept.account for kept in self._unkept.values()}).values())

    async def current(self) -> Account | None:
        """Whose session this program uses: the one that opens, and from then on the same, whatever others switch to."""
        wanted = str(self._current or self._note().get("current") or "")
        found = next((account for account in await self.list() if str(account.user_id) == wanted), None)
        if found is not None:
            self.use(found)
        return found

    def use(self, account: Account) -> None:
        """Make it this program's account; what opens next time stays as it is."""
        self._current = account.user_id

    async def switch(self, account: Account) -> None:
        """Open this account's session from now on. Running programs keep theirs. Raises OSError."""
        self.use(account)
        if any(each.user_id == account.user_id for each in _accounts(self._note())):
            async with self._alone():
                self._write_note({**self._note(), "current": str(account.user_id)})

    async def signed_in(self, account: Account) -> bool:
        """Whether a session is kept here; whether it opens, and has not ended elsewhere, is seen when it is used."""
        return self.holds(account)

    async def ready(self) -> None:
        """Make sure that a session can be kept before anybody types a password. Raises MustChoose, CannotKeep."""
        await self.keeping.box(create=True)

    async def described(self) -> str:
        """Where sessions are kept, in a sentence."""
        said = await self.keeping.described()
        match self.keeping.place:
            case None:
                return "No sign-in is kept yet; the first one decides where."
            case Place.SESSION:
                return "Sign-ins last as long as this program runs; nothing is kept."
        return said.replace("Stored keys are sealed", f"Sign-ins are kept in {self._folder}, sealed", 1)

    # For the other modules of this package ---------------------------------------------------------------------------

    def lock(self, account: Account) -> AbstractAsyncContextManager[None]:
        """Whoever spends the account's refresh token holds this. Raises Busy, OSError."""
        return locked(self._folder / f"{account.user_id}.lock")

    def holds(self, account: Account) -> bool:
        """Whether there is a session, readable or not."""
        return self.stamp(account) is not None

    def stamp(self, account: Account) -> object | None:
        """What is another after every `write` by any program, None without a session; cheap enough for every use."""
        if (kept := self._unkept.get(account.user_id)) is not None:
            return kept
        try:
            facts = os.lstat(self._file(account))
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_ino

    async def read(self, account: Account) -> Kept | None:
        """The session as it was kept last, by any program. Raises CannotKeep."""
        if (kept := self._unkept.get(account.user_id)) is not None:
            return kept
        try:
            sealed = self._file(account).read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CannotKeep(f"{self._file(account)} cannot be read: {error.strerror}.") from error
        box = await self.keeping.box()
        if box is None:
            return None
        with contextlib.suppress(CannotOpen, ValueError):
            opened = box.open(sealed.strip(), owner=account.user_id, service=self._purpose)
            return Kept.from_text(opened.get_secret_value())
        return None

    async def write(self, kept: Kept, *, current: bool = False) -> None:
        """Keep a session; `current` makes its account the one that opens. Raises MustChoose, CannotKeep."""
        account = kept.account
        if current:
            self.use(account)
        box = await self.keeping.box(create=True)
        if box is None:
            self._unkept[account.user_id] = kept
            return
        sealed = box.seal(SecretStr(kept.as_text()), owner=account.user_id, service=self._purpose)
        try:
            _replace(self._file(account), sealed)
            async with self._alone():
                note = self._note()
                if account not in _accounts(note) or current:
                    rows = {str(each.user_id): each for each in _accounts(note)} | {str(account.user_id): account}
                    chosen = str(account.user_id) if current else note.get("current")
                    self._write_note({"current": chosen, "accounts": [_row(each) for each in rows.values()]})
        except OSError as error:
            raise CannotKeep(f"{self._folder} cannot be written: {error.strerror or error}.") from error

    async def end(self, account: Account) -> None:
        """Forget the session and keep the account in the list, so that its address need not be typed again."""
        self._unkept.pop(account.user_id, None)
        with contextlib.suppress(FileNotFoundError):
            self._file(account).unlink()

    async def forget(self, account: Account) -> None:
        """Forget session and account. Raises OSError."""
        await self.end(account)
        if self._current == account.user_id:
            self._current = None
        async with self._alone():
            note = self._note()
            rows = [_row(each) for each in _accounts(note) if each.user_id != account.user_id]
            gone = note.get("current") == str(account.user_id)
            self._write_note({"current": None if gone else note.get("current"), "accounts": rows})

    @property
    def _purpose(self) -> str:
        # A session that was sealed for one server is not opened for another that took over its name.
        return f"session {self._project.url}"

    def _file(self, account: Account) -> Path:
        return self._folder / f"{account.user_id}.session"

    def _alone(self) -> AbstractAsyncContextManager[None]:
        return locked(self._folder / "accounts.lock", patience=5.0)

    def _note(self) -> dict[str, Any]:
        try:
            note = json.loads(self._list.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _write_note(self, note: dict[str, Any]) -> None:
        _replace(self._list, json.dumps(note))


def _row(account: Account) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(account).items()}


def _accounts(note: dict[str, Any]) -> list[Account]:
    found = []
    rows = note.get("accounts")
    for row in rows if isinstance(rows, list) else []:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            found.append(Account(UUID(row["user_id"]), str(row["email"]), str(row["name"])))
    return found


def _replace(path: Path, text: str) -> None:
    """Write a file of the user's own, all of it or nothing, also when the machine stops in the middle."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
