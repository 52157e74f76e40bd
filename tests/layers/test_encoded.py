"""Answers that are compressed beforehand."""

from __future__ import annotations

import gzip

import brotli

from layers.encoded import encode_answer


def test_each_encoding_is_the_same_text():
    plain = "避難場所".encode() * 100
    answer = encode_answer(plain)
    assert gzip.decompress(answer.gzip) == brotli.decompress(answer.brotli) == answer.plain == plain
    assert len(answer.gzip) < len(plain)


def test_the_same_text_is_the_same_answer_and_another_one_is_not():
    assert encode_answer(b"a") == encode_answer(b"a")
    assert encode_answer(b"a").etag != encode_answer(b"b").etag
    assert encode_answer(b"a").etag.strip('"').startswith(encode_answer(b"a").version)
