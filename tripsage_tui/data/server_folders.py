"""Makes the folders of the embedded server, all closed to others."""

from __future__ import annotations

import stat

from tripsage_tui.data.accounts import hand_over, open_the_way, server_account
from tripsage_tui.data.server_files import ServerFiles


def make_folders(files: ServerFiles) -> None:
    """Make what is missing and close what is open. Raises `OSError`."""
    files.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (files.folder, files.leases):
        folder.mkdir(mode=0o700, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    if account := server_account(files.cluster):
        for folder in (files.folder, files.leases):
            hand_over(folder, account)
        open_the_way(files.cluster, account)
        open_the_way(files.leases, account)
