"""The dashboard as one ASGI application: `python app.py` or `streamlit run app.py`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.components.data import get_data, get_labels, get_settings
from pages.routes.assets import list_asset_routes
from pages.routes.briefing import answer_briefing, answer_handout
from pages.routes.data import answer_geojson
from pages.routes.download import answer_download
from pages.routes.failure import answer_failure
from pages.routes.health import answer_health
from pages.routes.middleware import IndexPage, PublicHeaders, write_policy
from pages.routes.surface import list_surface_routes


@asynccontextmanager
async def prepare(_app: st.App) -> AsyncIterator[None]:
    """Load and compress the data before the first visitor comes."""
    get_data()
    yield


settings, labels = get_settings(), get_labels("ja")
app = st.App(
    Path(__file__).resolve().with_name("pages") / "main.py",
    lifespan=prepare,
    routes=[
        Route("/healthz", answer_health),
        Route("/data/{dataset}.geojson", answer_geojson),
        Route("/download/{page}.{form}", answer_download),
        Route("/briefing", answer_briefing),
        Route("/handout/briefing.{form}", answer_handout),
        *list_surface_routes(),
        *list_asset_routes(),
    ],
    exception_handlers={Exception: answer_failure},
    middleware=[
        Middleware(
            PublicHeaders,
            policy=write_policy(settings),
            map_policy=write_policy(settings, is_map=True),
        ),
        Middleware(IndexPage, language=labels.language, title=labels("app.title")),
    ],
)

if __name__ == "__main__":
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS", "127.0.0.1")
    port = int(os.environ.get("STREAMLIT_SERVER_PORT", "8501"))
    app.run(config={"server.address": address, "server.port": port})
