"""A user of a hosted project whose files lie in its Storage."""

from __future__ import annotations

from pydantic import SecretStr

from tests.database import User
from tests.hosted.people import Account
from tests.hosted.project import HostedProject
from tripsage_tui.attachments.storage_client import StorageClient
from tripsage_tui.attachments.storage_store import CHUNK, StorageStore


class Tokens:
    """A fresh access token for each request."""

    def __init__(self, project: HostedProject, account: Account) -> None:
        self._project = project
        self._account = account
        self.given = 0

    async def access_token(self) -> SecretStr:
        self.given += 1
        session = await self._project.people.begin(self._account, "password")
        return SecretStr(session["access_token"])


class FixedToken:
    """The token of a process that cannot ask for another."""

    def __init__(self, token: str) -> None:
        self._token = SecretStr(token)

    async def access_token(self) -> SecretStr:
        return self._token


def user_of(account: Account) -> User:
    return User(account.id, account.name)


def store_of(project: HostedProject, account: Account, *, chunk: int = CHUNK) -> StorageStore:
    client = StorageClient(project.url, project.publishable_key, Tokens(project, account))
    return StorageStore(client, pause=0.01, chunk=chunk)
