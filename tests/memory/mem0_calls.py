"""A program of one user that tries to reach another's memories through Mem0; prints what came of it, and where to.

Started with the other's id and one of the other's memories; the first line of its input is the worker's.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

REACHED: set[object] = set()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        where = arguments[1] if event == "socket.connect" else arguments[:2]
        if not isinstance(where, str | bytes):  # not the database's socket
            REACHED.add(where)


sys.addaudithook(_watch)


async def main() -> None:
    from openai import AsyncOpenAI

    from tripsage_tui.data.database import Database
    from tripsage_tui.data.memories import MemoryRepository
    from tripsage_tui.memory.bridge import Bridge
    from tripsage_tui.memory.mem0_engine import build
    from tripsage_tui.memory.mem0_store import Mem0Embedder, MemoriesStore
    from tripsage_tui.memory.openai_embedder import OpenAIEmbedder
    from tripsage_tui.memory.orders import Start
    from tripsage_tui.memory.reading import StrictReader
    from tripsage_tui.memory.worker import HandedTicket

    start = Start.parse(sys.stdin.buffer.readline())
    other, secret = sys.argv[1:]
    database = Database(start.target, HandedTicket(start.ticket, print))
    await database.start()
    client = AsyncOpenAI(api_key="k", base_url=start.access.base_url, max_retries=0)
    embedder = OpenAIEmbedder(client, start.access)
    bridge = Bridge(asyncio.get_running_loop(), 10)
    store = MemoriesStore(bridge, MemoryRepository(database), start.user_id, embedder.space)
    reader = StrictReader(client, start.access, bridge, 10)
    memory = build(start.folder, store, reader, Mem0Embedder(bridge, embedder))
    me = str(start.user_id)

    def tries() -> None:
        print(f"search:{len(memory.search('passport', filters={'user_id': other})['results'])}")
        print(f"get:{memory.get(secret)}")
        print(f"get_all:{len(memory.get_all(filters={'user_id': other})['results'])}")
        print(f"own:{len(memory.get_all(filters={'user_id': me})['results'])}")
        for call in (
            lambda: memory.add("I am Ada", user_id=other, infer=False),
            lambda: memory.update(secret, text="changed"),
            lambda: memory.delete(secret),
            memory.reset,
        ):
            try:
                call()
            except Exception as error:  # noqa: BLE001 - which one it is, is what is tested
                print(type(error).__name__)
        memory.delete_all(user_id=other)

    with ThreadPoolExecutor(1) as threads:
        await asyncio.get_running_loop().run_in_executor(threads, tries)
    await database.close()
    port = start.access.base_url.rpartition(":")[2].partition("/")[0]
    strangers = [where for where in REACHED if str(where) != f"('127.0.0.1', {port})" and port not in str(where)]
    print(f"connections:{1 if REACHED and not strangers else strangers}")


if __name__ == "__main__":
    socket.setdefaulttimeout(10)
    asyncio.run(main())
