"""A password as PostgreSQL keeps it (RFC 5802, RFC 7677), so that the password itself never travels or is logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from pydantic import SecretStr

ITERATIONS = 4096
"""PostgreSQL's own number (`scram_iterations`)."""


def verifier(password: SecretStr, *, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """What `alter role ... password` takes instead of the password. Raises ValueError for one that is not ASCII.

    Passwords beyond ASCII would have to be normalised (SASLprep); those that this program makes are not.
    """
    text = password.get_secret_value()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("the password is not printable ASCII")
    salt = salt if salt is not None else os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", text.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
