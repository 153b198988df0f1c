"""The Ray Data pipeline that runs a job."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from tcsdk.batch.job import BatchJob, Encoded, in_words
from tcsdk.batch.sources import check_names, list_files
from tcsdk.batch.stores import absolute, place_at
from tcsdk.batch.worker import EncodingWorker
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError, WorkerError

# A batch whose worker dies is run again so often: a picture that kills its worker each time must
# not keep a cluster busy for ever.
_RETRIES = 3


def encode_dataset(job: BatchJob, address: str | None = None) -> Iterator[Encoded]:
    """Encode the pictures of a job on a Ray cluster.

    A picture is done once its stream exists and its checksums hold. Streams appear whole, so a
    job that was stopped, or a worker that was killed, leaves nothing half-written: what is done is
    kept, the rest is encoded. Each picture is reported once.

    Args:
        job: What to do.
        address: The cluster; None for the one that RAY_ADDRESS names or that this process is
            connected to, else one on this machine that ends with the iteration.

    Yields:
        One Encoded per picture, as they come, in no order; before them one per folder that cannot
        be searched, "failed".

    Raises:
        MissingRuntimeError: Ray is not installed.
        UnknownModelError, ModelFileError: There is no such model here.
        WorkerError: Workers cannot start, refuse an argument, or died again and again on the same
            pictures.
        ValueError: The sources are empty, targets would be written twice, or there is an address
            although this process is connected to a cluster.
    """
    ray = _import_ray()
    own = not ray.is_initialized()
    if address is not None and not own:
        raise ValueError(
            f"expected no address where Ray is connected already, got {address!r}; call "
            "ray.shutdown() to leave that cluster"
        )
    if own:
        quiet = logging.WARNING
        ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=quiet)
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(quiet)
    try:
        for row in _rows(ray, job):
            yield Encoded(**row)
    except ray.exceptions.RayError as error:
        raise WorkerError(
            f"the workers of the batch failed; what they wrote is kept: {error}"
        ) from error
    finally:
        if own:
            ray.shutdown()


def _rows(ray: Any, job: BatchJob) -> Iterator[dict[str, Any]]:
    job = replace(job, sources=list(map(absolute, job.sources)), output=absolute(job.output))
    place_at(job.output)  # a URI that cannot work fails here, not in every worker
    if job.column is None:
        rows, unreadable = list_files(job.sources, job.captions)
        for folder, error in unreadable.items():
            yield asdict(Encoded(folder, "", "failed", 0, in_words(error), "", "", ""))
        data = ray.data.from_items(rows, override_num_blocks=-(-len(rows) // job.rows))
    else:
        data = _parquet(ray, job, job.column)
    workers = {"size": job.workers} if job.workers else {"min_size": 1}
    with warnings.catch_warnings():
        # Ray 2.60 deprecates max_task_retries here and has no other place for it yet; the extra
        # is bounded below 2.64, which removes it.
        warnings.simplefilter("ignore", DeprecationWarning)
        done = data.map_batches(
            EncodingWorker,
            fn_constructor_args=(job,),
            batch_size=job.rows,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(**workers),
            num_cpus=job.cpus,
            num_gpus=job.gpus,
            max_task_retries=_RETRIES,
        )
    yield from done.iter_rows()


def _parquet(ray: Any, job: BatchJob, column: str) -> Any:
    columns = [column, *([] if job.captions is None else [job.captions])]
    if job.names is not None:
        check_names(job.sources, job.names)
        columns.append(job.names)
    return ray.data.read_parquet(list(job.sources), columns=columns)


def _import_ray() -> Any:
    # Unless it is told not to, Ray reports each cluster to its makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingRuntimeError(
            f"Ray is needed to encode on several machines and cannot be imported ({error}): "
            f"{install_extra('ray')}"
        ) from error
    return ray
