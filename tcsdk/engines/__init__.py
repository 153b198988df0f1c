"""Inference runtimes behind one protocol, and the table that chooses among them."""

from tcsdk.engines.base import Engine, EngineInfo, EngineRow, Graph, RowsGraph
from tcsdk.engines.select import (
    ENGINES,
    ChosenEngine,
    find_row,
    precision_on,
    processor_device,
    select_engine,
)
from tcsdk.engines.threads import available_threads

__all__ = [
    "ENGINES",
    "ChosenEngine",
    "Engine",
    "EngineInfo",
    "EngineRow",
    "Graph",
    "RowsGraph",
    "available_threads",
    "find_row",
    "precision_on",
    "processor_device",
    "select_engine",
]
