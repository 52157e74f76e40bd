"""Websockets come from our own pages only."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

POLICY_VIOLATION = 1008  # before it is accepted, the browser gets 403


class OwnOrigin:
    """Refuse a websocket that a page of another origin opens.

    Streamlit would look for its own outside address, at a host on the internet, to judge one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all but foreign websockets."""
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            if origin and urlsplit(origin).netloc != headers.get("host"):
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                return
        await self.app(scope, receive, send)
