"""A session as this program keeps it: who, two tokens, and until when by this machine's clock."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.identity.hosted.outcomes import Account

_LONGEST = 10 * 365 * 86_400.0
"""Seconds that a token may last: more is a mistake, and no date."""
_SETBACK = 60.0
"""Seconds by which the clock may go back before what it says about a session is not believed."""


@dataclass(frozen=True)
class Kept:
    """`good_until` is by this machine's clock, `ahead` is how many seconds the server's is ahead of it."""

    account: Account
    access_token: SecretStr
    refresh_token: SecretStr
    good_until: float
    lifetime: float
    ahead: float

    def left(self, now: float) -> float:
        """Seconds that the access token is still good for; 0 when the clock makes no sense."""
        left = self.good_until - now
        return left if left <= self.lifetime + _SETBACK else 0.0

    @property
    def claims(self) -> Mapping[str, Any]:
        """What the access token says; not verified, that is the server's business."""
        try:
            middle = self.access_token.get_secret_value().split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        except (IndexError, ValueError):
            return {}
        return claims if isinstance(claims, dict) else {}

    def as_text(self) -> str:
        """For keeping it; holds both tokens."""
        return json.dumps(
            {
                "user_id": str(self.account.user_id),
                "email": self.account.email,
                "name": self.account.name,
                "access_token": self.access_token.get_secret_value(),
                "refresh_token": self.refresh_token.get_secret_value(),
                "good_until": self.good_until,
                "lifetime": self.lifetime,
                "ahead": self.ahead,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Kept:
        """What `as_text` wrote. Raises ValueError without quoting anything of it."""
        try:
            note = json.loads(text)
            return cls(
                Account(UUID(note["user_id"]), str(note["email"]), str(note["name"])),
                SecretStr(note["access_token"]),
                SecretStr(note["refresh_token"]),
                _seconds(note["good_until"]),
                _seconds(note["lifetime"]),
                _seconds(note["ahead"]),
            )
        except (ValueError, OverflowError, KeyError, TypeError, AttributeError):
            raise ValueError("not a kept session") from None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], asked_at: float) -> Kept:
        """What the Auth server answers, asked at that time. Raises ValueError without quoting anything of it."""
        try:
            lifetime = _seconds(answer["expires_in"])
            if not 0 < lifetime <= _LONGEST:
                raise ValueError("no lifetime")  # noqa: TRY301  said in the same words as all else
            until = asked_at + lifetime
            return cls(
                account_of(answer["user"]),
                _token(answer["access_token"]),
                _token(answer["refresh_token"]),
                until,
                lifetime,
                _seconds(answer.get("expires_at") or until) - until,
            )
        except (ValueError, OverflowError, KeyError, TypeError, AttributeError):
            raise ValueError("not a session") from None


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not math.isfinite(seconds):
        raise ValueError("not a time")
    return seconds


def _token(value: object) -> SecretStr:
    if not isinstance(value, str) or not value:
        raise ValueError("not a token")
    return SecretStr(value)


def account_of(user: Mapping[str, Any]) -> Account:
    """The account of a user as the Auth server shows it: the name that was given, else the address before the @."""
    email = str(user.get("email") or "")
    given = user.get("user_metadata") or {}
    name = next((given[key] for key in ("name", "full_name", "user_name") if isinstance(given.get(key), str)), "")
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())[:60]
    return Account(UUID(str(user["id"])), email, name or email.partition("@")[0] or "somebody")
