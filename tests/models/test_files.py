"""Names that are safe everywhere, and types told by content."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.file_names import LONGEST, numbered, safe_name, storable_name
from tripsage_tui.models.file_types import (
    CSV,
    DOC,
    DOCX,
    GIF,
    JPEG,
    PDF,
    PNG,
    SVG,
    TXT,
    WEBP,
    XLS,
    XLSX,
    FileType,
    Unattachable,
    check_size,
    fitting_name,
    recognise,
)

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
ZIP = b"PK\x03\x04" + bytes(100)
OFFICE = ["[Content_Types].xml", "_rels/.rels"]


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("menu.pdf", "menu.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\x1b[31mb\n\tc.pdf", "abc.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("what? *really*.csv", "what_ _really_.csv"),
        ("con.txt", "_con.txt"),
        ("two  \u3000 spaces .txt", "two spaces.txt"),
        ("re\u0301sume\u0301.doc", "résumé.doc"),
        ("\ud800.png", "png"),
        ("旅行.pdf", "旅行.pdf"),
    ],
)
def test_names_are_made_safe(typed: str, safe: str) -> None:
    assert safe_name(typed) == safe


@given(st.text(max_size=400))
def test_a_safe_name_is_safe_whatever_it_was(typed: str) -> None:
    name = safe_name(typed)
    assert 0 < len(name) <= LONGEST
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\0')
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in name)
    assert name.strip(". ") == name
    assert safe_name(name) == name
    assert storable_name(typed).encode()


def test_long_names_keep_their_extension() -> None:
    assert safe_name("x" * 300 + ".pdf").endswith("x.pdf")
    assert len(safe_name("旅" * 300 + ".pdf").encode()) <= 200
    assert numbered("menu.pdf", 2) == "menu (2).pdf"
    assert numbered("menu", 3) == "menu (3)"


@pytest.mark.parametrize(
    ("name", "head", "members", "kind"),
    [
        ("a.pdf", b"%PDF-1.7", [], PDF),
        ("scan", b"\n\n%PDF-1.4", [], PDF),
        ("photo.png", b"\xff\xd8\xff\xe0", [], JPEG),
        ("photo.png", b"\x89PNG\r\n\x1a\n", [], PNG),
        ("a.gif", b"GIF89a", [], GIF),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", [], WEBP),
        ("a.svg", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- map -->\n<svg xmlns="x">', [], SVG),
        ("a.doc", OLE2, [], DOC),
        ("a.xls", OLE2, [], XLS),
        ("a.docx", ZIP, [*OFFICE, "word/document.xml"], DOCX),
        ("a.zip.xlsx", ZIP, [*OFFICE, "xl/workbook.xml"], XLSX),
        ("a.txt", "Grüße".encode("latin-1"), [], TXT),
        ("a.txt", "Grüße".encode("utf-16"), [], TXT),
        ("README", b"hello", [], TXT),
        ("A.CSV", b"a;b\r\n1;2\r\n", [], CSV),
    ],
)
def test_content_decides_what_a_file_is(name: str, head: bytes, members: list[str], kind: FileType) -> None:
    assert recognise(name, head, members) is kind


@pytest.mark.parametrize(
    ("name", "head", "members"),
    [
        ("run.sh", b"#!/bin/sh", []),
        ("page.html", b"<html>", []),
        ("a.pdf", b"hello", []),
        ("a.png", bytes(20), []),
        ("a.txt", b"MZ\x90\x00\x03", []),
        ("noname", b"\x7fELF\x02\x01\x01\0", []),
        ("a.docx", ZIP, ["x.class"]),
        ("a.exe", b"%PDF-1.7", []),
        ("a.ppt", OLE2, []),
        ("archive.zip", ZIP, ["menu.txt"]),
    ],
)
def test_everything_else_is_refused_in_a_sentence(name: str, head: bytes, members: list[str]) -> None:
    with pytest.raises(Unattachable, match=r"\.$|\?$| can\.$"):
        recognise(name, head, members)


@given(st.binary(max_size=200), st.sampled_from(["pdf", "docx", "txt", "svg", "bin", ""]))
def test_no_content_breaks_the_recognition(head: bytes, extension: str) -> None:
    try:
        kind = recognise(f"file.{extension}", head)
    except Unattachable:
        return
    assert fitting_name("file", kind).endswith(kind.extensions)


def test_names_get_the_extension_of_their_content() -> None:
    assert fitting_name("photo.jpeg", JPEG) == "photo.jpeg"
    assert fitting_name("photo.png", JPEG) == "photo.png.jpg"
    with pytest.raises(Unattachable, match="at most 50 MiB"):
        check_size("film.pdf", 52_428_801)
