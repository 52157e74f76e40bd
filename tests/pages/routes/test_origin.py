"""Websockets of our own pages pass, those of others are refused before anything else."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pages.routes.origin import OwnOrigin


async def answer(websocket):
    await websocket.accept()
    await websocket.send_text("open")
    await websocket.close()


@pytest.fixture
def client():
    routes = [WebSocketRoute("/stream", answer), Route("/", lambda _: PlainTextResponse("x"))]
    return TestClient(OwnOrigin(Starlette(routes=routes)), headers={"host": "map.example.jp:8443"})


@pytest.mark.parametrize("origin", ["http://map.example.jp:8443", "https://map.example.jp:8443"])
def test_our_own_pages_pass(client, origin):
    with client.websocket_connect("/stream", headers={"origin": origin}) as socket:
        assert socket.receive_text() == "open"


def test_what_is_no_browser_passes(client):
    with client.websocket_connect("/stream") as socket:
        assert socket.receive_text() == "open"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://map.example.jp", "http://map.example.jp:8443.evil", "null"],
)
def test_other_origins_are_refused(client, origin):
    with (
        pytest.raises(WebSocketDisconnect) as refusal,
        client.websocket_connect("/stream", headers={"origin": origin}),
    ):
        pass
    assert refusal.value.code == 1008


def test_plain_requests_pass_from_anywhere(client):
    assert client.get("/", headers={"origin": "http://evil.example"}).text == "x"
