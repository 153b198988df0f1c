"""A worker process: it holds an engine, and encodes what it is handed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.batch.job import BatchJob, in_words
from tcsdk.batch.sources import tasks_of_column, tasks_of_files
from tcsdk.batch.stores import place_at
from tcsdk.encoder import Encoder
from tcsdk.many.outcome import Outcome
from tcsdk.many.parallel import ordered_map
from tcsdk.pipeline import Task, encode_tasks, is_sound

# Looking for what is done waits for a disk or a network.
_LOOKERS = 4


class EncodingWorker:
    """Encode batches of rows: the class whose objects Ray keeps in its worker processes.

    Args:
        job: What to do.

    Raises:
        MissingRuntimeError, DeviceError: The device cannot run here.
    """

    def __init__(self, job: BatchJob) -> None:
        self._job = job
        self._output = place_at(job.output)
        self._encoder = Encoder(**{"threads": job.cpus, **job.encoder})
        self._worker = f"{platform.node()}:{os.getpid()}"

    def __call__(self, rows: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[Any]]:
        """Encode the pictures of some rows.

        Args:
            rows: Column -> values, as `tcsdk.batch.sources` lists or reads them.

        Returns:
            The columns of `Encoded`, one row per picture.
        """
        tasks = list(self._tasks(rows))
        sizes = list(ordered_map(self._done_bytes, tasks, _LOOKERS))
        missing = (task for task, size in zip(tasks, sizes, strict=True) if size is None)
        coded = encode_tasks(self._encoder, missing, self._write, self._job.request)
        results = [
            self._row(task, "kept", size) if size is not None else self._came(task, next(coded))
            for task, size in zip(tasks, sizes, strict=True)
        ]
        next(coded, None)  # its threads end with it
        return {name: np.array([row[name] for row in results]) for name in results[0]}

    def _tasks(self, rows: Mapping[str, Sequence[Any]]) -> Iterator[Task]:
        if self._job.column is None:
            return tasks_of_files(rows)
        return tasks_of_column(rows, self._job.column, self._job.names, self._job.captions)

    def _done_bytes(self, task: Task) -> int | None:
        """Return the size of the task's stream if it is done, else None."""
        if self._job.force or not task.target:
            return None
        target = self._output.within(task.target)
        try:
            stream = target.read()
        except OSError:  # none yet; where it cannot be read, writing will say so
            return None
        return len(stream) if is_sound(stream) else None

    def _write(self, target: str, stream: bytes) -> None:
        self._output.within(target).write(stream)

    def _came(self, task: Task, outcome: Outcome[bytes]) -> dict[str, object]:
        if outcome.error is None:
            complaints = outcome.verification.complaints if outcome.verification else ()
            said = "; ".join(map(str, outcome.notes)), "; ".join(complaints)
            return self._row(task, "encoded", len(outcome.get()), "", *said)
        return self._row(task, "failed", 0, in_words(outcome.error))

    def _row(
        self, task: Task, state: str, size: int, error: str = "", notes: str = "", differs: str = ""
    ) -> dict[str, object]:
        return {
            "name": task.name,
            "target": task.target,
            "state": state,
            "bytes": size,
            "error": error,
            "worker": self._worker,
            "notes": notes,
            "not_verified": differs,
        }
