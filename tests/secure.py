"""A database that asks for passwords (SCRAM), as a hosted project's does."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from tests.database import Database
from tests.postgres import Server
from tripsage_tui.data.scram import verifier
from tripsage_tui.data.target import ConnectionTarget

PASSWORD = SecretStr("correct-horse-battery-staple")
_HBA = "local /^secure_ tripsage_client scram-sha-256\n"


def secure_place(**changes: Any) -> ConnectionTarget:
    """The target that a user's connection file names."""
    where = {"host": "localhost", "password": PASSWORD}
    return ConnectionTarget(**(where | changes))


async def ask_for_passwords(server: Server) -> None:
    """From now on databases named secure_... want the password of tripsage_client."""
    hba = server.data / "pg_hba.conf"
    before = hba.read_text()
    if _HBA not in before:
        hba.write_text(_HBA + before)
    side = Database(server, "template1")
    await (await side.superuser()).execute("select pg_reload_conf()")
    await side.close()


async def give_password(database: Database, password: SecretStr = PASSWORD) -> None:
    """Give tripsage_client a password."""
    await (await database.superuser()).execute(f"alter role tripsage_client password '{verifier(password)}'")
