"""The schema that this program brings, and the mark of a cluster that has it. Cheap enough for each start."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
_MARK = "tripsage.schema"


def migrations_folder() -> Path:
    """The migrations: inside an installed package, or at the root of a source tree."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_supabase" / "migrations"
    return installed if installed.is_dir() else package.parent / "supabase" / "migrations"


def packaged_schema() -> str:
    """A short digest of the stand-ins' SQL and the names of all migrations (an applied one is never run again)."""
    digest = hashlib.sha256(BOOTSTRAP.read_bytes() if BOOTSTRAP.exists() else b"")
    with contextlib.suppress(FileNotFoundError):
        digest.update("\n".join(sorted(path.name for path in migrations_folder().iterdir())).encode())
    return digest.hexdigest()[:16]


def marked_schema(cluster: Path) -> str:
    """What the cluster was brought to last; empty when unknown."""
    try:
        return (cluster / _MARK).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def mark_schema(cluster: Path, digest: str) -> None:
    """Note that the cluster has this schema; call it only after success."""
    (cluster / _MARK).write_text(digest, encoding="ascii")


def unmark_schema(cluster: Path) -> None:
    """Forget the mark before anything that changes the schema."""
    (cluster / _MARK).unlink(missing_ok=True)
