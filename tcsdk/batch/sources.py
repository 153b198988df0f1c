"""What to encode: files of folders and stores, or rows of Parquet, as rows and as tasks.

The driver lists rows (small: names and places, or what Parquet holds); workers make tasks of them.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from tcsdk.batch.stores import Place, import_arrow, place_at
from tcsdk.captions_file import CAPTION, Captions, read_captions
from tcsdk.errors import ImageError, OutputError
from tcsdk.image_formats import is_readable, skipped
from tcsdk.pipeline import Task

_SHOWN = 3
logger = logging.getLogger("tcsdk")


def list_files(
    sources: Sequence[str], captions: str | None = None
) -> tuple[list[dict[str, str]], dict[str, OSError]]:
    """List pictures as rows {"name", "target", "base", "path", "caption"}.

    Args:
        sources: Paths or URIs of picture files, and of folders or prefixes (their pictures at any
            depth). A file that is not there fails when it is read, alone.
        captions: CSV of what they show, or None; a picture that is not in it has none, "".

    Returns:
        Rows in order, whose `target` is the path below its folder, with the suffix `.tcs`; and the
        folders within those named that cannot be searched, each with its error.

    Raises:
        ValueError: A folder has no picture, two pictures have one target, or there are captions
            and none is of these pictures.
        OSError: A store does not answer.
    """
    rows = []
    unreadable: dict[str, OSError] = {}
    for source in sources:
        place = place_at(source)
        listing = place.files()
        if listing is None:
            rows.append(_file_row(place.path, source, place.path, PurePosixPath(place.path).name))
            continue
        pictures = list(filter(is_readable, listing.files))
        left_out = skipped(name for name in listing.files if not is_readable(name))
        if not pictures:
            reasons = [*left_out, *map(str, listing.unreadable.values())]
            raise ValueError("; ".join([f"no picture in {source}", *reasons]))
        unreadable |= listing.unreadable
        for line in left_out:
            logger.warning("%s: %s", source, line)
        paths = (place.within(name).path for name in pictures)
        rows += [_file_row(path, source, path, n) for path, n in zip(paths, pictures, strict=True)]
    _refuse_repeated((row["target"] for row in rows), "pictures have the target")
    _tell(rows, captions)
    return rows, unreadable


def _tell(rows: list[dict[str, str]], file: str | None) -> None:
    """Put captions into rows."""
    captions = Captions({}) if file is None else read_captions(file)
    for row in rows:
        row[CAPTION] = captions.of(row["path"]) or ""
    if file is not None and not any(row[CAPTION] for row in rows):
        raise ValueError(f"expected captions of some of the pictures in {file}, got of none")


def _file_row(name: str, base: str, path: str, below: str) -> dict[str, str]:
    target = str(PurePosixPath(below).with_suffix(".tcs"))
    return {"name": name, "target": target, "base": base, "path": path}


def check_names(sources: Sequence[str], names: str) -> None:
    """Read a column of names alone and refuse repeated ones: their streams would replace others.

    A name that would leave the output folder is passed over: it fails alone, as its row.

    Args:
        sources: Parquet files or folders of them, as paths or URIs.
        names: The column.

    Raises:
        ValueError: There is no such column, or a name comes twice.
        OSError: A store does not answer.
    """
    import_arrow()
    from pyarrow import dataset

    def values() -> Iterator[str]:
        for source in sources:
            place = place_at(source)
            table = dataset.dataset(place.path, filesystem=place.filesystem, format="parquet")
            if names not in table.schema.names:
                raise ValueError(
                    f"expected a column {names!r} in {source}, got {table.schema.names}"
                )
            for batch in table.to_batches(columns=[names]):
                for value in batch.column(0).to_pylist():
                    with suppress(OutputError):
                        yield target_of(str(value))

    _refuse_repeated(values(), f"rows of column {names!r} have the target")


def _refuse_repeated(targets: Iterator[str], what: str) -> None:
    repeated = [target for target, count in Counter(targets).items() if count > 1]
    if repeated:
        shown = ", ".join(repeated[:_SHOWN]) + (", ..." if len(repeated) > _SHOWN else "")
        raise ValueError(f"several {what} {shown}: rename them, or run them into other outputs")


def target_of(name: str) -> str:
    """Return the relative path of a named row's stream.

    Raises:
        OutputError: The name would leave the output folder.
    """
    path = PurePosixPath(name)
    if not path.name or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise OutputError(f"expected a name that stays within the output folder, got {name!r}")
    return str(path) if path.suffix == ".tcs" else f"{path}.tcs"


def tasks_of_files(rows: Mapping[str, Sequence[Any]]) -> Iterator[Task]:
    """Make tasks of a batch of rows of `list_files`."""
    columns = (rows[name] for name in ("name", "target", "base", "path", CAPTION))
    for name, target, base, path, caption in zip(*columns, strict=True):
        place = Place(place_at(str(base)).filesystem, str(path))
        yield Task(str(name), str(target), place.read, _text(caption))


def tasks_of_column(
    rows: Mapping[str, Sequence[Any]], column: str, names: str | None, captions: str | None = None
) -> Iterator[Task]:
    """Make tasks of a batch of Parquet rows.

    Args:
        rows: Column -> values.
        column: Pictures: the bytes of files, objects with such `bytes`, or paths or URIs.
        names: Column of the streams' names; without it a stream is named by the SHA-256 of the
            picture's bytes (32 hex digits), or by the picture's own path.
        captions: Column of captions, some of which may be missing.
    """
    for position, value in enumerate(rows[column]):
        data = value.get("bytes") if isinstance(value, dict) else value
        name = _own_name(data) if names is None else str(rows[names][position])
        caption = None if captions is None else _text(rows[captions][position])
        try:
            yield Task(name, target_of(name), _loader(data, column), caption)
        except OutputError as error:
            yield Task(name, "", partial(_fail, error))


def _text(value: Any) -> str | None:
    """A caption as columns hold it: what is missing is None, NaN or empty."""
    return None if value is None or value != value else str(value) or None


def _own_name(data: object) -> str:
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()[:32]
    return str(data).rpartition("://")[2].lstrip("/")


def _loader(data: object, column: str) -> Callable[[], bytes]:
    if isinstance(data, bytes):
        return lambda: data
    if isinstance(data, str):
        return partial(_read, data)
    came = type(data).__name__
    text = f"expected bytes, an object with bytes, or a path in column {column!r}, got {came}"
    return partial(_fail, ImageError(text))


def _read(where: str) -> bytes:
    try:
        return _file_at(where).read()
    except ValueError as error:  # one row's mistake, which must not end the job
        raise ImageError(
            f"expected a path or a URI that Arrow can open, got {where!r}: {error}"
        ) from error


def _file_at(where: str) -> Place:
    """Return the place of a file; the file system of a URI's folder is opened once."""
    if "://" not in where:
        return Place.at(where)
    path, mark, options = where.partition("?")
    folder, _, name = path.rpartition("/")
    return place_at(f"{folder}/{mark}{options}").within(unquote(name))


def _fail(error: Exception) -> bytes:
    raise error
