"""Vault as a hosted project has it: it takes any text, which the embedded server's stand-in refuses."""

from __future__ import annotations

from tests.database import Database


async def take_any_text(database: Database) -> None:
    """From now on this database's Vault takes what is not sealed."""
    await (await database.superuser()).execute(
        "create or replace function vault.refuse_plaintext(secret text) returns text "
        "language sql immutable set search_path = '' return secret"
    )
