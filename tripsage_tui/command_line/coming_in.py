"""The conversation of `tripsage-tui auth login`: what is asked, typed without echo, and pasted."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.identity.hosted.browser import open_page
from tripsage_tui.identity.hosted.errors import WrongCode
from tripsage_tui.identity.hosted.outcomes import Account, NeedsFactor, Outcome
from tripsage_tui.identity.hosted.sign_in import SignIn
from tripsage_tui.models.showing import one_line

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted.oauth import OAuth

ATTEMPTS = 3
"""How often a code may be typed."""


async def come_in(sign_in: SignIn, email: str | None, *, by_code: bool, provider: str | None) -> Account:
    """Whoever is signed in at the end. Raises SignInError, CannotKeep, CommandError."""
    if provider:
        outcome = await _by_browser(await sign_in.start_oauth(provider))
    elif by_code:
        outcome = await _by_code(sign_in, _email(email))
    else:
        outcome = await sign_in.password(_email(email), SecretStr(_secret("Password (not shown): ")))
    while isinstance(outcome, NeedsFactor):
        outcome = await _with_factor(sign_in, outcome)
    return outcome.account


async def _by_code(sign_in: SignIn, email: str) -> Outcome:
    await sign_in.send_code(email)
    print(f"A code is on its way to {one_line(email)}.", file=sys.stderr)
    return await _tried(lambda code: sign_in.verify_code(email, code), "Code from the e-mail: ")


async def _with_factor(sign_in: SignIn, asked: NeedsFactor) -> Outcome:
    factor = asked.factors[0]
    question = f"Code from your authenticator ({one_line(factor.name)}): "
    return await _tried(lambda code: sign_in.verify_factor(factor, code), question)


async def _tried(attempt: Callable[[str], Awaitable[Outcome]], question: str) -> Outcome:
    for _ in range(ATTEMPTS - 1):
        try:
            return await attempt(_line(question))
        except WrongCode as wrong:
            if not sys.stdin.isatty():
                raise
            print(wrong, file=sys.stderr)
    return await attempt(_line(question))


async def _by_browser(attempt: OAuth) -> Outcome:
    """The browser comes back to this program, or its last address is pasted: whichever happens first."""
    opened = await open_page(attempt.url)
    print("Your browser shows the page:" if opened else "Open this page in a browser:", file=sys.stderr)
    print(attempt.url)
    print("If the last page does not load, paste its address here.", file=sys.stderr)
    waiting = asyncio.create_task(attempt.finished())
    try:
        for again in range(ATTEMPTS, 0, -1):
            pasting = asyncio.create_task(_pasted())
            await asyncio.wait({pasting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                pasting.cancel()
                break
            try:
                return await attempt.paste(pasting.result())
            except WrongCode as wrong:
                if again == 1 or not sys.stdin.isatty():
                    raise
                print(wrong, file=sys.stderr)
        return await waiting
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await attempt.close()


async def _pasted() -> str:
    """The next line of standard input; waits for ever where there is none."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        text = sys.stdin.readline()
        loop.remove_reader(sys.stdin)
        if text.strip() and not line.done():
            line.set_result(text)

    with contextlib.suppress(OSError, ValueError):  # a file or nothing at all: only the browser is left
        loop.add_reader(sys.stdin, read)
    try:
        return await line
    finally:
        loop.remove_reader(sys.stdin)


def _email(given: str | None) -> str:
    return given or _line("E-mail address: ")


def _secret(question: str) -> str:
    text = getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not text:
        raise CommandError("A password is needed.", Exit.USAGE)
    return text


def _line(question: str) -> str:
    if sys.stdin.isatty():
        print(question, end="", file=sys.stderr, flush=True)
    text = sys.stdin.readline().strip()
    if not text:
        raise CommandError(f"{question.rstrip(': ')} is needed.", Exit.USAGE)
    return text
