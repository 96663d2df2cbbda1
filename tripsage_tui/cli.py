"""The command line: parses and delegates. Nothing heavy is imported before it is known what is asked."""

from __future__ import annotations

import sys

from tripsage_tui import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # `tripsage-tui next` answers before any of this would be imported
    import argparse
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

PROGRAM = "tripsage-tui"


def _parser_class() -> type[argparse.ArgumentParser]:
    import argparse

    class Parser(argparse.ArgumentParser):
        """Says what is wrong in one line and where help is, instead of the whole usage."""

        def error(self, message: str) -> NoReturn:
            print(f"{PROGRAM}: {message}. See {self.prog} --help.", file=sys.stderr)
            raise SystemExit(2)

    return Parser


def _global_options(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument("--profile", metavar="NAME", default=default, help="who is travelling (a local profile)")
    parser.add_argument(
        "--project", metavar="NAME", default=default, help="a hosted project, or local (the database here)"
    )
    parser.add_argument("--data-dir", metavar="DIR", default=default, help="folder of the embedded database")


def _keeping_options(group: Any, command: Callable[[Any, str, str, str], argparse.ArgumentParser]) -> None:
    listing = command(group, "list", "trips:list_trips", "List trips.")
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--archived", action="store_true", help="the archived trips instead")
    which.add_argument("--trash", action="store_true", help="the deleted trips instead")
    for name, text in (
        ("archive", "Put a trip away: the lists show it only on request."),
        ("unarchive", "Bring an archived trip back."),
        ("restore", "Take a deleted trip out of the trash."),
    ):
        command(group, name, f"trip_keeping:{name}", text).add_argument("trip", metavar="TRIP", help="id or name")


def _bookings_options(bookings: argparse.ArgumentParser) -> None:
    bookings.add_argument("--trip", metavar="TRIP", help="only of this trip: its id or name")
    kinds = ("flight", "stay", "transport", "item")
    states = ("available", "planned", "reserved", "booked", "completed", "cancelled")
    bookings.add_argument("--kind", action="append", default=[], choices=kinds, help="only this kind; may be repeated")
    bookings.add_argument(
        "--state", action="append", default=[], choices=states, help="only in this state; also repeated"
    )
    bookings.add_argument("--unpaid", action="store_true", help="only what is still to be paid")
    bookings.add_argument("--deadlines", action="store_true", help="what has to be done by when, soonest first")
    bookings.add_argument("--codes", action="store_true", help="show confirmation codes")
    bookings.add_argument("--json", action="store_true", help="print a JSON list")


def _budget_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    budget = command(commands, "budget", "budget:show_budget", "Show what a trip costs and who owes whom.")
    budget.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    budget.add_argument("--json", action="store_true", help="print a JSON object")
    expenses = commands.add_parser("expenses", help="List, add and export the expenses of a trip.", allow_abbrev=False)
    expenses.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    group = expenses.add_subparsers(dest="expenses_command", metavar="COMMAND", required=True)
    listing = command(group, "list", "budget:list_expenses", "List the expenses.")
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    add = command(group, "add", "budget:add_expense", "Add an expense and print its id.")
    add.add_argument("title", metavar="TITLE")
    add.add_argument("amount", metavar="AMOUNT", help="e.g. 12.50, '¥900' or '30 USD'")
    add.add_argument("--currency", metavar="CODE", help="ISO 4217 code (default: that of the trip)")
    add.add_argument("--rate", help="e.g. 0.0062, 1/161, =55.80 or ? (default: that of an earlier row of the trip)")
    add.add_argument("--date", metavar="DATE", help="default: today while the trip is on")
    add.add_argument("--category", help="transport, lodging, food, activity, shopping, fees or other")
    add.add_argument("--paid-by", metavar="WHO", help="e.g. Ann, or 'Ann 60, Ben' (default: you)")
    add.add_argument("--split", metavar="WHO", help="e.g. all, 'all but Cem', 'Ann x2, Ben, Cem 10' (default: all)")
    add.add_argument("--notes")
    add.add_argument("--json", action="store_true", help="print the expense as a JSON object")
    table = command(group, "csv", "budget:write_csv", "Print the expenses as CSV.")
    table.add_argument("--bom", action="store_true", help="begin with a byte order mark, as spreadsheets like it")
    table.add_argument("--separator", choices=[",", ";", "tab"], default=",", help="between columns (default: comma)")


def _line_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    upcoming = command(commands, "next", "next_up:run_next", "Say what comes next; exit code 1 when nothing does.")
    upcoming.add_argument("--json", action="store_true", help="print a JSON object: now, next, deadline")
    upcoming.add_argument("--short", action="store_true", help="one line at most, for a prompt or a status bar")
    days = command(commands, "agenda", "next_up:run_agenda", "Say what happens in the next days, in all trips.")
    days.add_argument("--days", type=int, default=7, metavar="N", help="how many, today counted (default 7)")
    days.add_argument("--trip", metavar="TRIP", help="only of this trip (id or name)")
    days.add_argument("--json", action="store_true", help="print a JSON list")

    add = command(commands, "add", "add:run", "Add to a trip in one line: add Japan dinner sat 19:30 Gion.")
    add.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    add.add_argument("line", metavar="LINE", nargs="+", help='for example "hotel Granvia 14-18 oct 4x180"')
    add.add_argument("--json", action="store_true", help="print what was written as a JSON object")
    add.add_argument("--dry-run", action="store_true", help="only say how the line is understood")


def _file_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    attach = command(commands, "attach", "attachments:attach", "Attach files to a trip or a booking; prints their ids.")
    attach.add_argument("files", metavar="FILE", nargs="+")
    files = commands.add_parser("attachments", help="List, save, open and delete attached files.", allow_abbrev=False)
    group = files.add_subparsers(dest="attachments_command", metavar="COMMAND", required=True)
    listing = command(group, "list", "attachments:list_attachments", "List files; without --trip all.")
    saving = command(group, "save", "attachments:save", "Copy a file into a folder; never over another one.")
    opening = command(group, "open", "attachments:show", "Open a file with the desktop's program.")
    deleting = command(group, "delete", "attachments:delete", "Delete a file; it can be brought back for a day.")
    for each in (saving, opening, deleting):
        each.add_argument("file", metavar="FILE", help="id, name or part of only one name")
    saving.add_argument("--to", metavar="FOLDER", default=".", help="default: the current one")
    deleting.add_argument("--undo", action="store_true", help="bring it back (by its id)")
    for each in (attach, listing, saving, opening, deleting):
        each.add_argument("--trip", metavar="TRIP", required=each is attach, help="id or name of the trip")
    for each in (attach, listing):
        each.add_argument("--booking", metavar="BOOKING", help="as the command bookings names it, e.g. flight-3")
        each.add_argument("--json", action="store_true", help="print a JSON list")


def _search_command(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    search = command(commands, "search", "search:run", "Search everything; exit code 1 when nothing is found.")
    search.add_argument("words", metavar="WORDS", nargs="+", help="beginnings of words, in any order")
    search.add_argument("--json", action="store_true", help="print a JSON list")


def _ask_command(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    ask = command(commands, "ask", "ask:run", "Ask the assistant: ask --trip Japan what is missing?")
    ask.add_argument("question", metavar="QUESTION", nargs="*", help="without one it is read from standard input")
    ask.add_argument("--trip", metavar="TRIP", help="the trip it is about (id or name)")
    ask.add_argument("--model", metavar="NAME", help="the model to ask")
    ask.add_argument("--json", action="store_true", help="print answer, calls and tokens as a JSON object")
    ask.add_argument("--allow-writes", action="store_true", help="let it change the trip; deleting is asked about")


def _db_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    _memory(commands, command)

    db = commands.add_parser("db", help="Start, stop and look after the embedded database.", allow_abbrev=False)
    db_group = db.add_subparsers(dest="db_command", metavar="COMMAND", required=True)
    command(db_group, "start", "db:start", "Start the embedded database and leave it running.")
    command(db_group, "stop", "db:stop", "Stop the embedded database.")
    command(db_group, "migrate", "db:migrate", "Apply the migrations that are missing.")
    rollback = command(db_group, "rollback", "db:rollback", "Take back the newest migrations.")
    rollback.add_argument("--steps", type=int, default=1, metavar="N", help="how many (default 1)")
    status = command(db_group, "status", "db:status", "Say whether the database runs, where, and its schema version.")
    status.add_argument("--json", action="store_true", help="print a JSON object")
    command(db_group, "url", "db:url", "Print the owner's connection string, for psql and scripts.")
    command(db_group, "ticket", "db:ticket", "Print a fresh ticket for --profile NAME, created if it is new.")


def _people_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    people = commands.add_parser(
        "people", help="List, invite, change and remove who shares a trip.", allow_abbrev=False
    )
    people.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    people_group = people.add_subparsers(dest="people_command", metavar="COMMAND", required=True)
    levels = ["view", "edit", "admin"]
    who = command(people_group, "list", "people:list_people", "List members, invitations and travellers.")
    invite = command(people_group, "invite", "people:invite", "Invite an e-mail address, or a profile by name.")
    invite.add_argument("who", metavar="WHOM", help="e-mail address or profile name")
    invite.add_argument("--level", choices=levels, default="view", help="what they may do (default view)")
    level = command(people_group, "level", "people:change_level", "Change what a member may do.")
    level.add_argument("who", metavar="WHO", help="name of the member, or the address invited")
    level.add_argument("level", choices=levels)
    remove = command(people_group, "remove", "people:remove", "Remove a member, or take an invitation back.")
    remove.add_argument("who", metavar="WHO", help="name of the member, or the address invited")
    for each in (who, invite, level, remove):
        each.add_argument("--json", action="store_true", help="print JSON")


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = _parser_class()(prog=PROGRAM, description="Plan trips by keyboard, in the terminal.", allow_abbrev=False)
    _global_options(parser, None)
    parser.add_argument("--color", choices=["auto", "16", "256", "truecolor", "none"], help="colours of the terminal")
    parser.add_argument("--no-mouse", dest="mouse", action="store_false", default=None, help="leave the mouse alone")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(group: Any, name: str, run: str, text: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = group.add_parser(name, help=text, description=text, allow_abbrev=False)
        _global_options(sub, argparse.SUPPRESS)
        sub.set_defaults(run=run)
        return sub

    command(commands, "demo", "demo:run", "Open the program on a throwaway folder with sample trips.")
    doctor = command(commands, "doctor", "doctor:run", "Check the terminal, the folders and the database.")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")

    check = command(commands, "check", "check:run", "Say what is missing in a trip; exit code 1 on errors.")
    check.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    check.add_argument("--json", action="store_true", help="print a JSON list")
    check.add_argument("--all", action="store_true", help="also what was put aside on the trip screen")

    trips = commands.add_parser("trips", help="List, show and create trips.", allow_abbrev=False)
    trips_group = trips.add_subparsers(dest="trips_command", metavar="COMMAND", required=True)
    _keeping_options(trips_group, command)
    show = command(trips_group, "show", "trips:show_trip", "Show one trip with its bookings, day by day.")
    show.add_argument("trip", metavar="TRIP", help="id or name of the trip")
    show.add_argument("--json", action="store_true", help="print a JSON object")
    new = command(trips_group, "new", "trips:new_trip", "Create a trip and print its id.")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--destination", required=True, help='one place, or several: "Tokyo, Kyoto, Osaka"')
    new.add_argument("--from", dest="start_date", metavar="DATE", required=True, help="first day, e.g. 2027-10-02")
    new.add_argument("--to", dest="end_date", metavar="DATE", required=True, help="last day, e.g. 2027-10-16")
    new.add_argument("--travelers", metavar="N", default="1")
    new.add_argument("--budget", metavar="AMOUNT", required=True)
    new.add_argument("--currency", metavar="CODE", default="USD", help="ISO 4217 code (default USD)")
    new.add_argument("--type", dest="trip_type", default="leisure", help="leisure, business, family, solo or other")
    new.add_argument("--json", action="store_true", help="print the trip as a JSON object")

    _line_commands(commands, command)
    _bookings_options(
        command(commands, "bookings", "bookings:run", "List the bookings of all trips, or their deadlines.")
    )

    _people_commands(commands, command)

    _budget_commands(commands, command)

    _file_commands(commands, command)
    _search_command(commands, command)
    _ask_command(commands, command)
    _keys_commands(commands, command)
    _auth_commands(commands, command)
    _db_commands(commands, command)
    _project_commands(commands, command)
    _admin_commands(commands, command)
    _transfer_command(commands, command)
    return parser


def _transfer_command(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    moving = command(commands, "transfer", "transfer:run", "Move all you own to another place, or into a file.")
    places = "local, the name of a project, or a file that ends in .zip"
    moving.add_argument("--from", dest="source", metavar="PLACE", required=True, help=places)
    moving.add_argument("--to", dest="target", metavar="PLACE", required=True, help="the same")
    moving.add_argument("--account", metavar="ADDRESS", help="whose account of the project, where several signed in")
    moving.add_argument("--dry-run", action="store_true", help="only say what would move")
    moving.add_argument("--yes", action="store_true", help="do not ask")
    moving.add_argument("--deleted", action="store_true", help="bring back what was deleted over there")
    moving.add_argument("--invite", action="store_true", help="invite over there who was invited by e-mail here")
    moving.add_argument("--replace", action="store_true", help="write over a file that exists")
    moving.add_argument("--json", action="store_true", help="print what was done as a JSON object")


def _admin_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    admin = commands.add_parser("admin", help="Prepare a hosted project for its users.", allow_abbrev=False)
    group = admin.add_subparsers(dest="admin_command", metavar="COMMAND", required=True)
    setup = command(group, "setup", "admin:setup", "Apply migrations, make the login, write the connection file.")
    for option, what in (
        (
            "--database-url",
            "of the role postgres, without the password; default: TRIPSAGE_ADMIN_DATABASE_URL, or asked",
        ),
        ("--project-url", "default on supabase.com: from the database URL"),
        ("--publishable-key", "default: TRIPSAGE_PUBLISHABLE_KEY"),
        ("--pooler-url", "connection string of the pooler that users take (default: the way you take)"),
        ("--host", "that users take"),
        ("--ca", "file with the certificates of the server's issuer (PEM)"),
        ("--name", "of the project in the file"),
        ("--out", "the connection file (default: NAME.toml); one that is there keeps its password"),
    ):
        setup.add_argument(option, metavar="VALUE", help=what)
    setup.add_argument("--port", type=int, metavar="N", help="that users take")
    setup.add_argument("--mode", choices=["session", "transaction"], help="default: transaction for port 6543")
    setup.add_argument("--tls", choices=["verify-full", "require", "disable"], help="default: verify-full")
    setup.add_argument("--rotate", action="store_true", help="make a new password; every user needs the new file")
    command(
        group,
        "storage-sql",
        "admin:print_storage_sql",
        "Print the statements for Storage that a superuser has to run where postgres may not.",
    )


def _project_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    connect = command(commands, "connect", "projects:connect", "Add a hosted project from its file and use it.")
    connect.add_argument("file", metavar="FILE", help="the connection file that the operator gave you; - is stdin")
    connect.add_argument("--name", metavar="NAME", help="what to call it here")
    projects = command(commands, "projects", "projects:list_projects", "List hosted projects; use, remove one.")
    projects.add_argument("--json", action="store_true", help="print a JSON list")
    group = projects.add_subparsers(dest="projects_command", metavar="COMMAND")
    for name, text in (("use", "Open this project from now on; local is the database here."), ("remove", "Forget it.")):
        command(group, name, f"projects:{name}", text).add_argument("name", metavar="NAME")


def _keys_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    keys = commands.add_parser("keys", help="Set, test and remove the keys of outside services.", allow_abbrev=False)
    group = keys.add_subparsers(dest="keys_command", metavar="COMMAND", required=True)
    listing = command(group, "list", "keys:list_keys", "Say which services have a key, and when it was used.")
    setting = command(group, "set", "keys:set_key", "Store a key, read from standard input or typed without echo.")
    testing = command(group, "test", "keys:test_key", "Ask the server which models it has.")
    remove = command(group, "remove", "keys:remove_key", "Forget a stored key.")
    for each in (setting, testing, remove):
        each.add_argument("service", metavar="SERVICE", nargs="?", default="openai", help="default: openai")
    places = ["keyring", "file"]
    setting.add_argument("--keep", choices=places, help="where what opens the keys is kept")
    setting.add_argument("--url", metavar="URL", help="base URL of the server that it is for (default: that of F2)")
    listing.add_argument("--json", action="store_true", help="print a JSON object")


def _auth_commands(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    auth = commands.add_parser(
        "auth", help="Sign in to a hosted project, out of it, and say who is.", allow_abbrev=False
    )
    group = auth.add_subparsers(dest="auth_command", metavar="COMMAND", required=True)
    login = command(group, "login", "auth:login", "Sign in; the password is typed without echo or read from stdin.")
    login.add_argument("email", metavar="EMAIL", nargs="?")
    way = login.add_mutually_exclusive_group()
    way.add_argument("--code", action="store_true", help="with a code that is sent to you instead of a password")
    way.add_argument("--oauth", metavar="PROVIDER", help="with another account, for example github, in a browser")
    login.add_argument("--keep", choices=["keyring", "file"], help="where sign-ins and keys are kept")
    logout = command(group, "logout", "auth:logout", "Sign out on this machine.")
    where = logout.add_mutually_exclusive_group()
    where.add_argument("--others", action="store_true", help="on all other machines instead")
    where.add_argument("--everywhere", action="store_true", help="on all machines")
    status = command(
        group, "status", "auth:status", "Say who is signed in and where that is kept; exit code 4: nobody."
    )
    status.add_argument("--check", action="store_true", help="ask the project whether it still holds")
    accounts = command(group, "accounts", "auth:list_accounts", "List who has signed in on this machine.")
    command(group, "switch", "auth:switch", "Open another account from now on.").add_argument("email", metavar="EMAIL")
    for each in (status, accounts):
        each.add_argument("--json", action="store_true", help="print JSON")


def _memory(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    types = ["user_preference", "trip_history", "search_pattern", "conversation_context", "other"]
    memory = commands.add_parser("memory", help="Look into the memory, add to it, forget.", allow_abbrev=False)
    group = memory.add_subparsers(dest="memory_command", metavar="COMMAND", required=True)
    listing = command(group, "list", "memory:list_memories", "List what is remembered.")
    listing.add_argument("--all", action="store_true", help="also what newer memories replaced")
    search = command(group, "search", "memory:search", "Find memories by what they mean.")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("--limit", type=int, default=10, metavar="N", help="at most so many (default 10)")
    add = command(group, "add", "memory:add", "Remember a fact and print its id.")
    add.add_argument("fact", metavar="FACT")
    forget = command(group, "forget", "memory:forget", "Forget memories for good.")
    forget.add_argument("ids", metavar="ID", nargs="*", type=int)
    forget.add_argument("--everything", action="store_true", help="all memories and all turns that wait")
    export = command(group, "export", "memory:export", "Print all memories as JSON.")
    for each in (listing, search, add):
        each.add_argument("--type", choices=types, help="what they are about")
    for each in (listing, search, add, forget, export):
        each.add_argument("--json", action="store_true", help="print JSON")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["next"]:
        from tripsage_tui.command_line.prompt import answer

        if (code := answer(words[1:])) is not None:
            return code
    arguments = _parser().parse_args(words)
    from importlib import import_module

    module, _, function = str(getattr(arguments, "run", "program:run")).partition(":")
    try:
        from tripsage_tui.command_line.running import guarded

        chosen = import_module(f"tripsage_tui.command_line.{module}")
    except KeyboardInterrupt:
        print(f"{PROGRAM}: Interrupted.", file=sys.stderr)
        return 130
    run: Callable[[argparse.Namespace], int] = getattr(chosen, function)
    return guarded(run, arguments)


if __name__ == "__main__":
    sys.exit(main())
