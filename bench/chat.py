"""Chat in a pseudo-terminal of 120x40, with the real SDK and a scripted model on loopback.

A model writes lists at 100 chunks a second, about 10,000 tokens in all, while keys are typed. Chunk to screen is from
the moment the server wrote a chunk to the moment its word stands on the replayed screen; key to screen likewise for
letters typed into the question. Then a conversation of 2,000 messages is opened. Budgets: chunk to screen p95 <= 60 ms,
no key later than 50 ms, 2,000 messages <= 200 ms, resident memory <= 100 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.list import percentile
from bench.terminal import NOT_PYTE, Terminal, processor_seconds, resident_megabytes
from tripsage_tui.data.owner import connect
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

EVERY = 0.01
KEY_EVERY = 0.25
FILL = """
with s as (
  insert into public.chat_sessions (user_id, title) values ($1, 'Two thousand messages') returning id
)
insert into public.chat_messages (session_id, role, content)
select s.id, case when n % 2 = 1 then 'user' else 'assistant' end,
       'message ' || n || ': ' || repeat('a quiet temple in the hills, ', 8)
from s, generate_series(1, $2) n order by n
"""
CHAIN = "update public.chat_messages set parent_id = id - 1 where id > (select min(id) from public.chat_messages)"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Scripted:
    """A model in a thread of its own; `written[n]` is the moment at which word n left."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.written: dict[int, float] = {}
        self.port = 0
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await asyncio.Event().wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        body = json.loads(await reader.readexactly(length) or b"{}")
        if not body.get("stream"):
            writer.close()
            return
        writer.write(HEAD)
        begun = time.perf_counter()
        for number in range(self.chunks):
            end = "\n\n" if number % 20 == 19 else "\n"
            self._event(writer, {"content": f"{number % 20 + 1}. see w{number:05d} early{end}"})
            self.written[number] = time.perf_counter()
            await asyncio.sleep(max(0.0, begun + (number + 1) * EVERY - time.perf_counter()))
        self._event(writer, {}, "stop")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    def _event(self, writer: asyncio.StreamWriter, delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        data = b"data: " + json.dumps(event).encode() + b"\n\n"
        writer.write(b"%x\r\n%b\r\n" % (len(data), data))


async def fill(folder: Path, messages: int) -> None:
    """A data folder with one long conversation; the server keeps running."""
    async with Workspace(Settings(data_dir=folder, profile="Bench")) as workspace:
        await workspace.start()
        profile = await workspace.choose()
        if profile is None:
            raise LookupError("the benchmark names its profile")
        async with connect(workspace.server.address) as connection:
            await connection.execute(FILL, profile.id, messages)
            await connection.execute(CHAIN)


def replay(
    terminal: Terminal, started: float, model: Scripted, keys: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Milliseconds from each chunk and each key to the screen that shows it."""
    screen, stream = terminal._emulator()
    chunks: list[float] = []
    typed: list[float] = []
    unseen = dict(model.written)
    for each in terminal.chunks:
        stream.feed(NOT_PYTE.sub(b"", each.data))
        at = started + each.at
        text = "\n".join(screen.display)
        seen = [number for number in unseen if f"w{number:05d}" in text]
        # A word that scrolled away between two updates was on no screen; the newest of an update counts for all.
        if seen:
            newest = max(seen)
            chunks.extend((at - unseen.pop(number)) * 1000 for number in sorted(unseen) if number <= newest)
        while len(typed) < len(keys) and "z" * (len(typed) + 1) in text:
            typed.append((at - started - keys[len(typed)]) * 1000)
    return chunks, typed


@dataclass(frozen=True)
class Measured:
    """Times in milliseconds, memory in MB (10^6 bytes)."""

    opened: float
    chunks: list[float]
    keys: list[float]
    memory: float
    written: int
    """Bytes a chunk."""
    spent: float
    """Processor time a chunk."""


def measure(command: Sequence[str], path: Mapping[str, str], model: Scripted, messages: int) -> Measured:
    """Open the long conversation, begin another one, have it answered while keys are typed."""
    environment = {
        **path,
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model.port}/v1",
        "TRIPSAGE_MODEL": "bench-model",
    }
    with Terminal(command, environment) as terminal:
        terminal.wait_for("No trips yet", 60)
        terminal.settle(0.5)
        terminal.send(b"3")
        terminal.wait_for("Ask about your trips")
        terminal.send(b"\x0f")
        terminal.wait_for("Two thousand messages")
        terminal.settle(0.4)
        sent = terminal.send(b"\r")
        terminal.wait_for(f"message {messages}:")
        opened = (terminal.now - sent) * 1000
        terminal.settle(0.5)
        terminal.send(b"\x0e")
        terminal.settle(0.4)
        started = time.perf_counter() - terminal.now
        terminal.send(b"Where to?\r")
        terminal.wait_for("w00000", 30)
        keys: list[float] = []
        spent = processor_seconds(terminal.pid)
        end = terminal.now + model.chunks * EVERY
        while terminal.now < end:
            keys.append(terminal.send(b"z"))
            terminal.settle(KEY_EVERY, timeout=KEY_EVERY)
        spent = processor_seconds(terminal.pid) - spent
        terminal.settle(0.6)
        memory = resident_megabytes(terminal.pid)
        chunks, typed = replay(terminal, started, model, keys)
        written = terminal.written(keys[0]) // max(1, len(chunks))
    return Measured(opened, chunks, typed, memory, written, spent * 1000 / model.chunks)


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=1_200)
    parser.add_argument("--messages", type=int, default=2_000)
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="tsb-"))
    command = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(folder / "data")]
    # The SDK imports aiohttp where it finds it; whoever only uses this program has it not.
    (folder / "aiohttp.py").write_text("raise ImportError\n")
    path = {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}
    try:
        asyncio.run(fill(folder / "data", arguments.messages))
        found = measure(command, path, Scripted(arguments.chunks), arguments.messages)
    finally:
        subprocess.run([*command, "db", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    print("| what | p50 | p95 | max | budget |")
    print("|---|---|---|---|---|")
    rows = (("chunk to screen", found.chunks, "p95 60"), ("key to screen meanwhile", found.keys, "max 50"))
    for name, values, budget in rows:
        if values:
            middle, high, top = percentile(values, 0.5), percentile(values, 0.95), max(values)
            print(f"| {name}, ms ({len(values)}) | {middle:.0f} | {high:.0f} | {top:.0f} | {budget} |")
    print(f"\n{arguments.messages:,} messages stand {found.opened:.0f} ms after the key (budget 200).")
    print(f"Resident memory after {arguments.chunks * 8:,} tokens: {found.memory:.0f} MB (budget 100).")
    print(f"Written to the terminal: {found.written:,} bytes a chunk.")
    print(f"Processor time while it streamed: {found.spent:.1f} ms a chunk.")
    return 0
