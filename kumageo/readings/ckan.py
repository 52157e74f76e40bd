"""From an open data portal (CKAN) to a file of readings: the resource of a dataset, checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from kumageo.brokers import Broker
from kumageo.errors import FetchError
from kumageo.fetch import Fetcher

MAX_BYTES: Final = 1024**3
TOTAL_S: Final = 3_600
# A checksum says by its length what it is, where it doesn't say so itself.
_LENGTHS: Final[Mapping[int, str]] = {32: "md5", 40: "sha1", 64: "sha256"}


def download_resource(broker: Broker, fetcher: Fetcher, path: Path) -> str:
    """Write the resource of a portal into a file.

    Parameters
    ----------
    broker
        Of the kind "ckan".
    fetcher
        With the headers of the portal; they go to its own host alone.
    path
        Where to.

    Returns
    -------
    str
        What was checked: "md5", "sha1" or "sha256"; blank where the portal gives no checksum.

    Raises
    ------
    FetchError
        If the portal gives no good answer, or the file is not the one of the checksum.
    """
    resource = _find_resource(broker, fetcher)
    url = urljoin(broker.url, str(resource.get("url", "")))
    here, there = urlsplit(broker.url), urlsplit(url)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise FetchError(
            f"{broker.name}: expected a resource on {here.netloc}, got one on "
            f"{there.netloc[:80]!r} ({there.scheme}). Nothing was asked there; set the url of that "
            "host if it is right.",
            "redirect",
        )
    name, expected = _read_hash(str(resource.get("hash") or ""), broker.name)
    limits = replace(fetcher.limits, max_bytes=MAX_BYTES, total_s=TOTAL_S)
    with path.open("wb") as file:
        digests = replace(fetcher, limits=limits).download(url, file)
    if name and digests[name] != expected:
        raise FetchError(
            f"{broker.name}: expected a file of the {name} {expected}, got {digests[name]}. Try "
            "again later, or ask the portal's operator.",
            "cut_off",
        )
    return name


def _find_resource(broker: Broker, fetcher: Fetcher) -> Mapping[str, Any]:
    url = broker.url.rstrip("/") + "/api/3/action/package_show"
    body = fetcher.get(url, {"id": broker.dataset}).body
    try:
        answer = json.loads(body)
        resources = answer["result"]["resources"] if answer["success"] is True else []
        known = [(one["id"], one.get("name"), one) for one in resources]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise FetchError(
            f"{broker.name}: expected the answer of package_show, got another form. Is the url "
            "that of a portal?",
            "unfit",
        ) from error
    wanted = broker.resource
    found = [one for id_, _, one in known if id_ == wanted]
    found = found or [one for _, name, one in known if name == wanted]
    if len(found) != 1:
        names = ", ".join(str(name)[:40] for _, name, _ in known[:10])
        raise FetchError(
            f"{broker.name}: expected one resource {wanted!r}, got {len(found)} among: {names}. "
            "Correct resource; an id is there once.",
            "missing",
        )
    return found[0]  # type: ignore[no-any-return]


def _read_hash(text: str, name: str) -> tuple[str, str]:
    """Return the kind and the hexadecimal digits of a checksum; blanks where there is none."""
    if not text.strip():
        return "", ""
    found = re.fullmatch(r"(?:(md5|sha-?1|sha-?256)[:=-])?([0-9a-f]+)", text.strip().lower())
    kind = _LENGTHS.get(len(found[2])) if found else None
    stated = found[1].replace("-", "") if found and found[1] else kind
    if not found or kind is None or stated != kind:
        raise FetchError(
            f"{name}: expected a checksum in md5, sha1 or sha256, got {text[:80]!r}. Ask the "
            "portal's operator.",
            "unfit",
        )
    return kind, found[2]
