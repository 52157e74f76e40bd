"""What an administrator may set, read from the environment and checked at the door.

A plain value that is passed on: nothing here is global, nothing is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import sqlalchemy as sa

from kumageo.errors import SettingError

DEFAULT_GEODATA: Final = Path(__file__).resolve().parent.parent / "geodata"
READINGS: Final = "readings.sqlite3"
DEMO_READINGS: Final = "demo-readings.sqlite3"
GSI_TILE_HOST: Final = "cyberjapandata.gsi.go.jp"
GSI_CREDIT: Final = "地理院タイル"
GSI_CREDIT_URL: Final = "https://maps.gsi.go.jp/development/ichiran.html"

# A database is asked through psycopg. Of the options in its address these can do no harm.
DATABASE_SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
DATABASE_OPTIONS: Final = (
    *("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "connect_timeout"),
    *("application_name", "target_session_attrs"),
)
DATABASE_EXAMPLE: Final = "postgresql://USER:PASSWORD@HOST:5432/NAME"

_SOURCE = re.compile(r"'self'|'none'|\*|(https?://)?(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?:")


@dataclass(frozen=True)
class TileSource:
    """A base map of tiles: URL template, credit, the credit's link, and the origin to allow."""

    template: str
    credit: str
    credit_url: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """All settings; `read_settings` documents the variables."""

    geodata: Path
    tiles: TileSource | None
    frame_ancestors: str
    readings: Path | sa.URL
    is_demo: bool
    rasters: Path | None = None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings.

    Parameters
    ----------
    environ
        Usually `os.environ`:

        - ``KUMAGEO_GEODATA``: folder with `catalog.toml` and `processed/`; default the
          `geodata` folder of the product.
        - ``KUMAGEO_TILES``: template of a tile server such as
          ``https://HOST/PATH/{z}/{x}/{y}.png``; default none, and then no page ever asks
          another host for anything.
        - ``KUMAGEO_TILES_CREDIT``, ``KUMAGEO_TILES_CREDIT_URL``: what the tile server wants
          to be credited with; known for 地理院タイル.
        - ``KUMAGEO_FRAME_ANCESTORS``: sites that may show the dashboard in a frame, as in
          Content-Security-Policy; default ``'self'``.
        - ``KUMAGEO_READINGS``: file of the groundwater readings; default
          `readings.sqlite3` in the geodata folder.
        - ``KUMAGEO_DATABASE_URL``: ``postgresql://USER:PASSWORD@HOST:5432/NAME`` keeps the
          readings in a PostgreSQL database instead of that file; simulated readings stay in
          their file. Special letters of the password are written as in an address (``%40``
          for @); it is never shown or logged.
        - ``KUMAGEO_RASTERS``: folder with an administrator's own GeoTIFFs and `rasters.toml`,
          which describes them; default none, and then the page 概要 has no part for them.
        - ``KUMAGEO_DEMO``: ``1`` shows simulated readings (模擬データ) instead of measured
          ones, from a file of their own beside the other; default ``0``.

    Raises
    ------
    SettingError
        If a value cannot be used; the message names the variable.
    """
    geodata = Path(environ.get("KUMAGEO_GEODATA") or DEFAULT_GEODATA)
    if not (geodata / "catalog.toml").is_file():
        raise SettingError(
            f"KUMAGEO_GEODATA: expected a folder with catalog.toml, got {str(geodata)!r}. "
            "Correct the path or leave the variable out."
        )
    is_demo = _read_demo(environ)
    file, database = _read_readings(environ, geodata), _read_database(environ)
    return Settings(
        geodata=geodata,
        tiles=_read_tiles(environ),
        frame_ancestors=_read_frame_ancestors(environ),
        readings=file.with_name(DEMO_READINGS) if is_demo else database or file,
        is_demo=is_demo,
        rasters=_read_rasters(environ),
    )


def _read_readings(environ: Mapping[str, str], geodata: Path) -> Path:
    """Return the file of the measured readings; it need not exist, its folder must."""
    path = Path(environ.get("KUMAGEO_READINGS", "").strip() or geodata / READINGS)
    if not path.parent.is_dir() or path.is_dir():
        raise SettingError(
            f"KUMAGEO_READINGS: expected a file in a folder that exists, got {str(path)!r}. "
            "Make the folder, or correct the path."
        )
    if path.name == DEMO_READINGS:
        raise SettingError(
            f"KUMAGEO_READINGS: expected a file of measured readings, got {DEMO_READINGS!r}, the "
            "name of the simulated ones. Give it another name."
        )
    return path


def _read_database(environ: Mapping[str, str]) -> sa.URL | None:
    """Return the address of the database of the readings; no message repeats what was given."""
    text = environ.get("KUMAGEO_DATABASE_URL", "").strip()
    if not text:
        return None
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    # An @ or / of a password that is not escaped ends up in the name of the host.
    if url is None or not re.fullmatch(r"[A-Za-z0-9._:-]*", url.host or "") or not url.database:
        raise SettingError(
            f"KUMAGEO_DATABASE_URL: expected {DATABASE_EXAMPLE}, got something else. Write @, "
            ": and / of the password as %40, %3A and %2F."
        )
    if url.drivername not in DATABASE_SCHEMES:
        raise SettingError(
            f"KUMAGEO_DATABASE_URL: expected {DATABASE_EXAMPLE}, got another scheme. A SQLite file "
            "is set by KUMAGEO_READINGS."
        )
    unknown = sorted(set(url.query) - set(DATABASE_OPTIONS))
    if unknown:
        raise SettingError(
            f"KUMAGEO_DATABASE_URL: expected no option but {', '.join(DATABASE_OPTIONS)}, got "
            f"{len(unknown)} other(s). Leave them out; the password stands before the host."
        )
    return url.set(drivername="postgresql+psycopg")


def _read_rasters(environ: Mapping[str, str]) -> Path | None:
    value = environ.get("KUMAGEO_RASTERS", "").strip()
    if value and not (Path(value) / "rasters.toml").is_file():
        raise SettingError(
            f"KUMAGEO_RASTERS: expected a folder with rasters.toml, got {value!r}. "
            "Correct the path or leave the variable out."
        )
    return Path(value) if value else None


def _read_demo(environ: Mapping[str, str]) -> bool:
    value = environ.get("KUMAGEO_DEMO", "").strip()
    if value not in ("", "0", "1"):
        raise SettingError(
            f"KUMAGEO_DEMO: expected 1 (simulated readings) or 0, got {value[:40]!r}. "
            "Correct it or leave it out."
        )
    return value == "1"


def _read_tiles(environ: Mapping[str, str]) -> TileSource | None:
    template = environ.get("KUMAGEO_TILES", "").strip()
    if not template:
        return None
    parts = _split_address(template)
    named = all(name in template for name in ("{z}", "{x}", "{y}"))
    if parts is None or not named or re.search(r"[\s\"'<>;,]", template):
        raise SettingError(
            f"KUMAGEO_TILES: expected https://HOST/PATH/{{z}}/{{x}}/{{y}}.png, got {template!r}. "
            "Correct the template or leave the variable out."
        )
    credit = environ.get("KUMAGEO_TILES_CREDIT", "").strip()
    credit_url = environ.get("KUMAGEO_TILES_CREDIT_URL", "").strip()
    if parts.hostname == GSI_TILE_HOST:
        credit, credit_url = credit or GSI_CREDIT, credit_url or GSI_CREDIT_URL
    if not credit:
        raise SettingError(
            "KUMAGEO_TILES_CREDIT: expected the credit of the tile server, got none. "
            "A map is never shown without its credit."
        )
    if credit_url and _split_address(credit_url) is None:
        raise SettingError(
            f"KUMAGEO_TILES_CREDIT_URL: expected an http(s) address, got {credit_url!r}. "
            "Correct it or leave it out."
        )
    origin = f"{parts.scheme}://{parts.netloc}".replace("{s}", "*")
    return TileSource(template, credit, credit_url, origin)


def _split_address(address: str) -> SplitResult | None:
    """Split an http(s) address with a host; None where it is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _read_frame_ancestors(environ: Mapping[str, str]) -> str:
    value = environ.get("KUMAGEO_FRAME_ANCESTORS", "").strip() or "'self'"
    if not all(_SOURCE.fullmatch(source) for source in value.split(" ")):
        raise SettingError(
            f"KUMAGEO_FRAME_ANCESTORS: expected sources such as 'self' https://www.example.jp, "
            f"got {value!r}. Separate them by one space."
        )
    return value
