"""Which files may be attached, told by their content and their extension.

A table of our own: the system's `mimetypes` differ from machine to machine and know nothing of content, and libmagic
would be a dependency outside Python for a dozen types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tripsage_tui.models.attachments import SIZE_LIMIT

HEAD = 4096
"""Bytes from the beginning of a file that are looked at."""
_OPENXML = "application/vnd.openxmlformats-officedocument"
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class FileType:
    """One type that the bucket takes; the first extension is the one that files of this type are given."""

    mime: str
    name: str
    extensions: tuple[str, ...]


PDF = FileType("application/pdf", "PDF", ("pdf",))
DOC = FileType("application/msword", "Word", ("doc",))
DOCX = FileType(f"{_OPENXML}.wordprocessingml.document", "Word", ("docx",))
XLS = FileType("application/vnd.ms-excel", "Excel", ("xls",))
XLSX = FileType(f"{_OPENXML}.spreadsheetml.sheet", "Excel", ("xlsx",))
TXT = FileType("text/plain", "text", ("txt",))
CSV = FileType("text/csv", "CSV", ("csv",))
JPEG = FileType("image/jpeg", "JPEG", ("jpg", "jpeg"))
PNG = FileType("image/png", "PNG", ("png",))
GIF = FileType("image/gif", "GIF", ("gif",))
WEBP = FileType("image/webp", "WebP", ("webp",))
SVG = FileType("image/svg+xml", "SVG", ("svg",))
TYPES = (PDF, DOC, DOCX, XLS, XLSX, TXT, CSV, JPEG, PNG, GIF, WEBP, SVG)
ALLOWED = "pdf, doc, docx, xls, xlsx, txt, csv, jpg, png, gif, webp and svg"
_BY_EXTENSION = {extension: each for each in TYPES for extension in each.extensions}
_SIGNS = (
    (PDF, re.compile(rb".{0,1019}%PDF-", re.DOTALL)),
    (JPEG, re.compile(rb"\xff\xd8\xff")),
    (PNG, re.compile(rb"\x89PNG\r\n\x1a\n")),
    (GIF, re.compile(rb"GIF8[79]a")),
    (WEBP, re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    (
        SVG,
        re.compile(
            rb"(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*<svg[\s>]",
            re.DOTALL | re.IGNORECASE,
        ),
    ),
)
"""How contents begin."""
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\n\r\f\x1b")


class Unattachable(ValueError):
    """A file that cannot be attached; `str()` is one sentence that says why and what would do."""


def extension_of(name: str) -> str:
    """What follows the last dot, in lower case; empty without one."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def by_mime(mime: str) -> FileType | None:
    return next((each for each in TYPES if each.mime == mime), None)


def check_size(name: str, size: int) -> None:
    """Raises Unattachable for an empty file and for one beyond the bucket's limit."""
    if size == 0:
        raise Unattachable(f"{name} is empty.")
    if size > SIZE_LIMIT:
        raise Unattachable(f"{name} has {size / 2**20:.1f} MiB; at most {SIZE_LIMIT // 2**20} MiB can be attached.")


def recognise(name: str, head: bytes, members: Sequence[str] = ()) -> FileType:
    """The type of a file from its name, its first bytes and, for a ZIP archive, the names in it.

    Content decides; the extension decides only between types that look alike (text and CSV, the old Office formats).
    Raises Unattachable.
    """
    extension = extension_of(name)
    named = _BY_EXTENSION.get(extension)
    found = _by_content(head, members, named)
    if found is None and named is None and not _is_text(head):
        raise Unattachable(f"{name} is of a type that cannot be attached: {ALLOWED} can.")
    if found is None and named in {TXT, CSV} and _is_text(head):
        return named
    if found is None and named is None:
        if extension:
            raise Unattachable(f"Files of the type .{extension[:10]} cannot be attached: {ALLOWED} can.")
        return TXT
    if found is None:
        raise Unattachable(f"{name} does not contain what its name says; is it damaged?")
    if extension and named is None:
        raise Unattachable(f"Files of the type .{extension[:10]} cannot be attached: {ALLOWED} can.")
    return found


def fitting_name(name: str, kind: FileType) -> str:
    """The name with an extension that says what the content is: programs that open files go by it."""
    return name if extension_of(name) in kind.extensions else f"{name}.{kind.extensions[0]}"


def _by_content(head: bytes, members: Sequence[str], named: FileType | None) -> FileType | None:
    if head.startswith(_OLE2):
        return named if named in {DOC, XLS} else None
    if head.startswith(b"PK\x03\x04"):
        return _office(members)
    return next((kind for kind, sign in _SIGNS if sign.match(head)), None)


def _office(members: Sequence[str]) -> FileType | None:
    folders = {member.partition("/")[0] for member in members}
    if "[Content_Types].xml" not in folders:
        return None
    return DOCX if "word" in folders else XLSX if "xl" in folders else None


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 has NULs in it
        return True
    return not head.translate(None, delete=bytes(set(range(256)) - set(_CONTROLS)))
