"""What comes of a way in: an account, a question for a second factor, or an e-mail to wait for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import SecretStr


@dataclass(frozen=True)
class Account:
    """Somebody's account in one project."""

    user_id: UUID
    email: str
    name: str


@dataclass(frozen=True)
class Factor:
    """An authenticator; `name` is what its owner called it."""

    id: str
    name: str


@dataclass(frozen=True)
class SignedIn:
    account: Account


@dataclass(frozen=True)
class NeedsFactor:
    """The password was right; `SignIn.verify_factor` with one of these comes next."""

    account: Account
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class ConfirmByEmail:
    """A code is on its way; `SignIn.verify_code` with it comes next."""

    email: str


Outcome = SignedIn | NeedsFactor


@dataclass(frozen=True)
class Enrolment:
    """A new authenticator that has yet to show a code. `uri` (otpauth://) is for a QR code, `secret` for typing."""

    factor: Factor
    secret: SecretStr
    uri: SecretStr


class Scope(StrEnum):
    """Which sessions a sign-out ends; the values are the Auth server's."""

    HERE = "local"
    OTHERS = "others"
    EVERYWHERE = "global"


@dataclass(frozen=True)
class SignedOut:
    """`left` is a sentence about what could not be done, None when everything was."""

    left: str | None = None
