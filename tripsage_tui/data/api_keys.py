"""Keys of outside services, as `tripsage_tui.key_forms` writes them: sealed, or as they are for a project's Vault.

Always bound, so that no statement has one; `tripsage_client`'s bound values are not logged either (migration
`unlogged_values`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from tripsage_tui.data.database import Database

_MINE = "k.user_id = (select private.current_user_id())"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A service for which a key is stored."""

    service: str
    created_at: datetime
    last_used: datetime | None


class ApiKeyRepository:
    """The table `api_keys` and the functions around it. A service is known by its name in lower case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[KeyRow]:
        """The services with a key, by name."""
        sql = f"select k.service, k.created_at, k.last_used from public.api_keys k where {_MINE} order by k.service"
        return [KeyRow(*row) for row in await self._database.fetch(sql, name="api_keys.all")]

    async def stored(self, service: str) -> SecretStr | None:
        """What was stored for a service, None when there is nothing."""
        sql = "select public.get_api_key($1)"
        found: str | None = await self._database.fetchval(sql, service, name="api_keys.stored")
        return None if found is None else SecretStr(found)

    async def put(self, service: str, text: SecretStr) -> None:
        """Store or replace. Raises InvalidValue for what the embedded server has to refuse, being not sealed."""
        sql = "select public.put_api_key($1, $2)"
        await self._database.execute(sql, service, text.get_secret_value(), name="api_keys.put", idempotent=True)

    async def delete(self, service: str) -> bool:
        """Remove it; whether there was one."""
        sql = "select public.delete_api_key($1)"
        return bool(await self._database.fetchval(sql, service, name="api_keys.delete", write=True, idempotent=True))

    async def touch(self, service: str) -> None:
        """Note that the key was used just now."""
        sql = "select public.touch_api_key($1)"
        await self._database.execute(sql, service, name="api_keys.touch", idempotent=True)
