"""Where the key lies that seals the user's keys: in the system's keyring, in a file, or nowhere but in this program.

The place is chosen once, by the user where the keyring does not answer, and remembered. A place that fails later is
an error: there is no way from one place to a less safe one that the user did not choose.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import stat
from enum import StrEnum
from pathlib import Path

from tripsage_tui.identity.keyring_store import KeyringUnusable, SystemKeyring
from tripsage_tui.identity.secret_box import KEY_BYTES, SecretBox

ENTRY = "sealing key"
"""Name of the entry in the keyring."""


class Place(StrEnum):
    KEYRING = "keyring"
    FILE = "file"
    SESSION = "session"


class CannotKeep(Exception):
    """The place where the key should be does not work; the text is one sentence."""


class MustChoose(CannotKeep):
    """The keyring does not answer and the user has not said where else; the text says why it does not."""


class Keeping:
    """`folder` holds the note of the choice and, where that was chosen, the file."""

    def __init__(self, folder: Path, keyring: SystemKeyring | None = None) -> None:
        self._note = folder / "secrets-kept-in"
        self.file = folder / "secrets.key"
        self._keyring = keyring or SystemKeyring()
        self._box: SecretBox | None = None

    @property
    def place(self) -> Place | None:
        """What was chosen; None before that."""
        try:
            return Place(self._note.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    async def choose(self, place: Place) -> None:
        """Keep the key there from now on. What was sealed with another one has to be typed again.

        Raises CannotKeep, and then the choice stays what it was.
        """
        if place is not Place.SESSION:
            await self._key(place, create=True)
        self._box = None
        self._remember(place)

    async def box(self, *, create: bool = False) -> SecretBox | None:
        """What seals and opens; None where nothing is kept. `create` makes a key where there is none yet.

        Raises MustChoose before a place was chosen and where the keyring does not answer, CannotKeep.
        """
        place = self.place
        if place is Place.SESSION or (place is None and not create):
            return None
        if self._box is None:
            try:
                key = await self._key(place or Place.KEYRING, create=create)
            except CannotKeep as error:
                if place is None:
                    raise MustChoose(str(error)) from error
                raise
            if key is None:
                return None
            if place is None:
                self._remember(Place.KEYRING)
            self._box = SecretBox(key)
        return self._box

    async def described(self) -> str:
        """Where keys are kept, in a sentence."""
        match self.place:
            case None:
                return "No key is stored yet; the first one decides where they are kept."
            case Place.SESSION:
                return "Keys are kept in this program only, until it ends."
            case Place.FILE:
                return f"Stored keys are sealed with {self.file}, which whoever can read your files can read."
        try:
            return f"Stored keys are sealed with a key in {await self._keyring.described()}."
        except KeyringUnusable as error:
            return f"Stored keys are sealed with a key in the system's keyring. {error}"

    async def _key(self, place: Place, *, create: bool) -> bytes | None:
        try:
            return await self._in_keyring(create) if place is Place.KEYRING else self._in_file(create)
        except KeyringUnusable as error:
            raise CannotKeep(str(error)) from error
        except OSError as error:
            raise CannotKeep(f"{self.file} cannot be used: {error.strerror or error}.") from error

    async def _in_keyring(self, create: bool) -> bytes | None:
        found = await self._keyring.read(ENTRY)
        if found is None and create:
            await self._keyring.write(ENTRY, _as_text(os.urandom(KEY_BYTES)))
            # Read again: of two programs that make one at the same time, both take the one that stayed.
            found = await self._keyring.read(ENTRY)
            if found is None:
                raise CannotKeep("The system's keyring forgets what it is given.")
        return None if found is None else _as_key(found, "The entry in the system's keyring")

    def _in_file(self, create: bool) -> bytes | None:
        try:
            handle = os.open(self.file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return self._new_file() if create else None
        with os.fdopen(handle, "rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077 or not stat.S_ISREG(facts.st_mode):
                raise CannotKeep(
                    f"{self.file} can be read by others: chmod 600 it, or remove it and set the keys again."
                )
            return _as_key(file.read(200).decode("ascii", "replace"), str(self.file))

    def _new_file(self) -> bytes:
        key = os.urandom(KEY_BYTES)
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.file.with_suffix(f".{os.getpid()}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(_as_text(key))
            os.link(partial, self.file)  # never over one that another program has made in the meantime
        except FileExistsError:
            return self._in_file(create=False) or key
        finally:
            partial.unlink(missing_ok=True)
        return key

    def _remember(self, place: Place) -> None:
        with contextlib.suppress(OSError):  # then it is asked again at the next start
            self._note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._note.write_text(f"{place.value}\n", encoding="ascii")


def _as_text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _as_key(text: str, where: str) -> bytes:
    with contextlib.suppress(binascii.Error):
        key = base64.b64decode(text.strip(), validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise CannotKeep(f"{where} does not hold a key: remove it and set the keys again.")
