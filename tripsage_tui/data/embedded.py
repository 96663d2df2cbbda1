"""The embedded PostgreSQL server: one per data folder, shared by every program that uses the folder.

`attach` is the fast path (a note, a lock, a connection to a socket). Everything else happens under the start lock in
`ensure_running`, which leaves a ready server with the current schema, whatever it found: nothing, a stopped server, a
running one without a keeper, the remains of a crash, or a cluster of an older PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from tripsage_tui.data import keeper, leases, postmaster
from tripsage_tui.data.errors import Unavailable
from tripsage_tui.data.packaged_schema import packaged_schema
from tripsage_tui.data.server_files import (
    ServerAddress,
    ServerFiles,
    ServerState,
    is_locked,
    open_lock,
    try_lock,
    write_private,
)

BUNDLED = 18
"""Major version of PostgreSQL that the program runs."""
_PATIENCE = 120.0
"""Seconds to wait for another program that is starting the same server."""
_SOON = 0.5
"""Seconds of such waiting that need no word."""

Progress = Callable[[str], None]
P = ParamSpec("P")
T = TypeVar("T")


def _quiet(_: str) -> None:
    """Progress that nobody watches."""


class EmbeddedServer:
    """This program's view of the server of one data folder.

    From `attach` or `ensure_running` until `detach` (or the end of the process) the program holds a lease; `linger`
    seconds after the last lease the keeper stops the server. Not for use by two threads at once.
    """

    def __init__(self, data_dir: Path, postgres_version: int = BUNDLED, *, linger: float = keeper.LINGER) -> None:
        self.files = ServerFiles(Path(os.path.realpath(data_dir)))
        self.postgres_version = postgres_version
        self._linger = linger
        self._lease: leases.Lease | None = None
        self._address: ServerAddress | None = None

    @property
    def address(self) -> ServerAddress:
        """Where the server listens. Raises `Unavailable` before `attach` or `ensure_running` succeeded."""
        if self._address is None:
            raise Unavailable("The database is not running.")
        return self._address

    def attach(self) -> ServerAddress | None:
        """Join a server that is ready, current and kept; None when `ensure_running` has work to do. Milliseconds."""
        try:
            self._take_lease()
            address = self._ready_address()
        except OSError:
            address = None
        if address is None:
            self.detach()
        self._address = address
        return address

    def detach(self) -> None:
        """Give up the lease; the server goes on for others, and for the linger."""
        if self._lease is not None:
            self._lease.release()
            self._lease = None

    async def ensure_running(self, progress: Progress = _quiet) -> ServerAddress:
        """Join the server, after making, upgrading, starting or repairing whatever it needs.

        `progress` gets a sentence when something takes noticeable time; it may be called from another thread.
        Raises `Unavailable` with a sentence that names the remedy; nothing is then left in the way of the next attempt.
        """
        if address := self.attach():
            return address
        async with self._exclusive(progress):
            if address := self.attach():
                return address
            return await self._start(progress)

    async def revive(self, progress: Progress = _quiet) -> ServerAddress:
        """Bring the server back after it died under a running program. Raises `Unavailable` after `stop`."""
        if self.files.stopped_note.exists():
            raise Unavailable("The database was stopped by hand. Start it: tripsage-tui db start.")
        return await self.ensure_running(progress)

    async def keep(self) -> None:
        """Let the server run until `stop`, whoever uses it."""
        await self.ensure_running()
        async with self._exclusive(_quiet):
            if state := self.files.read_state():
                self.files.write_state(state._replace(keep=True))

    async def stop(self) -> bool:
        """Stop the server at once, whoever uses it; False when it was not running."""
        self.detach()
        self._address = None
        if not self.files.cluster.is_dir():
            return False
        async with self._exclusive(_quiet):
            server = postmaster.running(self.files.cluster)
            self.files.forget_state()
            if server is None:
                return False
            write_private(self.files.stopped_note, "")
            await _in_thread(postmaster.stop, self.files.cluster, server.pid)
            if not leases.living(self.files.leases):  # programs that wait for it to come back know this folder
                self.files.remove_socket_folder()
            return True

    async def status(self) -> dict[str, object]:
        """Facts for people: also when the server is not running, which this does not change."""
        from tripsage_tui.data.server_status import server_status

        return await server_status(self.files)

    def url(self) -> str:
        """The owner's connection string for psql and other tools."""
        from tripsage_tui.data.owner import owner_url

        return owner_url(self.address)

    async def migrate(self, progress: Progress = _quiet) -> list[str]:
        """Apply what is missing; returns the names of what was applied."""
        return await self._change_schema(progress, steps_back=0)

    async def rollback(self, steps: int = 1, progress: Progress = _quiet) -> list[str]:
        """Take back the newest `steps` migrations; returns their names. The next start applies them again."""
        return await self._change_schema(progress, steps_back=steps)

    async def _change_schema(self, progress: Progress, steps_back: int) -> list[str]:
        from tripsage_tui.data.schema_setup import change_schema

        async with self._exclusive(progress):
            if self.attach() is None:
                await self._start(progress, with_schema=False)
            server = await _in_thread(postmaster.running, self.files.cluster)
            if server is None:
                raise Unavailable
            self.files.write_state(self._state(server)._replace(schema="changing"))
            changed = await change_schema(self.address, self.files.cluster, progress, steps_back)
            if not steps_back:
                self.files.write_state(self._state(server))
            return changed

    def _take_lease(self) -> None:
        if self._lease is None:
            self._lease = leases.Lease(self.files.leases)

    def _ready_address(self) -> ServerAddress | None:
        state = self.files.read_state()
        if (
            state is None
            or state.version != self.postgres_version
            or state.schema != packaged_schema()
            or state.cluster != self.files.cluster_identity()
            or not is_locked(self.files.keeper_lock)
        ):
            return None
        return state.address if _answers(state.address) else None

    @contextlib.asynccontextmanager
    async def _exclusive(self, progress: Progress) -> AsyncIterator[None]:
        """Hold the start lock, and turn what the file system refuses into a sentence."""
        from tripsage_tui.data.sentences import about_system_error
        from tripsage_tui.data.server_folders import make_folders

        try:
            await _in_thread(make_folders, self.files)
            handle = await self._lock(progress)
            try:
                yield
            finally:
                os.close(handle)
        except OSError as error:
            raise Unavailable(about_system_error(error, self.files.data_dir)) from error

    async def _lock(self, progress: Progress) -> int:
        """Wait for the start lock; returns the descriptor that holds it."""
        handle = open_lock(self.files.lock)
        try:
            async with asyncio.timeout(_PATIENCE):
                await _until_locked(handle, progress)
        except TimeoutError as error:
            os.close(handle)
            raise Unavailable(
                "Another tripsage-tui has been busy with the database for two minutes: wait for it, or end it."
            ) from error
        except BaseException:
            os.close(handle)
            raise
        return handle

    async def _start(self, progress: Progress, *, with_schema: bool = True) -> ServerAddress:
        """Under the start lock: a ready server, its keeper, its schema, its note."""
        from tripsage_tui.data.schema_setup import prepare_schema, refresh_statistics
        from tripsage_tui.data.server_start import bring_up

        self._take_lease()
        try:
            # The keeper first: it can do nothing before we release the lock, and is there should we be killed.
            await _in_thread(keeper.spawn, self.files, self._linger)
            server, upgraded = await _in_thread(bring_up, self.files, self.postgres_version, progress)
            self.files.stopped_note.unlink(missing_ok=True)
            self._address = ServerAddress(server.socket_dir)
            if with_schema:
                await prepare_schema(self._address, self.files.cluster, progress)
                if upgraded:
                    await refresh_statistics(self._address)
                self.files.write_state(self._state(server))
        except BaseException:
            self.detach()
            raise
        return self._address

    def _state(self, server: postmaster.Postmaster) -> ServerState:
        before = self.files.read_state()
        return ServerState(
            pid=server.pid,
            socket_dir=server.socket_dir,
            version=self.postgres_version,
            schema=packaged_schema(),
            cluster=self.files.cluster_identity(),
            keep=before is not None and before.keep and before.pid == server.pid,
        )


def _answers(address: ServerAddress) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(address.socket_path)
        except OSError:
            return False
    return True


async def _until_locked(handle: int, progress: Progress) -> None:
    started = time.monotonic()
    announced = False
    while not try_lock(handle):
        if not announced and time.monotonic() - started > _SOON:
            announced = True
            progress("Waiting for another tripsage-tui that is preparing the database…")
        await asyncio.sleep(0.01)


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking work in a thread. A cancelled caller still waits for its end: it holds the lock for it."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await running
        raise
