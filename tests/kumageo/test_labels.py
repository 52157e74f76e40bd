"""Texts by dotted name, one file per language."""

from __future__ import annotations

import datetime as dt

import pytest

from kumageo.errors import UnknownDatasetError
from kumageo.labels import LOCALES, Labels, list_languages, load_labels, split_ruby
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
    assert list_languages(folder) == ["ja", "en"]
    assert load_labels(folder, "en")("top") == "top"
    assert "ja" in list_languages(committed)


@pytest.mark.parametrize("language", ["vi", "../ja", ""])
def test_an_unknown_language_is_refused(folder, language):
    with pytest.raises(UnknownDatasetError, match="language: expected one of ja, en"):
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


# Written by hand after the CLDR's rules of each language.
@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("ja", "12,345 1.5 -3.0 2026年8月1日 7 0.25"),
        ("easy", "12,345 1.5 -3.0 2026年8月1日 7 0.25"),
        ("en", "12,345 1.5 -3.0 August 1, 2026 7 0.25"),
        ("zh-TW", "12,345 1.5 -3.0 2026年8月1日 7 0.25"),
        ("vi", "12.345 1,5 -3,0 1 tháng 8, 2026 7 0,25"),
    ],
)
def test_numbers_and_dates_are_those_of_the_language(language, wanted):
    labels = Labels(language, {"a": "{n:,} {x:.1f} {change:+.1f} {day} {k} {free}"})
    values = {"n": 12345, "x": 1.5, "change": -3.04, "day": dt.date(2026, 8, 1), "k": 7}
    assert labels("a", **values, free=0.25) == wanted


@pytest.mark.parametrize(
    ("language", "group", "decimal"),
    [("ja", ",", "."), ("easy", ",", "."), ("en", ",", "."), ("zh-TW", ",", "."), ("vi", ".", ",")],
)
def test_the_marks_of_numbers_are_those_of_the_language(language, group, decimal):
    assert Labels(language, {}).number_marks == {"group": group, "decimal": decimal}


def test_a_small_change_has_no_sign_of_the_other_side():
    assert Labels("ja", {"a": "{x:.2f} {y:+.1f}"})("a", x=-0.001, y=0.26) == "0.00 +0.3"


@pytest.mark.parametrize(
    ("iso", "ja", "en"),
    [
        ("2026-08-01", "2026年8月1日", "August 1, 2026"),
        ("2026-08", "2026年8月", "August 2026"),
        ("2024", "2024年", "2024"),
        ("令和7年3月", "令和7年3月", "令和7年3月"),
    ],
)
def test_a_day_a_month_and_a_year(iso, ja, en):
    assert Labels("ja", {}).day(iso) == ja
    assert Labels("en", {}).day(iso) == en


def test_furigana_is_spelled_out_unless_it_can_be_drawn():
    labels = Labels("easy", {"a": "｜避難場所《ひなんばしょ》は{n}か｜所《しょ》"})
    assert labels("a", n=3) == "避難場所（ひなんばしょ）は3か所（しょ）"
    assert labels.ruby("a", n=3) == "｜避難場所《ひなんばしょ》は3か｜所《しょ》"
    assert split_ruby(labels.ruby("a", n=3)) == [
        ("避難場所", "ひなんばしょ"),
        ("は3か", ""),
        ("所", "しょ"),
    ]


@pytest.mark.parametrize("text", ["", "｜", "《あ》", "｜漢《》", "｜《あ》", "a｜b"])
def test_what_is_no_furigana_stays(text):
    assert "".join(base for base, _ in split_ruby(text)) == text
    assert all(not reading for _, reading in split_ruby(text))


def test_a_place_has_its_reading_where_the_language_wants_one():
    texts = {"text.noted": "{text} ({note})"}
    assert Labels("ja", texts).place("山鹿市", "やまがし") == "山鹿市"
    assert Labels("easy", texts).place("山鹿市", "やまがし") == "｜山鹿市《やまがし》"
    assert Labels("en", texts).place("山鹿市", "やまがし") == "山鹿市 (やまがし)"
    assert Labels("en", texts).place("山鹿市", "") == "山鹿市"


def test_lists_and_sentences_are_joined_as_the_language_does():
    labels = Labels("en", {"text.list": ", ", "text.sentence": " "})
    assert labels.join(["a", "b"]) == "a, b"
    assert labels.say(["One.", "", "Two."]) == "One. Two."


def test_every_language_has_a_locale_and_a_name_for_html(committed):
    assert set(list_languages(committed)) <= set(LOCALES)
    assert {load_labels(committed, name).html_language for name in list_languages(committed)} <= {
        *("ja", "en", "zh-Hant-TW", "vi"),
    }
