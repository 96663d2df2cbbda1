"""Which workspace the settings mean: the embedded database's, or that of a hosted project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripsage_tui.services import Progress
from tripsage_tui.settings import Settings, projects_folder
from tripsage_tui.workspace import Workspace

if TYPE_CHECKING:
    from tripsage_tui.hosted_workspace import HostedWorkspace


def workspace_for(settings: Settings) -> Workspace | HostedWorkspace:
    """The workspace, not started yet. Raises ProjectError for a project that is not known or cannot be used."""
    if settings.project is None:
        return Workspace(settings)
    from tripsage_tui.hosted_workspace import HostedWorkspace
    from tripsage_tui.identity.projects import Projects

    return HostedWorkspace(settings, Projects(projects_folder()).get(settings.project))


async def open_workspace(settings: Settings, progress: Progress) -> Workspace | HostedWorkspace:
    """A workspace that has been started: `choose` and `enter` are next. Raises what those of it raise."""
    workspace = workspace_for(settings)
    try:
        await workspace.start(progress)
    except BaseException:
        await workspace.close()
        raise
    return workspace
