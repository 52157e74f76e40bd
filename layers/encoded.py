"""One answer in the encodings that a browser may ask for, made once and not per request."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

import brotli


@dataclass(frozen=True)
class Encoded:
    """One answer in the three encodings that a browser may ask for."""

    plain: bytes
    gzip: bytes
    brotli: bytes
    etag: str

    @property
    def version(self) -> str:
        """What the address names: short, and another for another content."""
        return self.etag.strip('"')[:12]


def encode_answer(plain: bytes) -> Encoded:
    """Compress an answer and name it by its content; the same bytes give the same answer."""
    etag = '"' + hashlib.sha256(plain).hexdigest()[:32] + '"'
    return Encoded(plain, gzip.compress(plain, 9, mtime=0), brotli.compress(plain), etag)
