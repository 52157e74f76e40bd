"""The script that Streamlit runs: navigation, language, and what happens when data is broken."""

from __future__ import annotations

import logging

import pytest


def break_features(geodata):
    (file,) = (geodata / "processed" / "evacuation_sites").glob("*/features.parquet")
    file.unlink()


def break_pointer(geodata):
    pointer = geodata / "processed" / "municipalities" / "published.json"
    pointer.write_text("{", encoding="utf-8")


def remove_pointer(geodata):
    (geodata / "processed" / "municipal_boundaries" / "published.json").unlink()


def break_catalogue(geodata):
    (geodata / "catalog.toml").write_text("[x]\n", encoding="utf-8")


def test_the_first_page_is_the_overview(visit):
    page = visit("main")
    assert not page.app.exception
    assert not page.app.error
    assert page.app.title[0].value == "概要"
    assert page.words.startswith("熊本県全体の45市町村の「人口」を")


def test_an_unknown_language_is_named_and_japanese_is_shown(visit):
    page = visit("main", {"lang": "<script>"})
    assert not page.app.exception
    (warning,) = page.warnings
    assert "lang" in warning
    assert "script" not in warning
    assert page.app.title[0].value == "概要"


def test_a_known_language_is_kept_in_the_address(visit):
    page = visit("main", {"lang": "ja", "m": "43100"})
    assert page.warnings == []
    assert page.query == {"lang": "ja", "m": "43100"}


@pytest.mark.parametrize(
    "damage",
    [break_features, break_pointer, remove_pointer, break_catalogue],
    ids=lambda f: f.__name__,
)
def test_a_broken_store_gives_one_plain_sentence_and_a_record(visit, geodata, caplog, damage):
    damage(geodata)
    with caplog.at_level(logging.ERROR):
        page = visit("main")
    assert not page.app.exception
    (error,) = page.app.error
    assert error.value.startswith("画面を表示できませんでした。")
    for detail in ("Traceback", "Error", "parquet", "toml", str(geodata)):
        assert detail not in page.text
    (record,) = [record for record in caplog.records if record.name == "kumamoto.pages"]
    assert record.exc_info is not None


def test_a_store_that_is_mended_works_without_a_restart(visit, geodata):
    pointer = geodata / "processed" / "municipalities" / "published.json"
    good = pointer.read_bytes()
    break_pointer(geodata)
    page = visit("main")
    assert page.app.error
    pointer.write_bytes(good)
    page.run()
    assert not page.app.error
    assert page.words.startswith("熊本県全体の45市町村の「人口」を")
