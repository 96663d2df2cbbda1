"""`tripsage-tui connect FILE` and `tripsage-tui projects`: which hosted projects there are and which one opens."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import settings_of
from tripsage_tui.identity.project_files import LONGEST_FILE
from tripsage_tui.identity.projects import Project, ProjectError, Projects, decoded
from tripsage_tui.models.showing import one_line
from tripsage_tui.settings import LOCAL, projects_folder, remember


def connect(arguments: argparse.Namespace) -> int:
    """Add the project of a connection file and remember it as the one that opens from now on."""
    settings_of(arguments)  # a broken configuration is said before anything is written
    try:
        text = decoded(_content(arguments.file))
        folder = Path() if arguments.file == "-" else Path(arguments.file).expanduser().absolute().parent
        project = Projects(projects_folder()).add(text, name=arguments.name, folder=folder)
    except ProjectError as error:
        where = "Standard input" if arguments.file == "-" else arguments.file
        raise CommandError(f"{one_line(where)}: {error}", Exit.USAGE) from None
    remember("project", project.name)
    print(
        f"{project.name} ({project.url}) opens from now on; "
        "`--project local` opens the database on this computer, `tripsage-tui projects use local` for good."
    )
    return Exit.OK


def _content(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(LONGEST_FILE + 1)
        with Path(name).expanduser().open("rb") as file:
            return file.read(LONGEST_FILE + 1)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise CommandError(f"{one_line(name)} cannot be read: {why}.", Exit.NOT_FOUND) from None


def list_projects(arguments: argparse.Namespace) -> int:
    """All projects, the one that opens marked; what is wrong with one is said in its line."""
    projects = Projects(projects_folder())
    opens = settings_of(arguments).project
    lines: list[dict[str, object]] = []
    for name in projects.names():
        try:
            lines.append({"name": name, "opens": name == opens, **_facts(projects.get(name))})
        except ProjectError as error:
            lines.append({"name": name, "opens": name == opens, "problem": one_line(str(error))})
    if arguments.json:
        print(json.dumps(lines, indent=2))
        return Exit.OK
    print(f"{'*' if opens is None else ' '} {LOCAL:<20} the database on this computer")
    for line in lines:
        print(f"{'*' if line['opens'] else ' '} {one_line(str(line['name'])):<20} {line.get('problem') or line['url']}")
    if opens is not None and opens not in projects.names():
        print(f"* {one_line(opens):<20} is missing: `tripsage-tui connect FILE` adds it")
    return Exit.OK


def _facts(project: Project) -> dict[str, object]:
    target = project.target
    return {
        "url": project.url,
        "host": target.host,
        "port": target.port,
        "pool_mode": project.pool_mode.value,
        "user": target.user,
    }


def use(arguments: argparse.Namespace) -> int:
    """Open another project from now on."""
    _checked(arguments.name)
    remember("project", arguments.name)
    print(f"{arguments.name} opens from now on.")
    return Exit.OK


def remove(arguments: argparse.Namespace) -> int:
    """Forget a project; what opens next is the database on this computer where it was this one."""
    opens = settings_of(arguments).project
    try:
        Projects(projects_folder()).remove(arguments.name)
    except ProjectError as error:
        raise CommandError(str(error), Exit.NOT_FOUND) from None
    if opens == arguments.name:
        remember("project", LOCAL)
    print(f"Removed {arguments.name}. Nothing in the project itself has changed.")
    return Exit.OK


def _checked(name: str) -> None:
    if name == LOCAL:
        return
    try:
        Projects(projects_folder()).get(name)
    except ProjectError as error:
        raise CommandError(str(error), Exit.NOT_FOUND) from None
