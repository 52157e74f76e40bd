"""Whether the dashboard works, for the machine that watches it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from kumageo import __version__
from pages.components.data import get_data


def answer_health(_request: Request) -> JSONResponse:
    """Answer with the version and the day of each dataset."""
    data = get_data()
    datasets = {
        name: {
            "as_of": publication.as_of,
            "version": publication.version,
            "rows": publication.n_kept,
        }
        for name, publication in data.publications.items()
    }
    as_of = {name: publication.as_of for name, publication in data.publications.items()}
    return JSONResponse(
        {"status": "ok", "version": __version__, "datasets": datasets, "as_of": as_of},
        headers={"Cache-Control": "no-store"},
    )
