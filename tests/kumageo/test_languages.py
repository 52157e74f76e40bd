"""Every language says everything, with the same values, in its own letters."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest

from kumageo.labels import LOCALES

LABELS = Path(__file__).resolve().parents[2] / "geodata" / "labels"
OTHERS = [name for name in LOCALES if name != "ja"]
MARK = re.compile(r"\{[^{}]*\}|<\w+>|`[^`]*`|\*\*")
RUBY = re.compile(r"｜[^｜《》]+《[ぁ-ゖァ-ヺー・]+》")
QUOTED = re.compile(r"「[^」]*」|`[^`]*`")
KANA = r"[ぁ-ゖァ-ヺ]"
KANJI = r"[一-鿿々]"
# Forms that Japanese writes and Taiwan does not.
SHINJITAI = "県図覧検済広価実対関発変読売転様帰択歩鉄経総絵気黒険験観覚戦駅薬応会体数来当"
MAY_BE_BLANK = {"text.sentence", "text.word"}
MONTH_AXIS = "text.month_axis"  # a form for dates, which a chart fills in


def flatten(table, prefix=""):
    found = {}
    for name, value in table.items():
        inner = flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else None
        found |= inner if inner is not None else {f"{prefix}{name}": value}
    return found


def load(language):
    return flatten(tomllib.loads((LABELS / f"{language}.toml").read_text(encoding="utf-8")))


def find_differences(ja, other):
    """Return the names of texts that are missing, unknown, blank, or have other values."""
    found = [f"missing {name}" for name in ja.keys() - other.keys()]
    found += [f"unknown {name}" for name in other.keys() - ja.keys()]
    for name in ja.keys() & other.keys():
        if sorted(MARK.findall(ja[name])) != sorted(MARK.findall(other[name])):
            found.append(f"values {name}")
        if not other[name].strip() and name not in MAY_BE_BLANK:
            found.append(f"blank {name}")
    return sorted(found)


def find_foreign(language, texts):
    """Return the texts that hold letters which their readers do not read."""
    patterns = {
        "en": rf"{KANA}|[、。（）：]",
        "vi": rf"{KANA}|[、。（）：]",
        "zh-TW": rf"{KANA}|[{SHINJITAI}]",
        "easy": rf"{KANJI}|[｜《》]",
    }
    found = []
    for name, text in texts.items():
        rest = QUOTED.sub("", text) if language != "easy" else RUBY.sub("", text)
        rest = re.sub(r"`[^`]*`", "", rest)
        if name != MONTH_AXIS and re.search(patterns[language], rest):
            found.append(name)
    return found


def test_the_languages_are_the_five():
    assert sorted(path.stem for path in LABELS.glob("*.toml")) == sorted(LOCALES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_there_with_its_values(language):
    assert find_differences(load("ja"), load(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_in_the_letters_of_its_language(language):
    assert find_foreign(language, load(language)) == []


@pytest.mark.parametrize("language", LOCALES)
def test_texts_are_in_composed_letters_and_end_without_blanks(language):
    texts = load(language)
    assert [n for n, text in texts.items() if unicodedata.normalize("NFC", text) != text] == []
    separators = {"text.list", "text.sentence", "text.pair", "text.word"}
    loose = [n for n, t in texts.items() if t.strip(" ") != t and n not in separators]
    assert loose == [name for name in loose if name.startswith("handout.")]


@pytest.mark.parametrize("language", OTHERS)
def test_a_caution_is_not_lost(language):
    """The list of designations is no state of opening: the date stands there in each language."""
    assert "{day}" in load(language)["evacuation.notice"]


def test_the_comparison_can_fail():
    ja = {"a": "値 {n:,}", "b": "x", "c": "**強い**"}
    other = {"a": "value {n}", "d": "x", "c": " "}
    assert find_differences(ja, other) == [
        *("blank c", "missing b", "unknown d", "values a", "values c"),
    ]
    assert find_foreign("easy", {"a": "｜漢字《かんじ》と字", "b": "｜漢字《かんじ》"}) == ["a"]
    assert find_foreign("en", {"a": "a、b", "b": "in 「くまもと」"}) == ["a"]
    assert find_foreign("zh-TW", {"a": "県の地圖", "b": "地圖"}) == ["a"]
