"""Readers: PP-OCRv6, which is in the training loss; Tesseract 5 and english_g2, which never are."""

from benchmarks.readers.reading import LINE_HEIGHT, Found, Reader, Reading, cut
from benchmarks.readers.registry import READERS, available_readers

__all__ = [
    "LINE_HEIGHT",
    "READERS",
    "Found",
    "Reader",
    "Reading",
    "available_readers",
    "cut",
]
