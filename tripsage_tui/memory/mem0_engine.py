"""Mem0 with our store, our reader and our embedder. Only the worker imports this; Mem0 reads its settings at import.

`import_mem0` must run before anything else imports mem0. Written against mem0ai 2.2.1, whose private names it uses.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import types
from pathlib import Path
from typing import Any

from tripsage_tui.memory.mem0_store import MemoriesStore


class NoHistory:
    """Instead of Mem0's SQLite file, which would hold memories and messages in plain text."""

    def add_history(self, *_: Any, **__: Any) -> None: ...
    def batch_add_history(self, *_: Any, **__: Any) -> None: ...
    def save_messages(self, *_: Any, **__: Any) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...

    def get_history(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def get_last_messages(self, *_: Any, **__: Any) -> list[Any]:
        return []


class _NoEntities:
    """Instead of a second collection for names of people and places, which we have no table for."""

    def search_batch(self, queries: list[str], **_: Any) -> list[list[Any]]:
        return [[] for _ in queries]

    def list(self, *_: Any, **__: Any) -> Any:
        return [[]]

    def search(self, *_: Any, **__: Any) -> Any:
        return []

    def insert(self, *_: Any, **__: Any) -> None: ...
    def update(self, *_: Any, **__: Any) -> None: ...
    def delete(self, *_: Any, **__: Any) -> None: ...
    def reset(self) -> None: ...


class _Ready:
    """A factory that hands back what is finished already."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def create(self, *_: Any, **__: Any) -> Any:
        return self._thing


def import_mem0(folder: Path) -> Any:
    """The module `mem0`, silent, without telemetry, with `folder` for what it writes at import (an anonymous id).

    Its import of qdrant_client, which we never use, takes three quarters of the time: an empty module stands for it,
    and the real one is imported when Mem0 should not get along with that.
    """
    os.environ["MEM0_TELEMETRY"] = "False"
    os.environ["MEM0_DIR"] = str(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("mem0", "posthog"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())
    if "mem0" not in sys.modules and "qdrant_client" not in sys.modules:
        stub: Any = types.ModuleType("qdrant_client")
        stub.QdrantClient = type("QdrantClient", (), {})
        stub.models = types.ModuleType("qdrant_client.models")
        sys.modules["qdrant_client"] = stub
        try:
            import mem0
        except ImportError:
            for name in [name for name in sys.modules if name.partition(".")[0] == "mem0"]:
                del sys.modules[name]
        finally:
            sys.modules.pop("qdrant_client", None)
    import mem0

    return mem0


def build(folder: Path, store: MemoriesStore, reader: Any, embedder: Any) -> Any:
    """A `mem0.Memory` on these three. Quick: nothing is connected or created."""
    with _ONE_AT_A_TIME:
        return _build(folder, store, reader, embedder)


_ONE_AT_A_TIME = threading.Lock()
"""For the moment of building, Mem0's factories are ours."""


def _build(folder: Path, store: MemoriesStore, reader: Any, embedder: Any) -> Any:
    import_mem0(folder)
    from mem0.configs.base import MemoryConfig
    from mem0.embeddings.configs import EmbedderConfig
    from mem0.llms.configs import LlmConfig
    from mem0.memory import main
    from mem0.vector_stores.configs import VectorStoreConfig

    unused = {"api_key": "unused"}
    config = MemoryConfig.model_construct(
        vector_store=VectorStoreConfig.model_construct(
            provider="tripsage", config=types.SimpleNamespace(collection_name="memories")
        ),
        llm=LlmConfig.model_construct(provider="openai", config=unused),
        embedder=EmbedderConfig.model_construct(provider="openai", config=unused),
        history_db_path=":memory:",
        custom_instructions=None,
        reranker=None,
        version="v1.1",
    )
    ready = {
        "EmbedderFactory": _Ready(embedder),
        "LlmFactory": _Ready(reader),
        "VectorStoreFactory": _Ready(store),
        "SQLiteManager": lambda _path: NoHistory(),
    }
    theirs = {name: getattr(main, name) for name in ready}
    try:
        for name, ours in ready.items():
            setattr(main, name, ours)
        memory = main.Memory(config)
    finally:
        for name, original in theirs.items():
            setattr(main, name, original)
    memory._entity_store = _NoEntities()
    return memory
