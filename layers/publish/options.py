"""What an export is asked for, checked at the door."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kumageo.errors import ArgumentError, UnknownDatasetError
from kumageo.labels import list_languages

# What may stand in an address, without what a form of addresses or a page could take for its own.
_ADDRESS: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&()*+,;=:@%/-]*)?"
)
MAX_SHOWN: Final = 80
SELF: Final = "'self'"


@dataclass(frozen=True)
class ExportOptions:
    """What is exported and for which place.

    Attributes
    ----------
    languages
        In the order of `list_languages`.
    base_url
        Address of the folder, with / at its end; blank where it is not known.
    dashboard_url
        Address of the dashboard, without / at its end; blank: no links to it.
    allowed_origins
        Sites besides the own one that may frame the embeds and talk to them.
    """

    languages: tuple[str, ...]
    base_url: str = ""
    dashboard_url: str = ""
    allowed_origins: tuple[str, ...] = ()

    @property
    def ancestors(self) -> str:
        """The sites that may frame the embeds, as in Content-Security-Policy."""
        return " ".join((SELF, *self.allowed_origins))


def read_options(
    geodata: Path,
    *,
    languages: Sequence[str] = (),
    base_url: str = "",
    dashboard_url: str = "",
    allowed_origins: Sequence[str] = (),
) -> ExportOptions:
    """Check what is asked for.

    Parameters
    ----------
    geodata
        The `geodata` folder, which says what languages there are.
    languages
        Each one language or several with commas between; none is all.
    base_url, dashboard_url
        http(s) addresses without query; blank where they are not known.
    allowed_origins
        Each scheme and host of a site, as in https://www.example.jp.

    Raises
    ------
    UnknownDatasetError
        If there is no such language.
    ArgumentError
        If an address can't be used.
    """
    base = _read_address(base_url, "--base-url").rstrip("/")
    return ExportOptions(
        languages=_read_languages(languages, list_languages(geodata)),
        base_url=f"{base}/" if base else "",
        dashboard_url=_read_address(dashboard_url, "--dashboard-url").rstrip("/"),
        allowed_origins=tuple(sorted({_read_origin(one) for one in allowed_origins})),
    )


def _read_languages(asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    wanted = [name.strip() for text in asked for name in text.split(",")] or list(known)
    for name in wanted:
        if name not in known:
            raise UnknownDatasetError(
                f"--lang: expected some of {', '.join(known)}; got {name[:MAX_SHOWN]!r}. "
                "Nothing was changed."
            )
    return tuple(name for name in known if name in wanted)


def _read_address(text: str, option: str) -> str:
    if text and (not _ADDRESS.fullmatch(text) or not _has_port(text)):
        raise ArgumentError(
            f"{option}: expected an address such as https://www.example.jp/map/ without query, "
            f"got {text[:MAX_SHOWN]!r}. Nothing was changed."
        )
    return text


def _read_origin(text: str) -> str:
    origin = text.removesuffix("/")
    if not _ADDRESS.fullmatch(origin) or not _has_port(origin) or urlsplit(origin).path:
        raise ArgumentError(
            "--allow-origin: expected scheme and host of a site such as https://www.example.jp, "
            f"got {text[:MAX_SHOWN]!r}. Nothing was changed."
        )
    return origin.lower()


def _has_port(address: str) -> bool:
    """Tell whether the port, if there is one, can exist."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False
