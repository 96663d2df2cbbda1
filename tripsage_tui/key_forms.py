"""In what form a key goes into the database: sealed here first, or as it is where the project's Vault encrypts it.

The embedded server's Vault has no cipher of its own and takes sealed text only. Either form names the server for which
the key was typed; a key without one, as other programs store it, is for openai.com.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.identity.keeping import CannotKeep, Keeping
from tripsage_tui.identity.secret_box import PREFIX
from tripsage_tui.memory.models_at_hand import OPENAI
from tripsage_tui.model_choices import origin


class KeyForm(Protocol):
    """How `StoredKeys` writes and reads what the database keeps."""

    async def write(self, secret: SecretStr, server: str, service: str) -> SecretStr | None:
        """What to store; None where nothing is stored and the key lasts for this session. Raises CannotKeep."""

    async def read(self, stored: SecretStr, service: str) -> tuple[SecretStr, str]:
        """Key and server. Raises CannotKeep, CannotOpen."""

    @property
    def place(self) -> str:
        """Where keys are kept, in a word or two; empty before that was decided."""

    async def described(self) -> str:
        """Where keys are kept, in a sentence."""


class Sealed:
    """Sealed with a key of this computer, bound to owner and service."""

    def __init__(self, keeping: Keeping, owner: UUID) -> None:
        self._keeping = keeping
        self._owner = owner

    async def write(self, secret: SecretStr, server: str, service: str) -> SecretStr | None:
        box = await self._keeping.box(create=True)
        if box is None:
            return None
        text = SecretStr(f"{server}\n{secret.get_secret_value()}")
        return SecretStr(box.seal(text, owner=self._owner, service=service))

    async def read(self, stored: SecretStr, service: str) -> tuple[SecretStr, str]:
        box = await self._keeping.box()
        if box is None:
            raise CannotKeep("A key is stored, but what opens it is not here: set the key again.")
        return _parts(box.open(stored.get_secret_value(), owner=self._owner, service=service))

    @property
    def place(self) -> str:
        return self._keeping.place.value if self._keeping.place else ""

    async def described(self) -> str:
        return await self._keeping.described()


class InVault:
    """As it is: Vault encrypts it with a key that the database does not hold."""

    def __init__(self, project: str) -> None:
        self._project = project

    async def write(self, secret: SecretStr, server: str, service: str) -> SecretStr | None:
        return secret if server == origin(OPENAI) else SecretStr(f"{server}\n{secret.get_secret_value()}")

    async def read(self, stored: SecretStr, service: str) -> tuple[SecretStr, str]:
        if stored.get_secret_value().startswith(PREFIX):
            raise CannotKeep("The stored key was sealed on a computer, not for this project: set the key again.")
        return _parts(stored)

    @property
    def place(self) -> str:
        return "vault"

    async def described(self) -> str:
        return (
            f"Stored keys rest encrypted in the Vault of {self._project}: every computer on which you sign in can use "
            "them, and the operator of the project could."
        )


def _parts(text: SecretStr) -> tuple[SecretStr, str]:
    first, found, rest = text.get_secret_value().partition("\n")
    return (SecretStr(rest), first) if found else (SecretStr(first), origin(OPENAI))
