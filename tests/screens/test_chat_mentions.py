"""Files after `@`: what a folder has, whatever else is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripsage_tui.screens.chat_mentions import FILES, of_files


def test_what_a_folder_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Notes of Gion.txt").write_text("tea")
    (tmp_path / "inner").mkdir()
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / 'a "quoted" name').write_text("x")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    assert of_files("@") == [FILES]
    assert [offer.title for offer in of_files("@./")] == ["@inner/", "@Notes of Gion.txt"]
    assert [offer.insert for offer in of_files("@gion")] == [f'@"{tmp_path}/Notes of Gion.txt" ']
    assert [offer.insert for offer in of_files(f"@{tmp_path}/in")] == [f"@{tmp_path}/inner/"]
    assert of_files("@~nobody-of-this-name/") == of_files("@./none/") == []
