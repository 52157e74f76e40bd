"""Which of the prepared encodings of an answer a browser gets."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from layers.encoded import Encoded


def answer_encoded(
    request: Request, encoded: Encoded, headers: Mapping[str, str], media_type: str
) -> Response:
    """Answer with what was prepared, or with 304 where the browser has it."""
    sent = {**headers, "ETag": encoded.etag, "Vary": "Accept-Encoding"}
    if encoded.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=sent)
    accepted = list_accepted(request.headers.get("accept-encoding", ""))
    body = encoded.plain
    if "br" in accepted:
        body, sent["Content-Encoding"] = encoded.brotli, "br"
    elif "gzip" in accepted:
        body, sent["Content-Encoding"] = encoded.gzip, "gzip"
    return Response(body, headers=sent, media_type=media_type)


def list_accepted(header: str) -> set[str]:
    """Return the encodings that a browser takes; q=0 says that it does not."""
    parts = [part.replace(" ", "").lower().partition(";q=") for part in header.split(",")]
    return {name for name, _, weight in parts if not weight or weight.strip("0.")}
