"""The embeds: plain pages without a session, prepared once and the same for every query."""

from __future__ import annotations

import asyncio
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from layers.embed.document import EMBED_LAYERS, EmbedDocument
from layers.embed.query import find_problems, read_language
from pages.components.data import (
    find_embed_version,
    get_embed,
    get_embed_languages,
    get_labels,
)
from pages.routes.encoding import answer_encoded

KEEP = {"Cache-Control": "public, max-age=300, stale-while-revalidate"}
CHECK_S = 1.0


class Shelf:
    """The documents of the versions that are published now: at most one a layer and language."""

    def __init__(self) -> None:
        self.version = ""
        self.languages: tuple[str, ...] = ()
        self.documents: dict[tuple[str, str], EmbedDocument] = {}
        self.checked_at = float("-inf")
        self.building = asyncio.Lock()

    async def refresh(self) -> None:
        """Look at most once a second whether something else was published."""
        if time.monotonic() - self.checked_at < CHECK_S:
            return
        self.checked_at = time.monotonic()
        version = await run_in_threadpool(find_embed_version)
        if version != self.version:
            self.documents = {}
            self.languages = get_embed_languages()
            self.version = version

    async def take(self, layer: str, language: str) -> EmbedDocument:
        """Return a document; it is built, one at a time, when it is asked for first."""
        document = self.documents.get((layer, language))
        if document is None:
            async with self.building:
                version = self.version
                document = self.documents.get((layer, language))
                if document is None:
                    document = await run_in_threadpool(get_embed, layer, language, version)
                    if version == self.version:
                        self.documents[layer, language] = document
        return document


SHELF = Shelf()


async def answer_embed(request: Request) -> Response:
    """Answer with the embed of a layer, after a strict look at the query."""
    layer, query = request.path_params["layer"], request.scope["query_string"]
    await SHELF.refresh()
    language = read_language(query, SHELF.languages)
    if layer not in EMBED_LAYERS:
        return PlainTextResponse(get_labels(language)("error.http_not_found"), status_code=404)
    document = await SHELF.take(layer, language)
    problems = find_problems(query, document.parameters)
    if problems:
        labels = get_labels(language)
        text = labels("error.http_query", names=labels.join(problems))
        return PlainTextResponse(text, status_code=400, headers={"Cache-Control": "no-store"})
    headers = {**KEEP, "Content-Security-Policy": document.policy}
    return answer_encoded(request, document.content, headers, "text/html")
