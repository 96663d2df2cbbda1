"""The Auth server's codes as sentences of ours. What it says in words is not repeated: it may quote what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tripsage_tui.identity.hosted.errors import (
    EmailNotConfirmed,
    RateLimited,
    SessionEnded,
    SignInError,
    Unreachable,
    WeakPassword,
    WrongCode,
    WrongCredentials,
)

_KINDS: Mapping[str, type[SignInError]] = {
    "invalid_credentials": WrongCredentials,
    "email_not_confirmed": EmailNotConfirmed,
    "otp_expired": WrongCode,
    "mfa_verification_failed": WrongCode,
    "mfa_verification_rejected": WrongCode,
    "mfa_challenge_expired": WrongCode,
}
_ENDED = {
    "session_not_found",
    "session_expired",
    "refresh_token_not_found",
    "refresh_token_already_used",
    "user_not_found",
    "bad_jwt",
    "no_authorization",
}
_BEGIN_AGAIN = "This code belongs to another attempt, or is too old: begin again."
_SENTENCES: Mapping[str, str] = {
    "user_already_exists": "There is an account with this address already: sign in instead.",
    "email_exists": "There is an account with this address already: sign in instead.",
    "signup_disabled": "This project takes no new accounts: ask whoever runs it.",
    "otp_disabled": "This project sends no code to this address: there may be no account with it.",
    "email_provider_disabled": "This project does not sign people in by e-mail.",
    "provider_disabled": "This project does not sign people in this way.",
    "oauth_provider_not_supported": "This project does not know this service.",
    "email_address_invalid": "The project does not take this e-mail address.",
    "email_address_not_authorized": "The project cannot send e-mail to this address: ask whoever runs it.",
    "validation_failed": "The project does not take this: look at the address again.",
    "same_password": "This is the password that you have already.",
    "user_banned": "This account is blocked: ask whoever runs the project.",
    "insufficient_aal": "This needs your second factor: sign in again with it.",
    "reauthentication_needed": "This needs a fresh sign-in: sign out, sign in, and do it again.",
    "flow_state_not_found": _BEGIN_AGAIN,
    "flow_state_expired": _BEGIN_AGAIN,
    "bad_code_verifier": _BEGIN_AGAIN,
    "bad_oauth_callback": _BEGIN_AGAIN,
    "mfa_factor_name_conflict": "There is an authenticator of this name already: give this one another.",
    "mfa_factor_not_found": "This authenticator is not known any more.",
    "too_many_enrolled_mfa_factors": "There are as many authenticators as the project allows: remove one first.",
    "mfa_totp_enroll_not_enabled": "This project does not use authenticators.",
    "captcha_failed": "This project asks for a captcha, which no terminal can show: sign in by another way.",
}
_BAD_KEY = "The project does not take its key: ask for a new connection file."
_UNCLEAR = "The project answers in a way that cannot be understood: something between here and there may be in the way."


def refusal(status: int, body: object, headers: Mapping[str, str]) -> SignInError:
    """The error for an answer that is not a success. `headers` are looked up in lower case."""
    told: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    code = next((told[key] for key in ("code", "error_code") if isinstance(told.get(key), str)), "")
    if status == 429:
        return RateLimited(_seconds(headers.get("retry-after", "")))
    if code == "weak_password":
        return WeakPassword(_reasons(told.get("weak_password")))
    return _known(code) or _other(status, code, told)


def _known(code: str) -> SignInError | None:
    if (kind := _KINDS.get(code)) is not None:
        return kind()
    if code in _ENDED:
        return SessionEnded(code)
    return SignInError(_SENTENCES[code]) if code in _SENTENCES else None


def _other(status: int, code: str, told: Mapping[str, Any]) -> SignInError:
    if status >= 500:
        return Unreachable(f"The project's sign-in service has trouble ({status}).")
    if status == 401 and re.search(r"(?i)api key", str(told.get("message", ""))):
        return SignInError(_BAD_KEY)
    if not told:
        return unclear()
    return SignInError(f"The project refuses this ({code if re.fullmatch('[A-Za-z0-9_]{1,40}', code) else status}).")


def _reasons(weak: object) -> list[str]:
    reasons = weak.get("reasons") if isinstance(weak, Mapping) else None
    return [str(reason) for reason in reasons] if isinstance(reasons, list) else []


def unclear() -> Unreachable:
    """For an answer whose form is wrong."""
    return Unreachable(_UNCLEAR)


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() else 60.0
