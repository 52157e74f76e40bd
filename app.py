"""The dashboard as one ASGI application: `python app.py` or `streamlit run app.py`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.components.data import get_data, get_settings, list_labels
from pages.routes.assets import list_asset_routes
from pages.routes.briefing import answer_briefing, answer_handout
from pages.routes.data import answer_geojson
from pages.routes.download import answer_download
from pages.routes.embed import answer_embed
from pages.routes.failure import answer_failure
from pages.routes.feed import answer_feed
from pages.routes.health import answer_health
from pages.routes.middleware import IndexPage, PublicHeaders, write_policies
from pages.routes.origin import OwnOrigin
from pages.routes.surface import list_surface_routes


@asynccontextmanager
async def prepare(_app: st.App) -> AsyncIterator[None]:
    """Load and compress the data before the first visitor comes."""
    get_data()
    yield


app = st.App(
    Path(__file__).resolve().with_name("pages") / "main.py",
    lifespan=prepare,
    routes=[
        Route("/healthz", answer_health),
        Route("/data/{dataset}.geojson", answer_geojson),
        Route("/download/{page}.{form}", answer_download),
        Route("/embed/{layer}", answer_embed),
        Route("/briefing", answer_briefing),
        Route("/feed/groundwater.atom", answer_feed),
        Route("/handout/briefing.{form}", answer_handout),
        *list_surface_routes(),
        *list_asset_routes(),
    ],
    exception_handlers={Exception: answer_failure},
    middleware=[
        Middleware(OwnOrigin),
        Middleware(PublicHeaders, **write_policies(get_settings())),
        Middleware(IndexPage, languages=list_labels()),
    ],
)

if __name__ == "__main__":
    host, port = (os.environ.get(f"STREAMLIT_SERVER_{name}") for name in ("ADDRESS", "PORT"))
    app.run(config={"server.address": host or "127.0.0.1", "server.port": int(port or 8501)})
