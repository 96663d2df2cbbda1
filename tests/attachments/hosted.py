"""A user of a hosted project whose files lie in its Storage."""

from __future__ import annotations

from pydantic import SecretStr

from tests.database import User
from tests.hosted.people import Account
from tests.hosted.project import HostedProject
from tripsage_tui.attachments.storage_client import StorageClient
from tripsage_tui.attachments.storage_store import CHUNK, StorageStore


class Tokens:
    """Keeps an access token until it is told that the server does not take it."""

    def __init__(self, project: HostedProject, account: Account) -> None:
        self._project = project
        self._account = account
        self._token: SecretStr | None = None
        self.given = 0

    async def access_token(self, refused: SecretStr | None = None) -> SecretStr:
        if self._token is None or self._token == refused:
            self.given += 1
            session = await self._project.people.begin(self._account, "password")
            self._token = SecretStr(session["access_token"])
        return self._token


def user_of(account: Account) -> User:
    return User(account.id, account.name)


def store_of(project: HostedProject, account: Account, *, chunk: int = CHUNK) -> StorageStore:
    client = StorageClient(project.url, project.publishable_key, Tokens(project, account))
    return StorageStore(client, pause=0.01, chunk=chunk)
