"""Headers of every answer, and Streamlit's index page mended for readers in Japan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kumageo.labels import BASE_LANGUAGE, Labels
from kumageo.settings import Settings
from layers.assets import SCRIPTS, STYLES
from pages.routes.assets import STYLE_URL

# Spares a deep link the search for the server below its own path.
_SERVER_IS_HERE = "window.__streamlit = { BACKEND_BASE_URL: window.location.origin };"
# Streamlit cannot mark the sentence in words as something to be read out when it changes, nor
# let the keyboard into a table that is wider than the screen.
_WORDS_ARE_STATUS = """
new MutationObserver(() => {
  for (const words of document.querySelectorAll(".st-key-words:not([role])")) {
    words.setAttribute("role", "status");
  }
  const tables = ".stTable:not([tabindex]), .stTable div:not([tabindex])";
  for (const box of document.querySelectorAll(tables)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}).observe(document, { childList: true, subtree: true });
"""
# The map writes view and hour into the address. Streamlit knows only the address that it began
# with and would write the old ones back at its next run.
_MAP_KEEPS_ITS_NAMES = """
const push = history.pushState.bind(history);
history.pushState = (state, title, url) => {
  const next = new URL(url ?? location.href, location.href);
  const now = new URLSearchParams(location.search);
  if (next.pathname === location.pathname) {
    for (const name of ["z", "lon", "lat", "hour", "day", "period", "measure"]) {
      if (now.has(name)) next.searchParams.set(name, now.get(name));
      else next.searchParams.delete(name);
    }
  }
  push(state, title, next);
};
"""
Swaps = list[tuple[re.Pattern[bytes], bytes]]
_INDEX_LANGUAGE = re.compile(rb'<html lang="en">')
_INDEX_TITLE = re.compile(rb"<title>Streamlit</title>")
# Ours from the first byte on.
PLAIN_PAGES = ("/briefing",)
EMBEDS = "/embed/"
PREFETCHED = tuple(url for _, url in (*SCRIPTS, *STYLES))


def write_policy(settings: Settings, *, is_map: bool = False) -> str:
    """Return the Content-Security-Policy: nothing from outside but a tile server that is set.

    The map lives in a frame of our own page, so for it we are an ancestor ourselves.

    Streamlit and streamlit-folium evaluate scripts and inline styles, so these are allowed;
    no other host is, and the browser itself keeps to that.
    """
    tiles = f" {settings.tiles.origin}" if settings.tiles else ""
    ancestors = settings.frame_ancestors
    if is_map and "'self'" not in ancestors:
        ancestors = "'self'" if ancestors == "'none'" else f"'self' {ancestors}"
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{tiles}",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        ]
    )


def write_policies(settings: Settings) -> dict[str, str]:
    """Return both policies, as `PublicHeaders` takes them."""
    return {
        "policy": write_policy(settings),
        "map_policy": write_policy(settings, is_map=True),
    }


def list_headers(policy: str) -> dict[str, str]:
    """Return the headers that every answer carries."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }


class PublicHeaders:
    """Add the headers to every HTTP answer."""

    def __init__(self, app: ASGIApp, policy: str, map_policy: str) -> None:
        self.app = app
        self.headers = list_headers(policy)
        self.map_headers = list_headers(map_policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        is_map = scope["path"].startswith("/component/")
        is_embed = scope["path"].startswith(EMBEDS)
        added = self.map_headers if is_map else self.headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    # An embed has a stricter policy of its own, with the hash of its script.
                    if not (is_embed and name in headers):
                        headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers)


class IndexPage:
    """Mend Streamlit's index page: language, title, our style sheet, and what maps will need.

    The browser fetches Leaflet while Streamlit still starts; the font that Streamlit loads
    beforehand is not ours and is left out.
    """

    def __init__(self, app: ASGIApp, languages: Sequence[Labels]) -> None:
        self.app = app
        self.languages = {labels.language: labels for labels in languages}
        head = [f"<script>{_SERVER_IS_HERE}{_WORDS_ARE_STATUS}{_MAP_KEEPS_ITS_NAMES}</script>"]
        head.append(f'<link rel="stylesheet" href="{STYLE_URL}">')
        head += [f'<link rel="prefetch" href="{url}">' for url in PREFETCHED]
        self.swaps = (
            (re.compile(rb'<link\s+rel="preload"[^>]*as="font"[^>]*>'), b""),
            (re.compile(rb"</head>"), "".join([*head, "</head>"]).encode()),
        )

    def _list_swaps(self, scope: Scope) -> Swaps:
        """Return what is replaced, in the language that the address asks for."""
        asked = QueryParams(scope["query_string"]).get("lang", BASE_LANGUAGE)
        labels = self.languages.get(asked) or self.languages[BASE_LANGUAGE]
        title = f"<title>{escape(labels('app.title'))}</title>"
        return [
            (_INDEX_LANGUAGE, f'<html lang="{labels.html_language}">'.encode()),
            (_INDEX_TITLE, title.encode()),
            *self.swaps,
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold an HTML answer back until it is whole, mend it, and send it."""
        if not _is_page(scope):
            await self.app(scope, receive, send)
            return
        # Whole and plain: a compressed page could not be mended, an old one may not be kept.
        dropped = (b"accept-encoding", b"if-none-match", b"if-modified-since")
        kept = [pair for pair in scope["headers"] if pair[0] not in dropped]
        scope = {**scope, "headers": kept}
        start: Message | None = None
        parts: list[bytes] = []

        async def send_mended(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
                if scope["method"] == "HEAD":  # the mended length is not known without the page
                    headers = MutableHeaders(scope=message)
                    for name in ("content-length", "etag", "last-modified"):
                        del headers[name]
                    await send(message)
                    start = None
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    body = b"".join(parts)
                    await self._send_whole(start, body, self._list_swaps(scope), send)

        await self.app(scope, receive, send_mended)

    async def _send_whole(self, start: Message, body: bytes, swaps: Swaps, send: Send) -> None:
        for found, wanted in swaps:
            body = found.sub(lambda _, wanted=wanted: wanted, body, count=1)
        headers = MutableHeaders(scope=start)
        headers["Content-Length"] = str(len(body))
        for name in ("etag", "last-modified"):
            del headers[name]
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_page(scope: Scope) -> bool:
    """Tell whether a page is asked for: pages have no file name, all other HTML has."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    if scope["path"] in PLAIN_PAGES or scope["path"].startswith(EMBEDS):
        return False
    return "." not in scope["path"].rsplit("/", 1)[-1]


def _is_html(message: Message) -> bool:
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")
