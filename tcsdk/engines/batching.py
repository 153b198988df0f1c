"""Calls of a graph that threads make at the same time, put together into one call."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from tcsdk.engines.base import Arrays, Graph
from tcsdk.engines.slots import signature_of
from tcsdk.errors import EngineError
from tcsdk.many.fork import PerProcess

logger = logging.getLogger("tcsdk")


@dataclass(eq=False)
class _Call:
    """One thread's call: what it asks, and what came of it once `taken` by a thread that runs it.

    Calls of equal `signature` may share a batch. `outputs` stays None after a batch that failed.
    """

    inputs: Arrays
    signature: object
    concurrent: bool
    taken: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    outputs: Arrays | None = None


class BatchingGraph:
    """A graph that takes waiting calls of equal shapes along in one call, stacked in order.

    READ ME FIRST: nobody waits for company. At most `lanes` calls run at a time; a thread that
    finds all lanes busy queues up, and the first one of the queue to get a lane takes along what
    waits there by then in its own shapes. So one caller alone is as fast as without, and the
    batches grow with the load. A batch that fails is logged and its calls queue up again, each for
    a lane of its own: a picture fails for reasons of its own only.

    One call of 8 windows of 64x64 takes 0.65 of the time of 8 calls, of 128x128 0.82, of 256x256
    and more nothing less (`tfic-int8`, ONNX Runtime on one thread; docs/use/serving.md).

    INVARIANT: `_running` counts the lanes in use; a call is in `_waiting` until it is taken.

    Args:
        graph: What runs the batches; every input and output has the batch as first dimension.
        most: Most calls in one.
        lanes: Most calls of `graph` at a time.
    """

    def __init__(self, graph: Graph, most: int, lanes: int) -> None:
        self._graph, self._most, self._lanes = graph, most, lanes
        self._queue = PerProcess(_Queue)  # a fork copies neither waiting threads nor their lock

    def run(self, inputs: Arrays, *, concurrent: bool = False) -> Arrays:
        """Run the graph, alone or together with what other threads ask for; see `Graph`."""
        outputs = self._outputs_of(_Call(inputs, signature_of(inputs), concurrent))
        if outputs is None:  # again, equal to no other call
            outputs = self._outputs_of(_Call(inputs, object(), concurrent=True))
        return cast(Arrays, outputs)  # a call alone has outputs or raised

    def _outputs_of(self, call: _Call) -> Arrays | None:
        batch = self._queue.get().enter(call, self._most, self._lanes)
        if batch:
            try:
                self._run(batch)
            finally:
                self._queue.get().leave()
                for one in batch:
                    one.done.set()
        call.done.wait()
        return call.outputs

    def _run(self, batch: list[_Call]) -> None:
        if len(batch) == 1:  # no copy, and its error is its own
            batch[0].outputs = self._graph.run(batch[0].inputs, concurrent=batch[0].concurrent)
            return
        names = batch[0].inputs
        stacked = {name: np.concatenate([call.inputs[name] for call in batch]) for name in names}
        try:
            outputs = self._graph.run(stacked, concurrent=True)
        except EngineError as error:
            logger.warning("a batch of %d failed, its calls run alone: %s", len(batch), error)
            return
        for position, call in enumerate(batch):
            own = slice(position, position + 1)
            call.outputs = {name: array[own] for name, array in outputs.items()}


class _Queue:
    """Calls that wait for a lane."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Call] = []
        self._running = 0

    def enter(self, call: _Call, most: int, lanes: int) -> list[_Call]:
        """Wait for a lane, or for another thread to take the call along.

        Returns:
            The calls to run in the lane, this one first; empty where another thread has it.
        """
        with self._changed:
            self._waiting.append(call)
            self._changed.wait_for(lambda: call.taken or self._running < lanes)
            if call.taken:
                return []
            self._running += 1
            others = [c for c in self._waiting if c is not call and c.signature == call.signature]
            batch = [call, *others[: most - 1]]
            for one in batch:
                one.taken = True
                self._waiting.remove(one)
            self._changed.notify_all()
            return batch

    def leave(self) -> None:
        """Give the lane back."""
        with self._changed:
            self._running -= 1
            self._changed.notify_all()
