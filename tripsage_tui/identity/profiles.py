"""Local profiles: the people who use one data folder, told apart by name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.data.owner import HasAddress
from tripsage_tui.data.profiles import ProfileRow, ProfileRows

LONGEST_NAME = 60


@dataclass(frozen=True)
class Profile:
    """A person with trips of their own."""

    id: UUID
    name: str


def valid_name(text: str) -> str:
    """The name as it is stored: one line, single spaces, composed letters. Raises `InvalidValue`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InvalidValue("name", "A profile needs a name.")
    if len(name) > LONGEST_NAME:
        raise InvalidValue("name", f"A profile's name has at most {LONGEST_NAME} characters; this has {len(name)}.")
    if not name.isprintable():
        raise InvalidValue("name", "A profile's name is made of printable characters only.")
    return name


class LocalProfiles:
    """The profiles of an embedded server. All methods raise `Unavailable` when it cannot be reached."""

    def __init__(self, server: HasAddress) -> None:
        self._rows = ProfileRows(server)

    async def list(self) -> list[Profile]:
        """Every profile, by name."""
        return [_profile(row) for row in await self._rows.all()]

    async def address(self, name: str) -> str:
        """The address of the profile of that name, whatever its case. Raises `InvalidValue` when there is none."""
        try:
            found = await self._rows.address(valid_name(name))
        except InvalidValue as unusable:
            raise InvalidValue("email", str(unusable)) from None
        if found is None:
            raise InvalidValue(
                "email", f"There is no profile called {name.strip()} here, and this is no e-mail address."
            )
        return found

    async def create(self, name: str) -> Profile:
        """A new profile. Raises `InvalidValue` for an unusable name or one that is taken, whatever its case."""
        return _profile(await self._rows.create(valid_name(name)))

    async def ensure(self, name: str) -> Profile:
        """The profile of that name, whatever its case; a new one if there is none. Raises `InvalidValue`."""
        return _profile(await self._rows.ensure(valid_name(name)))

    async def rename(self, profile: Profile, name: str) -> Profile:
        """Give a profile another name. Raises `InvalidValue` for an unusable or taken name, `NotFound`."""
        return _profile(await self._rows.rename(profile.id, valid_name(name)))

    async def delete(self, profile: Profile) -> None:
        """Remove a profile with all its trips; this cannot be undone. Raises `NotFound`."""
        await self._rows.delete(profile.id)


def _profile(row: ProfileRow) -> Profile:
    return Profile(row.id, row.name)
