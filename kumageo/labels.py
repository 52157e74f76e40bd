"""Texts for people, one file per language (`geodata/labels/<language>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kumageo.errors import UnknownDatasetError


@dataclass(frozen=True)
class Labels:
    """The texts of one language under dotted names, for example ``evacuation.title``."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, name: str, /, **values: object) -> str:
        """Return the text of that name with its `{values}` filled in, if any are given.

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
        return text.format(**values) if values else text


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
    """Return the languages that have a label file, sorted."""
    return sorted(path.stem for path in (geodata / "labels").glob("*.toml"))


def _flatten(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    texts = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            texts += _flatten(value, f"{prefix}{name}.")
        else:
            texts.append((f"{prefix}{name}", str(value)))
    return texts
