"""`tripsage-tui doctor` for a hosted project: its database, Auth and API, as a user of the program meets them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tripsage_tui.data.project_checks import database_findings
from tripsage_tui.identity.project_api import api_findings
from tripsage_tui.identity.projects import Project, ProjectError, Projects
from tripsage_tui.models.diagnosis import Finding
from tripsage_tui.models.showing import one_line
from tripsage_tui.settings import projects_folder

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


async def findings_of(name: str) -> list[Finding]:
    """What there is to say about the project of that name."""
    try:
        project = Projects(projects_folder()).get(name)
    except ProjectError as error:
        return [Finding("error", "project", str(error))]
    mode, target = project.pool_mode.value, project.target
    return [
        Finding("ok", "project", f"{name}: {project.url}, database at {target.host}, port {target.port}, {mode} mode."),
        *await project_findings(project),
    ]


async def project_findings(project: Project) -> list[Finding]:
    """Database and API, asked side by side."""
    both = await asyncio.gather(database_findings(project.target, project.pool_mode), api_findings(project))
    return [finding for findings in both for finding in findings]


def print_findings(findings: Iterable[Finding]) -> None:
    """One line each, the mark first."""
    for finding in findings:
        print(f"{MARKS[finding.level]} {finding.topic:<10} {one_line(finding.sentence)}")
