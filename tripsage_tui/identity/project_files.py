"""Reading and writing a connection file: the TOML that an operator hands to the users of a project.

    name = "team"                                   # optional; what --project takes
    url = "https://abcdefgh.supabase.co"
    publishable_key = "sb_publishable_..."

    [database]
    host = "aws-0-eu-central-1.pooler.supabase.com"
    port = 5432
    pool_mode = "session"                           # or "transaction"
    user = "tripsage_client.abcdefgh"               # or "tripsage_client"
    password = "..."
    name = "postgres"                               # optional
    tls = "verify-full"                             # optional; "require" and "disable" weaken it
    ca = "supabase-root.pem"                        # optional; a path, or the certificates themselves

It comes by mail or chat, so everything in it is checked, and nothing of it is quoted but names of fields.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.models.showing import one_line

CLIENT = "tripsage_client"
LONGEST_FILE = 64_000
"""Bytes."""
_FIELDS = {"name", "url", "publishable_key", "database"}
_DATABASE_FIELDS = {"host", "port", "name", "pool_mode", "user", "password", "tls", "ca"}
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]{2,45}")
_USER = re.compile(rf"{CLIENT}(?:\.[A-Za-z0-9_-]{{1,63}})?")
_KEY = re.compile(r"[A-Za-z0-9._-]{10,2000}")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PEM = "-----BEGIN CERTIFICATE-----"


class ProjectError(Exception):
    """A connection file or the name of a project cannot be used; the text is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A hosted project: where Auth and the API are, and how its database is reached."""

    name: str
    """`[a-z0-9-]`; shown in the status bar, given to --project."""
    url: str
    """Without a slash at the end."""
    publishable_key: str
    target: ConnectionTarget
    pool_mode: PoolMode


def read_project(text: str, *, folder: Path | None = None) -> Project:
    """A connection file's text. `folder` is where a relative path of `ca` begins; what it names is read now.

    Raises ProjectError that names the field or the place in the file.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Only the place: the message may quote what stands there.
        place = re.search(r"at line \d+, column \d+|at end of document", str(error))
        raise ProjectError(f"The file is not TOML: see {place[0][3:] if place else 'its syntax'}.") from None
    except RecursionError:
        raise ProjectError("The file is not a connection file: it is nested too deeply.") from None
    database = values.get("database", {})
    if not isinstance(database, Mapping):
        raise ProjectError("The field database is a table: write [database] and its fields below.")
    _known(values, _FIELDS, "")
    _known(database, _DATABASE_FIELDS, "database.")
    url = _url(_text(values, "url"))
    host = _host(_text(database, "host", "database."))
    password = _password(database, needed=not host.startswith("/"))
    return Project(
        name=read_name(_text(values, "name", default=_name_from(url))),
        url=url,
        publishable_key=read_key(_text(values, "publishable_key")),
        pool_mode=_choice(PoolMode, database, "pool_mode", PoolMode.SESSION),
        target=ConnectionTarget(
            host=host,
            port=_port(database.get("port")),
            database=_database(_text(database, "name", "database.", default="postgres")),
            user=_user(_text(database, "user", "database.")),
            password=password,
            ssl=_choice(Tls, database, "tls", None),
            ca_pem=_certificates(_text(database, "ca", "database.", default=""), folder),
        ),
    )


def as_toml(project: Project) -> str:
    """The file that `read_project` reads, certificates inside."""
    import tomlkit

    target = project.target
    document = tomlkit.document()
    document.add(
        tomlkit.comment("The way to a project of tripsage-tui. It holds a password: hand it to its users only.")
    )
    document["name"] = project.name
    document["url"] = project.url
    document["publishable_key"] = project.publishable_key
    database = tomlkit.table()
    database["host"] = target.host
    database["port"] = target.port
    database["name"] = target.database
    database["pool_mode"] = project.pool_mode.value
    database["user"] = target.user
    if target.password is not None:
        database["password"] = target.password.get_secret_value()
    if target.ssl is not None:
        database["tls"] = target.ssl.value
    if target.ca_pem:
        database["ca"] = tomlkit.string(f"\n{target.ca_pem.strip()}\n", multiline=True)
    document["database"] = database
    return tomlkit.dumps(document)


def read_name(text: str) -> str:
    """The name of a project. Raises ProjectError."""
    if not _NAME.fullmatch(text):
        raise ProjectError("A project's name has 1 to 40 letters a to z, digits and hyphens, e.g. team-berlin.")
    if text == "local":
        raise ProjectError("The name local means the database on this computer: choose another one.")
    return text


def read_key(text: str) -> str:
    """A publishable key. Raises ProjectError, also for one that opens everything."""
    if text.startswith("sb_secret_") or _role(text) not in {None, "anon"}:
        raise ProjectError(
            "publishable_key holds a secret key: replace that key in the dashboard, then use the publishable one."
        )
    if not _KEY.fullmatch(text):
        raise ProjectError("The field publishable_key does not look like a key (sb_publishable_...).")
    return text


def read_url(text: str) -> str:
    """The address of a project without a slash at its end. Raises ProjectError."""
    return _url(text)


def _role(key: str) -> str | None:
    """The role of a legacy key, which is a JWT; None for others."""
    parts = key.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return str(payload["role"])
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return None


def _known(values: Mapping[str, Any], fields: set[str], prefix: str) -> None:
    for name in values:
        if name not in fields:
            raise ProjectError(
                f"The field {prefix}{one_line(name)[:40]} does not exist: {', '.join(sorted(fields))} do."
            )


def _text(values: Mapping[str, Any], name: str, prefix: str = "", default: str | None = None) -> str:
    value = values.get(name, default)
    if value is None:
        raise ProjectError(f"The field {prefix}{name} is missing.")
    if not isinstance(value, str):
        raise ProjectError(f"The field {prefix}{name} is a text: write it in quotes.")
    return value.strip()


def _url(text: str) -> str:
    wrong = ProjectError("The field url is the project's address, e.g. https://abcdefgh.supabase.co.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if not _HOST.fullmatch(host) or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ProjectError(
            "The field url begins with https://: tokens travel there (http:// is for this computer only)."
        )
    where = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{where}{f':{port}' if port is not None else ''}"


def _name_from(url: str) -> str:
    label = (urlsplit(url).hostname or "").partition(".")[0]
    return label if _NAME.fullmatch(label) else "project"


def _host(text: str) -> str:
    if text.startswith("/") and text.isprintable() and len(text) <= 100:
        return text
    if not _HOST.fullmatch(text):
        raise ProjectError("The field database.host is a host's name or address, without https:// and port.")
    return text


def _port(value: object) -> int:
    if value is None:
        raise ProjectError("The field database.port is missing (Supabase: 5432 session, 6543 transaction).")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:
        raise ProjectError("The field database.port is a whole number from 1 to 65535.")
    return value


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise ProjectError(
            f"The field database.user is {CLIENT} or {CLIENT}.<project ref>: every other role has rights of its own."
        )
    return text


def _database(text: str) -> str:
    if not (text.isprintable() and 1 <= len(text) <= 63):
        raise ProjectError("The field database.name is the name of a database, in most cases postgres.")
    return text


def _password(database: Mapping[str, Any], *, needed: bool) -> SecretStr | None:
    if "password" not in database and not needed:
        return None
    value = database.get("password")
    if value is None:
        raise ProjectError("The field database.password is missing.")
    if not isinstance(value, str) or not value or len(value) > 1000 or not value.isprintable():
        raise ProjectError("The field database.password is a text of at most 1000 characters, in quotes.")
    return SecretStr(value)


def _choice(kind: type[StrEnum], database: Mapping[str, Any], name: str, default: Any) -> Any:
    if name not in database:
        return default
    try:
        return kind(database[name])
    except (ValueError, TypeError):
        known = ", ".join(str(each.value) for each in kind)
        raise ProjectError(f"The field database.{name} is one of {known}.") from None


def _certificates(text: str, folder: Path | None) -> str | None:
    """The text of a PEM file, or None. A path is read: the project must not depend on where the file came from."""
    if not text:
        return None
    if _PEM not in text:
        text = _read_certificates(text, folder)
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ProjectError("The field database.ca holds no certificate that can be read (PEM).") from None
    return text.strip() + "\n"


def _read_certificates(text: str, folder: Path | None) -> str:
    if not text.isprintable() or len(text) > 1000:
        raise ProjectError("The field database.ca is the path of a PEM file, or its text.")
    path = (folder or Path()) / Path(text).expanduser()
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(LONGEST_FILE)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such home folder"
        raise ProjectError(f"The file {one_line(text)} of the field database.ca cannot be read: {why}.") from None
