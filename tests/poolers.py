"""A real pgbouncer in front of a test's database: with everybody let in, or with TLS and SCRAM on both sides."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.database import Database
from tests.secure import PASSWORD
from tests.tls import Authority, TlsFront

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
needs_pgbouncer = pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed (apt-get install pgbouncer)")


def lend(folder: Path) -> dict[str, Any]:
    """Give the folder to an account without rights when we are root: pgbouncer refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@asynccontextmanager
async def pgbouncer(database: Database, folder: Path, **settings: object) -> AsyncIterator[int]:
    """A running pgbouncer in front of the database; its port. `settings` are pgbouncer's, `where` is its server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Everybody is let in without a password: this is about pooling.
    (folder / "users.txt").write_text('"tripsage_client" ""\n')
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": folder / "users.txt",
        "server_reset_query": "DISCARD ALL",
        **settings,
    }
    where = settings.pop("where", f"host={database.host} port={database.port}")
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (folder / "pgbouncer.ini").write_text("\n".join(["[databases]", f"* = {where}", "[pgbouncer]", *lines, ""]))
    account = lend(folder)
    process = await asyncio.create_subprocess_exec(
        str(BINARY), str(folder / "pgbouncer.ini"), stderr=subprocess.PIPE, **account
    )
    try:
        assert process.stderr is not None
        said = b""
        async with asyncio.timeout(10):
            async for line in process.stderr:
                said += line
                if b"process up" in line:
                    break
        assert b"process up" in said, said.decode()
        drain = asyncio.create_task(process.stderr.read())
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    print((await drain).decode())


@asynccontextmanager
async def secure_pgbouncer(
    secure: Database, folder: Path, authority: Authority, *, user: str = "tripsage_client", **settings: object
) -> AsyncIterator[int]:
    """A pgbouncer with TLS and SCRAM towards the client and, over TCP, towards the server; its port at "localhost".

    It takes the login by the name `user` and is tripsage_client for the server, as Supabase's pooler does.
    """
    certificate, key = authority.issue("localhost")
    for file in (certificate, key, authority.file):
        shutil.copy(file, folder / file.name)
    accounts = folder / "accounts.txt"
    accounts.write_text(f'"{user}" "{PASSWORD.get_secret_value()}"\n')
    async with (
        TlsFront(secure.host, secure.port, certificate=authority.issue("localhost")) as front,
        pgbouncer(
            secure,
            folder,
            where=f"host=localhost port={front.port} user=tripsage_client password={PASSWORD.get_secret_value()}",
            auth_type="scram-sha-256",
            auth_file=accounts,
            client_tls_sslmode="require",
            client_tls_cert_file=folder / certificate.name,
            client_tls_key_file=folder / key.name,
            server_tls_sslmode="verify-full",
            server_tls_ca_file=folder / authority.file.name,
            **settings,
        ) as port,
    ):
        yield port
