"""The commands `python -m kumageo readings import|export`, and `pull` beside them."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kumageo.clock import JST
from kumageo.console import parse_day, print_json, print_report
from kumageo.demo import fill_demo_store
from kumageo.errors import QuarantineError
from kumageo.labels import load_labels
from kumageo.readers.tables import Layout, read_table
from kumageo.readings.exports import export_readings
from kumageo.readings.forms import ENCODINGS
from kumageo.readings.imports import ImportResult, import_readings
from kumageo.readings.pull_commands import WELLS_DATASET, add_pull_command
from kumageo.readings.staging import Progress
from kumageo.readings.store import open_readings
from kumageo.settings import Settings
from kumageo.store import Store

EXIT_BAD_INPUT = 2
STEPS = {"check": "checking", "write": "writing"}


def add_readings_commands(commands: Any) -> None:
    """Add `readings` with its own commands to those of `python -m kumageo`."""
    text = "import, pull and export groundwater readings"
    readings = commands.add_parser("readings", help=text, description=text)
    own = readings.add_subparsers(required=True, metavar="COMMAND")
    importer = own.add_parser("import", help="check a file of readings and publish it")
    importer.add_argument("file", type=Path)
    importer.add_argument("--source", required=True, help="who measured, to be credited")
    importer.add_argument(
        "--accept-held", action="store_true", help="publish levels 30 m off all earlier ones"
    )
    importer.add_argument(
        "--wells", type=Path, help="CSV with the one column id, instead of the published wells"
    )
    importer.set_defaults(run=run_import)
    exporter = own.add_parser("export", help="write readings as CSV")
    exporter.add_argument("--well", help="id of one well; default all")
    exporter.add_argument("--from", dest="first", type=parse_day, help="Japanese day, included")
    exporter.add_argument("--to", dest="last", type=parse_day, help="Japanese day, included")
    exporter.add_argument("--out", type=Path, required=True)
    exporter.set_defaults(run=run_export)
    add_pull_command(own)
    for command in (importer, exporter):
        command.add_argument("--json", action="store_true", help="print JSON")


def run_import(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `readings import` and return its exit code."""
    labels = None if chosen.json else load_labels(settings.geodata, "ja")
    with (
        closing(open_readings(settings)) as readings,
        _show_progress(hidden=chosen.json) as progress,
    ):
        result = import_readings(
            readings,
            chosen.file,
            source=chosen.source,
            known_wells=_load_known_wells(chosen.wells, settings),
            now=dt.datetime.now(tz=JST),
            accept_held=chosen.accept_held,
            progress=progress,
        )
    stream = sys.stdout if result.published else sys.stderr
    if labels is None:
        failure = {} if result.published else {"error": QuarantineError.__name__}
        print_json(result.to_json() | failure, stream)
        return 0 if result.published else EXIT_BAD_INPUT
    title = f"readings ({result.file.layout.name}, {result.file.encoding})"
    print_report(title, result.report, labels, stream)
    if result.published:
        print(_write_counts(result), file=stream)
        return 0
    print("nothing was published", file=stream)
    print(labels("command.held" if result.is_held else "command.refused_readings"), file=stream)
    return EXIT_BAD_INPUT


def run_export(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `readings export` and return its exit code."""
    with closing(open_readings(settings)) as readings:
        if settings.is_demo:
            wells = Store(settings.geodata).load(WELLS_DATASET)
            fill_demo_store(readings, wells, dt.datetime.now(tz=JST))
        counts = export_readings(
            readings,
            chosen.out,
            well_id=chosen.well,
            first=chosen.first,
            last=chosen.last,
        )
    if chosen.json:
        print_json(counts)
    else:
        print(", ".join(f"{name} {value}" for name, value in counts.items()))
    return 0


def _write_counts(result: ImportResult) -> str:
    answer = result.to_json()
    words = (f"{name[2:]} {answer[name]}" for name in ("n_new", "n_changed", "n_unchanged"))
    return f"published: {', '.join(words)}; {answer['first']} to {answer['last']}"


def _load_known_wells(path: Path | None, settings: Settings) -> Collection[str]:
    if path is None:
        return [str(well_id) for well_id in Store(settings.geodata).load(WELLS_DATASET)["id"]]
    layout = Layout("list of wells", ("id",))
    return [cell for cell in read_table(path, [layout], ENCODINGS).rows["id"] if cell]


@contextmanager
def _show_progress(*, hidden: bool) -> Iterator[Progress]:
    """Give what the import tells how far it is: a bar, if a person looks on."""
    from tqdm import tqdm

    off = hidden or not sys.stderr.isatty()
    bars: dict[str, Any] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in bars:
            for bar in bars.values():
                bar.close()
            bars[step] = tqdm(total=total, desc=STEPS[step], disable=off, unit_scale=True)
        bars[step].update(done - bars[step].n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
