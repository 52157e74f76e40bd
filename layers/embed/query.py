"""Which queries an embed takes. The same list of parameters is checked here and in the browser."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

from layers.base import MAX_ZOOM, MIN_ZOOM

MAX_QUERY_BYTES: Final = 2_000
MAX_TEXT: Final = 50
LANGUAGE: Final = "lang"
VIEW: Final = ("z", "lon", "lat")
UNNAMED: Final = "…"
_NUMBER: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_FORM: Final = re.compile(r"[A-Za-z0-9._~!$'()*+,;:@/?%-]*")
_LOOSE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NAME: Final = re.compile(r"[A-Za-z_]{1,40}")
_MAX_DEGREES: Final = {"lon": 180.0, "lat": 90.0}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a query.

    Attributes
    ----------
    name
        As the pages name it too.
    kind
        "one" of the known values, an "id" of so many that the browser is not told them, "many" of
        the known with commas between, a "number" within the limits, a "text" of at most
        `MAX_TEXT` characters, or a "point": lon,lat in degrees.
    known
        The values that exist.
    limits
        The smallest and the largest number.
    """

    name: str
    kind: Literal["one", "id", "many", "number", "text", "point"]
    known: Collection[str] = ()
    limits: tuple[float, float] = (0, 0)

    def accepts(self, value: str) -> bool:
        """Tell whether a value that is not blank can be used."""
        if self.kind in ("one", "id"):
            return value in self.known
        if self.kind == "many":
            parts = value.split(",")
            return len(parts) == len(set(parts)) and set(parts) <= set(self.known)
        if self.kind == "number":
            return _is_between(value, *self.limits)
        if self.kind == "point":
            parts = value.split(",")
            limits = _MAX_DEGREES.values()
            return len(parts) == len(limits) and all(
                _is_between(part, -limit, limit) for part, limit in zip(parts, limits, strict=True)
            )
        return len(value) <= MAX_TEXT and value.isprintable()

    def to_option(self) -> dict[str, Any]:
        """Return it for the script of the page."""
        return {
            "name": self.name,
            "kind": self.kind,
            "known": [] if self.kind == "id" else list(self.known),
            "limits": list(self.limits),
        }


def _is_between(text: str, low: float, high: float) -> bool:
    return bool(re.fullmatch(_NUMBER, text, re.ASCII)) and low <= float(text) <= high


def list_common(languages: Sequence[str]) -> tuple[Parameter, ...]:
    """Return what every embed takes: the language, and the view of the map."""
    return (
        Parameter(LANGUAGE, "one", tuple(languages)),
        Parameter("z", "number", limits=(MIN_ZOOM, MAX_ZOOM)),
        *(
            Parameter(name, "number", limits=(-limit, limit))
            for name, limit in _MAX_DEGREES.items()
        ),
    )


def find_problems(query: bytes, parameters: Sequence[Parameter]) -> list[str]:
    """Return the names of what a query holds that is unknown, malformed or there twice.

    Names that are no plain words come back as `UNNAMED`, so that nothing of a query can do harm
    where it is shown.

    Parameters
    ----------
    query
        As it came, percent-encoded.
    parameters
        Those that may be there; blank values are as if they were not.
    """
    if len(query) > MAX_QUERY_BYTES:
        return [UNNAMED]
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, str] = {}
    problems = []
    for pair in filter(None, query.split(b"&")):
        name, value = (_decode(part) for part in _split(pair))
        parameter = known.get(name or "")
        if parameter is None or name is None or name in values:
            problems.append(name if name and _NAME.fullmatch(name) else UNNAMED)
            continue
        values[name] = value or ""
        if value is None or (value and not parameter.accepts(value)):
            problems.append(name)
    given = [name for name in VIEW if values.get(name)]
    if given and len(given) < len(VIEW):
        problems += given
    return list(dict.fromkeys(problems))


def _split(pair: bytes) -> tuple[bytes, bytes]:
    name, _, value = pair.partition(b"=")
    return name, value


def _decode(part: bytes) -> str | None:
    """Return a name or value, None if it is not well formed."""
    try:
        text = part.decode("ascii")
        if not _FORM.fullmatch(text) or _LOOSE_PERCENT.search(text):
            return None
        decoded = unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return decoded if decoded.isprintable() else None


def read_language(query: bytes, languages: Sequence[str]) -> str:
    """Return the language that a query asks for, the first one if it is none that exists."""
    asked = [
        pair[len(LANGUAGE) + 1 :]
        for pair in query[:MAX_QUERY_BYTES].split(b"&")
        if pair.startswith(f"{LANGUAGE}=".encode())
    ]
    found = [name for name in languages if asked == [name.encode()]]
    return found[0] if found else languages[0]
