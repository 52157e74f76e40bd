"""Texts for people, one file per language (`geodata/labels/<language>.toml`).

Numbers and dates are written as the language does. A text may carry furigana, in the notation
of 青空文庫: ｜漢字《かんじ》. Called plainly, a `Labels` puts the reading in brackets, which any
widget, file or title can show; `Labels.ruby` keeps the notation for what can draw it.
"""

from __future__ import annotations

import datetime as dt
import numbers
import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import babel
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from kumageo.errors import UnknownDatasetError

BASE_LANGUAGE: Final = "ja"
EASY: Final = "easy"  # やさしい日本語, with furigana
# The language of the texts as a locale of Babel, and for the attribute `lang` of HTML.
LOCALES: Final[Mapping[str, tuple[str, str]]] = {
    BASE_LANGUAGE: ("ja", "ja"),
    EASY: ("ja", "ja"),
    "en": ("en", "en"),
    "zh-TW": ("zh_Hant_TW", "zh-Hant-TW"),
    "vi": ("vi", "vi"),
}
_RUBY = re.compile(r"｜([^｜《》]+)《([^《》]+)》")
_NUMBER_SPEC = re.compile(r"(\+?)(,?)(?:\.(\d+))?f?")
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def split_ruby(text: str) -> list[tuple[str, str]]:
    """Return a text in parts, each with its reading; blank where it has none."""
    parts: list[tuple[str, str]] = []
    at = 0
    for found in _RUBY.finditer(text):
        if found.start() > at:
            parts.append((text[at : found.start()], ""))
        parts.append((found[1], found[2]))
        at = found.end()
    if at < len(text):
        parts.append((text[at:], ""))
    return parts


def spell_ruby(text: str) -> str:
    """Return a text with its readings in brackets."""
    return _RUBY.sub(r"\1（\2）", text)


class _LocaleFormatter(string.Formatter):
    """`str.format` whose numbers and dates are those of a locale."""

    def __init__(self, locale: babel.Locale) -> None:
        self.locale = locale

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, dt.date):
            return format_date(value, "long", self.locale)
        found = _NUMBER_SPEC.fullmatch(format_spec)
        if isinstance(value, numbers.Real) and not isinstance(value, bool) and found:
            return self._write_number(value, *found.groups())
        return str(super().format_field(value, format_spec))

    def _write_number(self, value: Any, sign: str, comma: str, decimals: str | None) -> str:
        if decimals is None and not isinstance(value, numbers.Integral):
            decimals = str(len(repr(float(value)).partition(".")[2]))
        places = "." + "0" * int(decimals) if decimals and int(decimals) else ""
        pattern = ("#,##0" if comma else "0") + places
        if sign:
            pattern = f"+{pattern};-{pattern}"
        exact = round(float(value), int(decimals or 0)) + 0.0  # no minus before zero
        return format_decimal(exact, pattern, self.locale)


@dataclass(frozen=True)
class Labels:
    """The texts of one language under dotted names, for example ``evacuation.title``."""

    language: str
    texts: Mapping[str, str]
    keeps_ruby: bool = False  # for what can draw furigana above its words

    def __call__(self, name: str, /, **values: object) -> str:
        """Return the text of that name with its `{values}` filled in, if any are given.

        Readings stand in brackets, unless `keeps_ruby` leaves them in their notation.

        Raises
        ------
        UnknownDatasetError
            If the language file has no such text.
        """
        return self.finish(self.ruby(name, **values))

    def ruby(self, name: str, /, **values: object) -> str:
        """Return the text of that name with its readings in the notation ｜漢字《かんじ》.

        Raises
        ------
        UnknownDatasetError
            If the language file has no such text.
        """
        if name not in self.texts:
            raise UnknownDatasetError(
                f"label: expected a text named {name!r} in labels/{self.language}.toml, got none. "
                "Add it there."
            )
        text = self.texts[name]
        return self._formatter.vformat(text, (), values) if values else text

    def finish(self, text: str) -> str:
        """Spell the readings of a text out, unless they are kept."""
        return text if self.keeps_ruby else spell_ruby(text)

    def with_ruby(self) -> Labels:
        """Return the same texts with their readings in the notation ｜漢字《かんじ》."""
        return replace(self, keeps_ruby=True)

    @property
    def html_language(self) -> str:
        """The language for the attribute `lang` of HTML."""
        return LOCALES[self.language][1]

    @property
    def number_marks(self) -> dict[str, str]:
        """The marks that scripts write numbers with: between thousands, and before decimals."""
        locale = LOCALES[self.language][0]
        return {"group": get_group_symbol(locale), "decimal": get_decimal_symbol(locale)}

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with groups of thousands."""
        return self._formatter.format_field(value, f",.{decimals}f")

    def day(self, iso: str) -> str:
        """Write an ISO date, or a month or year of one, in words; anything else as it is."""
        found = _PARTIAL_DATE.fullmatch(iso)
        if not found:
            return iso
        year, month, day = found.groups()
        date = dt.date(int(year), int(month or 1), int(day or 1))
        if day:
            return format_date(date, "long", self._locale)
        return format_skeleton("yMMMM" if month else "y", date, locale=self._locale)

    def join(self, items: Iterable[str]) -> str:
        """Return a list of words as one text."""
        return self.texts["text.list"].join(items)

    def pair(self, items: Iterable[str]) -> str:
        """Return words that belong closely together as one text."""
        return self.texts["text.pair"].join(items)

    def phrase(self, *words: str) -> str:
        """Return words of one sentence, with blanks between them where the language has some."""
        return self.texts["text.word"].join(word for word in words if word)

    def named(self, name: str, value: str) -> str:
        """Return a value after its name."""
        return self("text.named", name=name, value=value)

    def noted(self, text: str, note: str) -> str:
        """Return a text with a note in brackets."""
        return self("text.noted", text=text, note=note)

    def say(self, sentences: Iterable[str]) -> str:
        """Return sentences as one text."""
        return self.texts["text.sentence"].join(one for one in sentences if one)

    def place(self, name: str, kana: str) -> str:
        """Return the name of a place with its reading, where the language wants one.

        In easy Japanese in the notation of furigana, otherwise in brackets; Japanese has none.
        """
        if self.language == BASE_LANGUAGE or not kana:
            return name
        if self.language == EASY:
            return f"｜{name}《{kana}》"
        return self.noted(name, kana)

    @cached_property
    def _locale(self) -> babel.Locale:
        return babel.Locale.parse(LOCALES[self.language][0])

    @cached_property
    def _formatter(self) -> _LocaleFormatter:
        return _LocaleFormatter(self._locale)


def load_labels(geodata: Path, language: str) -> Labels:
    """Load the texts of one language.

    Parameters
    ----------
    geodata
        The `geodata` folder.
    language
        One of `list_languages(geodata)`.

    Raises
    ------
    UnknownDatasetError
        If there is no file for the language.
    """
    languages = list_languages(geodata)
    if language not in languages:
        raise UnknownDatasetError(
            f"language: expected one of {', '.join(languages)}; got {language[:20]!r}."
        )
    document = tomllib.loads((geodata / "labels" / f"{language}.toml").read_text("utf-8"))
    return Labels(language, dict(_flatten(document, "")))


def list_languages(geodata: Path) -> list[str]:
    """Return the languages that have a label file, Japanese first."""
    return [name for name in LOCALES if (geodata / "labels" / f"{name}.toml").is_file()]


def _flatten(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    texts = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            texts += _flatten(value, f"{prefix}{name}.")
        else:
            texts.append((f"{prefix}{name}", str(value)))
    return texts
