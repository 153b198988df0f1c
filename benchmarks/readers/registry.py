"""Readers by name, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from benchmarks.codecs.point import MissingToolError
from benchmarks.readers.english_g2 import EnglishG2
from benchmarks.readers.ppocr import PPOCR
from benchmarks.readers.reading import Reader
from benchmarks.readers.tesseract import Tesseract

READERS: dict[str, Callable[[], Reader]] = {
    "ppocr": cache(PPOCR),
    "tesseract": cache(Tesseract),
    "english_g2": cache(EnglishG2),
}


def available_readers(readers: Sequence[str], skip_missing: bool) -> list[str]:
    """The readers that are installed.

    Raises:
        MissingToolError: one is not, unless they are skipped.
    """
    kept = []
    for reader in readers:
        try:
            READERS[reader]()
            kept.append(reader)
        except MissingToolError as error:
            if not skip_missing:
                raise
            print(f"skipped {reader}: {error}")
    return kept
