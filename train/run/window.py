"""A sliding window of samples that workers make, alike on every run.

Sample i is made from its number alone. Step t draws from the window of the newest WINDOW samples
known at step t: so a run that resumes at step t sees what an uninterrupted one would have seen,
after making one window again.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from queue import Queue
from typing import Any, Generic, TypeVar

import numpy as np

T = TypeVar("T")
B = TypeVar("B")
# Opens what samples are made of, in the worker, and returns what makes sample number i.
Maker = Callable[[], Callable[[int], T]]

WINDOW = 2048
FIRST = 256  # samples that exist before step 0
AHEAD = 64  # samples that a worker keeps ready
PATIENCE = 300.0  # seconds; a sample takes about 0.1


def _work(open_maker: Maker[Any], start: int, stride: int, out: Connection) -> None:
    """Make every stride-th sample into a pipe, up to AHEAD samples before they are read."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the trainer, told to stop, still needs a batch
    threading.Thread(target=_end_with_trainer, daemon=True).start()
    make = open_maker()
    ahead: Queue[Any] = Queue(AHEAD)
    threading.Thread(target=_send, args=(ahead, out), daemon=True).start()
    index = start
    while True:
        ahead.put(make(index))
        index += stride


def _send(samples: Queue[Any], out: Connection) -> None:
    while True:
        out.send(samples.get())


def _end_with_trainer() -> None:
    """End this process when the trainer has: one that is killed closes no window."""
    trainer = mp.parent_process()
    assert trainer is not None
    trainer.join()
    os._exit(1)


class Window(Generic[T]):
    """The samples of each step, backed by worker processes.

    Args:
        open_maker: called in each worker.
        fresh: new samples per step.
        first: the step to begin at.
        workers: processes.
    """

    def __init__(self, open_maker: Maker[T], fresh: int, first: int = 0, workers: int = 1) -> None:
        self._fresh = fresh
        self._oldest = self._next = max(0, FIRST + fresh * first - WINDOW)
        self._samples: dict[int, T] = {}
        context = mp.get_context("fork")
        self._workers = []
        for i in range(workers):
            receive, send = context.Pipe(duplex=False)
            arguments = (open_maker, self._oldest + i, workers, send)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            # The worker alone holds this end: when it dies, even amid a sample, `recv` raises.
            send.close()
            self._workers.append((process, receive))

    def draw(self, step: int, rng: np.random.Generator, count: int) -> list[T]:
        """Return so many samples of a step's window, each as likely; steps must not go back.

        Raises:
            RuntimeError: a worker that is needed has died; it says how.
        """
        newest = FIRST + self._fresh * step
        while self._next < newest:
            self._samples[self._next] = self._receive(self._next)
            self._samples.pop(self._next - WINDOW, None)
            self._next += 1
        low = max(0, newest - WINDOW)
        return [self._samples[int(i)] for i in rng.integers(low, newest, count)]

    def _receive(self, index: int) -> T:
        process, receive = self._workers[(index - self._oldest) % len(self._workers)]
        what = f"expected sample {index} from renderer process {process.pid}, which"
        if not receive.poll(PATIENCE):
            raise RuntimeError(f"{what} runs and has sent nothing for {PATIENCE:g} s")
        try:
            sample: T = receive.recv()
        except (EOFError, OSError) as error:
            process.join(timeout=10)
            raise RuntimeError(
                f"{what} ended with exit code {process.exitcode} (negative: by that signal); its "
                "own error, if it had one, is above; go on from the last checkpoint with --resume"
            ) from error
        return sample

    def close(self) -> None:
        """Stop the workers."""
        for process, _ in self._workers:
            process.kill()


class WindowBatches(Generic[T, B]):
    """Iterator of a training's batches, each drawn from its step's window by seed and step alone.

    A step's own source of chance is for all that is drawn of its batch.

    Args:
        open_maker: called in each worker.
        gather: makes a batch of a step's samples.
        count: samples of a batch.
        fresh: new samples per step.
        seed: of the whole run.
        first: the step to begin at.
        workers: processes.
    """

    def __init__(
        self,
        open_maker: Maker[T],
        gather: Callable[[list[T], np.random.Generator], B],
        *,
        count: int,
        fresh: int,
        seed: int,
        first: int = 0,
        workers: int = 1,
    ) -> None:
        self._gather, self._count, self._seed, self._step = gather, count, seed, first
        self._window = Window(open_maker, fresh, first, workers)

    def __iter__(self) -> Iterator[B]:
        while True:
            yield self._batch()

    def _batch(self) -> B:
        rng = np.random.default_rng((self._seed, 1 << 40, self._step))
        batch = self._gather(self._window.draw(self._step, rng, self._count), rng)
        self._step += 1
        return batch

    def close(self) -> None:
        """Stop the workers."""
        self._window.close()
