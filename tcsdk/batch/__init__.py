"""Folders, Parquet and object stores in, `.tcs` out, on the machines of a Ray cluster."""

from tcsdk.batch.job import BatchJob, Encoded, encode_dataset

__all__ = ["BatchJob", "Encoded", "encode_dataset"]
