"""The command `python -m layers.publish DIR`: the embeds as files for any web server or CMS.

Exit 0: done. Exit 2: the input is bad; a message is on stderr and nothing was changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kumageo.console import print_failure, print_json
from kumageo.errors import KumageoError
from kumageo.settings import read_settings
from layers.publish.folder import PRODUCT, check_folder, claim_folder, replace_folder
from layers.publish.options import read_options
from layers.publish.site import Site, build_site

EXIT_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Export the embeds and return the exit code."""
    chosen = _build_parser().parse_args(arguments)
    try:
        site = _publish(chosen)
    except (KumageoError, OSError) as error:  # a full disk and a missing right are no bugs
        failure = {"error": type(error).__name__, "message": str(error)}
        print_failure(failure, as_json=chosen.json)
        return EXIT_BAD_INPUT
    n_bytes = sum(map(len, site.files.values()))
    summary = {"product": PRODUCT, **site.facts, "n_files": len(site.files), "n_bytes": n_bytes}
    if chosen.json:
        print_json(summary)
    else:
        languages = ", ".join(site.facts["languages"])
        print(f"{len(site.files)} files, {n_bytes:,} bytes; languages: {languages}")
    return 0


def _publish(chosen: argparse.Namespace) -> Site:
    settings = read_settings(os.environ)
    options = read_options(
        settings.geodata,
        languages=chosen.lang,
        base_url=chosen.base_url,
        dashboard_url=chosen.dashboard_url,
        allowed_origins=chosen.allow_origin,
    )
    folder = chosen.directory.resolve()  # a link stays one, to the new export
    check_folder(folder)
    with claim_folder(folder):
        site = build_site(settings, options)
        replace_folder(folder, site.files)
    return site


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m layers.publish", description=__doc__)
    parser.add_argument("directory", metavar="DIR", type=Path, help="new, empty, or an export")
    parser.add_argument(
        "--lang", action="append", default=[], help="a language, or several with commas: ja,en"
    )
    parser.add_argument("--base-url", default="", help="address where DIR will be")
    parser.add_argument("--dashboard-url", default="", help="address of the dashboard, for links")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        help="a site that may show the maps in a frame, as in https://www.example.jp",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
