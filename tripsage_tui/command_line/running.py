"""Runs a command: every failure becomes one plain line on stderr and an exit code that says which kind it was."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.planner import Planner
from tripsage_tui.settings import Settings, SettingsError, load_settings


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings with what was typed on the command line on top."""
    names = ("profile", "project", "data_dir", "color", "mouse")
    return load_settings({name: getattr(arguments, name, None) for name in names})


def say(text: str) -> None:
    """Progress and hints go to stderr, so that stdout stays for results."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


@asynccontextmanager
async def signed_in(arguments: argparse.Namespace, *, create: bool = False) -> AsyncIterator[Planner]:
    """The planner of the profile or account that was named, or of the one used last. `create` makes a named profile."""
    # The program without a command paints before it.
    from tripsage_tui.identity.keeping import CannotKeep
    from tripsage_tui.identity.project_files import ProjectError
    from tripsage_tui.services import ProfileUnknown
    from tripsage_tui.worlds import workspace_for

    settings = settings_of(arguments)
    try:
        workspace = workspace_for(settings)
    except ProjectError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    async with workspace:
        await workspace.start(say)
        try:
            profile = await workspace.choose(create=create)
        except (ProfileUnknown, CannotKeep) as error:
            raise CommandError(str(error), Exit.NOT_FOUND) from error
        if profile is None and workspace.user is not None:
            raise CommandError(
                f"Nobody is signed in to {workspace.user.project.name}: `tripsage-tui auth login` signs in.",
                Exit.REFUSED,
            )
        if profile is None:
            names = ", ".join(profile.name for profile in await workspace.profiles())
            hint = f"there are several ({names})" if names else "there is none yet"
            raise CommandError(f"Say whose trips with --profile NAME: {hint}.", Exit.USAGE)
        yield await workspace.enter(profile)


def guarded(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run a command and turn whatever goes wrong into one line and an exit code."""
    try:
        code = run(arguments)
        sys.stdout.flush()
    except CommandError as error:
        return _complain(str(error), error.code)
    except SettingsError as error:
        return _complain(str(error), Exit.USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        return _complain("Interrupted.", Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user gets a sentence, not a traceback
        return _unexpected(error)
    return code


def _unexpected(error: Exception) -> int:
    from tripsage_tui.data.errors import DataError, Forbidden, NotAuthorized, NotFound, Unavailable

    match error:
        case Unavailable():
            return _complain(str(error), Exit.UNAVAILABLE)
        case NotFound():
            return _complain(str(error), Exit.NOT_FOUND)
        case Forbidden() | NotAuthorized():
            return _complain(str(error), Exit.REFUSED)
        case DataError() | OSError():
            return _complain(str(error), Exit.PROBLEM)
    if os.environ.get("TRIPSAGE_DEBUG"):
        raise error
    return _complain(
        f"Unexpected {type(error).__name__}. Run it again with TRIPSAGE_DEBUG=1 to see where.", Exit.PROBLEM
    )


def _complain(sentence: str, code: Exit) -> int:
    print(f"tripsage-tui: {' '.join(sentence.split())}", file=sys.stderr)
    return code
