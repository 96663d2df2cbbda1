"""What can go wrong with a sign-in, each as one plain sentence. None carries a password, a code or a token."""

from __future__ import annotations

from collections.abc import Sequence

from tripsage_tui.data.errors import NotAuthorized


class SignInNeeded(NotAuthorized):
    """The session has ended, here or elsewhere: nothing works until somebody signs in again."""

    sentence = "Your sign-in has ended. Sign in again."


class SignInError(Exception):
    """Any failure on the way in, out, or around a session; `retry` says whether the same may work in a while."""

    sentence = "Signing in did not work."
    retry = False

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class WrongCredentials(SignInError):
    sentence = "The e-mail address or the password is wrong."


class WrongCode(SignInError):
    sentence = "This code is wrong, or too old."


class EmailNotConfirmed(SignInError):
    sentence = "This e-mail address is not confirmed yet: type the code from the e-mail, or open its link."


class RateLimited(SignInError):
    """`seconds` is how long to wait, as far as the server says."""

    retry = True

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many attempts. Wait {max(1, round(seconds))} s and try again.")
        self.seconds = seconds


class Unreachable(SignInError):
    """No answer, or none that can be understood."""

    sentence = "The project's sign-in service cannot be reached."
    retry = True


class SessionEnded(SignInError):
    """The server does not know this session any more; `code` is its word for that."""

    sentence = "Your sign-in has ended. Sign in again."

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self.code = code


_WEAK = {
    "length": "it is too short",
    "characters": "it needs more kinds of characters",
    "pwned": "it is known from a leak",
}


class WeakPassword(SignInError):
    """`reasons` are those of the server's that are known: length, characters, pwned."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reason for reason in reasons if reason in _WEAK)
        why = " and ".join(_WEAK[reason] for reason in self.reasons)
        super().__init__(f"This password is too weak{': ' + why if why else ''}.")
