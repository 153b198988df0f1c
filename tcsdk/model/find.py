"""Which models there are, and which of them an id or a stream names."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, overload

from tcsdk.arguments import several
from tcsdk.distribution import install_zoo
from tcsdk.errors import (
    BundleMismatchError,
    CorruptStreamError,
    ModelFileError,
    UnknownModelError,
    WrongTaskError,
)
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.folder import CodecFolder, ModelFolder, bundle_name
from tcsdk.model.packages import model_folders, package_folders
from tcsdk.model.read import read_model_folder
from tcsdk.model.said_bundle import SaidBundle
from tcsdk.model.tasks import CODEC, TASKS

logger = logging.getLogger("tcsdk")

# Installed, the zoo is a folder of the package; in an editable checkout it lies beside it.
_ZOO = tuple(folder / "zoo" for folder in Path(__file__).parents[1:3])


def _shipped() -> Iterator[ModelFolder]:
    """Read the models of the zoo by name, then those of other packages.

    Packages are looked up only when somebody gets that far. A model of another package that cannot
    be read is passed over, with a log line: it must not keep ours from running.
    """
    zoo = next((folder for folder in _ZOO if folder.is_dir()), None)
    yield from map(read_model_folder, model_folders(zoo) if zoo else ())
    for place in package_folders():
        for folder in model_folders(place):
            try:
                yield read_model_folder(folder)
            except ModelFileError as error:
                logger.warning("a model of another package is passed over: %s", error)


def list_models(models: Iterable[str | os.PathLike[str]] = ()) -> tuple[ModelFolder, ...]:
    """List the models at hand: those given first, then the shipped ones by name.

    Shipped are those of this installation and those of packages that offer models by the
    entry-point group `tcsdk.models`.

    Args:
        models: Paths of further model folders.

    Raises:
        ModelFileError: A folder given has no sound manifest.
    """
    folders = several("models", models, "folders of models")
    return (*map(read_model_folder, folders), *_shipped())


def list_codecs(models: Iterable[str | os.PathLike[str]] = ()) -> tuple[CodecFolder, ...]:
    """List the codecs that decode streams: those given first, then the shipped ones by name.

    What a captioned encoder makes is decoded by the codec beside it: that one is listed.

    Args:
        models: Paths of further codecs' folders.

    Raises:
        WrongTaskError: A folder given holds a model of another task.
        ModelFileError: A folder given has no sound manifest.
    """
    given = [checked_task(read_model_folder(folder), CODEC) for folder in models]
    decode = [m.decodes if isinstance(m, CaptionedCodec) else m for m in given]
    shipped = (m for m in list_models() if not isinstance(m, CaptionedCodec))
    return tuple(m for m in (*decode, *shipped) if isinstance(m, CodecFolder))


def checked_task(model: ModelFolder, task: str) -> ModelFolder:
    """Return a model of a task.

    Raises:
        WrongTaskError: It has another; the message says which, and what runs it.
    """
    if model.task != task:
        row = TASKS[model.task]
        raise WrongTaskError(
            f"expected a model of the task {task!r}, got {model.family} ({model.path}), which is "
            f"{row.what} (task {model.task!r}); {row.runs}"
        )
    return model


@overload
def find_model(
    model: str | os.PathLike[str], precision: str | None = None, task: Literal["codec"] = CODEC
) -> tuple[CodecFolder, str | None]: ...


@overload
def find_model(
    model: str | os.PathLike[str], precision: str | None = None, task: str = CODEC
) -> tuple[ModelFolder, str | None]: ...


def find_model(
    model: str | os.PathLike[str], precision: str | None = None, task: str = CODEC
) -> tuple[ModelFolder, str | None]:
    """Find the model that an id names.

    Args:
        model: A family ("tfic"), a family and precision ("tfic-int8"), or the path of a folder.
        precision: The precision, where the id names none.
        task: What it is wanted for: a key of `tcsdk.model.tasks.TASKS`.

    Returns:
        The model and its precision, None where the device is to choose.

    Raises:
        UnknownModelError: Nothing is called so; the message lists what there is.
        WrongTaskError: It is a model of another task.
        ModelFileError: The folder has no sound manifest.
        ValueError: Id and argument name different precisions.
    """
    found, named = named_model(model, precision, task)
    return checked_task(found, task), named


def named_model(
    model: str | os.PathLike[str], precision: str | None = None, task: str | None = None
) -> tuple[ModelFolder, str | None]:
    """Find the model that an id names, whatever its task; as `find_model`.

    Args:
        model: An id or a path.
        precision: Where the id names none.
        task: What it is wanted for: where nothing is called so, models of this task are listed.
    """
    if isinstance(model, str):
        seen: list[ModelFolder] = []
        for folder in _shipped():
            if model == folder.family:
                return folder, precision
            named = model.removeprefix(f"{folder.family}-")
            if named != model and named in folder.precisions:
                if precision not in (None, named):
                    raise ValueError(f"model {model!r} and precision={precision!r} contradict")
                return folder, named
            if task in (None, folder.task):
                seen.append(folder)
        if not Path(model).is_dir():
            ids = [f"{m.family}-{p}" for m in seen for p in m.precisions]
            known = ", ".join([*(m.family for m in seen), *ids]) or "none is installed"
            raise UnknownModelError(
                f"no model {model!r}; expected a folder or one of: {known}. Others come apart: "
                f"{install_zoo()}"
            )
    return read_model_folder(model), precision


def model_of_stream(wire_id: int, bundle: SaidBundle, models: Sequence[CodecFolder]) -> CodecFolder:
    """Find the model that decodes a stream.

    Args:
        wire_id: From the stream's header.
        bundle: What it says of its entropy bundle.
        models: What there is, by preference.

    Raises:
        UnknownModelError: No model has this wire id.
        BundleMismatchError: Models of this wire id are there, but not with this bundle.
        CorruptStreamError: The same of a small stream, where it may be damaged as well.
    """
    same_family = [model for model in models if model.wire_id == wire_id]
    for model in same_family:
        if bundle.fits(model.bundle_hash):
            return model
    what = f"wire id {wire_id:#06x}"
    if bundle.name is not None:
        what += f" with entropy bundle {bundle.name}"
    if not same_family:
        have = ", ".join(f"{m.family} ({m.wire_id:#06x})" for m in models) or "none"
        raise UnknownModelError(
            f"the stream needs the model of {what}; here: {have}; "
            "give the folder of a private model as models=[path], or install the models "
            f"to compare with: {install_zoo()}"
        )
    have = ", ".join(f"{m.family} ({bundle_name(m.bundle_hash)})" for m in same_family)
    if bundle.check is not None:
        raise CorruptStreamError(
            f"the small stream's check does not hold with the bundle of {have}: it is damaged, or "
            "of another release of the model"
        )
    raise BundleMismatchError(
        f"the stream needs the model of {what}; here: {have}; install the release that made it"
    )
