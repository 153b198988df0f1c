"""Readers by name, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from benchmarks.readers.ppocr import PPOCR
from benchmarks.readers.reading import Reader
from benchmarks.readers.tesseract import Tesseract

READERS: dict[str, Callable[[], Reader]] = {"ppocr": cache(PPOCR), "tesseract": cache(Tesseract)}
