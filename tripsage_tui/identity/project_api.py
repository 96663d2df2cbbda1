"""What `doctor` asks a hosted project over HTTP: whether Auth and the API answer, and whether they take the key."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tripsage_tui.data.project_checks import REMEDY, SKEW, clock_finding
from tripsage_tui.identity.project_files import Project
from tripsage_tui.models.diagnosis import Finding

if TYPE_CHECKING:
    import httpx

LIMIT = 8.0
"""Seconds."""


async def api_findings(
    project: Project, *, clock: Callable[[], float] = time.time, limit: float = LIMIT
) -> list[Finding]:
    """Never raises for what it finds."""
    import httpx

    headers = {"apikey": project.publishable_key}
    try:
        async with httpx.AsyncClient(base_url=project.url, headers=headers, timeout=limit) as client:
            answer = await client.get("/auth/v1/settings")
            findings = [_auth(project, answer), *_skew(answer, clock)]
            if findings[0].level == "ok":
                findings.append(_function(await client.post("/rest/v1/rpc/open_database_session", json={})))
            return findings
    except httpx.HTTPError as error:
        return [Finding("error", "Auth", _unreachable(error, project))]


def _unreachable(error: BaseException, project: Project) -> str:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and len(causes) < 10:
        causes.append(cause)
    if any(isinstance(each, socket.gaierror) for each in causes):
        return f"The name in {project.url} cannot be resolved: check url, and that this machine is online."
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return f"{project.url} cannot prove who it is (TLS certificate): nothing was sent."
    if any("timeout" in type(each).__name__.casefold() for each in causes):
        return f"{project.url} does not answer in time: a paused project, a firewall or a proxy may be in the way."
    return f"{project.url} cannot be reached: check url, and that the project is not paused."


def _auth(project: Project, answer: httpx.Response) -> Finding:
    if answer.status_code in {401, 403}:
        return Finding(
            "error",
            "Auth",
            "The project does not take the publishable key: copy it anew from the dashboard (API keys) into "
            "publishable_key.",
        )
    if answer.status_code == 429:
        return Finding("warning", "Auth", "The project answers that it is asked too often: try again in a minute.")
    if answer.status_code >= 500:
        return Finding("error", "Auth", f"Auth of the project is down (HTTP {answer.status_code}): try again later.")
    if answer.status_code != 200 or not _ways_in(answer):
        return Finding("error", "Auth", f"What answers at {project.url} is not a Supabase project: check url.")
    return Finding("ok", "Auth", f"{project.url} answers and takes the key; ways to sign in: {_ways_in(answer)}.")


async def providers_of(project: Project, *, limit: float = LIMIT) -> tuple[str, ...] | None:
    """Services whose accounts the project takes (`github`), by its own words for them; None when it does not say."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=limit) as client:
            answer = await client.get(f"{project.url}/auth/v1/settings", headers={"apikey": project.publishable_key})
    except httpx.HTTPError:
        return None
    names = _ways(answer) if answer.status_code == 200 else None
    return None if names is None else tuple(name for name in names if name not in {"email", "phone"})


def _ways_in(answer: httpx.Response) -> str:
    names = _ways(answer)
    return "" if names is None else ", ".join(names) or "none"


def _ways(answer: httpx.Response) -> list[str] | None:
    try:
        external = answer.json()["external"]
        return sorted(name for name, on in external.items() if on is True and isinstance(name, str) and name.isalnum())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _skew(answer: httpx.Response, clock: Callable[[], float]) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return []
    finding = clock_finding(theirs - clock(), "Auth's")
    return [finding] if abs(theirs - clock()) > SKEW else []


def _function(answer: httpx.Response) -> Finding:
    """Asked without a sign-in, the function that gives out tickets refuses; anything else is wrong."""
    try:
        code = str(answer.json().get("code", ""))
    except (ValueError, AttributeError, RecursionError):
        code = ""
    if answer.status_code in {401, 403} and code == "42501":
        return Finding("ok", "API", "The API knows the function that opens database sessions.")
    if code in {"PGRST202", "42883"} or answer.status_code == 404:
        return Finding(
            "error",
            "API",
            f"The API does not know open_database_session(): {REMEDY}; if the schema is up to date, it reloads the "
            "API's cache with `notify pgrst, 'reload schema'`.",
        )
    if code == "PGRST106" or answer.status_code == 406:
        return Finding("error", "API", "The API does not expose the schema public: add it in the dashboard (Data API).")
    if answer.status_code == 200:
        return Finding("error", "security", f"The API opens database sessions for anybody: {REMEDY} at once.")
    return Finding(
        "error", "API", f"The API of the project does not work (HTTP {answer.status_code}): try again later."
    )
