"""What goes through the pipe between the program and its worker: one JSON object a line.

To the worker: `Start`, then {"do": "wake", "number"}, {"do": "embed", "id", "text"},
{"do": "ticket", "value", "expires_at"}.
From it: {"say": "looking", "number"} (the last wake that it heeds), {"say": "vector", "id", "vector"},
{"say": "ticket"} (send another one), {"say": "trouble", "sentence"}.
Ticket and key go this way because a command line and an environment can be read by others.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.memory.models_at_hand import ModelAccess

LINE_LIMIT = 1_000_000
"""Bytes of a line; a vector as text is about 30,000."""


@dataclass(frozen=True)
class Pace:
    """Time limits and pauses of the worker, in seconds."""

    at_once: int = 2
    """Turns that are read at the same time."""
    idle: float = 60.0
    """Without work for so long the worker ends."""
    look: float = 15.0
    """It looks for work at least so often."""
    model: float = 60.0
    """Longest wait for a model's answer."""
    embedding: float = 20.0
    first_pause: float = 5.0
    """After a turn that could not be read; doubled each time."""
    longest_pause: float = 600.0
    attempts: int = 6
    """Times that a turn is read before it is given up, when it is the answer and not the way that is wrong."""
    breaker_after: int = 3
    breaker_pause: float = 5.0
    breaker_longest: float = 120.0


@dataclass(frozen=True)
class Start:
    """All that a worker needs."""

    target: ConnectionTarget
    ticket: Ticket
    user_id: UUID
    access: ModelAccess
    folder: Path
    """Where Mem0 may write what it insists on writing."""
    pool_mode: PoolMode = PoolMode.SESSION
    pace: Pace = Pace()

    def line(self) -> bytes:
        """As the first line of the pipe."""
        target = {
            **{name: getattr(self.target, name) for name in ("host", "port", "database", "user", "ca_pem")},
            "password": _open(self.target.password),
            "ssl": self.target.ssl and self.target.ssl.value,
            "ca_file": self.target.ca_file and str(self.target.ca_file),
        }
        access = {
            **{name: getattr(self.access, name) for name in ("base_url", "chat_model", "embedding_model")},
            "api_key": _open(self.access.api_key),
        }
        return as_line(
            {
                "target": target,
                "ticket": ticket_order(self.ticket),
                "user_id": str(self.user_id),
                "access": access,
                "folder": str(self.folder),
                "pool_mode": self.pool_mode.value,
                "pace": asdict(self.pace),
            }
        )

    @classmethod
    def parse(cls, line: bytes) -> Start:
        """Read the first line. Raises ValueError, KeyError, TypeError."""
        fields = json.loads(line)
        target, access = fields["target"], fields["access"]
        where = ConnectionTarget(target["host"], target["port"], target["database"], target["user"])
        return cls(
            target=replace(
                where,
                password=SecretStr(target["password"]) if target["password"] is not None else None,
                ssl=Tls(target["ssl"]) if target["ssl"] else None,
                ca_file=Path(target["ca_file"]) if target["ca_file"] else None,
                ca_pem=target["ca_pem"],
            ),
            ticket=read_ticket(fields["ticket"]),
            user_id=UUID(fields["user_id"]),
            access=ModelAccess(
                SecretStr(access["api_key"]), access["base_url"], access["chat_model"], access["embedding_model"]
            ),
            folder=Path(fields["folder"]),
            pool_mode=PoolMode(fields["pool_mode"]),
            pace=Pace(**fields["pace"]),
        )


def as_line(order: dict[str, Any]) -> bytes:
    """One message."""
    return json.dumps(order, separators=(",", ":")).encode() + b"\n"


def ticket_order(ticket: Ticket) -> dict[str, str]:
    """A ticket as the pipe carries it."""
    return {"do": "ticket", "value": ticket.value.get_secret_value(), "expires_at": ticket.expires_at.isoformat()}


def read_ticket(order: dict[str, Any]) -> Ticket:
    """The ticket of such an order."""
    return Ticket(SecretStr(order["value"]), datetime.fromisoformat(order["expires_at"]))


def _open(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
