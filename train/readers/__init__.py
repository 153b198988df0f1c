"""Frozen networks that say, in training, how well a decoded picture still reads."""

from tcsdk.train.readers.line_reader import LineReader
from tcsdk.train.readers.lines import MAX_ASPECT, LineBatch, aspect, heights, select_lines
from tcsdk.train.readers.reader import Reader
from tcsdk.train.readers.recogniser import Recogniser
from tcsdk.train.readers.registry import READERS, Readers

__all__ = [
    "MAX_ASPECT",
    "READERS",
    "LineBatch",
    "LineReader",
    "Reader",
    "Readers",
    "Recogniser",
    "aspect",
    "heights",
    "select_lines",
]
