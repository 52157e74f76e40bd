"""The routes and the middleware of app.py on a small application, without Streamlit."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from kumageo.settings import read_settings
from pages.components.data import list_labels
from pages.routes.assets import list_asset_routes
from pages.routes.briefing import answer_briefing, answer_handout
from pages.routes.data import answer_geojson
from pages.routes.download import answer_download
from pages.routes.embed import answer_embed
from pages.routes.failure import answer_failure
from pages.routes.feed import answer_feed
from pages.routes.health import answer_health
from pages.routes.middleware import IndexPage, PublicHeaders, write_policies
from pages.routes.surface import list_surface_routes

ROUTES = {
    "/healthz": answer_health,
    "/data/{dataset}.geojson": answer_geojson,
    "/download/{page}.{form}": answer_download,
    "/embed/{layer}": answer_embed,
    "/briefing": answer_briefing,
    "/feed/groundwater.atom": answer_feed,
    "/handout/briefing.{form}": answer_handout,
}


def build_app(environ=None):
    settings = read_settings(environ or {})
    return Starlette(
        routes=[
            *(Route(path, endpoint) for path, endpoint in ROUTES.items()),
            *list_surface_routes(),
            *list_asset_routes(),
        ],
        exception_handlers={Exception: answer_failure},
        middleware=[
            Middleware(PublicHeaders, **write_policies(settings)),
            Middleware(IndexPage, languages=list_labels()),
        ],
    )


@pytest.fixture(scope="session")
def listed_routes():
    return {path: endpoint.__name__ for path, endpoint in ROUTES.items()}


@pytest.fixture(scope="session")
def build():
    return build_app


@pytest.fixture(scope="session")
def client():
    return TestClient(build_app(), raise_server_exceptions=False)


@pytest.fixture(scope="session")
def fetch_raw(client):
    """Ask for an address and return status, headers and the body as it was sent."""

    def fetch(address, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with client.stream("GET", address, headers={"accept-encoding": "", **names}) as answer:
            return answer.status_code, answer.headers, b"".join(answer.iter_raw())

    return fetch


@pytest.fixture(scope="session")
def ask():
    """Call the application itself: no client stands between, which would refuse long addresses."""

    def call(path, query):
        messages = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            messages.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        asyncio.run(build_app()(scope, receive, send))
        body = b"".join(message.get("body", b"") for message in messages)
        return messages[0]["status"], body

    return call
