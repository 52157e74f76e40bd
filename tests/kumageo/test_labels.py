"""Texts by dotted name, one file per language."""

from __future__ import annotations

import pytest

from kumageo.errors import UnknownDatasetError
from kumageo.labels import Labels, list_languages, load_labels
from kumageo.schemas import HAZARDS

TOML = """
top = "上"
[a]
plain = "値 {n} か所"
number = 3
[a.b]
deep = "深い"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "ja.toml").write_text(TOML, "utf-8")
    (tmp_path / "labels" / "en.toml").write_text('top = "top"\n', "utf-8")
    (tmp_path / "labels" / "notes.txt").write_text("no language", "utf-8")
    return tmp_path


def test_names_are_dotted_and_values_filled_in(folder):
    labels = load_labels(folder, "ja")
    assert labels.language == "ja"
    assert labels.texts == {
        "top": "上",
        "a.plain": "値 {n} か所",
        "a.number": "3",
        "a.b.deep": "深い",
    }
    assert labels("a.b.deep") == "深い"
    assert labels("a.plain", n=5) == "値 5 か所"
    assert labels("a.plain") == "値 {n} か所"


def test_languages_are_the_files(folder, committed):
    assert list_languages(folder) == ["en", "ja"]
    assert load_labels(folder, "en")("top") == "top"
    assert "ja" in list_languages(committed)


@pytest.mark.parametrize("language", ["vi", "../ja", ""])
def test_an_unknown_language_is_refused(folder, language):
    with pytest.raises(UnknownDatasetError, match="language: expected one of en, ja"):
        load_labels(folder, language)


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownDatasetError, match=r"'a.c' in labels/ja.toml"):
        Labels("ja", {"a.b": "x"})("a.c")


def test_the_japanese_file_names_every_hazard_and_kind(committed):
    labels = load_labels(committed, "ja")
    assert labels("kind.site") == "指定緊急避難場所"
    assert labels("kind.shelter") == "指定避難所"
    assert labels("evacuation.notice", day="2025年10月27日時点") == (
        "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"
    )
    for hazard in HAZARDS:
        assert labels(f"hazard.{hazard}")
        assert labels(f"indicator.sites_per_10k_{hazard}")
