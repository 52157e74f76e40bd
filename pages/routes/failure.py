"""What a visitor gets when a route fails: one sentence; the details go to the log."""

from __future__ import annotations

import logging
import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from pages.components.data import get_labels, get_settings
from pages.routes.middleware import list_headers, write_policy

LOGGER = logging.getLogger("kumamoto.routes")


def answer_failure(request: Request, error: Exception) -> PlainTextResponse:
    """Answer with a sentence and a record number, under the headers of every answer."""
    number = secrets.token_hex(4)
    LOGGER.error("%s failed, record number %s", request.url.path, number, exc_info=error)
    # Starlette sends this one past all middleware, so it carries the headers itself.
    headers = list_headers(write_policy(get_settings()))
    text = get_labels("ja")("error.failure", number=number)
    return PlainTextResponse(text, status_code=500, headers=headers)
