"""Calls of crops on a GPU, filled up to a few sizes: each shape there costs buffers and a start."""

from __future__ import annotations

import numpy as np

from tcsdk.engines.base import Arrays, Graph
from tcsdk.model.calls import Calls


class FilledGraph:
    """A graph of crops that is only ever shown the sizes of its calls' contract.

    What fills a call is its last crop, again: a graph that runs until all words have ended is not
    kept longer. What it makes of that is dropped.

    Args:
        graph: Its inputs and outputs have the crops along the first axis.
        calls: How many crops it may be shown.
    """

    def __init__(self, graph: Graph, calls: Calls) -> None:
        self._graph, self._calls = graph, calls

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph; see `Graph.run`."""
        count = len(next(iter(inputs.values())))
        more = self._calls.filled(count) - count
        if more:
            inputs = {
                name: np.concatenate([array, np.repeat(array[-1:], more, 0)])
                for name, array in inputs.items()
            }
        made = self._graph.run(inputs, concurrent=concurrent)
        return {name: array[:count] for name, array in made.items()} if more else made
