"""Folders, Parquet and object stores in, `.tcs` out, on the machines of a Ray cluster."""

from tcsdk.batch.dataset import encode_dataset
from tcsdk.batch.job import BatchJob, Encoded

__all__ = ["BatchJob", "Encoded", "encode_dataset"]
