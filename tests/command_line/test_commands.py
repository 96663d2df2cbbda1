"""The shell commands as a script calls them: results on stdout, one plain line on stderr, exit codes."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from rich.cells import cell_len

pytestmark = pytest.mark.xdist_group("command_line")

NEW = ("--destination", "Tokyo, Kyoto, Osaka", "--from", "2027-10-02", "--to", "2027-10-15")


class Shell:
    """Runs `tripsage-tui` on one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(self.data_dir), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def out(self, *words: str) -> str:
        """Standard output of a command that must succeed without a word on stderr."""
        done = self(*words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout.strip()


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of a command that failed with `code`."""
    assert done.returncode == code, done
    assert done.stdout == ""
    assert done.stderr.startswith("tripsage-tui: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("cli"))
    yield shell
    shell("db", "stop")


def test_a_new_trip_prints_its_id_and_can_be_shown(shell: Shell) -> None:
    trip = shell.out("--profile", "Anna", "trips", "new", "Japan", *NEW, "--budget", "6000", "--currency", "EUR")
    plan = json.loads(shell.out("--profile", "Anna", "trips", "show", trip, "--json"))
    assert plan["trip"]["budget"] == "6000.00"
    assert [stop["place"] for stop in plan["stops"]] == ["Tokyo", "Kyoto", "Osaka"]
    listed = json.loads(shell.out("trips", "list", "--json"))
    assert [(row["id"], row["name"], row["start_date"]) for row in listed] == [(int(trip), "Japan", "2027-10-02")]
    assert "Japan" in shell.out("trips", "show", "japan")


def test_the_memory_is_kept_found_and_forgotten(shell: Shell) -> None:
    fact = shell.out("--profile", "Mia", "memory", "add", "Prefers window seats on trains")
    assert shell.out("memory", "add", "prefers window seats on trains.") == fact
    shell.out("memory", "add", "Allergic to peanuts", "--type", "other")
    found = json.loads(shell.out("memory", "search", "where to sit in the railway", "--json"))
    assert (found[0]["id"], found[0]["distance"] < 0.9) == (int(fact), True)
    assert [row["content"] for row in json.loads(shell.out("memory", "list", "--type", "other", "--json"))] == [
        "Allergic to peanuts"
    ]
    assert "99999999; nothing was forgotten" in complaint(shell("memory", "forget", fact, "99999999"), 4)
    assert shell.out("memory", "forget", fact) == "Forgot 1 memory."
    assert [row["content"] for row in json.loads(shell.out("memory", "export"))] == ["Allergic to peanuts"]
    complaint(shell("memory", "forget"), 2)
    complaint(shell("memory", "add", "  "), 2)
    assert json.loads(shell.out("memory", "forget", "--everything", "--json")) == {"forgotten": 1}
    assert shell.out("memory", "list").startswith("Nothing is remembered yet.")


def test_profiles_see_their_own_trips_only(shell: Shell) -> None:
    shell.out("--profile", "Anna", "trips", "new", "Hers", *NEW, "--budget", "1")
    trip = shell.out("--profile", "Berta", "trips", "new", "Secret", *NEW, "--budget", "1")
    assert "Secret" not in shell.out("--profile", "Anna", "trips", "list")
    complaint(shell("--profile", "Anna", "trips", "show", trip), 4)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("trips", "new", "X", *NEW[:-1], "2027-09-01", "--budget", "5"), 2, "before"),
        (("trips", "new", "X", *NEW, "--budget", "lots"), 2, "lots"),
        (("trips", "new", "X", *NEW, "--budget", "0"), 2, "more than 0"),
        (("trips", "new", "X", *NEW, "--budget", "5", "--travelers", "0"), 2, "--travelers: Type a whole number"),
        (("trips", "new", "X", *NEW[:-1], "2027-13-01", "--budget", "5"), 2, "--to: There is no month 13."),
        (("trips", "new", "X\x1b[31m", *NEW, "--budget", "5", "--currency", "ZZZ"), 2, "ZZZ"),
        (("trips", "show", "nowhere"), 4, "trips list"),
        (("trips", "show", "99999999"), 4, "no longer there"),
        (("trips", "show", "9" * 30), 4, "no trip"),
        (("trips", "lst"), 2, "--help"),
        (("db", "rollback", "--steps", "0"), 2, "--steps"),
        (("--profile", "Nobody", "trips", "list"), 4, "Nobody"),
    ],
)
def test_bad_input_is_one_line_with_the_reason(shell: Shell, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in complaint(shell("--profile", "Anna", *words), code)


def test_a_ticket_makes_a_raw_connection_somebody(shell: Shell) -> None:
    ticket = shell.out("db", "ticket", "--profile", "Carla")
    shell.out("--profile", "Carla", "trips", "new", "Hers", *NEW, "--budget", "5")
    status = json.loads(shell.out("db", "status", "--json"))

    async def names(ticket: str) -> list[str]:
        connection = await asyncpg.connect(
            host=str(Path(status["socket"]).parent),
            user="tripsage_client",
            database="postgres",
            server_settings={"tripsage.ticket": ticket},
        )
        try:
            return [row["name"] for row in await connection.fetch("select name from trips")]
        finally:
            await connection.close()

    import asyncio

    assert asyncio.run(names(ticket)) == ["Hers"]
    assert asyncio.run(names(ticket[:-1] + "x")) == []


def test_the_owner_url_works_and_names_the_schema(shell: Shell) -> None:
    async def version(url: str) -> str:
        connection = await asyncpg.connect(url)
        try:
            query = "select max(version) from supabase_migrations.schema_migrations"
            return str(await connection.fetchval(query))
        finally:
            await connection.close()

    import asyncio

    status = json.loads(shell.out("db", "status", "--json"))
    assert asyncio.run(version(shell.out("db", "url"))) == status["schema"]


def test_migrations_go_back_and_forth_and_trips_stay(shell: Shell) -> None:
    shell.out("--profile", "Anna", "trips", "new", "Stays", *NEW, "--budget", "5")
    assert shell.out("db", "rollback").startswith("took back ")
    assert shell.out("db", "migrate").startswith("applied ")
    assert shell.out("db", "migrate") == "The schema is up to date."
    assert "Stays" in shell.out("--profile", "Anna", "trips", "list")


def test_columns_stand_below_each_other_whatever_is_in_them(shell: Shell) -> None:
    shell.out("--profile", "Wide", "trips", "new", "日本の秋", *NEW, "--budget", "6000", "--currency", "EUR")
    shell.out("--profile", "Wide", "trips", "new", "Autumn", *NEW, "--budget", "6000", "--currency", "EUR")
    lines = shell.out("--profile", "Wide", "trips", "list").splitlines()
    assert len({cell_len(line.partition("2–15 Oct")[0]) for line in lines[1:]}) == 1


def test_the_status_is_in_words_for_people(shell: Shell) -> None:
    shell.out("--profile", "Anna", "trips", "list")
    status = shell.out("db", "status")
    assert re.search("^running +yes$", status, re.MULTILINE)
    assert re.search(r"^size +\d+ MB$", status, re.MULTILINE)
    assert "True" not in status


def test_doctor_finds_nothing_wrong_with_a_healthy_database(shell: Shell) -> None:
    done = shell("--profile", "Anna", "doctor", "--json")
    assert done.returncode == 0
    levels = {(finding["topic"], finding["level"]) for finding in json.loads(done.stdout)}
    assert {("database", "ok"), ("security", "ok"), ("profile", "ok")} <= levels


def test_stop_is_immediate_and_can_be_repeated(shell: Shell) -> None:
    shell.out("db", "start")
    assert shell.out("db", "stop") == "The database has stopped."
    assert shell.out("db", "stop") == "The database was not running."
    assert json.loads(shell.out("db", "status", "--json"))["running"] is False


def test_the_program_itself_wants_a_terminal(shell: Shell) -> None:
    done = shell()
    assert done.returncode != 0
    assert "trips list" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from tripsage_tui.cli import main\ntry: main([{word!r}])\nexcept SystemExit: print(*sys.modules)"
    )
    for word in ("--help", "--version"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(word=word)], capture_output=True, text=True, check=True
        )
        assert not {"textual", "asyncpg", "pydantic", "asyncio"} & set(done.stdout.split())


def test_check_says_what_is_missing_and_its_exit_code_whether_it_matters(shell: Shell) -> None:
    def check(*words: str) -> subprocess.CompletedProcess[str]:
        return shell("--profile", "Chris", "check", *words)

    trip = shell.out("--profile", "Chris", "trips", "new", "Checked", *NEW, "--budget", "6000", "--currency", "EUR")
    clean = check("Checked")
    assert (clean.returncode, clean.stdout.strip()) == (0, "Checked: nothing missing")
    assert json.loads(check(trip, "--json").stdout) == []
    for line in ("flight FRA 13:40 > HND 08:55+1 2 oct 2027 ref A1", "flight HND 09:30 > ITM 10:40 3 oct 2027 ref A1"):
        shell.out("--profile", "Chris", "add", "Checked", line)
    found = check("Checked", "--json")
    assert found.returncode == 1
    listed = json.loads(found.stdout)
    assert [(each["code"], each["severity"], each["day"]) for each in listed] == [
        ("night-without-bed", "error", "2027-10-03"),
        ("tight-connection", "error", "2027-10-03"),
    ]
    assert all(set(each) == {"code", "severity", "message", "day", "items"} for each in listed)
    assert [item["kind"] for item in listed[1]["items"]] == ["flight", "flight"]
    text = check("Checked")
    assert text.returncode == 1
    assert text.stdout.startswith("Checked: 2 errors")
    assert "35 min to change in HND (Tokyo)" in text.stdout
    complaint(check(), 2)
    complaint(check("nowhere"), 4)


def test_expenses_are_added_exported_and_counted(shell: Shell) -> None:
    shell.out("--profile", "Dora", "trips", "new", "Spending", *NEW, "--budget", "6000", "--currency", "EUR")
    add = ("--profile", "Dora", "expenses", "Spending", "add")
    assert shell.out(*add, "Ramen", "¥3000", "--rate", "=18.60", "--date", "2027-10-04").isdecimal()
    # The rate of the row before is taken again.
    second = json.loads(shell.out(*add, '=HYPERLINK("x")\x1b[31m', "1500 JPY", "--json"))
    assert second["exchange_rate"] == "0.0062"
    shell.out(*add, "Taxi", "20", "--currency", "USD")
    found = json.loads(shell.out("--profile", "Dora", "budget", "Spending", "--json"))
    # A meal of a day to come that nobody has paid is planned only.
    assert [found[name] for name in ("planned", "paid", "left")] == ["27.90", "9.30", "5972.10"]
    assert [(row["title"], row["amount"], row["currency"]) for row in found["unconverted"]] == [
        ("Taxi", "20.00", "USD")
    ]
    exported = shell.out("--profile", "Dora", "expenses", "Spending", "csv", "--bom", "--separator", ";")
    rows = list(csv.DictReader(exported.removeprefix("\ufeff").splitlines(), delimiter=";"))
    assert exported.startswith("\ufeffdate;title;")
    assert [(row["title"], row["amount"], row["in EUR"]) for row in rows] == [
        ("Ramen", "3000", "18.60"),
        ('\'=HYPERLINK("x")', "1500", "9.30"),
        ("Taxi", "20.00", ""),
    ]
    assert "--paid-by: Nobody travels" in complaint(shell(*add, "X", "5", "--paid-by", "Zoe"), 2)


def test_people_are_invited_changed_and_removed(shell: Shell) -> None:
    trip = shell.out("--profile", "Anna", "trips", "new", "Shared", *NEW, "--budget", "1")
    as_anna = ("--profile", "Anna", "people", trip)
    assert "no profile" in complaint(shell(*as_anna, "invite", "Nobody"), 2)
    assert "ben@example.com is invited" in shell.out(*as_anna, "invite", "Ben@Example.com", "--level", "edit")
    shell.out(*as_anna, "level", "ben@example.com", "admin")
    people = json.loads(shell.out(*as_anna, "list", "--json"))
    assert (people["owner"]["name"], people["access"]) == ("Anna", "owner")
    assert [(each["email"], each["permission_level"]) for each in people["invitations"]] == [
        ("ben@example.com", "admin")
    ]
    assert "ben@example.com" in shell.out(*as_anna, "list")
    shell.out(*as_anna, "remove", "ben@example.com")
    assert "ben@example.com" not in shell.out(*as_anna, "list")
    complaint(shell(*as_anna, "remove", "ben@example.com"), 4)
