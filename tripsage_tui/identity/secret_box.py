"""Sealing: AES-256-GCM under a key that never reaches the database. Source: NIST SP 800-38D.

Each seal is bound to its owner and service, so that a row copied to another user or service does not open.
"""

from __future__ import annotations

import base64
import binascii
import os
from uuid import UUID

from pydantic import SecretStr

PREFIX = "aesgcm1:"
KEY_BYTES = 32
_NONCE = 12


class CannotOpen(Exception):
    """A seal is broken, or was made with another key or for somebody else; the text is one sentence."""

    def __init__(self) -> None:
        super().__init__("The stored key cannot be opened here: it was sealed on another computer, or changed since.")


class SecretBox:
    """Seals and opens short texts. `key`: 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key of {KEY_BYTES} bytes is needed")
        self._key = key

    def seal(self, secret: SecretStr, *, owner: UUID, service: str) -> str:
        """`aesgcm1:` and base64 of nonce, ciphertext and tag; different each time."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 30 ms that only few starts need

        nonce = os.urandom(_NONCE)
        text = secret.get_secret_value().encode()
        return (
            PREFIX + base64.b64encode(nonce + AESGCM(self._key).encrypt(nonce, text, _bound(owner, service))).decode()
        )

    def open(self, sealed: str, *, owner: UUID, service: str) -> SecretStr:
        """What was sealed. Raises CannotOpen."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            if not sealed.startswith(PREFIX):
                raise CannotOpen
            raw = base64.b64decode(sealed.removeprefix(PREFIX), validate=True)
            text = AESGCM(self._key).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(owner, service))
            return SecretStr(text.decode())
        except (binascii.Error, InvalidTag, ValueError):
            raise CannotOpen from None


def _bound(owner: UUID, service: str) -> bytes:
    return f"{owner}:{service.strip().lower()}".encode()
