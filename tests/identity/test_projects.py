"""Connection files: what is read, what is refused and how that is said, and where they are kept."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.data.target import PoolMode, Tls
from tripsage_tui.identity.projects import ProjectError, Projects, as_toml, read_project

TEXT = """
url = "https://abcdefgh.supabase.co/"
publishable_key = "sb_publishable_0123456789"

[database]
host = "aws-0-eu-central-1.pooler.supabase.com"
port = 6543
pool_mode = "transaction"
user = "tripsage_client.abcdefgh"
password = "correct horse"
"""


def legacy(role: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"role": role}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"


def test_a_file_says_all_that_is_needed() -> None:
    project = read_project(TEXT)
    assert (project.name, project.url) == ("abcdefgh", "https://abcdefgh.supabase.co")
    target = project.target
    assert (target.host, target.port, target.user) == (
        "aws-0-eu-central-1.pooler.supabase.com", 6543, "tripsage_client.abcdefgh"
    )  # fmt: skip
    assert project.pool_mode is PoolMode.TRANSACTION
    assert target.ssl is None, "what is not said is verify-full"
    assert "correct horse" not in repr(project)
    assert read_project(as_toml(project)) == project


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('url = "https', "url = https", "line 2, column 7"),
        ('"correct horse"', "correct horse", "line 10"),
        ('"correct horse"', '""', "database.password"),
        ('password = "correct horse"', "", "database.password is missing"),
        ("port = 6543", 'port = "6543"', "database.port"),
        ("port = 6543", "port = 65536", "65535"),
        ("port = 6543", "", "database.port is missing"),
        ('"transaction"', '"statement"', "database.pool_mode is one of session, transaction"),
        ("tripsage_client.abcdefgh", "postgres.abcdefgh", "database.user is tripsage_client"),
        ("aws-0-eu-central-1.pooler.supabase.com", "https://x.supabase.com", "database.host"),
        ("aws-0-eu-central-1.pooler.supabase.com", "", "database.host"),
        ("https://abcdefgh.supabase.co/", "http://abcdefgh.supabase.co", "begins with https://"),
        ("https://abcdefgh.supabase.co/", "https://abcdefgh.supabase.co/rest?x", "field url"),
        ("https://abcdefgh.supabase.co/", "https://me:secret@abcdefgh.supabase.co", "field url"),
        ("https://abcdefgh.supabase.co/", "https://abcdefgh.supabase.co:99999", "field url"),
        ("sb_publishable_0123456789", "sb_secret_0123456789", "secret key"),
        ("sb_publishable_0123456789", legacy("service_role"), "secret key"),
        ("sb_publishable_0123456789", "two words here", "publishable_key"),
        ("[database]", 'surprise = "\\u001b]0;x\\u0007"\n[database]', "field surprise does not exist"),
        ("port = 6543", 'port = 6543\n"\\u001b[31mred" = 1', "field database.red does not exist"),
        ("port = 6543", 'port = 6543\nca = "-----BEGIN CERTIFICATE-----"', "no certificate"),
        ("port = 6543", 'port = 6543\nca = "nowhere.pem"', "nowhere.pem"),
        ("port = 6543", 'port = 6543\ntls = "none"', "database.tls is one of disable, require, verify-full"),
        ("[database]", "[[database]]", "database is a table"),
        ("url =", 'name = "Team Berlin"\nurl =', "a to z"),
        ("url =", 'name = "../../x"\nurl =', "a to z"),
        ("url =", 'name = "local"\nurl =', "this computer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence_that_names_the_place(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ProjectError) as caught:
        read_project(TEXT.replace(old, new))
    sentence = str(caught.value)
    assert said in sentence
    assert sentence.isprintable()
    assert "correct horse" not in sentence
    assert "secret@" not in sentence


def test_a_legacy_anonymous_key_is_taken() -> None:
    assert read_project(TEXT.replace("sb_publishable_0123456789", legacy("anon"))).publishable_key == legacy("anon")


def test_a_nest_is_refused() -> None:
    with pytest.raises(ProjectError):
        read_project("x = " + "[" * 20_000)


@given(st.text(max_size=60))
def test_whatever_stands_in_a_field_is_read_or_refused(text: str) -> None:
    for field in ("abcdefgh.supabase.co/", "sb_publishable_0123456789", "correct horse", "6543", "tripsage_client"):
        with contextlib.suppress(ProjectError):
            project = read_project(TEXT.replace(field, text, 1))
            assert read_project(as_toml(project)) == project


def test_a_kept_file_is_its_owners(tmp_path: Path) -> None:
    projects = Projects(tmp_path / "projects")
    assert (projects.names(), projects.list()) == ([], [])
    added = projects.add(TEXT, name="team")
    path = tmp_path / "projects" / "team.toml"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert projects.get("team") == added == projects.list()[0]
    assert [each.name for each in path.parent.iterdir()] == ["team.toml"]
    path.chmod(0o640)
    with pytest.raises(ProjectError, match="chmod 600"):
        projects.get("team")
    assert projects.list() == []
    projects.remove("team")
    with pytest.raises(ProjectError, match="no project team"):
        projects.get("team")


def test_a_name_is_not_taken_from_another_project(tmp_path: Path) -> None:
    projects = Projects(tmp_path)
    projects.add(TEXT, name="team")
    projects.add(TEXT.replace("correct horse", "another one"), name="team")
    with pytest.raises(ProjectError, match="--name"):
        projects.add(TEXT.replace("abcdefgh", "zyxwvuts"), name="team")
    password = projects.get("team").target.password
    assert password is not None
    assert password.get_secret_value() == "another one"


def test_weaker_tls_has_to_be_written_down() -> None:
    target = read_project(TEXT.replace("port = 6543", 'port = 6543\ntls = "require"')).target
    assert target.ssl is Tls.REQUIRE
