"""Headers of every answer, and Streamlit's index page mended for readers in Japan."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kumageo.settings import Settings

_ENGLISH_INDEX = (b'<html lang="en">', b"<title>Streamlit</title>")


def write_policy(settings: Settings) -> str:
    """Return the Content-Security-Policy: nothing from outside but a tile server that is set.

    Streamlit and streamlit-folium evaluate scripts and inline styles, so these are allowed;
    no other host is, and the browser itself keeps to that.
    """
    tiles = f" {settings.tiles.origin}" if settings.tiles else ""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{tiles}",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {settings.frame_ancestors}",
        ]
    )


class PublicHeaders:
    """Add the headers to every HTTP answer."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers)


class JapaneseIndex:
    """Give Streamlit's index page the language and the title of the dashboard."""

    def __init__(self, app: ASGIApp, language: str, title: str) -> None:
        self.app = app
        wanted = (f'<html lang="{language}">'.encode(), f"<title>{title}</title>".encode())
        self.swaps = tuple(zip(_ENGLISH_INDEX, wanted, strict=True))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold an HTML answer back until it is whole, mend it, and send it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        parts: list[bytes] = []

        async def send_mended(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_plain_html(message):
                start = message
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._send_whole(start, b"".join(parts), send)

        await self.app(scope, receive, send_mended)

    async def _send_whole(self, start: Message, body: bytes, send: Send) -> None:
        for english, wanted in self.swaps:
            body = body.replace(english, wanted)
        MutableHeaders(scope=start)["Content-Length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_plain_html(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    is_html = headers.get("content-type", "").startswith("text/html")
    return is_html and "content-encoding" not in headers
