"""The commands `python -m kumageo raster describe|zones|sample`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pandas as pd

from kumageo.console import print_json
from kumageo.errors import SettingError
from kumageo.rasters.catalog import RasterEntry, get_entry, load_raster_catalog
from kumageo.rasters.classes import NO_CLASS
from kumageo.rasters.files import describe_raster
from kumageo.rasters.zones import sample_points, zonal_statistics
from kumageo.settings import Settings
from kumageo.store import Store

SITES: Final = "evacuation_sites"
BOUNDARIES: Final = "municipal_boundaries"
DECIMALS: Final = 4


def add_raster_commands(commands: Any) -> None:
    """Add `raster` with its own commands to those of `python -m kumageo`."""
    text = "describe a GeoTIFF and summarise it"
    raster = commands.add_parser("raster", help=text, description=text)
    own = raster.add_subparsers(required=True, metavar="COMMAND")
    runs = {
        "describe": (run_describe, "what it is, and the range of its values"),
        "zones": (run_zones, "summarise it by municipality"),
        "sample": (run_sample, "read it at the evacuation sites"),
    }
    for name, (run, words) in runs.items():
        command = own.add_parser(name, help=words, description=words)
        command.add_argument("raster", help="a GeoTIFF, or an id of rasters.toml")
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)


def run_describe(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `raster describe` and return its exit code."""
    path, entry = _find_raster(chosen.raster, settings)
    answer: dict[str, Any] = asdict(describe_raster(path))
    if answer["nodata"] is not None:
        answer["nodata"] = str(answer["nodata"])  # JSON has no NaN
    if entry is not None:
        answer |= {
            "title": entry.title,
            "unit": entry.unit,
            "as_of": entry.as_of.isoformat(),
            "licence": entry.licence,
            "attribution": entry.attribution,
        }
    if chosen.json:
        print_json(answer)
    else:
        for name, value in answer.items():
            print(f"{name}: {value}")
    return 0


def run_zones(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `raster zones` and return its exit code."""
    path, entry = _find_raster(chosen.raster, settings)
    areas = Store(settings.geodata).load(BOUNDARIES)
    classes = entry.classes if entry else None
    table = zonal_statistics(path, areas, classes=classes).round(DECIMALS).reset_index()
    class_names = list(classes.names) if classes else []
    if chosen.json:
        print_json({"classes": class_names, "zones": _to_plain(table)})
    else:
        for number, name in enumerate(class_names):
            print(f"share_{number}: {name}")
        print(table.to_string(index=False, na_rep="-"))
    return 0


def run_sample(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `raster sample` and return its exit code."""
    path, entry = _find_raster(chosen.raster, settings)
    sites = Store(settings.geodata).load(SITES)
    values = sample_points(path, sites)
    table = sites[["id", "name"]].assign(value=values.round(DECIMALS))
    answer: dict[str, Any] = {"n_sites": len(sites), "n_nodata": int(values.isna().sum())}
    if entry is not None:
        numbers = entry.classes.classify(values.to_numpy(dtype=float, na_value=float("nan")))
        names = dict(enumerate(entry.classes.names)) | {NO_CLASS: None}
        table["class_name"] = [names[int(number)] for number in numbers]
        counts = table["class_name"].value_counts()
        answer["n_by_class"] = {name: int(counts.get(name, 0)) for name in entry.classes.names}
    if chosen.json:
        print_json(answer | {"sites": _to_plain(table)})
    else:
        print(", ".join(f"{name} {value}" for name, value in answer.items()))
        print(table.to_string(index=False, na_rep="-"))
    return 0


def _to_plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows for JSON: NA is null, and shares keep their decimals."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _find_raster(name: str, settings: Settings) -> tuple[Path, RasterEntry | None]:
    """Return a file as it is, or an entry of the catalogue with its file."""
    if Path(name).suffix or "/" in name:
        return Path(name), None
    if settings.rasters is None:
        raise SettingError(
            f"KUMAGEO_RASTERS: expected a folder with rasters.toml to look up {name[:40]!r} in, "
            "got none. Set it, or give the name of a file."
        )
    entry = get_entry(load_raster_catalog(settings.rasters), name)
    return entry.path, entry
