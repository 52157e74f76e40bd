"""The commands: `python -m kumageo catalog|ingest|rollback|assign|readings|raster|report`.

All take `--json`.

Exit 0: done. Exit 2: the input is bad; the report is on stderr and nothing was changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kumageo.assignment import assign_file
from kumageo.catalog import credit_publisher, load_catalog
from kumageo.console import parse_day, print_failure, print_json, print_report
from kumageo.errors import KumageoError, NotPublishedError, QuarantineError
from kumageo.ingest import check_file, publish_file
from kumageo.labels import load_labels
from kumageo.rasters.commands import add_raster_commands
from kumageo.readings.commands import add_readings_commands
from kumageo.readings.store import open_readings
from kumageo.reports import SUBJECTS, report_subject
from kumageo.settings import Settings, read_settings
from kumageo.store import Store

EXIT_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _build_parser()
    chosen = parser.parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        result: int = chosen.run(chosen, settings)
    except (KumageoError, OSError) as error:  # a full disk and a missing right are no bugs
        failure = {"error": type(error).__name__, "message": str(error)}
        print_failure(failure, as_json=chosen.json)
        return EXIT_BAD_INPUT
    return result


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kumageo", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    catalog = _add(commands, "catalog", _run_catalog, "list the datasets")
    ingest = _add(commands, "ingest", _run_ingest, "check a file and publish it")
    ingest.add_argument("dataset")
    ingest.add_argument("file", type=Path)
    ingest.add_argument("--dry-run", action="store_true", help="check only, publish nothing")
    ingest.add_argument("--accept-quarantine", action="store_true", help="publish the good rows")
    ingest.add_argument("--encoding", help="encoding of the file, instead of the catalogue's")
    ingest.add_argument(
        "--as-of", type=parse_day, help="day that the data describes, as in 2026-01-31"
    )
    rollback = _add(commands, "rollback", _run_rollback, "return to the version before")
    rollback.add_argument("dataset")
    assign = _add(commands, "assign", _run_assign, "find the area of each point of a file")
    assign.add_argument("--points", type=Path, required=True)
    assign.add_argument("--areas", type=Path, required=True)
    assign.add_argument("--out", type=Path, required=True)
    assign.add_argument("--area-key", default="code", help="column of the areas, default code")
    assign.add_argument("--id-key", help="column of the points that must be unique")
    add_readings_commands(commands)
    add_raster_commands(commands)
    report = _add(commands, "report", _run_report, "print the numbers that a page shows")
    report.add_argument("subject", choices=sorted(SUBJECTS))
    for command in (catalog, ingest, rollback, assign, report):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _run_catalog(chosen: argparse.Namespace, settings: Settings) -> int:
    store = Store(settings.geodata)
    entries = []
    for dataset in load_catalog(settings.geodata / "catalog.toml"):
        entry = asdict(dataset) | {"as_of": dataset.as_of.isoformat(), "rows": None}
        entry["sources"] = [s | {"as_of": s["as_of"].isoformat()} for s in entry["sources"]]
        try:
            published = store.describe(dataset.id)
        except NotPublishedError:
            entry["status"] = "not published"
        else:
            credited = asdict(credit_publisher(dataset, published.credited_publisher))
            names = ("publisher", "attribution", "processed_statement")
            entry |= {name: credited[name] for name in names}
            entry |= asdict(published) | {"rows": published.n_kept}
        entries.append(entry)
    if chosen.json:
        print_json({"datasets": entries})
    else:
        for entry in entries:
            print(f"{entry['id']}: {entry['title']}")
            for name in ("rows", "as_of", "licence", "attribution", "status"):
                print(f"  {name}: {entry[name]}")
    return 0


def _run_ingest(chosen: argparse.Namespace, settings: Settings) -> int:
    catalog = load_catalog(settings.geodata / "catalog.toml")
    store = Store(settings.geodata)
    labels = None if chosen.json else load_labels(settings.geodata, "ja")
    checked = check_file(
        catalog,
        store,
        chosen.dataset,
        chosen.file,
        encoding=chosen.encoding,
        as_of=chosen.as_of,
    )
    answer = {"dataset": chosen.dataset, "published": False, **asdict(checked.publication)}
    answer["report"] = checked.report.to_json()
    refused = checked.report.has_blocking_errors(accept_quarantine=chosen.accept_quarantine)
    if not refused and not chosen.dry_run:
        published = publish_file(store, checked, accept_quarantine=chosen.accept_quarantine)
        answer |= {"published": True, **asdict(published)}
    if refused:
        answer["error"] = QuarantineError.__name__
    stream = sys.stderr if refused else sys.stdout
    if labels is None:
        print_json(answer, stream)
    else:
        title = f"{answer['dataset']} ({answer['layout']}, {answer['encoding']})"
        print_report(title, checked.report, labels, stream)
        if answer["published"]:
            print(f"published; as of {answer['as_of']} ({answer['as_of_basis']})", file=stream)
        else:
            print("nothing was published", file=stream)
        if refused:
            print(labels("command.refused"), file=stream)
    return EXIT_BAD_INPUT if refused else 0


def _run_rollback(chosen: argparse.Namespace, settings: Settings) -> int:
    load_catalog(settings.geodata / "catalog.toml")[chosen.dataset]
    publication = Store(settings.geodata).rollback(chosen.dataset)
    if chosen.json:
        print_json({"dataset": chosen.dataset, **asdict(publication)})
    else:
        print(f"{chosen.dataset}: back to {publication.source_file} of {publication.as_of}")
    return 0


def _run_assign(chosen: argparse.Namespace, _settings: Settings) -> int:
    result = assign_file(
        chosen.points, chosen.areas, chosen.out, area_key=chosen.area_key, id_key=chosen.id_key
    )
    if chosen.json:
        print_json(result)
    else:
        print(", ".join(f"{name} {value}" for name, value in result.items()))
    return 0


def _run_report(chosen: argparse.Namespace, settings: Settings) -> int:
    with closing(open_readings(settings)) as readings:
        answer = report_subject(chosen.subject, Store(settings.geodata), readings)
    if chosen.json:
        print_json(answer)
        return 0
    for name, value in answer["summary"].items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
