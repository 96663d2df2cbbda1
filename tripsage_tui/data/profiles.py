"""Local profiles as rows of `auth.users`, through the owner's connection of the embedded server.

A profile is a user whose address ends in `@local`; its name is in the metadata and unique whatever its case
(index users_local_name_key).
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from uuid import UUID, uuid4

from tripsage_tui.data.errors import InvalidValue, NotFound
from tripsage_tui.data.owner import HasAddress, connect

_LIST = """
    select id, raw_user_meta_data ->> 'name' from auth.users where email like '%@local' and deleted_at is null
    order by lower(raw_user_meta_data ->> 'name'), id
"""
_FIND = """
    select id, raw_user_meta_data ->> 'name' from auth.users
    where email like '%@local' and deleted_at is null and lower(raw_user_meta_data ->> 'name') = lower($1)
"""
_ADDRESS = """
    select email from auth.users
    where email like '%@local' and deleted_at is null and lower(raw_user_meta_data ->> 'name') = lower($1)
"""
_CREATE = """
    insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data)
    values ($1, 'authenticated', 'authenticated', $2, '{"provider": "local"}', jsonb_build_object('name', $3::text))
    on conflict do nothing
    returning id, raw_user_meta_data ->> 'name'
"""
_RENAME = """
    update auth.users
    set raw_user_meta_data = raw_user_meta_data || jsonb_build_object('name', $2::text), updated_at = now()
    where email like '%@local' and deleted_at is null and id = $1
    returning id, raw_user_meta_data ->> 'name'
"""
_DELETE = "delete from auth.users where email like '%@local' and deleted_at is null and id = $1 returning id"


class ProfileRow(NamedTuple):
    """A local profile as the database has it."""

    id: UUID
    name: str


class ProfileRows:
    """The table of local profiles. All methods raise `Unavailable` when the server cannot be reached."""

    def __init__(self, server: HasAddress) -> None:
        self._server = server

    async def all(self) -> list[ProfileRow]:
        """Every profile, by name."""
        async with connect(self._server.address) as connection:
            return [ProfileRow(*row) for row in await connection.fetch(_LIST)]

    async def address(self, name: str) -> str | None:
        """The address of the profile of that name, whatever its case; None when there is none."""
        async with connect(self._server.address) as connection:
            found: str | None = await connection.fetchval(_ADDRESS, name)
        return found

    async def create(self, name: str) -> ProfileRow:
        """A new profile. Raises `InvalidValue` when one has that name, whatever its case."""
        created, is_new = await self._create(name)
        if not is_new:
            raise _taken(created.name)
        return created

    async def ensure(self, name: str) -> ProfileRow:
        """The profile of that name, whatever its case; created if there is none."""
        return (await self._create(name))[0]

    async def rename(self, profile_id: UUID, name: str) -> ProfileRow:
        """Give a profile another name. Raises `InvalidValue` when another one has it, `NotFound`."""
        from asyncpg import UniqueViolationError

        async with connect(self._server.address) as connection:
            try:
                row = await connection.fetchrow(_RENAME, profile_id, name)
            except UniqueViolationError:
                raise _taken(name) from None
        if row is None:
            raise NotFound("This profile no longer exists.")
        return ProfileRow(*row)

    async def delete(self, profile_id: UUID) -> None:
        """Remove a profile and everything that belongs to it. Raises `NotFound`."""
        async with connect(self._server.address) as connection:
            if await connection.fetchval(_DELETE, profile_id) is None:
                raise NotFound("This profile no longer exists.")

    async def _create(self, name: str) -> tuple[ProfileRow, bool]:
        async with connect(self._server.address) as connection:
            # Two programs may do this at once, and two names may have one address: the unique indexes decide.
            for suffix in ("", f"-{uuid4().hex[:12]}"):
                if found := await connection.fetchrow(_FIND, name):
                    return ProfileRow(*found), False
                if row := await connection.fetchrow(_CREATE, uuid4(), f"{_slug(name)}{suffix}@local", name):
                    return ProfileRow(*row), True
            if found := await connection.fetchrow(_FIND, name):
                return ProfileRow(*found), False
        raise _taken(name)


def _slug(name: str) -> str:
    """The local part of the address: the name's Latin letters and digits; they need not tell profiles apart."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "traveller"


def _taken(name: str) -> InvalidValue:
    return InvalidValue("name", f"There is already a profile called {name}.")
